"""What is said in a shot, and the files that say when."""

from __future__ import annotations

from fractions import Fraction

import pytest

from callsheet.domain.delivery.caption import Cue, cues, lines
from callsheet.domain.delivery.subtitles import srt, vtt

NTSC = Fraction(24000, 1001)


def test_a_cell_without_times_stands_as_long_as_the_shot() -> None:
    """Several lines stay one text; nothing said is nothing."""
    assert list(cues("Who's there?\nNobody.", 24, Fraction(24))) == [Cue(0, 24, "Who's there?\nNobody.")]
    assert lines("  \n ") == []


def test_timed_lines_end_with_their_shot() -> None:
    """In frames of the delivery; what begins after the end is left out."""
    said = "[0.5-1] Who?\n[0.75-9] Me: [sic]\n[2-3] Late"
    assert list(cues(said, 36, Fraction(24))) == [Cue(12, 24, "Who?"), Cue(18, 36, "Me: [sic]")]
    assert next(cues(said, 36, Fraction(25))) == Cue(13, 25, "Who?")


@pytest.mark.parametrize("cell", ["[1-0.5] x", "[1-1] x", "[a-b] x", "[0.5-1]", "[0-1] x\nwithout", "[0,5-1] x"])
def test_times_that_can_not_be_are_refused(cell: str) -> None:
    """Once one line has times, all need them."""
    with pytest.raises(ValueError, match=r"times such as|before it begins"):
        lines(cell)


def test_srt_and_vtt_say_the_frames_times() -> None:
    """To the millisecond, at a rate that no clock divides; hours are there."""
    said = [Cue(0, 24, "One"), Cue(24, 86_313, "Two")]
    assert srt(said, NTSC) == "1\n00:00:00,000 --> 00:00:01,001\nOne\n\n2\n00:00:01,001 --> 00:59:59,971\nTwo\n"
    assert vtt(said, NTSC) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.001\nOne\n\n00:00:01.001 --> 00:59:59.971\nTwo\n"


def test_no_text_ends_itself_or_becomes_a_tag() -> None:
    """Empty lines, arrows and angle brackets are text."""
    nasty = "a\n\n2\n00:00:09,000 --> 00:00:10,000\n<b>&"
    assert srt([Cue(0, 24, nasty)], Fraction(24)).count("-->") == 1
    assert "\n\n" not in srt([Cue(0, 24, nasty)], Fraction(24))
    assert vtt([Cue(0, 24, nasty)], Fraction(24)).endswith("&lt;b&gt;&amp;\n")
