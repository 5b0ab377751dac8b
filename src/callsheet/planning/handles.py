"""Handles: the frames behind a shot's own over which the next shot dissolves or wipes in. They are part of what is bought. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from callsheet.cutting.conform import TRANSITION_S
from callsheet.domain.errors import Problem
from callsheet.domain.fitting import Join
from callsheet.domain.money import text
from callsheet.domain.shot import Shot, Status
from callsheet.domain.timebase import Fps, half_up
from callsheet.domain.wording import listed
from callsheet.planning.plan import Action, PlannedTake
from callsheet.services.registry import SERVICES

_OVER = (Join.DISSOLVE, Join.WIPE)


def followers(shots: Iterable[Shot]) -> dict[str, Shot]:
    """The shots that dissolve or wipe in, by the shot of their sequence over whose clip they do."""
    sequences: dict[str, list[Shot]] = {}
    for shot in shots:
        if shot.status is not Status.OMIT:
            sequences.setdefault(shot.sequence, []).append(shot)
    pairs = (pair for rows in sequences.values() for pair in pairwise(rows))
    return {before.shot_id: shot for before, shot in pairs if shot.transition in _OVER}


def lasting(follower: Shot | None) -> Decimal:
    """Seconds that a clip has to go on under the shot that follows: as long as that takes to come on, and never longer than itself."""
    if follower is None:
        return Decimal(0)
    wanted = follower.transition_s or TRANSITION_S
    return min(wanted, follower.duration_s) if follower.duration_s else wanted


def handle_notes(takes: Sequence[PlannedTake], fps: Fps) -> Iterator[str]:
    """What handles cost where they make a purchase longer, and which clips that are there have too few frames; `fps` is the first delivery's."""
    more: dict[tuple[str, str], list[PlannedTake]] = {}
    for take in takes:
        item = take.priced
        if take.action is Action.BUY and item.without_handle and item.quote and item.ask:
            seconds = (f"{item.handle_s:f}", f"{item.ask.duration_s.normalize():f}")
            more.setdefault(seconds, []).append(take)
        elif lacking := _lacking(take, fps):
            yield (
                f"{take.take}'s clip ends {lacking} frames before the transition over it does, and its last frame stands there:"
                f" `callsheet retake {take.take.shot}` buys it with them"
            )
    for (handle, paid), several in more.items():
        extra = sum(t.priced.quote.micros - t.priced.without_handle.micros for t in several if t.priced.quote and t.priced.without_handle)
        names = listed([str(take.take) for take in several], 4)
        yield f"transitions: {handle} s behind the shot are bought for the next one to come on over: {paid} s each, {text(extra)} USD more ({names})"


def _lacking(take: PlannedTake, fps: Fps) -> int:
    """Frames that a kept clip doesn't have of those that a transition lies over; 0 where one at most is missing, which is rounding."""
    item, clip = take.priced, take.attempt
    if take.action is not Action.KEEP or clip is None or not item.handle_s or clip.service not in SERVICES:
        return 0
    sold = SERVICES[clip.service].wire.sold(clip.request)
    needed = Fraction((take.shot.in_s or Decimal(0)) + item.used_s + item.handle_s)
    missing = half_up(needed * fps) - half_up(sold.seconds * fps) if sold else 0
    return missing if missing > 1 else 0


def handle_problems(takes: Sequence[PlannedTake], into: Mapping[str, Shot]) -> Iterator[Problem]:
    """Transitions whose frames no clip of the model can have, at the row of the shot that they lie over; clips that are there stay. `into` has the shot
    that comes on, by the one before it."""
    told = set[str]()
    for take in takes:
        item, shot = take.priced, take.shot
        if take.action is Action.BUY and item.no_handle and shot.shot_id not in told:
            told.add(shot.shot_id)
            follows = into[shot.shot_id]
            message = f"{follows.shot_id}'s {follows.transition.value} lies over {item.handle_s:f} s behind this shot: {item.no_handle}"
            help = f"shorten this shot or the transition, or write transition = cut in {follows.shot_id}"
            yield Problem(code="no-handle", message=message, help=help).at(
                file=shot.origin.file, row=shot.origin.row, line=shot.origin.line, column="duration_s", shot=shot.shot_id
            )
