"""Marks folded: what locks, what is refused, what no longer counts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callsheet.domain.mark import Mark, MarkKind, Marks, Role, Span
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


def of_shot(kind: MarkKind, **body: object) -> Mark:
    return Mark(kind=kind, list="spot", shot="S1", body=body)


def test_each_decision_can_be_taken_back() -> None:
    """Unreject, unretake and unbasket leave things as they were before the last reject, retake and basket."""
    unreject = replace(reject(T1, "1"), kind=MarkKind.UNREJECT)
    assert Marks.of([pick(T1, "1"), reject(T1, "1"), unreject]) == Marks.of([pick(T1, "1")])
    assert Marks.of([retake(T1, 4), retake(T1, 9), of_shot(MarkKind.UNRETAKE)]).retakes == {("spot", "S1"): 4}
    assert Marks.of([of_shot(MarkKind.UNRETAKE)]).retakes == {}
    assert Marks.of([of_shot(MarkKind.BASKET), of_shot(MarkKind.UNBASKET)]).basket == ()


def test_a_retake_takes_its_shot_out_of_the_basket() -> None:
    """What was ordered needn't be ordered again; the others stay in the order in which they came."""
    other = replace(of_shot(MarkKind.BASKET), shot="S2")
    assert Marks.of([of_shot(MarkKind.BASKET), other, retake(T1, 9)]).basket == (("spot", "S2"),)


def test_a_join_locks_its_first_part_and_ends_with_the_next_pick_or_reject() -> None:
    """Parts keep their order; a part whose clip was rejected ends all of it."""
    parts = [{"attempt": "2", "first": 0, "end": 12, "fps": "24"}, {"attempt": "1", "first": 6, "end": 30, "fps": "24"}]
    joined = of_shot(MarkKind.JOIN, take=2, parts=parts)
    marks = Marks.of([pick(T1, "1"), joined])
    assert marks.joins == {("spot", "S1"): (Span("2", 0, 12, Fraction(24)), Span("1", 6, 30, Fraction(24)))}
    assert marks.picks == {T2: "2"}
    for later in (pick(T1, "1"), unpick(T2), retake(T1, 9), of_shot(MarkKind.JOIN), reject(T1, "1")):
        assert Marks.of([joined, later]).joins == {}


def test_a_trim_is_a_clips_and_the_last_one_counts() -> None:
    """It stays when another take is picked, and one without an end lifts it."""
    trim = replace(reject(T1, "1"), kind=MarkKind.TRIM, body={"first": 3, "end": 27, "fps": "24000/1001"})
    assert Marks.of([trim, pick(T2, "2")]).trims == {"1": Span("1", 3, 27, Fraction(24000, 1001))}
    assert Marks.of([trim, replace(trim, body={})]).trims == {}


def test_frames_of_a_span_are_the_nearest_at_another_rate() -> None:
    """At the clip's own rate they are the same; one frame at least stays."""
    span = Span("1", 3, 27, Fraction(24))
    assert (span.at(Fraction(24)), span.at(Fraction(25)), Span("1", 3, 4, Fraction(50)).at(Fraction(24))) == ((3, 27), (3, 28), (1, 2))


@pytest.mark.parametrize(
    "body", [{}, {"first": 3, "end": 3, "fps": "24"}, {"first": -1, "end": 3, "fps": "24"}, {"first": 0, "end": 3, "fps": "no"}]
)
def test_frames_that_are_none_are_refused(body: dict[str, object]) -> None:
    """A missing end, an empty span and a rate that is none."""
    with pytest.raises(ValueError, match=r"first|frame"):
        Span.of(body, "1")


def test_only_the_producer_steers() -> None:
    """What clients say is folded nowhere."""
    said = [pick(T1, "1"), reject(T1, "1"), retake(T1, 9), of_shot(MarkKind.BASKET)]
    assert Marks.of([replace(mark, role=Role.CLIENT_B) for mark in said]) == Marks()


def test_what_is_said_of_a_draft_holds_for_what_was_bought_after_it() -> None:
    """Pick, in and out, and parts, once that clip is there and nobody refused it; what is said of the clip itself counts first."""
    draft, final, other = (replace(attempt("S1", n), id=str(n), take=T1) for n in (1, 2, 3))
    final, other = replace(final, final_of="1"), replace(other, final_of="1")
    part = Span("1", 4, 20, Fraction(24))
    trimmed = Mark(kind=MarkKind.TRIM, list="spot", shot="S1", attempt="1", body=part.body)
    marks = Marks.of([pick(T1, "1"), trimmed])
    assert marks.of_finals([draft]) == marks
    passed = marks.of_finals([draft, final])
    assert (passed.picks, passed.trims["2"]) == ({T1: "2"}, replace(part, attempt="2"))
    assert passed.of_finals([draft, final]) == passed
    assert marks.of_finals([draft, other, final]).picks == {T1: "3"}
    assert Marks.of([pick(T1, "1"), reject(T1, "2")]).of_finals([draft, final]).picks == {T1: "1"}
    assert Marks.of([retake(T1, 2), pick(T1, "1")]).of_finals([draft, final]).picks == {T1: "1"}
    own = replace(trimmed, attempt="2", body=Span("2", 0, 9, Fraction(24)).body)
    assert Marks.of([trimmed, own]).of_finals([draft, final]).trims["2"].end == 9
    joined = Mark(kind=MarkKind.JOIN, list="spot", shot="S1", body={"take": 1, "parts": [part.body, {**part.body, "attempt": "7"}]})
    [*parts] = Marks.of([joined]).of_finals([draft, final]).joins["spot", "S1"]
    assert [one.attempt for one in parts] == ["2", "7"]
