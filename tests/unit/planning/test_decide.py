"""What is done about each take: kept, resumed, bought or blocked; no clip bought twice, none shared by two takes, none bought that a person has to decide on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import Problem
from callsheet.domain.fingerprint import Print
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.shots.shot import Origin, Shot, Status
from callsheet.domain.take import TakeId
from callsheet.planning import decide
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.pricing.priced import Priced
from callsheet.services.cards.fit import Fit
from callsheet.services.cards.list_price import Quote
from tests.unit.report.made_up_project import attempt, failed
from tests.unit.services.asks import ask

QUOTE = Quote(90_000, "runware/ltx-2@2026-01-05", extrapolated=False, basis="3 s x 0.03 USD/s")
S1, S2 = TakeId("spot", "S0010", 1), TakeId("spot", "S0020", 1)


def priced(shot: str = "S0010", row: int = 1, *, request: str = "b", author: str = "a", **cells: object) -> Priced:
    """A row that can be bought. Its request is the one of `attempt` unless another fingerprint is named."""
    made = Shot(list="spot", shot_id=shot, prompt="a pier", origin=Origin("spot.csv", row, row), sequence="one")
    return Priced(
        shot=replace(made, **cells),  # type: ignore[arg-type]
        model="runware/ltx-2",
        service="runware",
        account="runware https://api.runware.ai/v1",
        fit=Fit(ask(), ()),
        quote=QUOTE,
        author=Print(author),
        request_print=request,
        used_s=Decimal(3),
    )


def planned(
    rows: Sequence[Priced], own: Sequence[Attempt] = (), shared: Sequence[Attempt] = (), *marks: Mark, on_disk: bool = True
) -> dict[TakeId, PlannedTake]:
    """What is done about each take, by take. `shared` are attempts of other lists; `on_disk` says whether their clips are in place."""
    return {take.take: take for take in decide.decide_takes(rows, own, shared, lambda _clip: on_disk, Marks.of(marks))}


def mark(kind: MarkKind, attempt: str | None = None, *, upto: int = 0) -> Mark:
    """A mark on take 1 of S0010."""
    return Mark(kind=kind, list="spot", shot="S0010", take=1 if attempt else None, attempt=attempt, upto=upto)


def test_takes_are_bought_in_order_and_listed_in_the_lists() -> None:
    """Take 1 of every shot before take 2 of any, then priority, then row; the plan itself keeps the list's order. An omitted row has no take."""
    rows = [priced("S0010", 1, takes=2), priced("S0020", 2, priority=1), priced("S0030", 3), priced("S0040", 4, status=Status.OMIT)]
    plan = Plan(list="spot", file="spot.csv", takes=tuple(planned(rows).values()))
    assert [str(take.take) for take in plan.takes] == ["S0010.t1", "S0010.t2", "S0020.t1", "S0030.t1"]
    assert [str(take.take) for take in plan.buys] == ["S0020.t1", "S0010.t1", "S0030.t1", "S0010.t2"]
    assert (plan.price, plan.paid_s, plan.used_s, plan.keeps) == (360_000, 20, 12, ())


def test_equal_requests_are_told_apart_by_their_ordinal() -> None:
    """So that each is a purchase of its own, in buying order; another request begins at 0."""
    rows = [priced("S0010", 1, takes=2), priced("S0020", 2), priced("S0030", 3, request="other")]
    assert [take.ordinal for take in planned(rows).values()] == [0, 2, 1, 0]


def test_a_clip_is_kept_while_one_fingerprint_is_unchanged() -> None:
    """A new card changes the request, a moved default the author's values: either alone buys nothing. Both changed is another wish."""
    clip = attempt()
    for row in (priced(request="new"), priced(author="new")):
        take = planned([row], [clip])[S1]
        assert (take.action, take.attempt, take.price, take.expected) == (Action.KEEP, clip, 0, 0)
    assert planned([priced(request="new", author="new")], [clip])[S1].action is Action.BUY


def test_another_accounts_clip_is_no_clip_of_this_one() -> None:
    """What a rehearsal filmed is bought when it is for real, and the plan says why."""
    rehearsed = attempt(account="runware http://127.0.0.1:9/v1")
    take = planned([priced()], [rehearsed])[S1]
    assert take.action is Action.BUY
    assert "bought before at runware http://127.0.0.1:9/v1" in take.reason


