"""What the plan says of cards that are old, on their way out, or reckoned; and what is refused at the vendor's own door."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from callsheet.budget.rules.prices import PriceHistory, Row
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.notes.price_warnings import PriceContext, notes
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.runs.session import direct
from callsheet.services import registry
from tests.project_stage import Stage
from tests.scripted_runware import Shop

HEAD = "shot_id,prompt,model,duration_s,resolution\n"
VENDOR = "runware https://api.runware.ai/v1"


def planned(folder: Path, *models: str) -> Prepared:
    rows = [f"S{n},a boat,{model},6,1920x1080\n" for n, model in enumerate(models)]
    (folder / "spot.csv").write_text(HEAD + "".join(rows))
    return prepare(RunRequest(folder=folder, list="spot.csv"))


def told(prepared: Prepared, today: str, *rows: Row) -> list[str]:
    book = PriceHistory({(VENDOR, "runware/ltx-2.3"): rows})
    return list(notes(prepared.plan.takes, PriceContext(prepared.cards, prepared.accounts, book, date.fromisoformat(today), 180)))


@pytest.fixture(autouse=True)
def _vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNWARE_BASE_URL", raising=False)
    monkeypatch.setenv("RUNWARE_API_KEY", "canary")


def test_an_old_price_warns_until_a_person_looks_it_up(tmp_path: Path) -> None:
    """More than 180 days after the card's day, or after the day of the recorded price."""
    found = planned(tmp_path, "runware/ltx-2.3")
    assert told(found, "2026-09-01") == []
    [note] = told(found, "2026-09-02")
    assert note.startswith("the price of runware/ltx-2.3 is 181 days old (2026-03-05, https://runware.ai/")
    assert "callsheet cards price runware/ltx-2.3" in note
    assert told(found, "2026-11-21", Row("recorded", 80_000, "their page", "2026-11-01T09:00:00.000Z")) == []
    assert told(found, "2026-11-21", Row("learned", 1_010_000, "S1.t1.a1", "2026-11-01T09:00:00.000Z")) != []


def test_a_rehearsal_warns_of_no_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is paid there; that a model is on its way out is told all the same, and refuses nothing."""
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:9/v1")
    found = planned(tmp_path, "runware/ltx-2-fast", "runware/ltx-2.3")
    assert [take.action for take in found.plan.takes] == [Action.BUY, Action.BUY]
    first, second, *more = found.plan.notes
    assert first == "runware/ltx-2-fast is retired, as of 2026-07-09: expect the service to refuse it; use runware/ltx-2.3"
    assert second.startswith("the price of runware/ltx-2-fast is extrapolated, from three examples")
    assert second.endswith("`callsheet plan --quote` asks runware, which is free")
    assert more == []


def test_at_the_vendors_own_address_a_retired_model_is_refused(tmp_path: Path) -> None:
    """At its row, with what to use instead; another row's model is untouched. Its cell is wrong: nothing is bought."""
    found = planned(tmp_path, "runware/ltx-2-fast", "runware/ltx-2.3")
    assert [take.action for take in found.plan.takes] == [Action.BLOCKED, Action.BUY]
    [problem] = found.plan.problems
    assert (problem.code, problem.row, problem.column, problem.help) == ("retired", 2, "model", "use runware/ltx-2.3, or another model")


async def test_what_was_bought_of_a_model_that_retires_is_kept(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip that is there asks for no model; a row that has to be bought is refused before anything is held."""
    order = RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000)
    monkeypatch.setenv("RUNWARE_BASE_URL", f"{shop.host}/v1")
    await stage.render()
    monkeypatch.setitem(registry.KNOWN, "runware", replace(registry.KNOWN["runware"], base_url=f"{shop.host}/v1"))
    retired = {name: card.model_copy(update={"status": "retired"}) for name, card in prepare(order).cards.items()}
    monkeypatch.setattr("callsheet.planning.read_project.load_cards", lambda *_folders: retired)
    found = prepare(order)
    assert ([take.action for take in found.plan.takes], found.plan.problems) == ([Action.KEEP], ())
    stage.write((stage.folder / "spot.csv").read_text() + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    with pytest.raises(InputError, match="retired"):
        await direct(order)
    assert len(shop.jobs) == 1
