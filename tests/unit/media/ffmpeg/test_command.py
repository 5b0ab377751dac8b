"""A command is built from left to right and knows its files."""

from __future__ import annotations

from pathlib import Path

from callsheet.media.ffmpeg.command import ERRORS_ONLY, NO_PROGRESS, STDIN, Command, words


def test_options_stand_before_what_they_are_of() -> None:
    """In the order in which they are given: alone, with a value, or several times."""
    command = Command().input(Path("/in.mov"), {"f": "mov", "xerror": None}).input(STDIN, {"f": "u8"})
    command = command.output(Path("/out.mp4"), {"map": ("0:0", "1:0"), "crf": 18})
    assert command.words == (
        *("-f", "mov", "-xerror", "-i", "/in.mov", "-f", "u8", "-i", "pipe:0"),
        *("-map", "0:0", "-map", "1:0", "-crf", "18", "/out.mp4"),
    )
    assert (command.reads, command.writes) == ((Path("/in.mov"),), (Path("/out.mp4"),))


def test_flags_stand_in_front_and_decide_nothing() -> None:
    """The words that a content key is made of are the same with them."""
    command = Command().input(STDIN, {"f": "u8"}).output("-", {"f": "null"})
    told = command.flagged(NO_PROGRESS, ERRORS_ONLY)
    assert told.words == command.words
    assert told.argv(fed=True) == ("-hide_banner", "-y", "-nostats", "-v", "error", *command.words)


def test_a_child_that_is_fed_nothing_does_not_wait_for_it() -> None:
    """ffmpeg reads its standard input for keys unless it is told not to."""
    assert Command().argv(fed=False) == ("-nostdin", "-hide_banner", "-y")


def test_no_options_are_no_words() -> None:
    """Nothing stands for nothing."""
    assert words({}) == ()