def test_one_clip_serves_one_take() -> None:
    """A renamed shot keeps its clip; a second row with the same request is bought."""
    clip = attempt("S0099")
    takes = planned([priced("S0010", 1), priced("S0020", 2)], [], [clip])
    assert (takes[S1].action, takes[S1].attempt, takes[S2].action) == (Action.KEEP, clip, Action.BUY)
    assert takes[S1].reason == "bought as spot:S0099.t1, the same request"


def test_every_take_has_its_own_clip_before_it_may_have_anothers() -> None:
    """Also where the other take is earlier in the buying order and has none."""
    clip = attempt("S0020")
    takes = planned([priced("S0010", 1), priced("S0020", 2)], [clip])
    assert (takes[S2].attempt, takes[S1].action) == (clip, Action.BUY)


def test_a_failing_clip_of_its_own_is_kept_and_one_of_anothers_is_not_taken() -> None:
    """What was paid for this take stands until a person decides; nobody is given a clip that failed its check."""
    findings = ({"code": "black", "severity": "fail"},)
    assert planned([priced()], [attempt(findings=findings)])[S1].action is Action.KEEP
    assert planned([priced()], [], [attempt("S0099", findings=findings)])[S1].action is Action.BUY
    good, bad = attempt(n=1), attempt(n=2, findings=findings)
    assert planned([priced()], [good, bad])[S1].attempt == good


def test_a_clip_that_is_missing_on_disk_is_fetched_and_never_bought() -> None:
    """It is paid: the run waits for its job's file."""
    take = planned([priced()], [attempt()], on_disk=False)[S1]
    assert (take.action, take.price) == (Action.WAIT, 0)
    assert "not bought again" in take.reason


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.SUBMITTING, Action.WAIT),
        (State.SUBMITTED, Action.WAIT),
        (State.READY, Action.WAIT),
        (State.IN_DOUBT, Action.BLOCKED),
        (State.HELD, Action.BUY),
    ],
)
def test_what_is_under_way_is_not_bought_beside_it(state: State, action: Action) -> None:
    """An accepted job is waited for, a doubt waits for evidence; a hold of the same price is gone on with, so that there is one hold."""
    live = attempt(state=state, ended_at=None)
    take = planned([priced()], [live])[S1]
    assert (take.action, take.attempt) == (action, live)


def test_a_hold_of_another_price_is_asked_anew() -> None:
    """A card's new price is never bought on the old hold."""
    take = planned([priced()], [attempt(state=State.HELD, quote=80_000, ended_at=None)])[S1]
    assert (take.action, take.attempt, take.price) == (Action.BUY, None, 90_000)


def test_what_is_under_way_for_an_older_row_does_not_hold_up_todays() -> None:
    """Its clip would not be what the row asks for."""
    old = attempt(state=State.SUBMITTED, ended_at=None)
    assert planned([priced(request="new", author="new")], [old])[S1].action is Action.BUY


def test_refused_content_and_a_bill_without_a_clip_wait_for_a_person() -> None:
    """Neither is bought again by itself; a retake allows it, and a new prompt undoes the refusal but not the bill."""
    refused = failed("S0010", Cause.CONTENT, "not this")
    lost = replace(failed("S0010", Cause.RETRY, "lost"), settled=90_000)
    for tried, words in ((refused, "refused content: not this"), (lost, "was billed without a clip (S0010.t1.a1, 0.09 USD)")):
        take = planned([priced()], [tried])[S1]
        assert take.action is Action.BLOCKED
        assert words in take.reason
        assert planned([priced()], [tried], [], mark(MarkKind.RETAKE, upto=1))[S1].action is Action.BUY
    other = [priced(request="new", author="new")]
    assert [planned(other, [tried])[S1].action for tried in (refused, lost)] == [Action.BUY, Action.BLOCKED]


def test_a_failure_that_cost_nothing_is_tried_again_and_told() -> None:
    """With the service's own words; a cancelled hold is no failure."""
    assert planned([priced()], [failed("S0010", Cause.RETRY, "busy")])[S1].reason == "failed before: busy"
    cancelled = attempt(state=State.CLOSED, reason=Reason.CANCELLED)
    assert planned([priced()], [cancelled])[S1].reason == "new"


