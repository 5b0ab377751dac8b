"""`callsheet explain`: words and problems."""

from __future__ import annotations

import re
from pathlib import Path

from callsheet.cli.output.glossary import WORDS, page
from callsheet.shotlist.explain import CODES
from tests.unit.cli.calling import call

ROOT = Path(__file__).parents[3]


def test_a_word_is_explained_as_the_glossary_has_it() -> None:
    """However it is written; its page is named as a path."""
    said = call("explain", "In-Doubt")
    assert said.out.startswith("in doubt: a request was sent and no answer came back")
    assert "  see: docs/money-and-doubt.md" in said.out
    assert call("explain", "in doubt", "--json").json["words"][0]["word"] == "in doubt"


def test_the_glossary_is_printed_from_the_words() -> None:
    """Else run `python -m callsheet.cli.output.glossary > docs/glossary.md`; its words are in order."""
    assert (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8") == page()
    assert list(WORDS) == sorted(WORDS)


def test_all_of_them() -> None:
    """Problems and words, each in a line."""
    lines = call("explain").out.splitlines()
    assert len(lines) == len(CODES) + len(WORDS) + 1


def test_an_unknown_word_is_a_usage_error() -> None:
    """With the near one."""
    said = call("explain", "takee")
    assert (said.code, "did you mean take?" in said.err) == (2, True)


def test_no_word_is_explained_by_itself_alone() -> None:
    """And each is one sentence or two, without a line break."""
    for word, one in WORDS.items():
        assert len(one.means) > 20 and "\n" not in one.means, word
        assert not re.match(rf"an? {word}\b", one.means), word
