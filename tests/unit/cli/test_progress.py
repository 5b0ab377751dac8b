"""What a run tells while it goes, and how it ends."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from callsheet.budget.rules.purse import Money
from callsheet.buying.take_result import End
from callsheet.cli.output import progress
from callsheet.cli.output.live_view import money_bar
from callsheet.cli.output.outcome_text import counts_line, outcome_lines
from callsheet.cli.output.progress import event_line, money_words, show_progress
from callsheet.cli.output.tally import Due, Tally
from callsheet.domain.attempt import Cause, State
from callsheet.domain.errors import Problem
from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId
from callsheet.store.project_folder import Project
from tests.unit.report.made_up_project import FOLDER, attempt, doubtful, failed, film, outcome, result, take, view

MONEY = Money(cap=12_000_000, settled=5_760_000, held=1_920_000, in_doubt=0, headroom=4_320_000)


def told(kind: str, shot: str = "S0010", text: str = "") -> RunEvent:
    """An event of a take."""
    return RunEvent(kind=kind, text=text, take=TakeId("spot", shot, 1), at="2026-11-21T07:41:02.000Z")


def test_an_event_is_one_line_with_a_clock_in_utc() -> None:
    """Clock, kind, take, words."""
    assert event_line(told("submit", text="runware/ltx-2, holds 0.09")) == "07:41:02Z submit   S0010.t1 runware/ltx-2, holds 0.09"


def test_a_take_counts_once_as_what_it_came_to_last() -> None:
    """A failure that a retry mended is no failure."""
    tally = Tally(Due(3))
    for event in (told("failed"), told("received"), told("failed", "S0020"), told("retry", "S0020")):
        tally.note(event)
    assert tally.words() == "1/3 done 1 failed"


def test_the_time_left_follows_the_pace_so_far() -> None:
    """Two of four in a minute: another minute."""
    now = [0.0]
    tally = Tally(Due(4), clock=lambda: now[0])
    assert tally.eta() == "-"
    for shot in ("S1", "S2"):
        tally.note(told("received", shot))
    now[0] = 60.0
    assert tally.eta() == "1:00"


def test_the_money_bar_never_overflows() -> None:
    """Settled, held and what is free are as long as the bar, also where more than the cap is used."""
    for money in (
        MONEY,
        Money(cap=1, settled=9_000_000, held=2, in_doubt=3, headroom=0),
        Money(cap=None, settled=0, held=0, in_doubt=0, headroom=None),
    ):
        assert sum(money_bar(money).plain.count(mark) for mark in "█▒░") == 24
    assert "spent 5.76 + on hold 1.92 of 12.00 USD" in money_bar(MONEY).plain


def test_a_log_gets_events_and_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr is no terminal: a line per event, and one that says that the run lives."""
    monkeypatch.setattr(progress, "BEAT_S", 0.01)
    err = io.StringIO()
    monkeypatch.setattr(sys, "stderr", err)
    with show_progress(Due(2), lambda: MONEY) as show:
        show(told("received"))
        while " beat " not in err.getvalue():
            progress.time.sleep(0.005)
    assert "07:41:02Z received S0010.t1" in err.getvalue()
    assert "1/2 done spent=5.76 held=1.92 cap=12.00 eta=" in err.getvalue()


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar shows takes and money, and is gone at the end."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setattr(progress, "REDRAW_S", 0.01)
    monkeypatch.setenv("TERM", "xterm")
    with show_progress(Due(2), lambda: MONEY) as show:
        show(told("received"))
        while "spent 5.76" not in err.getvalue():
            progress.time.sleep(0.005)
    assert "1/2 done" in err.getvalue()


def test_money_words_name_a_doubt_only_where_there_is_one() -> None:
    """Short where nothing is wrong."""
    assert money_words(MONEY) == "spent=5.76 held=1.92 cap=12.00"
    assert "in-doubt=0.12" in money_words(view(take(doubtful())).money)


def test_an_ending_says_all_that_matters() -> None:
    """What was bought, kept, failed by cause, in doubt; money; the film; what is wrong with it; what to do next."""
    seen = view(take(attempt()), take(failed("S0020", Cause.CONTENT, "refused by the filter")), take(doubtful()))
    ends = (result("S0010", End.RECEIVED), result("S0020", End.REFUSED), result("S0030", End.IN_DOUBT))
    problem = Problem(code="service", message="the lane was stopped", help="look at the key")
    lines = outcome_lines(
        outcome(seen, *ends, films=(film(missing=("S0020",)),), problems=(problem,)), seen.takes, Project(FOLDER), ("callsheet recover",)
    )
    text = "\n".join(lines)
    for words in (
        "needs decision: 1 bought, 0 kept, 1 failed, 1 in doubt",
        "x 1 failed: the service refused the content: S0020.t1",
        "refused by the filter",
        "? S0030.t1 may have been charged (runware/ltx-2, sent 2026-11-21T23:30:01.000Z): 0.12 stays counted",
        "! the lane was stopped\n  look at the key",
        "money: 0.09 USD spent, 0.12 in doubt of 2.00; 1.79 left",
        "film: out/one_web_v003.mp4  3.0 s, 72 frames, 1280x720, 24000/1001 fps, -14.0 LUFS",
        "incomplete: S0020 is replaced by a slate",
        "row changed since, or clip from a rehearsal: S0020",
        "warn: S0020: the clip is 2 frames short",
        "next: callsheet recover",
    ):
        assert words in text


def test_an_ending_is_short_where_all_is_well() -> None:
    """No line about what did not happen."""
    seen = view(take(attempt()))
    assert counts_line(outcome(seen, kept=1)) == "completed: 0 bought, 1 kept"
    assert len(outcome_lines(outcome(seen, kept=1), seen.takes, Project(Path("/film")), ())) == 2


def test_a_stopped_run_says_what_goes_on_where_and_what_to_type() -> None:
    """By service, with the money on hold for it."""
    there = [*(take(attempt(shot, state=State.SUBMITTED, held=90_000)) for shot in ("S0010", "S0020")), take(attempt("S0030"))]
    lines = outcome_lines(outcome(view(*there), interrupted=True), there, Project(FOLDER), ())
    assert lines[1] == "  2 jobs continue at runware (0.18 USD on hold): run again, or `callsheet recover` to collect without buying"
    assert (
        outcome_lines(outcome(view(), interrupted=True), [], Project(FOLDER), ())[1]
        == "  nothing is under way at a service; run again to go on"
    )
