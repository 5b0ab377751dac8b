"""Clips that end before their place in a film does, so that their last frame is repeated: known before anything is made. Pure except for
reading a clip's length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from callsheet.cutting.conform import Footage, chosen, fitting, transition
from callsheet.domain.attempt import Attempt, ClipLength
from callsheet.domain.cut import CutShot, Delivery
from callsheet.domain.delivery.fitting import Fitting, frames_of, frames_short
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps
from callsheet.domain.transition_effects import effects
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed
from callsheet.pricing.priced import Priced
from callsheet.services.registry import SERVICES

#: findings after which a clip may be shorter than ordered
_OTHER_LENGTH = frozenset({"clip-short", "clip-fps", "clip-vfr", "clip-late", "adjusted"})
#: reads a clip's length; None if it can't be read
Measure = Callable[[Attempt], ClipLength | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A shot of a film whose clip is too short: how many of its frames repeat the last one, and how many of those that the next shot's
    transition covers.
    """

    sequence: str
    delivery: str
    shot: str
    #: the existing take; None if it is still to be bought, or the author's own clip
    take: TakeId | None
    frames: int
    under: int

    @property
    def seen(self) -> bool:
        """Whether it is more than rounding."""
        return self.frames > 1 or self.under > 1


def foreseen(
    rows: Mapping[str, Sequence[Priced]], footage: Footage, due: frozenset[str], into: Sequence[Delivery], measure: Measure
) -> Iterator[Freeze]:
    """Every padded frame of the films of `rows`, in the order of rows and deliveries; `due` are the shots whose clips are still to come."""
    lengths: dict[str, ClipLength | None] = {}
    fits: dict[tuple[object, ...], Fitting] = {}  # most rows of a list are fitted alike
    for sequence, items in rows.items():
        for delivery in into:
            for item, under in zip(items, _covered(items, delivery), strict=True):
                clip = _clip(item, footage, due, delivery)
                row = item.shot
                alike = (delivery.name, row.fit, row.focus, row.fps_fit, row.in_s)
                fit = fits.get(alike) or fits.setdefault(alike, fitting(row, delivery))
                short = _short(clip, item.frames_at(delivery.fps), under, delivery.fps, fit, lengths, measure)
                if any(short):
                    take = clip.take if isinstance(clip, Attempt) else None
                    yield Freeze(sequence=sequence, delivery=delivery.name, shot=row.shot_id, take=take, frames=short[0], under=short[1])


def _covered(items: Sequence[Priced], delivery: Delivery) -> list[int]:
    """How many frames behind each shot's own the next shot's transition lies on."""
    comings = [transition(item.shot, delivery.fps) for item in items]
    if not any(comings):
        return [0] * len(items)
    rows = zip(items, comings, strict=True)
    places = [CutShot(shot=item.shot.shot_id, frames=item.frames_at(delivery.fps), transition=comes) for item, comes in rows]
    over = [effect.comes if effect.under else 0 for effect in effects(places)]
    return [*over[1:], 0]


def _clip(item: Priced, footage: Footage, due: frozenset[str], delivery: Delivery) -> Attempt | ClipLength | None:
    """What the shot will show: the author's own clip, one to be bought, or an existing one; None is a slate or a title card, which are
    always long enough.
    """
    if item.ground:
        return None
    if item.own:
        return ClipLength(item.own.seconds, item.own.fps)
    for one in item.shown_in(delivery.size):
        if one.shot.shot_id in due and one.ask:
            return ClipLength(Fraction(one.ask.frames) / one.ask.fps, one.ask.fps)
        if clip := chosen(one, footage):
            return clip
    return None


def _short(
    clip: Attempt | ClipLength | None,
    frames: int,
    under: int,
    fps: Fps,
    fit: Fitting,
    lengths: dict[str, ClipLength | None],
    measure: Measure,
) -> tuple[int, int]:
    """Frames that the clip lacks in its place and under the transition after it. A clip is read only if neither its record nor its purchase
    gives the length.
    """
    if clip is None:
        return 0, 0

    def lacking(length: ClipLength | None) -> tuple[int, int]:
        return frames_short(frames_of(length.seconds, length.fps, fps, fit), frames, under) if length else (0, 0)

    known = clip if isinstance(clip, ClipLength) else clip.length
    if known or isinstance(clip, ClipLength):
        return lacking(known)
    if clip.id not in lengths:
        sold = SERVICES[clip.service].wire.sold(clip.request) if clip.service in SERVICES else None
        other = {str(one.get("code")) for one in clip.findings} & _OTHER_LENGTH
        paid = ClipLength(sold.seconds, sold.fps) if sold and not other else None
        if paid is None or any(lacking(paid)):
            lengths[clip.id] = measure(clip) or paid
        else:
            return lacking(paid)
    return lacking(lengths[clip.id])


def freeze_notes(freezes: Sequence[Freeze], picked: frozenset[TakeId]) -> Iterator[str]:
    """The notes on them: one line for each clip, for the film in which most frames are repeated; one line for all that is only rounding."""
    worst: dict[tuple[str, str], Freeze] = {}
    for one in freezes:
        key = (one.sequence, one.shot)
        worst[key] = max(worst.get(key, one), one, key=lambda other: (other.seen, other.frames, other.under))
    rounded = [one.shot for one in worst.values() if not one.seen]
    for one in worst.values():
        if one.seen:
            yield f"{_what(one)} in {one.sequence} ({one.delivery}), and its last frame is repeated: {_remedy(one, picked)}"
    if rounded:
        yield f"the last frame is repeated once, because of rounding: {listed(list(dict.fromkeys(rounded)), 4)}"


def _what(one: Freeze) -> str:
    name = f"{one.take}'s clip" if one.take else f"{one.shot}'s clip"
    if one.frames > 1:
        return f"{name} ends {one.frames} frames before the shot does"
    return f"{name} ends {one.under} frames before the transition over it does"


def _remedy(one: Freeze, picked: frozenset[TakeId]) -> str:
    if one.take is None:
        return "shorten the shot, or let it begin earlier (in_s)"
    if one.frames <= 1:
        return f"`{typed('retake', one.take.shot)}` buys it with them"
    other = "pick another take, " if one.take in picked else ""
    return f"{other}let the shot begin earlier (in_s), shorten it, or `{typed('retake', one.take.shot)}` buys one that is long enough"
