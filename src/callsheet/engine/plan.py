"""The plan: every take with what is done about it, why, and for how much. Pure: it reads values and spends nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from callsheet.budget.prices import thaw
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import Problem
from callsheet.domain.fingerprint import digest, print_of
from callsheet.domain.mark import Marks
from callsheet.domain.money import Micros, text
from callsheet.domain.shot import Shot, Status
from callsheet.domain.take import TakeId
from callsheet.engine import reasons
from callsheet.engine.accounts import loopback_label
from callsheet.qc.clip import Asked
from callsheet.services.fit import Fit
from callsheet.services.price import Quote
from callsheet.services.registry import SERVICES
from callsheet.services.wire import Ask


class Action(StrEnum):
    """What a run does about a take."""

    BUY = "buy"
    KEEP = "keep"  #: its clip is there
    WAIT = "wait"  #: bought before, not received yet: gone on with
    BLOCKED = "blocked"  #: a person has to change or decide something first


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A shot made legal and priced: what would be bought for it, or what is wrong. `given` are the author's values that reach a request."""

    shot: Shot
    model: str
    service: str
    account: str
    fit: Fit
    quote: Quote | None
    author_print: str
    request_print: str
    used_s: Decimal
    #: frames in the cut, at the first delivery's frame rate
    frames: int = 0
    problems: tuple[Problem, ...] = ()
    #: why the model's price is not known any more, where it isn't
    frozen: str = ""
    #: the same shot at the models that may be used instead where this one can't be had, in the project's order
    fallbacks: tuple[Priced, ...] = ()

    @property
    def ask(self) -> Ask | None:
        """What is sent; None where something is unsupported."""
        return self.fit.ask


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTake:
    """One take's place in the plan. Money in micro-USD: `price` is the list price (held), `expected` what receipts taught."""

    take: TakeId
    priced: Priced
    action: Action
    reason: str
    #: rank in buying order
    order: int
    ordinal: int = 0
    expected: Micros = 0
    #: how many receipts taught `expected`; 0 where it is the list price
    receipts: int = 0
    #: the received attempt whose clip is kept, or the live one that is gone on with
    attempt: Attempt | None = None
    #: a person picked the clip that is kept: it is locked
    picked: bool = False

    @property
    def shot(self) -> Shot:
        """The row."""
        return self.priced.shot

    @property
    def model(self) -> str:
        """`runware/ltx-2`."""
        return self.priced.model

    @property
    def price(self) -> Micros:
        """List price of what would be bought; 0 where nothing is."""
        return self.priced.quote.micros if self.priced.quote and self.action is Action.BUY else 0

    @property
    def frames(self) -> int:
        """Frames in the cut."""
        return self.priced.frames

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid, 0 where nothing is bought."""
        return self.priced.ask.duration_s if self.priced.ask and self.action is Action.BUY else Decimal(0)

    @property
    def used_s(self) -> Decimal:
        """Seconds of them that stand in the cut."""
        return self.priced.used_s if self.action is Action.BUY else Decimal(0)

    @property
    def asked(self) -> Asked | None:
        """What the clip must be, for its check."""
        return asked_of(self.priced.ask) if self.priced.ask else None


@dataclass(frozen=True, slots=True)
class Fits:
    """What fits under the caps at list price, in buying order. `usd` in micro-USD."""

    takes: int
    usd: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All takes of a list, in the list's order."""

    list: str
    file: str
    takes: tuple[PlannedTake, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    fits: Fits = field(default=Fits(0, 0))

    @property
    def buys(self) -> tuple[PlannedTake, ...]:
        """What is bought, in buying order."""
        return tuple(sorted((take for take in self.takes if take.action is Action.BUY), key=lambda take: take.order))

    @property
    def keeps(self) -> tuple[PlannedTake, ...]:
        """What is there already."""
        return tuple(take for take in self.takes if take.action is Action.KEEP)

    @property
    def price(self) -> Micros:
        """List price of all that is bought."""
        return sum(take.price for take in self.takes)

    @property
    def expected(self) -> Micros:
        """What all of it is expected to cost."""
        return sum(take.expected for take in self.takes)

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid."""
        return sum((take.paid_s for take in self.takes), Decimal(0))

    @property
    def used_s(self) -> Decimal:
        """Seconds of them that stand in the cut."""
        return sum((take.used_s for take in self.takes), Decimal(0))


def asked_of(ask: Ask) -> Asked:
    """What a clip of this purchase must be."""
    return Asked(size=ask.size, fps=ask.fps, frames=ask.frames, sound=ask.sound)


def prints(given: Mapping[str, object], essence: bytes) -> tuple[str, str]:
    """The two fingerprints: of what the author gave, and of the request as sent."""
    return print_of(given), digest(essence)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the book and the shelf say: attempts by take, what is kept and what is locked, what may be kept at all, which clips are in place."""

    mine: Mapping[TakeId, Sequence[Attempt]]
    pool: Sequence[Attempt]
    locked: Mapping[TakeId, Attempt]
    kept: Mapping[TakeId, Attempt]
    marks: Marks
    there: Callable[[Attempt], bool]


def make(
    priced: Sequence[Priced],
    own: Iterable[Attempt],
    shared: Iterable[Attempt],
    there: Callable[[Attempt], bool],
    marks: Marks | None = None,
) -> tuple[PlannedTake, ...]:
    """Decide on every take. `own` are the list's attempts, `shared` others of the ledger that may match or are picked, `there` tells whether a clip is in place.

    A picked clip is its take's; then each take keeps its own clip first; what is left goes to other takes that want the same; two takes never share a clip.
    """
    marks = marks or Marks()
    mine: dict[TakeId, list[Attempt]] = {}
    every = {attempt.id: attempt for attempt in (*own, *shared)}
    for attempt in every.values():
        mine.setdefault(attempt.take, []).append(attempt)
    wanted = _ordered(priced)
    pool = sorted((a for a in every.values() if a.state is State.RECEIVED), key=lambda a: int(a.id))
    locked = _locked(wanted, pool, marks)
    kept = _own_clips(wanted, pool, locked, marks)
    kept.update(_others_clips(wanted, pool, kept, marks))
    known = _Known(mine, pool, locked, kept, marks, there)
    ordinals = _ordinals(wanted)
    return tuple(
        _decide(PlannedTake(take=take, priced=item, action=Action.BUY, reason="new", order=order, ordinal=ordinals[take]), known)
        for order, take, item in sorted(wanted, key=lambda entry: entry[2].shot.origin.row)
    )


_Wanted = tuple[int, TakeId, Priced]


def _ordered(priced: Sequence[Priced]) -> list[_Wanted]:
    """All takes in buying order: take 1 of every shot before take 2 of any; priority; row."""
    every = [(n, item) for item in priced if item.shot.status is not Status.OMIT for n in range(1, item.shot.takes + 1)]
    every.sort(key=lambda entry: (entry[0], entry[1].shot.priority, entry[1].shot.origin.row))
    return [(order, TakeId(item.shot.list, item.shot.shot_id, n), item) for order, (n, item) in enumerate(every)]


def _ordinals(wanted: Sequence[_Wanted]) -> dict[TakeId, int]:
    seen: dict[str, int] = {}
    found: dict[TakeId, int] = {}
    for _, take, item in wanted:
        found[take] = seen.get(item.request_print, 0)
        seen[item.request_print] = found[take] + 1
    return found


def matches(attempt: Attempt, item: Priced) -> bool:
    """Whether an attempt was made for what the row asks today: one of the two fingerprints is unchanged, and the account is today's or a fallback's."""
    if attempt.account == item.account and attempt.request_print == item.request_print:
        return True
    return attempt.author_print == item.author_print and _of_account(attempt, item)


def _of_account(attempt: Attempt, item: Priced) -> bool:
    return attempt.account == item.account or any((attempt.account, attempt.model) == (other.account, other.model) for other in item.fallbacks)


def _rehearsed(attempt: Attempt, item: Priced) -> bool:
    """Whether one is of this machine and the other is not: a rehearsal's facts decide nothing once it is for real."""
    return loopback_label(attempt.account) != loopback_label(item.account)


def locks(attempt: Attempt, item: Priced) -> bool:
    """Whether a picked clip locks its take today."""
    return attempt.state is State.RECEIVED and not _rehearsed(attempt, item)


def _locked(wanted: Sequence[_Wanted], pool: Sequence[Attempt], marks: Marks) -> dict[TakeId, Attempt]:
    numbered = {attempt.id: attempt for attempt in pool}
    picked = ((take, item, numbered.get(marks.picked(take) or "")) for _, take, item in wanted)
    return {take: clip for take, item, clip in picked if clip and locks(clip, item)}


def _own_clips(wanted: Sequence[_Wanted], pool: Sequence[Attempt], locked: Mapping[TakeId, Attempt], marks: Marks) -> dict[TakeId, Attempt]:
    kept = dict(locked)
    used = {attempt.id for attempt in locked.values()}
    by_take: dict[TakeId, list[Attempt]] = {}
    for attempt in pool:
        by_take.setdefault(attempt.take, []).append(attempt)
    for _, take, item in wanted:
        fitting = [a for a in by_take.get(take, []) if matches(a, item) and marks.counts(a, take) and a.id not in used]
        if fitting and take not in kept:
            kept[take] = next((a for a in reversed(fitting) if not a.failing), fitting[-1])
    return kept


def _others_clips(
    wanted: Sequence[_Wanted], pool: Sequence[Attempt], kept: Mapping[TakeId, Attempt], marks: Marks
) -> dict[TakeId, Attempt]:
    """Clips of other shots, lists or projects that fit: bought once, used again."""
    taken = {attempt.sha256 for attempt in kept.values()}
    by_print = _by_print(pool)
    found: dict[TakeId, Attempt] = {}
    for _, take, item in wanted:
        if take in kept:
            continue
        candidates = (a for a in _alike(item, by_print) if marks.counts(a, take) and not a.failing)
        free = next((a for a in candidates if a.sha256 not in taken), None)
        if free:
            found[take] = free
            taken.add(free.sha256)
    return found


def _by_print(pool: Iterable[Attempt]) -> dict[str, list[Attempt]]:
    found: dict[str, list[Attempt]] = {}
    for attempt in pool:
        for fingerprint in (attempt.request_print, attempt.author_print):
            found.setdefault(fingerprint, []).append(attempt)
    return found


def _alike(item: Priced, by_print: Mapping[str, Sequence[Attempt]]) -> Iterable[Attempt]:
    """Attempts that match, the same request first."""
    return (a for fingerprint in (item.request_print, item.author_print) for a in by_print.get(fingerprint, ()) if matches(a, item))


def _decide(planned: PlannedTake, known: _Known) -> PlannedTake:
    take = planned.take
    tried, clip = known.mine.get(take, ()), known.kept.get(take)
    if clip and known.there(clip):
        return _keep(planned, clip, known)
    live = next((attempt for attempt in reversed(tried) if attempt.state.live and matches(attempt, planned.priced)), None)
    if live:
        return _go_on(_as_bought(planned, live), live, known)
    if clip:
        why = "its clip is missing on disk: fetched again by its job, not bought again"
        return replace(planned, action=Action.WAIT, reason=why, attempt=clip, picked=take in known.locked)
    return _buy(planned, known)


def _keep(planned: PlannedTake, clip: Attempt, known: _Known) -> PlannedTake:
    take, item = planned.take, planned.priced
    picked = take in known.locked
    today = None if matches(clip, item) else today_of(item, clip)
    reason = reasons.locked(take, clip, today) if picked else reasons.kept(take, clip)
    return replace(planned, action=Action.KEEP, reason=reason, attempt=clip, picked=picked)


def today_of(item: Priced, attempt: Attempt) -> bytes:
    """The request that a row would make today under an attempt's key: what varies from attempt to attempt is the same in both."""
    return SERVICES[item.service].wire.submit(item.ask, attempt.key).body if item.ask else b""


def _as_bought(planned: PlannedTake, live: Attempt) -> PlannedTake:
    """What is gone on with may have been ordered from a fallback: it is checked against what was ordered."""
    other = next((item for item in planned.priced.fallbacks if item.model == live.model), None)
    return replace(planned, priced=other) if other and live.model != planned.model else planned


def _go_on(planned: PlannedTake, live: Attempt, known: _Known) -> PlannedTake:
    match live.state:
        case State.IN_DOUBT:
            reason = "in doubt: perhaps paid; `callsheet recover` looks again"
            return replace(planned, action=Action.BLOCKED, reason=reason, attempt=live)
        case State.HELD if planned.priced.quote and live.quote == planned.priced.quote.micros:
            return replace(_buy(planned, known), attempt=live)
        case State.HELD:
            return _buy(planned, known)
        case _:
            return replace(planned, action=Action.WAIT, reason=f"bought before, {live.state.value}: gone on with", attempt=live)


def _buy(planned: PlannedTake, known: _Known) -> PlannedTake:
    item = planned.priced
    if planned.shot.status is Status.HOLD:
        return replace(planned, action=Action.BLOCKED, reason="status is hold")
    if item.problems or item.quote is None:
        return replace(planned, action=Action.BLOCKED, reason="; ".join(problem.message for problem in item.problems) or "no price")
    stuck = f"{item.model} is frozen: {item.frozen}; {thaw(item.model)}" if item.frozen else _stuck(planned, known)
    if stuck:
        return replace(planned, action=Action.BLOCKED, reason=stuck)
    return replace(planned, reason=_why(planned, known), expected=item.quote.micros)


def _stuck(planned: PlannedTake, known: _Known) -> str | None:
    """Why buying again would not help, or is for a person to decide. What was tried before a retake was asked for no longer counts."""
    take, item = planned.take, planned.priced
    tried = [a for a in known.mine.get(take, ()) if not known.marks.retaken(a, take) and not _rehearsed(a, item)]
    same = [attempt for attempt in tried if matches(attempt, item)]
    if same and same[-1].cause is Cause.CONTENT:
        return f"refused content: {same[-1].message}; change the prompt"
    lost = next((attempt for attempt in tried if attempt.state is State.CLOSED and attempt.billed), None)
    if lost:
        return f"was billed without a clip ({reasons.name(lost)}, {text(lost.settled)} USD); `callsheet retake {take.shot}` buys it again"
    return None


def _why(planned: PlannedTake, known: _Known) -> str:
    take, item = planned.take, planned.priced
    tried = known.mine.get(take, ())
    here = [attempt for attempt in tried if attempt.state is State.RECEIVED and attempt.account == item.account]
    said = reasons.by_hand(take, [a for a in here or known.pool if matches(a, item)], known.marks)
    if said:
        return said
    if here:
        return reasons.since(here[-1], today_of(item, here[-1]))
    elsewhere = [attempt for attempt in tried if attempt.state is State.RECEIVED]
    if elsewhere:
        return f"new at {item.account}; bought before at {elsewhere[-1].account}"
    failed = [attempt for attempt in tried if attempt.reason is not None and attempt.reason is not Reason.CANCELLED]
    return f"failed before: {failed[-1].message or failed[-1].reason}" if failed else "new"
