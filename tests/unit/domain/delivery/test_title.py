"""Titles in a cell: what is written, when, where and in which font; and title cards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from callsheet.domain.delivery.caption import CaptionPosition
from callsheet.domain.delivery.title import Title, card_ground, titles


def test_a_cell_says_what_is_written_and_where() -> None:
    """One text alone is in the middle for all of the shot; lines go on with the title before them."""
    assert titles("The Harbour\n1890") == (Title(text="The Harbour\n1890"),)
    first, second = titles("[0.5-2; bottom-left; fonts/My Serif.ttf] Jane Doe\nKeeper\n[top]\nAct one")
    lower = CaptionPosition.BOTTOM_LEFT
    assert first == Title(text="Jane Doe\nKeeper", place=lower, start=Decimal("0.5"), end=Decimal(2), font="fonts/My Serif.ttf")
    assert second == Title(text="Act one", place=CaptionPosition.TOP)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("[2-1] x", "ends before it begins"),
        ("[left] x", "'left' is neither times"),
        ("[top; bottom] x", "says place twice"),
        ("[top]", "the title at top has no text"),
        ("[]  x", "'' is neither times"),
    ],
)
def test_what_can_not_be_read_is_told(cell: str, why: str) -> None:
    """In words that follow the cell."""
    with pytest.raises(ValueError, match=why.replace("[", r"\[")):
        titles(cell)


@pytest.mark.parametrize(
    ("cell", "ground"), [("card", "000000"), ("Card #20242A", "20242a"), ("card.mov", None), ("card #12", None), (None, None)]
)
def test_a_title_card_is_no_file(cell: str | None, ground: str | None) -> None:
    """It may say its colour."""
    assert card_ground(cell) == ground
