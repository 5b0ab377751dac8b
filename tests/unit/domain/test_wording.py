"""Phrases that many messages share."""

from __future__ import annotations

import pytest

from callsheet.domain.wording import did_you_mean, listed, nearest


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "c"], "a, b, c"),
        (["a", "b", "c", "d"], "a, b, c and 1 more"),
        (list("abcdef"), "a, b, c and 3 more"),
    ],
)
def test_names_that_are_left_out_are_counted(names: list[str], text: str) -> None:
    """At most three names, then how many there are besides."""
    assert listed(names, 3) == text


def test_the_nearest_known_name_is_proposed() -> None:
    """A slip of the hand finds its name; what is like none gets the other text."""
    known = ["duration_s", "prompt", "model"]
    assert did_you_mean("promt", known) == "did you mean prompt?"
    assert did_you_mean("zebra", known, "there are three") == "there are three"
    assert (nearest("modell", known), nearest("zebra", known)) == ("model", None)
