"""Cells as programs and people of other scripts write them: what is read is what was meant, or it is refused; the fix is what was meant."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.domain.errors import InputError
from callsheet.shotlist.read import read

#: the digit 0 of full-width, Arabic, Persian, Devanagari, Bengali, Thai and mathematical bold numbers
ZEROS = "０٠۰०০๐𝟎"
MARKS = ("", "\u200b", "\u200e", "\u200f", "\u00ad", "\u200d", "\u2060", "\ufeff", "'")
QUOTES = st.sampled_from(["“”", "„“", "„”", "«»", "‘’", "''"])
WORDS = st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Lo"), include_characters=" "), min_size=1, max_size=20)


def refusal(text: str) -> InputError | list[tuple[object, object]]:
    """The lengths and seeds of a list's shots, or why it is refused."""
    with TemporaryDirectory() as name:
        path = Path(name) / "film.csv"
        path.write_text(text, encoding="utf-8")
        try:
            return [(shot.duration_s, shot.seed) for shot in read(path, path.name).shots]
        except InputError as error:
            return error


@settings(max_examples=120, deadline=None, print_blob=True)
@given(number=st.integers(1, 600), zero=st.sampled_from(ZEROS), front=st.sampled_from(MARKS), behind=st.sampled_from(MARKS[:-1]))
def test_a_number_of_any_script_is_that_number(number: int, zero: str, front: str, behind: str) -> None:
    """In seconds and as a seed: the number, or a refusal whose fix is the number; never another."""
    cell = front + "".join(chr(ord(zero) + int(digit)) for digit in str(number)) + behind
    for header, at in (("duration_s", 0), ("seed", 1)):
        found = refusal(f"shot_id,prompt,{header}\nS1,A pier,{cell}\n")
        if isinstance(found, InputError):
            assert [problem.mended for problem in found.problems] == [str(number)]
        else:
            assert found[0][at] == number


@settings(max_examples=80, deadline=None, print_blob=True)
@given(quotes=QUOTES, before=WORDS, after=WORDS)
def test_no_half_of_a_quoted_text_is_a_prompt(quotes: str, before: str, after: str) -> None:
    """A comma within quotes that CSV doesn't know parts the cell, which is refused whatever the text."""
    found = refusal(f"shot_id,prompt,note\nS1,{quotes[0]}A {before}, {after}z{quotes[1]},\nS2,A lamp,\n")
    assert isinstance(found, InputError)
    assert "csv-syntax" in [problem.code for problem in found.problems]
