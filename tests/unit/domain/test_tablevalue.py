"""Values of settings tables: what is taken, and what is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

import pytest

from callsheet.domain import tablevalue


class Colour(StrEnum):
    """Two words."""

    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (tablevalue.number(0, 1), 1, 1.0),
        (tablevalue.exact(0, 1), 0.1, Decimal("0.1")),
        (tablevalue.whole(1, 3), 3, 3),
        (tablevalue.word(Colour), "red", Colour.RED),
        (tablevalue.some(Colour), "blue", (Colour.BLUE,)),
        (tablevalue.some(Colour), ["blue", "red", "blue"], (Colour.BLUE, Colour.RED)),
        (tablevalue.switch, False, False),
        (tablevalue.text(3), " ab ", "ab"),
    ],
)
def test_what_may_stand_there_is_read(read: Callable[[object], object], value: object, found: object) -> None:
    """As a value of its own kind."""
    assert (read(value), type(read(value))) == (found, type(found))


@pytest.mark.parametrize(
    ("read", "values", "says"),
    [
        (tablevalue.number(0, 1), (2, True, "1", float("nan"), None), "a number from 0 to 1"),
        (tablevalue.exact(0, 1), (-0.1, False), "a number from 0 to 1"),
        (tablevalue.whole(1, 3), (0, 4, 2.0, True, "2"), "a whole number from 1 to 3"),
        (tablevalue.word(Colour), ("green", 1, ["red"]), "none of red, blue"),
        (tablevalue.some(Colour), (["red", "green"], 1), "none of red, blue"),
        (tablevalue.switch, (1, "true", None), "neither true nor false"),
        (tablevalue.text(3), ("", " ", "abcd", 1), "no text of 1 to 3 letters"),
    ],
)
def test_what_may_not_is_refused_in_words(read: Callable[[object], object], values: tuple[object, ...], says: str) -> None:
    """A truth value is no number, and a number no truth value."""
    for value in values:
        with pytest.raises(ValueError, match=says):
            read(value)
