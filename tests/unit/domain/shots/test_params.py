"""Parameters by dotted name: one value, one text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from callsheet.domain.shots.params import flat, shown


def test_tables_become_dotted_names_in_order() -> None:
    """Nested or dotted, the same parameters are the same value and the same text."""
    nested = flat({"steps": 30, "safety": {"mode": "fast", "checkContent": True}})
    assert nested == (("safety.checkContent", True), ("safety.mode", "fast"), ("steps", 30))
    assert nested == flat({"safety.mode": "fast", "safety.checkContent": True, "steps": Decimal("30.0")})
    assert shown(nested) == '{"safety.checkContent": true, "safety.mode": "fast", "steps": 30}'


@pytest.mark.parametrize(("number", "text"), [(4.5, "4.5"), (Decimal("4.50"), "4.5"), (Decimal("1E2"), "100"), (0.01, "0.01"), (-1, "-1")])
def test_a_number_has_one_text(number: float, text: str) -> None:
    """Never through a double's tail, never with an exponent."""
    assert shown(flat({"n": number})) == f'{{"n": {text}}}'


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"a": {"b": 1}, "a.b": 2}, "a.b is there twice"),
        ({"1a": 1}, "not a valid parameter name"),
        ({"a b": 1}, "not a valid parameter name"),
        ({"": 1}, "not a valid parameter name"),
        ({"a": [1]}, "not a number, a text"),
        ({"a": None}, "not a number, a text"),
        ({"a": float("nan")}, "not a number"),
        ({"a": Decimal("1e400")}, "not a number"),
        ({"a": "x\x00"}, "invisible"),
        ({"a": "\ud800"}, "invisible"),
    ],
)
def test_what_is_no_parameter(table: dict[str, object], says: str) -> None:
    """Refused with its name."""
    with pytest.raises(ValueError, match=says):
        flat(table)
