"""Handles: the frames after a shot's own that the next shot's dissolve or wipe covers. They are bought with the clip. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from callsheet.cutting.conform import TRANSITION_S
from callsheet.domain.delivery.fitting import Join
from callsheet.domain.errors import Problem
from callsheet.domain.money import text
from callsheet.domain.shots.shot import Shot, Status
from callsheet.domain.wording import listed
from callsheet.planning.plan import Action, PlannedTake
from callsheet.pricing.priced import Priced

_OVER = (Join.DISSOLVE, Join.WIPE)


def followers(shots: Iterable[Shot]) -> dict[str, Shot]:
    """The shots that dissolve or wipe in, by the shot before them in their sequence."""
    pairs = (pair for rows in _sequences(shots).values() for pair in pairwise(rows))
    return {before.shot_id: shot for before, shot in pairs if shot.transition in _OVER}


def behind(shots: Iterable[Shot], default_s: Decimal) -> dict[str, Decimal]:
    """Seconds of each shot's clip that are needed after its own end: for the next shot's transition, and for shorter cuts that begin later
    in it.
    """
    found: dict[str, Decimal] = {}
    for rows in _sequences(shots).values():
        for number, shot in enumerate(rows):
            own = _end(shot, default_s)
            found[shot.shot_id] = _lasting(rows[number + 1 : number + 2])
            for part in shot.cuts:
                there = [row for row in rows if part.cut in {other.cut for other in row.cuts}]
                after = there[there.index(shot) + 1 :][:1]
                placed = replace(shot, in_s=shot.in_s if part.in_s is None else part.in_s, duration_s=part.duration_s or shot.duration_s)
                found[shot.shot_id] = max(found[shot.shot_id], _end(placed, default_s) + _lasting(after) - own)
    return found


def _sequences(shots: Iterable[Shot]) -> dict[str, list[Shot]]:
    rows: dict[str, list[Shot]] = {}
    for shot in shots:
        if shot.status is not Status.OMIT:
            rows.setdefault(shot.sequence, []).append(shot)
    return rows


def _end(shot: Shot, default_s: Decimal) -> Decimal:
    """The position in its clip at which a shot ends."""
    return (shot.in_s or Decimal(0)) + (shot.duration_s or default_s)


def _lasting(following: Sequence[Shot]) -> Decimal:
    """Seconds that a clip has to continue under the next shot: as long as its transition, and never longer than that shot."""
    if not following or following[0].transition not in _OVER:
        return Decimal(0)
    wanted = following[0].transition_s or TRANSITION_S
    return min(wanted, following[0].duration_s) if following[0].duration_s else wanted


def handle_notes(takes: Sequence[PlannedTake], into: Mapping[str, Shot]) -> Iterator[str]:
    """What handles cost if they make a purchase longer; `into` has the next shot by the one before it."""
    more: dict[tuple[str, str, str], list[PlannedTake]] = {}
    for take in takes:
        item = take.priced
        if take.action is Action.BUY and item.without_handle and item.quote and item.ask:
            why = "transitions" if _transition(item, into.get(take.shot.row_id)) else "cuts"
            more.setdefault((why, f"{item.handle_s:f}", f"{item.ask.duration_s.normalize():f}"), []).append(take)
    for (why, handle, paid), several in more.items():
        extra = sum(t.priced.quote.micros - t.priced.without_handle.micros for t in several if t.priced.quote and t.priced.without_handle)
        names = listed([str(take.take) for take in several], 4)
        what = "for the transition to the next one" if why == "transitions" else "for a shorter cut that uses them"
        yield f"{why}: {handle} s behind the shot are bought {what}: {paid} s each, {text(extra)} USD more ({names})"


def _transition(item: Priced, follows: Shot | None) -> Shot | None:
    """The next shot, if its transition needs all the frames behind this one; None if a shorter cut needs more of them."""
    return follows if follows and item.handle_s <= _lasting([follows]) else None


def first_notes(shots: Iterable[Shot]) -> Iterator[str]:
    """Films whose first shot has a dissolve or wipe: there is no shot before it, so it fades in from black."""
    for sequence, [first, *_] in _sequences(shots).items():
        if first.transition in _OVER:
            yield f"transition: {first.shot_id} is the first shot of {sequence}, with nothing to {first.transition.value} from: it fades in from black"


def handle_problems(takes: Sequence[PlannedTake], into: Mapping[str, Shot]) -> Iterator[Problem]:
    """Transitions whose frames no clip of the model can contain, at the row of the shot before them, once for all its shapes; existing
    clips stay. `into` has the next shot by the one before it.
    """
    told = set[str]()
    for take in takes:
        item, shot = take.priced, take.shot
        if take.action is Action.BUY and item.no_handle and shot.row_id not in told:
            told.add(shot.row_id)
            yield no_handle(item, into.get(shot.row_id))


def no_handle(item: Priced, follows: Shot | None) -> Problem:
    """The problem of a shot whose clip can't go on under the next one, or in a shorter cut."""
    shot = item.shot
    column, what, help = "cuts", "a shorter cut shows", "let it begin earlier there, or shorten it"
    if follows := _transition(item, follows):
        column, what = "duration_s", f"{follows.shot_id}'s {follows.transition.value} lies over"
        help = f"shorten this shot or the transition, or write transition = cut in {follows.shot_id}"
    message = f"{what} {item.handle_s:f} s behind this shot: {item.no_handle}"
    return Problem(code="no-handle", message=message, help=help).at(
        file=shot.origin.file, row=shot.origin.row, line=shot.origin.line, column=column, shot=shot.shot_id
    )
