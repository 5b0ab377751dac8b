"""Decides on every take: kept, continued, bought or blocked, and why. Pure: it reads values and spends nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callsheet.budget.rules.prices import ModelFrozen, thaw
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.money import text
from callsheet.domain.shots.frame_ref import SIGN
from callsheet.domain.shots.shot import Shot, Status
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.planning import reasons
from callsheet.planning.plan import Action, PlannedTake
from callsheet.pricing.priced import Priced, locks, matches, rehearsed

_Wanted = tuple[int, TakeId, Priced]
#: what is bought for a row after one of its drafts was chosen; the take's attempts so far are the last argument
Finals = Callable[[Priced, Attempt, Sequence[Attempt]], Priced]
#: why a take is not bought in full quality
NOT_PICKED = "no draft is picked, so it is not bought in full quality"
#: why a take is bought that nothing was ever bought for
_NEW = "new"


@dataclass(frozen=True, slots=True)
class _Known:
    """What ledger and disk know: attempts by take, received ones, locks, attempts that may be kept, and which clips exist."""

    mine: Mapping[TakeId, Sequence[Attempt]]
    pool: Sequence[Attempt]
    locked: Mapping[TakeId, Attempt]
    kept: Mapping[TakeId, Attempt]
    marks: Marks
    in_place: Callable[[Attempt], bool]
    buys_drafts: bool


def decide_takes(
    priced: Sequence[Priced],
    own: Sequence[Attempt],
    shared: Iterable[Attempt],
    in_place: Callable[[Attempt], bool],
    marks: Marks | None = None,
    longer: Mapping[str, Sequence[str]] | None = None,
    rank: Callable[[Shot], tuple[int, ...]] = lambda shot: (shot.priority, shot.origin.row),
    finals: Finals | None = None,
) -> tuple[PlannedTake, ...]:
    """Decide on every take. `own` are the list's attempts, `shared` others in the ledger that may match or are picked, `in_place` says
    whether a clip exists. `longer` has, by a request's fingerprint, those of the same request at greater lengths, the next first; `rank`
    is a shot's place in buying order. A picked clip belongs to its take; then each take keeps its own clip first; the rest goes to other
    takes that want the same; two takes never share a clip. With `finals`, which says what is bought after a draft, takes whose draft was
    chosen are bought in full quality and no drafts; otherwise takes that have no clip of full quality are bought as drafts, if rows have any.
    """
    marks = marks or Marks()
    mine: dict[TakeId, list[Attempt]] = {}
    for attempt in own:
        mine.setdefault(attempt.take, []).append(attempt)
    every = {attempt.id: attempt for attempt in (*own, *shared)}
    pool = sorted((a for a in every.values() if a.state is State.RECEIVED), key=lambda a: int(a.id))
    numbered = {attempt.id: attempt for attempt in pool}
    # buying order: take 1 of every shot before take 2 of any; then the shot's place
    several = [
        (n, item)
        for row in priced
        for item in row.in_each_shape
        if item.shot.status is not Status.OMIT and item.shot.clip is None
        for n in range(1, item.shot.takes + 1)
    ]
    several.sort(key=lambda entry: (entry[0], *rank(entry[1].shot)))
    wanted = [(order, TakeId(item.shot.list, item.shot.shot_id, n), item) for order, (n, item) in enumerate(several)]
    choice = _choices(wanted, numbered, marks)
    locked: dict[TakeId, Attempt] = {}
    for _, take, item in wanted:
        clip = numbered.get(marks.picked(take) or "")
        if clip and locks(clip, item.as_bought(clip)) and not (finals and take in choice):
            locked[take] = clip
    chosen = {clip.id for clip in choice.values()} if finals else set[str]()  # a chosen draft is its own take's, whatever else is the same
    footage = _Footage([clip for clip in pool if clip.id not in chosen], marks, longer or {})
    open_takes = [one for one in wanted if not (finals and one[1] in choice)]
    kept = _kept_clips(open_takes, locked, footage)
    as_drafts = [(order, take, item.draft) for order, take, item in open_takes if item.draft and take not in kept]
    known = _Known(mine, pool, locked, _kept_clips(as_drafts, locked, footage), marks, in_place, finals is None)
    ordinals: dict[str, int] = {}
    planned: list[PlannedTake] = []
    for order, take, item in wanted:
        price = item.quote.micros if item.quote else 0
        new = PlannedTake(take=take, priced=item, action=Action.BUY, reason=_NEW, order=order, expected=price)
        one = _as_wanted(new, choice.get(take), known, finals)
        if ordinal := ordinals.get(one.priced.request_print, 0):
            one = replace(one, ordinal=ordinal)
        ordinals[one.priced.request_print] = ordinal + 1
        planned.append(_decide(one, known))
    return tuple(sorted(planned, key=lambda one: one.shot.origin.row))


def _choices(wanted: Sequence[_Wanted], numbered: Mapping[str, Attempt], marks: Marks) -> dict[TakeId, Attempt]:
    """The draft that a person chose for a take, by a pick or as a part of its shot, where no clip was bought after it."""
    found: dict[TakeId, Attempt] = {}
    parts = [part.attempt for spans in marks.joins.values() for part in spans] if any(item.draft for *_, item in wanted) else []
    joined = {clip.take: clip for part in parts if (clip := numbered.get(part))}
    for _, take, item in wanted:
        clip = (joined.get(take) or numbered.get(marks.picked(take) or "")) if item.draft else None
        if clip and item.as_bought(clip) is item.draft:
            found[take] = clip
    return found


def _as_wanted(planned: PlannedTake, choice: Attempt | None, known: _Known, finals: Finals | None) -> PlannedTake:
    """The take as a draft or in full quality: whichever its clip is, or is to be bought."""
    item, clip = planned.priced, known.kept.get(planned.take)
    if choice and finals:
        tried = known.mine.get(planned.take, ())
        return replace(planned, priced=finals(item, choice, tried), chosen=choice)
    if item.draft is None or (clip and item.as_bought(clip) is item):
        return planned
    if clip is None and any(one.state.live and one.sent and matches(one, item) for one in known.mine.get(planned.take, ())):
        return planned
    return replace(planned, priced=item.draft, draft=True, full=item, chosen=choice)


class _Footage:
    """The received clips that may be kept, assigned one by one: two takes never share a clip."""

    def __init__(self, pool: Sequence[Attempt], marks: Marks, longer: Mapping[str, Sequence[str]]) -> None:
        self._marks, self._longer = marks, longer
        self._picked = set(marks.picks.values())
        self._picked_by_shot: dict[str, list[Attempt]] = {}
        self._by_take: dict[TakeId, list[Attempt]] = {}
        self._by_print: dict[str, list[Attempt]] = {}
        for attempt in pool:
            self._by_take.setdefault(attempt.take, []).append(attempt)
            for fingerprint in (attempt.request_print, attempt.author_print):
                self._by_print.setdefault(fingerprint, []).append(attempt)
            if attempt.id in self._picked:
                self._picked_by_shot.setdefault(attempt.take.shot, []).append(attempt)
        self.kept: dict[TakeId, Attempt] = {}

    @property
    def empty(self) -> bool:
        """Whether there is no clip at all."""
        return not self._by_take

    def keep(self, take: TakeId, clip: Attempt | None) -> None:
        """Assign a clip to a take, if one is available."""
        if clip:
            self.kept[take] = clip

    def picked_elsewhere(self, take: TakeId, item: Priced) -> Attempt | None:
        """The clip that a person picked for the shot in another list, if it is what this row asks for."""
        used = {attempt.id for attempt in self.kept.values()} if take.shot in self._picked_by_shot else set[str]()
        fitting = (a for a in self._picked_by_shot.get(take.shot, ()) if a.id not in used and self._marks.counts(a, take))
        return next((a for a in fitting if matches(a, item)), None)

    def own(self, take: TakeId, item: Priced, used: Collection[str]) -> Attempt | None:
        """The newest clip that was bought for the take and matches its row; preferably one without a failing finding."""
        tried = [a for a in self._by_take.get(take, ()) if self._marks.counts(a, take) and a.id not in used]
        fitting = [a for a in tried if matches(a, item)]
        return next((a for a in reversed(fitting) if not a.failing), fitting[-1] if fitting else None)

    def others(self, take: TakeId, item: Priced, used: Collection[str | None]) -> Attempt | None:
        """A clip that was bought for another shot, list or project: picked ones first, and the shortest of longer ones."""
        fingerprints = (item.request_print, item.author_print, *self._longer.get(item.request_print, ()))
        alike = [a for fingerprint in fingerprints for a in self._by_print.get(fingerprint, ())]
        alike.sort(key=lambda a: a.id not in self._picked)
        free = (a for a in alike if a.sha256 not in used and not a.failing and self._marks.counts(a, take))
        return next((a for a in free if matches(a, item)), None)


def _kept_clips(wanted: Sequence[_Wanted], locked: Mapping[TakeId, Attempt], footage: _Footage) -> dict[TakeId, Attempt]:
    """The clip that each take may keep: the locked one, one picked for its shot in another list, its own, then another's."""
    footage.kept.update(locked)
    if footage.empty:
        return footage.kept
    for _, take, item in wanted:
        if take not in footage.kept:
            footage.keep(take, footage.picked_elsewhere(take, item))
    used = {attempt.id for attempt in footage.kept.values()}
    for _, take, item in wanted:
        if take not in footage.kept:
            footage.keep(take, footage.own(take, item, used))
    taken = {attempt.sha256 for attempt in footage.kept.values()}
    for _, take, item in wanted:
        if take not in footage.kept:
            clip = footage.others(take, item, taken)
            footage.keep(take, clip)
            taken |= {clip.sha256} if clip else set()
    return footage.kept


