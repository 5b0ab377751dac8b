"""Marks folded: what locks, what is refused, what no longer counts."""

from __future__ import annotations

import pytest

from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.take import TakeId, TakeName
from tests.unit.report.made_up_project import attempt

T1, T2 = TakeId("spot", "S1", 1), TakeId("spot", "S1", 2)
OTHER = TakeId("spot", "S2", 1)


def pick(take: TakeId, clip: str) -> Mark:
    return Mark(kind=MarkKind.PICK, list=take.list, shot=take.shot, take=take.n, attempt=clip)


def unpick(take: TakeId) -> Mark:
    return Mark(kind=MarkKind.UNPICK, list=take.list, shot=take.shot, take=take.n)


def reject(take: TakeId, clip: str) -> Mark:
    return Mark(kind=MarkKind.REJECT, list=take.list, shot=take.shot, take=take.n, attempt=clip)


def retake(take: TakeId, upto: int) -> Mark:
    return Mark(kind=MarkKind.RETAKE, list=take.list, shot=take.shot, upto=upto)


@pytest.mark.parametrize(
    ("said", "picks", "rejects"),
    [
        ([pick(T1, "1")], {T1: "1"}, set[str]()),
        ([pick(T1, "1"), pick(T2, "2")], {T2: "2"}, set[str]()),
        ([pick(T1, "1"), pick(OTHER, "3")], {T1: "1", OTHER: "3"}, set[str]()),
        ([pick(T1, "1"), unpick(T1)], {}, set[str]()),
        ([pick(T1, "1"), reject(T1, "1")], {}, {"1"}),
        ([pick(T1, "1"), reject(T1, "2")], {T1: "1"}, {"2"}),
        ([reject(T1, "1"), pick(T1, "1")], {T1: "1"}, set[str]()),
        ([pick(T1, "1"), pick(OTHER, "1"), reject(T1, "1")], {}, {"1"}),
        ([pick(T1, "1"), pick(OTHER, "1"), reject(T1, "1"), pick(OTHER, "1")], {OTHER: "1"}, set[str]()),
        ([pick(T1, "1"), retake(T1, 9)], {}, set[str]()),
        ([pick(T1, "1"), retake(OTHER, 9)], {T1: "1"}, set[str]()),
        ([retake(T1, 9), pick(T1, "1")], {T1: "1"}, set[str]()),
    ],
)
def test_the_last_word_counts(said: list[Mark], picks: dict[TakeId, str], rejects: set[str]) -> None:
    """One pick for a shot; a reject of its clip or a retake of its shot ends it; a pick ends a reject."""
    marks = Marks.of(said)
    assert (marks.picks, marks.rejects) == (picks, rejects)


def test_a_retake_makes_history_by_number_not_by_clock() -> None:
    """What is numbered up to the ledger's newest then no longer counts for that shot alone, whatever the clock said."""
    marks = Marks.of([retake(T1, 2)])
    old, new = attempt("S1", 2, made_at="2030-01-01T00:00:00Z"), attempt("S1", 3, made_at="1999-01-01T00:00:00Z")
    assert (marks.counts(old, T1), marks.counts(old, T2), marks.counts(new, T1), marks.counts(old, OTHER)) == (False, False, True, True)


@pytest.mark.parametrize(
    ("text", "name"),
    [("S1.t2.a1", TakeName(None, "S1", 2, 1)), ("spot:S1.t2.a13", TakeName("spot", "S1", 2, 13)), ("S1.a1", TakeName(None, "S1.a1", None))],
)
def test_a_clip_of_a_take_has_a_name(text: str, name: TakeName) -> None:
    """An attempt's number stands after its take's; without a take it is part of the shot's name."""
    assert TakeName.parse(text) == name
