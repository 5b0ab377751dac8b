"""The JSON documents, built from values: the contract's spelling of money, time, paths and rates."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from callsheet.budget.rules.purse import Money
from callsheet.buying.take_result import End
from callsheet.domain.attempt import Cause, Reason, State
from callsheet.report.documents import attempted, money, number, outcome_document, sequence, view_document
from callsheet.report.receipt import run_timeline
from callsheet.report.remedies import REMEDIES, doubts, failures, remedy
from callsheet.report.spend_groups import groups
from callsheet.report.takes_frame import attempts
from callsheet.report.takes_table import write_takes
from callsheet.store.project_folder import Project
from tests.unit.report.made_up_project import FOLDER, attempt, doubtful, failed, film, outcome, result, take, view

PROJECT = Project(FOLDER)


def test_a_sequence_is_spelt_as_the_contract_has_it() -> None:
    """The rate is a fraction as text, the length is exact to the microsecond, the path is relative to the project."""
    told = sequence(film(missing=("S0020",)), PROJECT)
    assert told["fps"] == "24000/1001"
    assert told["duration_s"] == 3.003
    assert told["file"] == "out/one_web_v003.mp4"
    assert (told["complete"], told["missing"], told["crf"]) == (False, ["S0020"], None)
    spelt = ("shot", "take", "record_in", "frames", "padded_frames", "stale")
    assert [{name: shot[name] for name in spelt} for shot in told["shots"]] == [
        {"shot": "S0010", "take": "S0010.t1", "record_in": 0, "frames": 48, "padded_frames": 0, "stale": False},
        {"shot": "S0020", "take": None, "record_in": 48, "frames": 24, "padded_frames": 2, "stale": True},
    ]


def test_an_attempt_tells_what_the_service_told() -> None:
    """The seed that was used and the model that it says it was; null where it told neither."""
    told = attempted(attempt(told={"seed": 7, "model": "lightricks:ltx@2"}))
    assert (told["seed"], told["model_reported"]) == (7, "lightricks:ltx@2")
    assert (attempted(attempt(told={}))["seed"], attempted(attempt(told={}))["model_reported"]) == (None, None)


@pytest.mark.parametrize(
    ("flag", "means"), [(None, None), (False, False), (True, True), ("true", True), ("false", False), (1, True), (0, False)]
)
def test_an_attempt_tells_the_video_and_whether_it_is_flagged(flag: object, means: bool | None) -> None:
    """The service's own id of the video, and its flag in whatever form it was told; null where nothing was."""
    told = attempted(attempt(told={"asset": "33c3f183", "nsfw": flag}))
    assert (told["asset"], told["nsfw"]) == ("33c3f183", means)
    assert attempted(attempt(told={}))["asset"] is None


def test_money_is_text_and_absent_where_no_cap_holds() -> None:
    """Decimal strings of USD; cap and headroom are null without a cap."""
    told = money(Money(cap=None, settled=1, held=480_000, in_doubt=0, headroom=None))
    assert told == {"currency": "USD", "cap": None, "settled": "0.000001", "held": "0.48", "in_doubt": "0.00", "headroom": None}


@pytest.mark.parametrize(("value", "spelt"), [(Decimal("4.00"), 4), (Decimal("3.5"), 3.5), (Fraction(1001, 24000), 0.041708)])
def test_seconds_are_numbers(value: Decimal | Fraction, spelt: float) -> None:
    """Whole ones without a point, others to the microsecond."""
    assert number(value) == spelt
    assert json.dumps(number(value)) == str(spelt)


def test_an_attempt_tells_why_it_ended_and_what_it_cost() -> None:
    """State, reason, money and the key that a person can look up at the service."""
    told = attempted(failed("S0020", Cause.CONTENT, "refused"))
    assert (told["state"], told["reason"], told["billed"], told["settled"], told["key"]) == (
        "closed",
        "failed",
        False,
        "0.00",
        "key-S0020-1",
    )


def test_counts_and_state_of_a_run_are_the_outcomes() -> None:
    """A run with a doubt needs a decision; what waits counts as not bought."""
    seen = view(take(attempt()), take(doubtful()))
    told = outcome_document(
        "render", outcome(seen, result("S0010", End.RECEIVED), result("S0030", End.IN_DOUBT, "no answer"), kept=4), PROJECT
    )
    assert told["state"] == "needs_decision"
    assert told["counts"] == {"bought": 1, "kept": 4, "failed": 0, "in_doubt": 1, "not_bought": 0}
    assert told["money"] == {"currency": "USD", "cap": "2.00", "settled": "0.09", "held": "0.00", "in_doubt": "0.12", "headroom": "1.79"}


def test_a_view_lists_takes_with_their_findings() -> None:
    """Findings are those of the chosen clip; a take without a clip has no file."""
    finding = {"code": "size", "severity": "fail", "message": "it is 640x360", "frame": None}
    told = view_document("status", view(take(attempt(findings=(finding,))), take(doubtful())), PROJECT, ())
    assert told["schema"] == "callsheet.status/1"
    first, second = json.loads(json.dumps(told))["takes"]
    assert first["findings"] == [finding]
    assert first["file"] == ".callsheet/clips/ab.mp4"
    assert (second["state"], second["file"], second["held"]) == ("in_doubt", None, "0.12")