def _decide(planned: PlannedTake, known: _Known) -> PlannedTake:
    take, item = planned.take, planned.priced
    tried, clip = known.mine.get(take, ()), known.kept.get(take)
    if clip and known.in_place(clip):
        return _keep(planned, clip, known)
    live = next((attempt for attempt in reversed(tried) if attempt.state.live and matches(attempt, item)), None)
    if live:
        # an attempt under way may have been ordered from a fallback: its clip is checked against that order
        ordered = item if live.model == item.model else next((other for other in item.fallbacks if other.model == live.model), item)
        return _go_on(replace(planned, priced=ordered), live, known)
    if clip:
        why = "its clip is missing on disk; it is fetched again, not bought again"
        return _not_bought(planned, Action.WAIT, why, clip, picked=take in known.locked)
    return _buy(planned, known)


def _keep(planned: PlannedTake, clip: Attempt, known: _Known) -> PlannedTake:
    take, item = planned.take, planned.priced
    picked = take in known.locked
    stale = "" if matches(clip, item) else reasons.since(clip, item)
    reason = reasons.locked(take, clip, item, stale) if picked else reasons.kept(take, clip, item)
    reason = f"draft, {reason}" if planned.draft else reason
    return _not_bought(planned, Action.KEEP, reason, clip, picked=picked)


