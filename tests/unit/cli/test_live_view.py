"""The live view: takes, money, lanes and keys on a real terminal, however small."""

from __future__ import annotations

import io
import os
import pty
import sys
import termios
import threading
from pathlib import Path

import pytest
from rich.console import Console

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.keys import KeyAction, reading_keys
from callsheet.cli.output.live_view import STYLES, LiveView, money_bar
from callsheet.cli.output.tally import Due, Tally
from callsheet.cli.pausing import toggle_pause
from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId
from callsheet.status.run_controls import controls
from callsheet.store.project_folder import Project

MODELS = {TakeId("spot", f"S00{n}0", 1): "runware/ltx-2" if n < 6 else "deapi/ltx-2.3" for n in range(1, 9)}
MONEY = Money(cap=12_000_000, settled=5_760_000, held=10_000, in_doubt=0, headroom=6_230_000)


def told(kind: str, shot: str = "S0010") -> RunEvent:
    return RunEvent(kind=kind, text="", take=TakeId("spot", shot, 1), at="2026-11-21T07:41:02.000Z")


def drawn(columns: int, rows: int = 24, *, keys: str = "") -> list[str]:
    """The view after some events, as a terminal of this size shows it."""
    now = [0.0]
    tally = Tally(Due(8, MODELS, 90.0), clock=lambda: now[0])
    for kind, shot in (("submit", "S0010"), ("submit", "S0020"), ("submit", "S0060"), ("accepted", "S0020")):
        tally.note(told(kind, shot))
    now[0] = 42.0
    assert tally.eta() == "0:48"
    tally.note(told("received", "S0010"))
    view = LiveView(tally, keys)
    view.money = MONEY
    view.console = Console(file=io.StringIO(), width=columns, height=rows, color_system=None)
    return ["".join(part.text for part in line).rstrip() for line in view.console.render_lines(view.drawn())]


def test_it_shows_takes_money_with_the_held_band_lanes_and_keys() -> None:
    """Lanes with what is at work and since when; a band is seen however little is on hold."""
    assert drawn(100, keys="p pause or resume   d detach") == [
        " takes  ███░░░░░░░░░░░░░░░░░░░░░  1/8 done  0:42 elapsed, 4:54 left",
        " money  ████████████▒░░░░░░░░░░░  spent 5.76 + on hold 0.01 of 12.00 USD",
        " runware/ltx-2  1/5  1 at work: S0020.t1 0:42",
        " deapi/ltx-2.3  0/3  1 at work: S0060.t1 0:42",
        " p pause or resume   d detach",
    ]


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (40, 10), (300, 60)])
def test_it_fits_any_terminal(columns: int, rows: int) -> None:
    """No line is wider, and what scrolls by keeps its room."""
    lines = drawn(columns, rows)
    assert all(len(line) <= columns for line in lines)
    assert 1 <= len(lines) <= rows - 3


def test_a_pause_stands_first_and_stops_the_clock() -> None:
    """Until it is resumed."""
    tally = Tally(Due(2, {}, 60.0))
    tally.note(RunEvent(kind="pause", text="", at=""))
    assert LiveView(tally).drawn().plain.startswith(" PAUSED")
    assert tally.eta() == "-"
    tally.note(RunEvent(kind="resume", text="", at=""))
    assert tally.eta() != "-"


def test_plain_signs_stand_for_bars_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where an encoding has none of them, as a Windows code page."""
    monkeypatch.setenv("CALLSHEET_ASCII", "1")
    assert money_bar(MONEY).plain.isascii()
    monkeypatch.delenv("CALLSHEET_ASCII")
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert money_bar(MONEY).plain.isascii()


def test_no_colour_is_told_from_another_by_red_and_green_alone() -> None:
    """Blue, cyan, yellow and magenta differ in brightness, too, and every line has its word."""
    colours = {word for style in STYLES.values() for word in style.split()} - {"bold", "dim"}
    assert colours <= {"blue", "cyan", "yellow", "magenta"}


def test_keys_are_read_where_there_is_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Typed into a real pseudo-terminal: each key does its own, another nothing, and the terminal is left as it was. Without one none is offered."""
    ours, theirs = pty.openpty()

    def in_front(_terminal: int) -> int:
        return os.getpgrp()

    monkeypatch.setattr(os, "tcgetpgrp", in_front)
    pressed = threading.Event()
    project = Project(tmp_path)

    def press() -> None:
        toggle_pause(project)
        pressed.set()

    with os.fdopen(theirs, "r") as terminal, monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", terminal)
        before = termios.tcgetattr(theirs)
        with reading_keys([KeyAction("p", "pause", press)]) as offered:
            assert [action.key for action in offered] == ["p"]
            os.write(ours, b"xp")
            assert pressed.wait(10)
        assert controls(project).paused is not None
        assert termios.tcgetattr(theirs) == before
    os.close(ours)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with reading_keys([KeyAction("p", "pause", press)]) as offered:
        assert not offered


def test_what_had_ended_before_is_counted_and_sets_no_pace() -> None:
    """Somebody who looks in later sees the same count, and a time by what ended since."""
    now = [0.0]
    tally = Tally(Due(8, MODELS, ended=dict.fromkeys([*MODELS][:4], "received")), clock=lambda: now[0])
    assert (tally.words(), tally.eta()) == ("4/8 done", "-")
    now[0] = 30.0
    tally.note(told("received", "S0050"))
    assert (tally.words(), tally.eta()) == ("5/8 done", "1:30")
