"""Attempts that are made and moved in fewer steps than a dataclass takes are the same attempts."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from typing import Any, cast

import pytest

from callsheet.domain.attempt import Attempt, Event, Kind, State, made, moved
from callsheet.domain.take import TakeId

_ROW: dict[str, Any] = {
    **{field.name: field.name for field in fields(Attempt) if field.default is field.default_factory is MISSING},
    "take": TakeId("spot", "S1", 1),
    "n": 2,
    "ordinal": 0,
    "quote": 90_000,
    "request": b"[]",
}


def test_what_is_made_is_what_a_dataclass_makes() -> None:
    """Every field has what was given or its default, and stays."""
    one = made(**_ROW, held=90_000)
    assert one == Attempt(**_ROW, held=90_000)
    with pytest.raises(AttributeError):
        cast("Any", one).held = 0


def test_a_move_changes_its_own_fields_and_no_others() -> None:
    """The attempt before it stays as it was."""
    before = made(**_ROW, held=90_000)
    now = moved(before, Event(1, Kind.INTENT, "2026-11-21T09:00:00.000Z", {"owner": "o"}))
    assert now == replace(before, state=State.SUBMITTING, seq=1, intent_at="2026-11-21T09:00:00.000Z", owner="o")
    assert before == Attempt(**_ROW, held=90_000)
