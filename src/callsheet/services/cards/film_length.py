"""The length of film that is bought: for a shot alone, or for a sound that drives its picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from callsheet.domain.timebase import Fps, fps_text, frames_in_cut
from callsheet.services.cards.card import Card
from callsheet.services.cards.sold_ranges import Steps
from callsheet.services.cards.verdict import Verdict, VerdictKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The length that a shot wants, and that of its driving sound, seconds; `own`: whether the row itself sets the shot's length."""

    shot: Decimal
    own: bool
    sound: Fraction | None


@dataclass(frozen=True, slots=True)
class Length:
    """The seconds (to the microsecond) and frames that are bought, the verdict, and where a sound is trimmed before it is sent."""

    seconds: Decimal
    frames: int
    verdict: Verdict
    #: the seconds to which the sound is trimmed; None if it isn't
    cut_s: Fraction | None = None
    #: seconds of film that are not paid because it is trimmed
    saved_s: Fraction = Fraction(0)


def fit_length(wish: Wish, card: Card, rate: Fps) -> Length:
    """The next length that is sold. A sound that is longer than a shot with its own length is trimmed to what is bought for the shot."""
    text = f"{wish.shot:f}"
    if wish.sound is not None and Fraction(wish.shot) - wish.sound >= Fraction(1, 2) / rate:
        lasts = f"the sound that drives the picture lasts {float(wish.sound):.2f} s"
        return _refused(wish, f"{lasts}, and the film can't be longer; shorten the shot, or use a longer sound")
    if card.frames is not None:
        return _in_frames(wish, card.frames, card, rate)
    film = Fraction(wish.shot) if wish.own or wish.sound is None else wish.sound
    sold, follows = card.duration_s, card.inputs.audio_sets_length and wish.sound is not None
    if film > sold.most:
        return _refused(wish, f"{card.name} makes at most {sold.most} s; split the shot or use another model")
    granted = Decimal(_next_up(card, film))
    frames = ceil(film * rate) if follows else frames_in_cut(granted, rate)
    cut_s, saved_s = None, Fraction(0)
    if wish.sound is not None and wish.sound - film >= Fraction(1, 2) / rate:
        cut_s = film if follows else min(wish.sound, Fraction(granted))
        saved_s = max(wish.sound - film if wish.sound > sold.most else _next_up(card, wish.sound) - Fraction(granted), Fraction(0))
    verdict = Verdict("duration_s", VerdictKind.EXACT, text, f"{granted:f}")
    if granted != wish.shot:
        whole = ", in whole seconds" if sold.range and sold.range.step == 1 else ""
        why = f"{card.name} sells {sold} s{whole}; {granted:f} s are paid for, and the first {text} s are used"
        verdict = Verdict("duration_s", VerdictKind.SNAPPED, text, f"{granted:f}", why)
    return Length(granted, frames, verdict, cut_s, saved_s)


def _next_up(card: Card, seconds: Fraction) -> int:
    sold = card.duration_s
    return sold.range.up(seconds) if sold.range else next(length for length in sold.exact if length >= seconds)


def _in_frames(wish: Wish, sold: Steps, card: Card, rate: Fps) -> Length:
    """For a shot the next number of frames up; for a sound the nearest, as the service's guide rounds, and never fewer than the shot needs."""
    text, needed = f"{wish.shot:f}", ceil(Fraction(wish.shot) * rate)
    frames, cut_s, saved_s = sold.up(Fraction(needed)), None, Fraction(0)
    wanted = needed
    if wish.sound is not None:
        exact = wish.sound * rate
        whole = max(sold.min, sold.min + round((exact - sold.min) / sold.step) * sold.step)
        if not wish.own:
            frames, wanted = whole, whole
        elif needed <= sold.max and whole > frames:
            cut_s, saved_s = frames / rate, (whole - frames) / rate
    if wanted > sold.max:
        why = f"{card.name} makes at most {sold.max} frames at {fps_text(rate)} fps ({float(sold.max / rate):.2f} s); {needed} are needed"
        return _refused(wish, f"{why}; split the shot or use another model")
    seconds = Decimal(int(frames * 1_000_000 / rate)).scaleb(-6)
    if frames == needed:
        return Length(seconds, frames, Verdict("duration_s", VerdictKind.EXACT, text, f"{frames} frames"), cut_s, saved_s)
    follows = "the sound sets the length; " if wish.sound is not None and not wish.own else ""
    used = f"the first {text} s used" if frames > needed else "all are used"
    why = f"{follows}{card.name} makes {sold} frames at {fps_text(rate)} fps; {frames} are paid, {used}"
    if wish.sound is not None and cut_s is None:
        why += _difference(frames / rate - wish.sound)
    return Length(seconds, frames, Verdict("duration_s", VerdictKind.SNAPPED, text, f"{frames} frames", why), cut_s, saved_s)


def _difference(longer: Fraction) -> str:
    """How a film differs from the sound that drives it, where that is more than a frame of anything: `longer` is in seconds."""
    if abs(longer) < Fraction(1, 200):
        return ""
    if longer > 0:
        return f"; the film goes on for {float(longer):.2f} s after the sound"
    return f"; the last {float(-longer):.2f} s of the sound have no picture"


def _refused(wish: Wish, why: str) -> Length:
    return Length(wish.shot, 0, Verdict("duration_s", VerdictKind.UNSUPPORTED, f"{wish.shot:f}", "", why))
