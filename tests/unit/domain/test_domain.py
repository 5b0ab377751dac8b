"""Money, time, takes and the attempt's fold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.domain import money
from callsheet.domain.attempt import MOVES, Attempt, Event, Kind, Reason, State, after, fold
from callsheet.domain.errors import Exit, InputError, Problem, worst
from callsheet.domain.take import TakeId, TakeName
from callsheet.domain.timebase import frames_in_cut, half_up, parse_fps, sample_at, timecode


@given(st.integers(-(10**15), 10**15))
def test_money_text_and_back(micros: int) -> None:
    """Text is exact: reading it gives the same micro-dollars."""
    assert money.usd(money.text(micros)) == micros


@pytest.mark.parametrize(("text", "micros"), [("0.48", 480_000), ("25", 25_000_000), ("0.001737", 1_737), (".5", 500_000)])
def test_money_reads(text: str, micros: int) -> None:
    assert money.usd(text) == micros


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "0.0000001", "1,5"])
def test_money_refuses(text: str) -> None:
    """What is no exact amount is refused, never rounded."""
    with pytest.raises(ValueError, match=r"USD|micro"):
        money.usd(text)


def test_a_price_is_rounded_up() -> None:
    assert money.usd_up(Decimal("0.0000001")) == 1


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("24", Fraction(24)),
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_fps_reads(text: str, fps: Fraction) -> None:
    """The NTSC rates are meant exactly."""
    assert parse_fps(text) == fps


@pytest.mark.parametrize("text", ["", "0", "-24", "24/0", "x", "1000"])
def test_fps_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="frame"):
        parse_fps(text)


def test_a_shot_takes_its_seconds_in_frames_a_half_going_up() -> None:
    """frames = floor(s x fps + 1/2) (contract)."""
    assert frames_in_cut(Decimal("3.5"), Fraction(24)) == 84
    assert frames_in_cut(Decimal("0.5"), Fraction(25)) == 13
    assert frames_in_cut(Decimal(10), Fraction(24000, 1001)) == 240


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=40),
    st.sampled_from([Fraction(24), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)]),
)
def test_samples_never_drift(lengths: list[int], fps: Fraction) -> None:
    """However a film is divided into clips, its sound is as long as its picture to half a sample."""
    total = sum(sample_at(sum(lengths[: i + 1]), fps) - sample_at(sum(lengths[:i]), fps) for i in range(len(lengths)))
    assert total == half_up(sum(lengths) * 48000 / fps)


def test_timecode_counts_frames() -> None:
    assert timecode(24 * 3661 + 5, Fraction(24)) == "01:01:01:05"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("S0010", TakeName(None, "S0010", None)),
        ("S0010.t2", TakeName(None, "S0010", 2)),
        ("spot:S0010.t2", TakeName("spot", "S0010", 2)),
        ("S.00.t1", TakeName(None, "S.00", 1)),
    ],
)
def test_take_names_read(text: str, name: TakeName) -> None:
    assert TakeName.parse(text) == name


def test_a_bare_name_means_every_list() -> None:
    take = TakeId("spot", "S0010", 2)
    assert TakeName.parse("S0010").matches(take)
    assert not TakeName.parse("other:S0010").matches(take)
    assert not TakeName.parse("S0010.t1").matches(take)


def bare() -> Attempt:
    return Attempt(
        id="1", project="p", run="r", take=TakeId("l", "S", 1), n=1, sequence="q", service="s", model="s/m", account="s x", author_print="", request_print="",
        ordinal=0, key="k", quote=1, price_ref="", request=b"", made_at="",
    )  # fmt: skip


LIVES = {
    State.HELD: [Kind.HOLD],
    State.SUBMITTING: [Kind.HOLD, Kind.INTENT],
    State.IN_DOUBT: [Kind.HOLD, Kind.INTENT, Kind.LOST],
    State.SUBMITTED: [Kind.HOLD, Kind.INTENT, Kind.ACCEPTED],
    State.READY: [Kind.HOLD, Kind.INTENT, Kind.ACCEPTED, Kind.READY],
    State.RECEIVED: [Kind.HOLD, Kind.INTENT, Kind.ACCEPTED, Kind.READY, Kind.RECEIVED],
    State.CLOSED: [Kind.HOLD, Kind.CLOSED],
}
BODIES = {Kind.ACCEPTED: {"job": "j"}, Kind.RECEIVED: {"sha256": "0", "size": 1}, Kind.CLOSED: {"reason": "failed"}, Kind.REPOST: {"n": 1}}


def life(kinds: list[Kind]) -> list[Event]:
    return [Event(n, kind, "t", BODIES.get(kind, {})) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize("state", LIVES)
def test_state_is_the_fold(state: State) -> None:
    """Each state is what its events say."""
    assert fold(bare(), life(LIVES[state])).state is state


#: what must never happen, for each kind: the states from which it is forbidden
FORBIDDEN = {
    Kind.ACCEPTED: {State.HELD, State.READY, State.RECEIVED, State.CLOSED},
    Kind.INTENT: {State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED, State.READY, State.RECEIVED, State.CLOSED},
    Kind.UNSENT: {State.HELD, State.IN_DOUBT, State.SUBMITTED, State.READY, State.RECEIVED, State.CLOSED},
    Kind.READY: {State.HELD, State.SUBMITTING, State.IN_DOUBT, State.READY, State.RECEIVED, State.CLOSED},
    Kind.RECEIVED: {State.HELD, State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED, State.RECEIVED},
    Kind.CLOSED: {State.RECEIVED, State.CLOSED},
    Kind.LATE: {State.HELD, State.SUBMITTING, State.SUBMITTED},
}


@pytest.mark.parametrize(("kind", "state"), [(kind, state) for kind, states in FORBIDDEN.items() for state in sorted(states)])
def test_forbidden_moves(kind: Kind, state: State) -> None:
    """A paid clip is never forgotten, an unsent request never accepted; of ends only a paid one without its clip is undone, by the clip."""
    with pytest.raises(ValueError, match="can't follow"):
        after(state, kind)


@pytest.mark.parametrize("reason", list(Reason))
def test_a_clip_follows_only_a_paid_end_without_one(reason: Reason) -> None:
    """What expired or was found defective may be received after all; for any other end a clip would be one that nobody ordered."""
    ended = [
        *life(LIVES[State.READY]),
        Event(4, Kind.CLOSED, "t", {"reason": reason.value}),
        Event(5, Kind.RECEIVED, "t", BODIES[Kind.RECEIVED]),
    ]
    if reason in (Reason.EXPIRED, Reason.DEFECTIVE):
        assert fold(bare(), ended).state is State.RECEIVED
    else:
        with pytest.raises(ValueError, match=f"can't follow closed as {reason.value}"):
            fold(bare(), ended)


def test_every_kind_has_its_moves() -> None:
    assert set(MOVES) == set(Kind)


def test_a_gap_in_the_book_is_a_contradiction() -> None:
    with pytest.raises(ValueError, match="event 2 instead of 1"):
        fold(bare(), [Event(0, Kind.HOLD, "t"), Event(2, Kind.INTENT, "t")])


def test_the_first_exit_code_of_the_contract_wins() -> None:
    """70, 130, 8, 5, 3, 4, 6, 7, 1, 10."""
    order = [
        Exit.DEFECT,
        Exit.INTERRUPTED,
        Exit.LOCKED,
        Exit.SETUP,
        Exit.INPUT,
        Exit.MONEY,
        Exit.HUMAN,
        Exit.DELIVERY,
        Exit.PARTIAL,
        Exit.TO_BUY,
    ]
    for n, code in enumerate(order):
        assert worst(reversed(order[n:])) is code
    assert worst([]) is Exit.DONE


def test_a_problem_leaves_out_places_that_do_not_apply() -> None:
    error = InputError.of([Problem(code="x", message="m", help="h", row=3)])
    assert [problem.json() for problem in error.problems] == [{"code": "x", "message": "m", "help": "h", "row": 3}]
