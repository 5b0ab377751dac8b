"""The demo's account: on this machine, and nowhere else."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest

from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare

LIST = "shot_id,prompt,model,duration_s,resolution,fps\nS1,a boat,runware/ltx-2,2,320x192,24\n"


@pytest.fixture
def order(tmp_path: Path) -> RunRequest:
    (tmp_path / "spot.csv").write_text(LIST)
    return RunRequest(folder=tmp_path, list="spot.csv", demo=True)


def test_on_the_loopback_it_is_one_account_whatever_its_port(order: RunRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stand-ins at two ports are one account, so that nothing is filmed twice."""
    for port in (4101, 4102):
        monkeypatch.setenv("RUNWARE_BASE_URL", f"http://127.0.0.1:{port}/v1")
        assert prepare(order).accounts["runware"].label == "runware demo"


@pytest.mark.parametrize("url", [None, "https://api.example.com/v1"])
def test_elsewhere_it_is_refused(url: str | None, order: RunRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a real service the demo's label would hide what was paid, and every clip would be bought again."""
    monkeypatch.setenv("RUNWARE_BASE_URL", url) if url else monkeypatch.delenv("RUNWARE_BASE_URL", raising=False)
    with pytest.raises(InputError, match="only on this machine"):
        prepare(order)


def test_no_form_can_ask_for_it() -> None:
    """What a flow is given, and what an order is made of there, know no such switch."""
    assert "demo" not in RunRequest(folder=Path("/film"), demo=True).parameters()
    assert "demo" not in signature(RunRequest.of).parameters