def _go_on(planned: PlannedTake, live: Attempt, known: _Known) -> PlannedTake:
    match live.state:
        case State.IN_DOUBT:
            reason = "in doubt: it may have been paid; `callsheet recover` checks again"
            return _not_bought(planned, Action.BLOCKED, reason, live)
        case State.HELD if _as_held(planned.priced, live):
            return replace(_buy(planned, known), attempt=live)
        case State.HELD:
            return _buy(planned, known)
        case _:
            return _not_bought(planned, Action.WAIT, f"bought at the service ({live.state.value}); will be collected", live)


def _buy(planned: PlannedTake, known: _Known) -> PlannedTake:
    item = planned.priced
    if planned.draft and not known.buys_drafts:
        return _not_bought(planned, Action.BLOCKED, NOT_PICKED)
    if planned.shot.status is Status.HOLD:
        return _not_bought(planned, Action.BLOCKED, "status is hold")
    if why := known.marks.controls.why(planned.take):
        return _not_bought(planned, Action.BLOCKED, why)
    if item.problems or item.ask is None:
        return _not_bought(planned, Action.BLOCKED, "; ".join(problem.message for problem in item.problems) or "can't be bought")
    if item.frozen:
        reason = f"{item.model} is frozen: {item.frozen}; {thaw(item.model, quoted=item.by_quote)}"
        return _not_bought(planned, Action.BLOCKED, reason)
    if stuck := _stuck(planned, known):
        return _not_bought(planned, Action.BLOCKED, stuck)
    if item.gone and not item.fallbacks:
        return _not_bought(planned, Action.BLOCKED, f"{item.gone.message}; {item.gone.help}")
    if item.quote is None:
        reason = f"unpriced: {item.model} has no list price, and {item.service} was not asked for one"
        return _not_bought(planned, Action.BLOCKED, reason, unpriced=True)
    quoted = f"; quoted {item.quote.quoted[:16]}Z" if item.quote.quoted else ""
    why = _why(planned, known)
    reason = f"draft, {why}{quoted}" if planned.draft else why + quoted
    same = (planned.reason, planned.expected) == (reason, item.quote.micros)
    return planned if same else replace(planned, reason=reason, expected=item.quote.micros)


