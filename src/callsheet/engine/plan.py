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
from callsheet.domain.money import Micros
from callsheet.domain.shot import Shot, Status
from callsheet.domain.take import TakeId
from callsheet.qc.clip import Asked
from callsheet.services.fit import Fit
from callsheet.services.price import Quote
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


def make(
    priced: Sequence[Priced],
    own: Iterable[Attempt],
    shared: Iterable[Attempt],
    there: Callable[[Attempt], bool],
) -> tuple[PlannedTake, ...]:
    """Decide on every take. `own` are the list's attempts, `shared` received ones of the ledger that may match, `there` tells whether a clip is in place.

    Each take keeps its own clip first; what is left goes to other takes that want the same; two takes never share a clip.
    """
    mine: dict[TakeId, list[Attempt]] = {}
    for attempt in own:
        mine.setdefault(attempt.take, []).append(attempt)
    wanted = _ordered(priced)
    pool = [attempt for attempt in shared if attempt.state is State.RECEIVED]
    kept = _own_clips(wanted, pool)
    kept.update(_others_clips(wanted, pool, kept))
    ordinals = _ordinals(wanted)
    return tuple(
        _decide(PlannedTake(take=take, priced=item, action=Action.BUY, reason="new", order=order, ordinal=ordinals[take]), kept, mine, there)
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
    """Whether a clip was made for what the row asks today: one of the two fingerprints is unchanged."""
    return attempt.account == item.account and (
        attempt.request_print == item.request_print or attempt.author_print == item.author_print
    )


def _own_clips(wanted: Sequence[_Wanted], pool: Sequence[Attempt]) -> dict[TakeId, Attempt]:
    kept: dict[TakeId, Attempt] = {}
    by_take: dict[TakeId, list[Attempt]] = {}
    for attempt in pool:
        by_take.setdefault(attempt.take, []).append(attempt)
    for _, take, item in wanted:
        fitting = [attempt for attempt in by_take.get(take, []) if matches(attempt, item)]
        if fitting:
            kept[take] = next((a for a in reversed(fitting) if not a.failing), fitting[-1])
    return kept


def _others_clips(wanted: Sequence[_Wanted], pool: Sequence[Attempt], kept: Mapping[TakeId, Attempt]) -> dict[TakeId, Attempt]:
    """Clips of other shots, lists or projects that fit: bought once, used again."""
    taken = {attempt.sha256 for attempt in kept.values()}
    by_print: dict[str, list[Attempt]] = {}
    for attempt in pool:
        by_print.setdefault(attempt.request_print, []).append(attempt)
    found: dict[TakeId, Attempt] = {}
    for _, take, item in wanted:
        if take in kept:
            continue
        candidates = (a for a in by_print.get(item.request_print, []) if a.account == item.account and not a.failing)
        free = next((a for a in candidates if a.sha256 not in taken), None)
        if free:
            found[take] = free
            taken.add(free.sha256)
    return found


def _decide(
    planned: PlannedTake, kept: Mapping[TakeId, Attempt], mine: Mapping[TakeId, Sequence[Attempt]], there: Callable[[Attempt], bool]
) -> PlannedTake:
    tried = mine.get(planned.take, ())
    clip = kept.get(planned.take)
    if clip and there(clip):
        return replace(planned, action=Action.KEEP, reason=_kept_reason(planned.take, clip), attempt=clip)
    live = next((attempt for attempt in reversed(tried) if attempt.state.live and matches(attempt, planned.priced)), None)
    if live:
        return _go_on(planned, live)
    if clip:
        return replace(planned, action=Action.WAIT, reason="its clip is missing on disk: fetched again by its job, not bought again", attempt=clip)
    return _buy(planned, tried)


def _kept_reason(take: TakeId, clip: Attempt) -> str:
    return f"bought as {clip.take}" if clip.take == take else f"bought as {clip.take.full}, the same request"


def _go_on(planned: PlannedTake, live: Attempt) -> PlannedTake:
    match live.state:
        case State.IN_DOUBT:
            reason = "in doubt: perhaps paid; `callsheet recover` looks again"
            return replace(planned, action=Action.BLOCKED, reason=reason, attempt=live)
        case State.HELD if planned.priced.quote and live.quote == planned.priced.quote.micros:
            return replace(_buy(planned, ()), attempt=live)
        case State.HELD:
            return _buy(planned, ())
        case _:
            return replace(planned, action=Action.WAIT, reason=f"bought before, {live.state.value}: gone on with", attempt=live)


def _buy(planned: PlannedTake, tried: Sequence[Attempt]) -> PlannedTake:
    item = planned.priced
    if planned.shot.status is Status.HOLD:
        return replace(planned, action=Action.BLOCKED, reason="status is hold")
    if item.problems or item.quote is None:
        return replace(planned, action=Action.BLOCKED, reason="; ".join(problem.message for problem in item.problems) or "no price")
    stuck = f"{item.model} is frozen: {item.frozen}; {thaw(item.model)}" if item.frozen else _stuck(item, tried)
    if stuck:
        return replace(planned, action=Action.BLOCKED, reason=stuck)
    return replace(planned, reason=_why(item, tried), expected=item.quote.micros)


def _stuck(item: Priced, tried: Sequence[Attempt]) -> str | None:
    """Why buying the same again would not help, or is for a person to decide."""
    same = [attempt for attempt in tried if matches(attempt, item)]
    if same and same[-1].cause is Cause.CONTENT:
        return f"refused content: {same[-1].message}; change the prompt"
    if any(attempt.state is State.CLOSED and attempt.billed for attempt in same):
        return "was billed without a clip; a retake is for a person to decide"
    return None


def _why(item: Priced, tried: Sequence[Attempt]) -> str:
    received = [attempt for attempt in tried if attempt.state is State.RECEIVED]
    here = [attempt for attempt in received if attempt.account == item.account]
    if here:
        return f"changed since {here[-1].take}.a{here[-1].n} was bought"
    if received:
        return f"new at {item.account}; bought before at {received[-1].account}"
    failed = [attempt for attempt in tried if attempt.reason is not Reason.CANCELLED]
    return f"failed before: {failed[-1].message or failed[-1].reason}" if failed else "new"
