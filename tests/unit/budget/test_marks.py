"""Marks in the ledger, on SQLite and on PostgreSQL: only ever added, seen by their own project, told from what came before by number."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from callsheet.budget.ledger import tables, write
from callsheet.budget.ledger.clips import received
from callsheet.budget.ledger.marks import Overtaken, mark_log, marks, numbered, put_mark
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt, Kind, Reason
from callsheet.domain.errors import CallsheetError, HumanError
from callsheet.domain.mark import Mark, MarkKind, Role
from callsheet.domain.take import TakeId
from tests.ledger_bids import AT, bid, billed, cap, hold


def got(ledger: Ledger, shot: str, *, failing: bool = False, project: str = "p") -> Attempt:
    """A received attempt."""
    findings = [{"severity": "fail", "code": "clip-size", "message": "small"}] if failing else []
    ready = billed(ledger, hold(ledger, bid(shot, quote=100_000, project=project)), 100_000)
    return write.move(ledger, ready, Kind.RECEIVED, {"sha256": "ab", "size": 1, "findings": findings}, at=AT)


def retake(shot: str) -> Mark:
    return Mark(kind=MarkKind.RETAKE, list="spot", shot=shot)


def test_marks_are_folded_for_their_project_alone(ledger: Ledger) -> None:
    """What one project says of a take is nothing to another that shares the ledger."""
    cap(ledger, 5_000_000)
    clip = got(ledger, "S1")
    put_mark(ledger, "p", Mark(kind=MarkKind.PICK, list="spot", shot="S1", take=1, attempt=clip.id), at=AT)
    put_mark(ledger, "p", Mark(kind=MarkKind.REJECT, list="spot", shot="S2", take=1, attempt=clip.id), at=AT)
    put_mark(ledger, "other", retake("S1"), at=AT)
    assert (dict(marks(ledger, "p").picks), marks(ledger, "p").rejects, dict(marks(ledger, "p").retakes)) == ({}, {clip.id}, {})
    assert dict(marks(ledger, "other").retakes) == {("spot", "S1"): int(clip.id)}
    put_mark(ledger, "p", Mark(kind=MarkKind.PICK, list="spot", shot="S1", take=1, attempt=clip.id), at=AT)
    assert marks(ledger, "p").picked(TakeId("spot", "S1", 1)) == clip.id
    assert numbered(ledger, [clip.id, clip.id]) == [clip]


def test_a_retake_covers_what_is_there_and_nothing_later(ledger: Ledger) -> None:
    """Every attempt of the ledger so far, whoever's, for clips are shared; the next one counts."""
    cap(ledger, 5_000_000)
    mine, elsewhere = got(ledger, "S1"), got(ledger, "S9")
    put_mark(ledger, "p", retake("S1"), at=AT)
    later = got(ledger, "S1")
    said, take = marks(ledger, "p"), mine.take
    assert [said.counts(clip, take) for clip in (mine, elsewhere, later)] == [False, False, True]
    assert said.counts(elsewhere, elsewhere.take)


def test_a_retake_is_refused_while_something_is_under_way(ledger: Ledger) -> None:
    """Held, in doubt or at the service: it may still come. Closed, it is over. Nothing is written where it is refused."""
    cap(ledger, 5_000_000)
    held = hold(ledger, bid("S1", quote=100_000))
    with pytest.raises(HumanError, match=r"S1\.t1 is held"):
        put_mark(ledger, "p", retake("S1"), at=AT)
    assert dict(marks(ledger, "p").retakes) == {}
    put_mark(ledger, "p", retake("S2"), at=AT)
    write.move(ledger, held, Kind.CLOSED, at=AT, reason=Reason.CANCELLED)
    put_mark(ledger, "p", retake("S1"), at=AT)
    assert ("spot", "S1") in marks(ledger, "p").retakes