def test_failures_are_grouped_by_cause_with_one_remedy_each() -> None:
    """Most takes first; equal messages once; a cancelled hold is no failure."""
    content = [take(failed(shot, Cause.CONTENT, "refused content")) for shot in ("S0010", "S0020")]
    lane = take(failed("S0030", Cause.STOP_LANE, "invalid key"))
    cancelled = take(attempt("S0040", state=State.CLOSED, reason=Reason.CANCELLED))
    found = failures([lane, *content, cancelled], "spot list.csv")
    again = "`callsheet render 'spot list.csv'`"
    assert [(failure.remedy, len(failure.takes), failure.messages) for failure in found] == [
        (REMEDIES[Cause.CONTENT][1].format(render=again), 2, ("refused content",)),
        (REMEDIES[Cause.STOP_LANE][1].format(render=again), 1, ("invalid key",)),
    ]


def test_every_cause_has_a_remedy() -> None:
    """No failure leaves a person without a next step."""
    assert set(REMEDIES) == set(Cause)


def test_a_doubt_is_found_with_its_take() -> None:
    """Whatever else the take has."""
    [(doubted, which)] = doubts([take(attempt()), take(failed("S0030", Cause.RETRY, "busy"), doubtful())])
    assert (str(doubted.take), which.doubt) == ("S0030.t1", 120_000)


def test_days_are_those_of_the_projects_time_zone() -> None:
    """23:30 UTC is the next day in Berlin."""
    takes = [take(attempt())]
    assert [group.name for group in groups(attempts(takes, ZoneInfo("UTC")), "day")] == ["2026-11-21"]
    assert [group.name for group in groups(attempts(takes, ZoneInfo("Europe/Berlin")), "day")] == ["2026-11-22"]


def test_groups_add_up() -> None:
    """Attempts, clips and money of each group."""
    takes = [take(failed("S0010", Cause.RETRY, "busy", 1), attempt("S0010", 2)), take(doubtful(), sequence="two")]
    one, two = groups(attempts(takes, ZoneInfo("UTC")), "sequence")
    assert (one.attempts, one.received, one.price, one.settled) == (2, 1, 180_000, 90_000)
    assert (two.name, two.in_doubt, two.settled) == ("two", 120_000, 0)


def test_the_timeline_shows_the_newest_run_only() -> None:
    """Its first hold is second nought; an open attempt lasts until now; text is escaped."""
    old = attempt("S0001", run="r0", made_at="2026-11-20T00:00:00.000Z", intent_at="2026-11-20T00:00:01.000Z")
    now = datetime(2026, 11, 21, 23, 31, tzinfo=UTC)
    drawn = run_timeline.bars([take(old), take(attempt("S<b>")), take(doubtful())], now)
    assert [(bar.sent, bar.ended, bar.look) for bar in drawn] == [(1.0, 40.0, "ok"), (1.0, 60.0, "doubt")]
    assert "S&lt;b&gt;" in run_timeline.svg(drawn)
    assert run_timeline.svg(()) == ""


def test_the_table_keeps_money_and_seeds_exact(tmp_path: Path) -> None:
    """Decimals and 64-bit integers survive; an empty project gives a table with all its columns."""
    told = {"seed": 9007199254740993, "asset": "33c3f183", "nsfw": False}
    write_takes([take(attempt(told=told)), take(doubtful())], PROJECT, tmp_path / "takes.parquet")
    table = pq.read_table(tmp_path / "takes.parquet")
    assert table["settled"].to_pylist() == [Decimal("0.090000"), Decimal("0.000000")]
    assert table["in_doubt"].to_pylist() == [Decimal("0.000000"), Decimal("0.120000")]
    assert table["seed"].to_pylist() == [9007199254740993, None]
    assert [table[name].to_pylist() for name in ("asset", "nsfw")] == [["33c3f183", None], [False, None]]
    write_takes([], PROJECT, tmp_path / "none.parquet")
    assert pq.read_table(tmp_path / "none.parquet").schema.equals(table.schema)


def test_two_may_write_the_same_table_at_once(tmp_path: Path) -> None:
    """A report that is asked for while a run writes its own: each is whole, and neither takes the other's half-written file."""
    path = tmp_path / "takes.parquet"
    with ThreadPoolExecutor(4) as crew:
        for done in [crew.submit(write_takes, [take(attempt())], PROJECT, path) for _ in range(40)]:
            done.result()
    assert pq.read_table(path).num_rows == 1
    assert [found.name for found in tmp_path.iterdir()] == ["takes.parquet"]


@pytest.mark.parametrize(
    ("service", "says"),
    [("runware", "`callsheet recover S0020.t1` asks the service again"), ("bytecompute", "`callsheet recover S0020.t1 --job ID`")],
)
def test_a_doubt_says_what_clears_it(service: str, says: str) -> None:
    """A service that can be asked by our key is asked; of another, only a person can look."""
    doubted = attempt("S0020", state=State.IN_DOUBT, service=service)
    assert says in remedy(take(doubted), doubted)
