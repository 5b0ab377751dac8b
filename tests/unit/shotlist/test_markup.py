"""HTML in prompts is never sent in silence: it is refused until the mapping says what becomes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.shotlist.load import load
from callsheet.shotlist.mapping import NO_MAPPING, mapping_file
from callsheet.shotlist.markup import markup, plain
from callsheet.shotlist.proposal.propose import propose
from callsheet.shotlist.read import read
from tests.unit.shotlist.lists import faults, put

TEXT = 'shot_id,prompt,dialogue\nS1,"A <b>red</b> lamp &amp; a pier<br>at dusk",<i>Hello</i>\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("A &quot;lamp&quot; &#39;s", 'A "lamp" \'s'),
        ('<span style="color: red">A pier</span>&nbsp;at dusk', "A pier at dusk"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\nTwo"),
        ("<!-- draft -->A lamp", "A lamp"),
    ],
)
def test_html_is_found_and_read_as_a_page_shows_it(text: str, shown: str) -> None:
    """Tags, named and numbered signs, comments."""
    assert markup(text)
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["R&D; a lab", "a < b and c > d", "<lora:lamp:0.8>", "Fish & chips", "Tom&Jerry", "I <3 it", "[[a]] {b}"])
def test_other_signs_are_no_html(text: str) -> None:
    """Prompts have angle brackets and ampersands of their own."""
    assert markup(text) is None


def test_a_prompt_with_html_is_refused_until_it_is_said_what_becomes_of_it(tmp_path: Path) -> None:
    """`callsheet import` asks; what is said of subtitles is theirs."""
    [problem] = faults(tmp_path, TEXT)
    assert (problem.code, problem.cell, problem.mended) == ("html-markup", "B2", "A red lamp & a pier\nat dusk")
    path = put(tmp_path, TEXT)
    [question] = propose(load(path, TEXT.encode(), path.name, NO_MAPPING), path.name, {}, {}).questions
    assert question.answer("take out") == {"markup": "take out"}
    for said, prompt in (("take out", "A red lamp & a pier\nat dusk"), ("keep", "A <b>red</b> lamp &amp; a pier<br>at dusk")):
        mapping_file(path).write_text(f'markup = "{said}"\n')
        [shot] = read(path, path.name).shots
        assert (shot.prompt, shot.dialogue) == (prompt, "<i>Hello</i>")