@pytest.mark.parametrize("change", [update(tables.mark).values(note="forged"), delete(tables.mark)], ids=["update", "delete"])
def test_what_people_said_is_never_changed(ledger: Ledger, change: object) -> None:
    """The schema refuses it."""
    put_mark(ledger, "p", retake("S1"), at=AT)
    with pytest.raises((DBAPIError, CallsheetError), match="append_only"), ledger.writing() as connection:
        connection.execute(change)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "mark",
    [
        Mark(kind=MarkKind.PICK, list="spot", shot="S1"),
        Mark(kind=MarkKind.REJECT, list="spot", shot="S1", take=1),
        Mark(kind=MarkKind.RETAKE, list="spot", shot="S1", take=1),
    ],
    ids=["pick of nothing", "reject of nothing", "retake of a take"],
)
def test_a_mark_says_what_it_is_of(ledger: Ledger, mark: Mark) -> None:
    """The schema refuses one that doesn't."""
    with pytest.raises((DBAPIError, CallsheetError)):
        put_mark(ledger, "p", mark, at=AT)


def test_what_was_received_on_an_account_is_told_with_its_checks(ledger: Ledger) -> None:
    """By model, whether the clip passed, of the last attempts only."""
    cap(ledger, 5_000_000)
    cap(ledger, 5_000_000, project="other")
    good, bad = got(ledger, "S1"), got(ledger, "S2", failing=True, project="other")
    hold(ledger, bid("S3", quote=100_000))
    assert sorted(received(ledger, good.account, good.model, 100)) == sorted([(good.request, True), (bad.request, False)])
    assert received(ledger, good.account, good.model, 2) == [(bad.request, False)]
    assert received(ledger, "another", good.model, 100) == []


def test_a_decision_is_written_once_and_never_over_one_that_was_not_seen(ledger: Ledger) -> None:
    """The same `uid` again changes nothing, also from another tab; what the producer decided meanwhile is told instead of being overruled unseen."""
    cap(ledger, 5_000_000)
    clip, other = got(ledger, "S1"), got(ledger, "S1")
    pick = Mark(kind=MarkKind.PICK, list="spot", shot="S1", take=1, attempt=clip.id, uid="one", who="Mara")
    assert [put_mark(ledger, "p", pick, at=AT, seen=0) for _ in range(2)] == [True, False]
    second = Mark(kind=MarkKind.PICK, list="spot", shot="S1", take=1, attempt=other.id, uid="two")
    with pytest.raises(Overtaken, match="pick by Mara") as overtaken:
        put_mark(ledger, "p", second, at=AT, seen=0)
    assert put_mark(ledger, "p", second, at=AT, seen=overtaken.value.newer.number)
    assert [mark.uid for mark in mark_log(ledger, "p")] == ["one", "two"]
    assert [mark.uid for mark in mark_log(ledger, "p", after=overtaken.value.newer.number)] == ["two"]
    assert marks(ledger, "p").picked(clip.take) == other.id


def test_what_a_client_says_stands_in_the_log_and_steers_nothing(ledger: Ledger) -> None:
    """A client's reject, retake and join are read back with who said them; picks, rejects and retakes stay as they were."""
    cap(ledger, 5_000_000)
    clip = got(ledger, "S1")
    said = {"who": "Anna", "role": Role.CLIENT_A}
    put_mark(ledger, "p", Mark(kind=MarkKind.REJECT, list="spot", shot="S1", take=1, attempt=clip.id, **said), at=AT)  # type: ignore[arg-type]
    put_mark(ledger, "p", Mark(kind=MarkKind.RETAKE, list="spot", shot="S1", **said), at=AT)  # type: ignore[arg-type]
    body = {"text": "the hand ♥", "frame": 7}
    put_mark(ledger, "p", Mark(kind=MarkKind.NOTE, list="spot", shot="S1", attempt=clip.id, body=body, **said), at=AT)  # type: ignore[arg-type]
    folded = marks(ledger, "p")
    assert (folded.rejects, dict(folded.retakes)) == (frozenset(), {})
    assert [(mark.who, mark.role) for mark in mark_log(ledger, "p")] == [("Anna", Role.CLIENT_A)] * 3
    assert mark_log(ledger, "p")[-1].body == body
