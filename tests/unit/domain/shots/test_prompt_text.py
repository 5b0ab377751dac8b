"""Where an `@` names something, and where it is a sign like any other."""

from __future__ import annotations

import pytest

from callsheet.domain.shots.prompt_text import named, names, template

TEXTS = {"mia": "a woman of 60", "grösse_2": "tall"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("@Mia walks", "a woman of 60 walks"),
        ("(@mia's lamp, @MIA-like)", "(a woman of 60's lamp, a woman of 60-like)"),
        ("@Größe_2.", "tall."),
        ("write to press@mia.example or a.b+c@mia", "write to press@mia.example or a.b+c@mia"),
        ("@@mia says", "@mia says"),
        ("5 @ 3, @ mia, @3", "5 @ 3, @ mia, @3"),
        ("@nobody", "@nobody"),
    ],
)
def test_a_name_counts_where_it_begins_a_word(text: str, sent: str) -> None:
    """Whatever its case; not within addresses, doubled or alone, where it stays."""
    assert named(text, TEXTS) == sent


def test_the_names_that_are_meant() -> None:
    """In their order; none that is doubled or part of an address."""
    assert [*names("@mia and @nobody, @@handle, x@y.z")] == ["mia", "nobody"]


@pytest.mark.parametrize("text", ["Super 16", "{prompt} and {prompt}", "{prompt} in {place}", ""])
def test_a_template_has_the_prompt_once_and_nothing_else(text: str) -> None:
    """Refused in words that name it."""
    with pytest.raises(ValueError, match="prompt"):
        template(text)