def _not_bought(
    planned: PlannedTake, action: Action, reason: str, attempt: Attempt | None = None, *, picked: bool = False, unpriced: bool = False
) -> PlannedTake:
    return replace(planned, action=action, reason=reason, expected=0, attempt=attempt, picked=picked, unpriced=unpriced)


def _as_held(item: Priced, live: Attempt) -> bool:
    """Whether today's hold would be the same. With frames of other shots, it must show the same ones: a waiting take is held again."""
    framed = any(file.cell.startswith(SIGN) for file in live.files)
    return (
        item.quote is not None
        and live.quote == item.quote.micros
        and (not framed or (live.request_print == item.request_print and not item.to_come))
    )


def _stuck(planned: PlannedTake, known: _Known) -> str | None:
    """Why buying again would not help, or needs a person's decision. Attempts before a retake no longer count."""
    take, item = planned.take, planned.priced
    tried = [a for a in known.mine.get(take, ()) if not known.marks.retaken(a, take) and not rehearsed(a, item)]
    same = [attempt for attempt in tried if matches(attempt, item)]
    if same and same[-1].cause is Cause.CONTENT:
        return f"refused content: {same[-1].message}; change the prompt"
    lost = next((attempt for attempt in tried if attempt.state is State.CLOSED and attempt.billed), None)
    if lost:
        return f"was billed without a clip ({lost.name}, {text(lost.settled)} USD); `{typed('retake', take.shot)}` buys it again"
    return None


def _why(planned: PlannedTake, known: _Known) -> str:
    take, item = planned.take, planned.priced
    tried = known.mine.get(take, ())
    here = [attempt for attempt in tried if attempt.state is State.RECEIVED and attempt.account == item.account]
    spoken = (
        known.marks.rejects or known.marks.retakes
    )  # where nobody said anything no clip is looked at, of which there are many for many takes
    said = reasons.by_hand(take, [a for a in here or known.pool if matches(a, item)], known.marks) if spoken else None
    if said:
        return said
    if planned.final_of and planned.chosen:
        return f"in full quality: {planned.chosen.name} is picked"
    if here:
        return reasons.since(here[-1], item)
    elsewhere = [attempt for attempt in tried if attempt.state is State.RECEIVED]
    if elsewhere:
        return f"new at {item.account}; bought before at {elsewhere[-1].account}"
    failed = [attempt for attempt in tried if attempt.reason is not None and attempt.reason is not Reason.CANCELLED]
    return f"failed before: {failed[-1].message or failed[-1].reason}" if failed else _NEW


def frozen_models(blocked: Sequence[PlannedTake]) -> list[Problem]:
    """The models of blocked takes whose price is no longer known, each once."""
    frozen = {
        take.priced.frozen: ModelFrozen(take.model, take.priced.frozen, quoted=take.priced.by_quote)
        for take in blocked
        if take.priced.frozen
    }
    return [problem for error in frozen.values() for problem in error.problems]
