"""Money in words that can be typed: what a cap has to be in all, from whom is bought, what is held and what is used. At the level of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.budget.rules.caps import CapState
from callsheet.cli.output.plan_text import recipients
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from tests.unit.cli.calling import LIST, call, project, service

MORE = LIST + "A030,two,A door,runware/ltx-2,2,320x192,24,1\n"


def test_what_to_type_to_raise_a_cap_is_the_sum_in_all(tmp_path: Path) -> None:
    """With what is spent already: 0.12 for the first list, 0.06 for the shot that came. Every cap that is in the way is named."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        assert call("render", "spot.csv", "--cap", "0.15", "--yes", "--no-prefect", "-C", str(folder)).code == 0
        (folder / "spot.csv").write_text(MORE)
        said = call("plan", "spot.csv", "-C", str(folder), "--json")
        assert said.code == 4
        assert said.json["errors"][0]["help"] == "give --cap 0.18 or more, which allows all of it at list price; or buy only what fits"
        (folder / "project.toml").write_text('[[cap]]\nscope = "sequence"\nname = "two"\nusd = 0.07\n')
        [error] = call("plan", "spot.csv", "-C", str(folder), "--json").json["errors"]
        assert error["help"].startswith("raise the sequence:spot:two cap in project.toml to 0.12; give --cap 0.18 or more, ")
        (folder / "project.toml").unlink()
        said = call("render", "spot.csv", "--cap", "0.18", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert (said.code, said.json["counts"]["bought"]) == (0, 1)


def test_the_recipient_is_named_before_anything_is_bought(tmp_path: Path) -> None:
    """With its whole address where it is the real one; a stand-in is a rehearsal."""
    folder = project(tmp_path / "film", LIST.replace("runware/ltx-2,1.5", "deapi/ltx-2.3,2").replace("320x192", "768x448"))
    plan = prepare(RunRequest(folder=folder, list="spot.csv", cap=10_000_000)).plan
    assert recipients(plan) == "2 takes from runware (LIVE, https://api.runware.ai/v1)"
    said = call("plan", "spot.csv", "--offline", "-C", str(folder))
    assert "to buy: 2 takes from runware (LIVE, https://api.runware.ai/v1)" in said.out
    with service(tmp_path):
        assert "to buy: 2 takes from runware (rehearsal)" in call("plan", "spot.csv", "--offline", "-C", str(folder)).out


def test_why_nothing_is_bought_is_told_in_full_on_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table wraps it between words."""
    folder = project(tmp_path / "film", LIST.replace("runware/ltx-2,1.5", "deapi/ltx-2.3,2").replace("320x192", "768x448"))
    monkeypatch.setenv("COLUMNS", "60")
    said = call("plan", "spot.csv", "--offline", "-C", str(folder))
    lines = said.out.splitlines()
    (head,) = [at for at, line in enumerate(lines) if line.split()[:1] == ["sequence"]]
    start = lines[head].index("why")
    why = " ".join(line[start:].split("  ")[0] for line in lines[head + 1 : lines.index("", head)])
    assert "unpriced: deapi/ltx-2.3 has no list price; run without --offline: asking for a price is free" in why


def test_what_is_held_is_not_told_as_used() -> None:
    """A person reads what is spent, what is held and what is left."""
    cap = CapState(scope="project", name="", amount=1_000_000, used=600_000, unspent=240_000)
    assert cap.summary() == "cap project 1.00, used 0.36, held 0.24, left 0.40"


@pytest.mark.parametrize(
    ("written", "advised"),
    [
        ("1,50", "--cap 1.50"), ("$4.80", "--cap 4.80"), ("1.50USD", "--cap 1.50"), ("-1", None), ("12,000", None), ("1.500,00", None), ("ten", None), ("4 €", None),
    ],
)  # fmt: skip
def test_a_mistyped_cap_is_advised_as_it_was_meant(written: str, advised: str | None, tmp_path: Path) -> None:
    """Typed as advised, a cap allows what was meant; where that is in doubt (thousands, other money) no amount to copy is given."""
    said = call("plan", "spot.csv", "--cap", written, "-C", str(project(tmp_path / "film")), "--json")
    [error] = said.json["errors"]
    assert said.code == 2
    assert error["help"] == (f"write {advised}" if advised else "write --cap and an amount in USD, with a point before the cents: 4.80")
