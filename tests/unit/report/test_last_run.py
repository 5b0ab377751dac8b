"""What the report says of money over time, of the last run's changes, of checks and of attempts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.errors import SetupError
from callsheet.report.receipt import money_timeline, printed_page
from callsheet.report.receipt.checks_table import checks
from callsheet.report.receipt.costs_page import Spending, costs_page
from callsheet.report.receipt.last_changes import changes
from callsheet.report.receipt.run_timeline import bars, svg
from callsheet.report.spend_groups import Group
from tests.unit.report.made_up_project import attempt, failed, film, take, view
from tests.unit.report.test_page import NASTY, NOW, made


def request(prompt: str, task: str) -> bytes:
    return json.dumps([{"taskUUID": task, "positivePrompt": prompt, "width": 1280}]).encode()


def test_money_rises_purchase_by_purchase_and_run_by_run() -> None:
    """Each purchase's sum so far, in the order in which they ended within their run; the cap stands in the picture, and text in it stays text."""
    early = attempt("S1", settled=30_000, run="r1")
    late = attempt("S2", 2, settled=50_000, run="r2", made_at="2026-11-22T08:00:00.000Z", ended_at="2026-11-22T08:00:09.000Z")
    first = attempt("S3", 3, settled=20_000, run="r1", ended_at="2026-11-21T23:30:05.000Z")
    steps = money_timeline.steps([take(late), take(early), take(first), take(failed("S4", Cause.RETRY, "no", 4))])
    assert [step.spent for step in steps] == [20_000, 50_000, 100_000]
    drawn = money_timeline.svg(steps, 2_000_000, 120_000)
    assert "cap 2.00" in drawn and "0.12 USD held or in doubt" in drawn and "2026-11-22 08:00" in drawn
    assert money_timeline.svg((), 1) == ""
    HTMLParser().feed(drawn)


def test_the_last_runs_changes_are_told_field_by_field() -> None:
    """A take of its first purchase is new; of a later one what differs in the request is shown, but not what differs every time; older runs are left out."""
    old = attempt("S1", 1, run="r1", request=request("a boat", "1"))
    again = attempt("S1", 2, run="r2", made_at="2026-11-22T08:00:00.000Z", request=request("a ship", "2"))
    fresh = attempt("S2", 1, run="r2", made_at="2026-11-22T08:00:01.000Z", request=b"--multipart")
    untouched = attempt("S3", 1, run="r1")
    found = changes([take(old, again), take(fresh), take(untouched)])
    assert [(one.take, one.again, one.fields) for one in found] == [
        ("S1.t1.a2", True, (("positivePrompt", "a boat", "a ship"),)),
        ("S2.t1.a1", False, ()),
    ]
    assert changes([]) == ()
    hostile = replace(again, request=request(NASTY, "2"))
    assert "<script>" not in made(view(take(old, hostile)))


def test_lanes_stand_together_in_the_timeline() -> None:
    """Attempts of one model beside each other, under its name."""
    takes = [take(attempt("S1", model="runware/a")), take(attempt("S2", model="runware/b")), take(attempt("S3", model="runware/a"))]
    drawn = bars(takes, NOW)
    assert [(bar.lane, bar.name) for bar in drawn] == [("runware/a", "S1.t1"), ("runware/a", "S3.t1"), ("runware/b", "S2.t1")]
    assert svg(drawn).count('class="lane"') == 2


def test_checks_are_gathered_by_finding() -> None:
    """The gravest first, with all the takes and films that they are of."""
    dark = {"severity": "warn", "code": "clip-dark", "message": "dark"}
    small = {"severity": "fail", "code": "clip-size", "message": "small"}
    found = checks([take(attempt("S1", findings=(dark, small))), take(attempt("S2", findings=(dark,)))], [film()])
    assert [(one.severity, one.code, one.times, one.where) for one in found] == [
        ("fail", "clip-size", 1, "S1.t1"),
        ("warn", "clip-dark", 2, "S1.t1, S2.t1"),
        ("warn", "padded", 1, "one_web_v003.mp4"),
    ]


def test_a_clip_says_where_it_comes_from_and_whether_it_is_cut() -> None:
    """The attempt that stands in a film is marked, and its provenance is there to be looked up."""
    html = made(view(take(failed("S0010", Cause.RETRY, "busy", 1), attempt("S0010", 2, job="job-7"))))
    for words in ("▸ in the cut", "<b>in the cut</b>", "spot:S0010.t1.a2", "job-7", "runware/ltx-2@2026-03-05", "ab" * 32):
        assert words in html


def test_costs_are_a_page_of_their_own() -> None:
    """Client and job, sums and words; all of it text."""
    group = Group(name=NASTY, attempts=2, received=1, price=90_000, settled=90_000, held=0, in_doubt=0)
    seen = view(take(attempt()))
    spent = Spending(title="Spot", billing={"client": NASTY, "job": "J-1"}, view=seen, by="model", groups=[group, group], words=[NASTY])
    html = costs_page(spent, datetime(2026, 11, 21, tzinfo=UTC))
    assert "<script>" not in html
    assert "J-1" in html
    assert ">0.18<" in html


def test_without_a_browser_nothing_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said what is missing, and no file is left."""
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "page.html").write_text("<p>x")
    if printed_page._MAC.is_file():  # a Mac with Chrome has a browser whatever the PATH says
        return
    with pytest.raises(SetupError, match="Chromium"):
        printed_page.print_page(tmp_path / "page.html", tmp_path / "page.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
