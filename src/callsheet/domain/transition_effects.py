"""What transitions do to the shots that they stand between, in frames. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from callsheet.domain.cut import CutShot
from callsheet.domain.delivery.fitting import Join


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What transitions do to one shot, in frames: how long it comes on over `under` (None: from black), and how long it goes to black."""

    comes: int = 0
    goes: int = 0
    join: Join = Join.FADE
    #: the shot whose tail it comes on over
    under: CutShot | None = None


NO_EFFECT = Effect()


def effects(shots: Sequence[CutShot]) -> list[Effect]:
    """What each shot's own transition and the next one's do to it. No longer than the shot."""
    found = [Effect(comes=min(first.transition.frames, first.frames) if first.transition else 0) for first in shots[:1]]
    for before, shot in pairwise(shots):
        change = shot.transition
        if change and change.join is Join.FADE:
            found[-1] = replace(found[-1], goes=min(change.frames // 2, before.frames))
            found.append(Effect(comes=min(change.frames - change.frames // 2, shot.frames)))
        else:
            over = Effect(comes=min(change.frames, shot.frames), join=change.join, under=before) if change else Effect()
            found.append(over)
    return found


def lasting(shots: Sequence[CutShot]) -> list[int]:
    """How many frames each shot's transition really takes: fewer than it was asked for where a shot that it lies on is shorter."""
    taken = effects(shots)
    before = [0, *(effect.goes for effect in taken)]
    return [effect.comes + goes for effect, goes in zip(taken, before, strict=False)]
