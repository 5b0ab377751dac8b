"""`callsheet services`: what every model sells, as the reference page has it; and what vendors advise, where a list is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.services.cards.card import load_cards
from callsheet.services.registry import SERVICES
from callsheet.services.table import WISHES
from tests.unit.cli.calling import call, project

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")


def test_every_model_and_every_wish_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One column for each model, one line for each wish; nobody is asked."""
    monkeypatch.setenv("COLUMNS", "200")
    said = call("services", "-C", str(tmp_path))
    assert (said.code, said.err) == (0, "")
    head = said.out.splitlines()[0].split()
    assert head == list(CARDS)
    assert all(any(line.startswith(name) for line in said.out.splitlines()) for name, _, _ in WISHES)


def test_one_model_in_full(tmp_path: Path) -> None:
    """Sizes, wishes, parameters with what they take, notes."""
    said = call("services", "runware/ltx-2", "-C", str(tmp_path)).out
    assert "steps                           exact: a whole number, 1 to 100; 40 is sent" in said
    assert "note: 1920x1080 is not sold" in said
    assert "ltx-2.3" not in said.replace("settings", "").partition("note:")[0]


def test_one_service_as_json(tmp_path: Path) -> None:
    """Only its own models; the document has its schema and what the reference promises."""
    document = call("services", "runware", "-C", str(tmp_path), "--json").json
    assert document["schema"] == "callsheet.services/1"
    assert [model["model"] for model in document["models"]] == [name for name in CARDS if name.startswith("runware/")]
    assert [service["service"] for service in document["services"]] == ["runware"]
    [model] = [model for model in document["models"] if model["model"] == "runware/ltx-2.3"]
    assert (model["wishes"]["sound off"], model["params"]["outputFormat"]) == ("exact", "exact: MP4, WEBM, MOV; else MP4")


def test_a_name_that_is_none(tmp_path: Path) -> None:
    """A usage error that names what there is."""
    said = call("services", "kling", "-C", str(tmp_path))
    assert said.code == 2
    assert all(name in said.err for name in (*SERVICES, *CARDS))


def test_check_tells_the_vendors_advice(tmp_path: Path) -> None:
    """Once for each model of the list, as notes; a model without advice says nothing."""
    head = "shot_id,prompt,model,duration_s,resolution,fps\n"
    rows = "S1,a lighthouse at dusk,deapi/ltx-2.3,5,1024x576,24\nS2,a boat,runware/ltx-2,1,320x192,24\n"
    notes = call("check", "spot.csv", "-C", str(project(tmp_path, head + rows)), "--json").json["notes"]
    advice = [note for note in notes if note.startswith("prompts for ")]
    assert advice == [f"prompts for deapi/ltx-2.3: {line}" for line in CARDS["deapi/ltx-2.3"].advice]
    assert len(advice) > 2