def test_a_picked_clip_is_kept_whatever_its_row_says() -> None:
    """Locked until a retake; the plan says that the row would ask for something else."""
    clip = attempt()
    changed = [priced(request="new", author="new")]
    take = planned(changed, [clip], [], mark(MarkKind.PICK, "1"))[S1]
    assert (take.action, take.picked, take.attempt) == (Action.KEEP, True, clip)
    assert "`callsheet retake S0010` buys it again" in take.reason
    retaken = planned(changed, [clip], [], mark(MarkKind.PICK, "1"), mark(MarkKind.RETAKE, upto=1))[S1]
    assert (retaken.action, retaken.picked) == (Action.BUY, False)


def test_a_rejected_clip_is_nobodys() -> None:
    """Neither its own take's nor another's with the same request."""
    takes = planned([priced("S0010", 1), priced("S0020", 2)], [attempt()], [], mark(MarkKind.REJECT, "1"))
    assert [take.action for take in takes.values()] == [Action.BUY, Action.BUY]
    assert takes[S1].reason == "S0010.t1.a1 was rejected"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"problems": (Problem(code="x", message="too long", help=""),)}, "too long"),
        ({"fit": Fit(None, ())}, "can't be bought"),
        ({"frozen": "charged twice the list"}, "runware/ltx-2 is frozen: charged twice the list; `callsheet cards price runware/ltx-2"),
        ({"gone": Problem(code="retired", message="sold no more", help="use another")}, "sold no more; use another"),
        ({"quote": None}, "unpriced: runware/ltx-2 has no list price"),
    ],
    ids=["problem", "unsupported", "frozen", "retired", "unpriced"],
)
def test_what_can_not_be_bought_is_blocked_with_its_reason(change: dict[str, object], words: str) -> None:
    """It costs nothing in the plan, and a clip that is there is kept all the same."""
    row = replace(priced(), **change)  # type: ignore[arg-type]
    take = planned([row])[S1]
    assert (take.action, take.price, take.expected, take.unpriced) == (Action.BLOCKED, 0, 0, change.get("quote", 0) is None)
    assert words in take.reason
    assert planned([row], [attempt()])[S1].action is Action.KEEP


def test_a_row_on_hold_keeps_its_clip_and_buys_none() -> None:
    """The author's own brake."""
    row = priced(status=Status.HOLD)
    assert planned([row])[S1].action is Action.BLOCKED
    assert planned([row], [attempt()])[S1].action is Action.KEEP


def test_a_retired_model_is_bought_from_its_fallback() -> None:
    """What was ordered there already is checked against what was ordered."""
    other = replace(priced(), model="deapi/ltx-2.3", service="deapi", account="deapi https://api.deapi.ai")
    row = replace(priced(), gone=Problem(code="retired", message="sold no more", help="use another"), fallbacks=(other,))
    assert planned([row])[S1].action is Action.BUY
    live = attempt(state=State.SUBMITTED, model="deapi/ltx-2.3", service="deapi", account=other.account, ended_at=None)
    take = planned([row], [live])[S1]
    assert (take.action, take.model) == (Action.WAIT, "deapi/ltx-2.3")


def test_no_clip_is_looked_at_for_words_that_nobody_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Why a new take is bought is not asked of every clip that there is: fifty new ones among fifty clips would be 2,500 looks."""
    looks: list[str] = []

    def counted(clip: Attempt, item: Priced) -> bool:
        looks.append(clip.id)
        return matches(clip, item)

    matches = decide.matches
    monkeypatch.setattr(decide, "matches", counted)
    clips = [
        replace(attempt(), id=str(n), take=TakeId("other", f"O{n}", 1), author_print=f"o{n}", request_print=f"p{n}") for n in range(50)
    ]
    rows = [priced(f"S{n:04}", n, request=f"r{n}", author=f"a{n}") for n in range(50)]
    takes = planned(rows, (), clips)
    assert {(take.action, take.reason) for take in takes.values()} == {(Action.BUY, "new")}
    assert len(looks) <= len(rows)
