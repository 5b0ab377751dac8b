"""What a model can do of what is wanted, field by field: pure, and told before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, fps_text, frames_in_cut
from callsheet.services.cards import Card, Sizes, Steps
from callsheet.services.wire import Ask

_FILES: tuple[Literal["first_frame", "last_frame", "audio"], ...] = ("first_frame", "last_frame", "audio")


class Kind(StrEnum):
    """How a wish was met."""

    EXACT = "exact"
    SNAPPED = "snapped"  #: something near is bought, and finishing makes the rest
    DROPPED = "dropped"  #: it is not sent; a warning
    UNSUPPORTED = "unsupported"  #: nothing is bought until the row is changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A shot's wishes with every default in place. Lengths in seconds."""

    prompt: str
    duration_s: Decimal
    size: Size
    fps: Fps
    sound: bool = True
    negative_prompt: str | None = None
    seed: int | None = None
    first_frame: str | None = None
    last_frame: str | None = None
    audio: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One wish: the column it comes from, what was wanted and what is granted as text, and why they differ."""

    field: str
    kind: Kind
    wanted: str
    granted: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """What would be bought, None where something is unsupported; with a verdict for each wish."""

    ask: Ask | None
    verdicts: tuple[Verdict, ...]

    def of(self, kind: Kind) -> tuple[Verdict, ...]:
        """The verdicts of one kind."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind is kind)


def fit(wanted: Wanted, card: Card) -> Fit:
    """Make the wishes legal for the card: the next length up, the nearest frame rate, the smallest picture that covers."""
    size, size_verdict = _fit_size(wanted.size, card)
    rate, rate_verdict = _fit_fps(wanted.fps, card)
    seconds, length_verdict = _fit_length(wanted.duration_s, card)
    sound, sound_verdict = _fit_sound(wanted.sound, card)
    verdicts = [_fit_prompt(wanted.prompt, card), size_verdict, rate_verdict, length_verdict, sound_verdict, *_fit_inputs(wanted, card)]
    if any(verdict.kind is Kind.UNSUPPORTED for verdict in verdicts):
        return Fit(None, tuple(verdicts))
    ask = Ask(
        model=card.model,
        prompt=wanted.prompt,
        size=size,
        fps=rate,
        duration_s=seconds,
        frames=frames_in_cut(seconds, rate),
        sound=sound,
        negative_prompt=wanted.negative_prompt if card.inputs.negative_prompt else None,
        seed=wanted.seed if card.inputs.seed else None,
        params=_params(card, sound),
    )
    return Fit(ask, tuple(verdicts))


def _fit_prompt(prompt: str, card: Card) -> Verdict:
    length, limits = len(prompt), card.prompt
    if length < limits.min:
        return Verdict("prompt", Kind.UNSUPPORTED, f"{length} characters", "", f"{card.name} needs at least {limits.min}")
    if limits.max is not None and length > limits.max:
        return Verdict("prompt", Kind.UNSUPPORTED, f"{length} characters", "", f"{card.name} takes at most {limits.max}")
    return Verdict("prompt", Kind.EXACT, f"{length} characters", f"{length} characters")


def _fit_size(wanted: Size, card: Card) -> tuple[Size, Verdict]:
    granted = wanted if wanted in card.size else _near_size(wanted, card.size)
    if granted == wanted:
        return granted, Verdict("resolution", Kind.EXACT, str(wanted), str(granted))
    covers = granted.width >= wanted.width and granted.height >= wanted.height
    which = "the smallest that covers it" if covers else "nothing larger is sold"
    why = f"{card.name} sells {card.size}; {which}, and finishing scales it"
    return granted, Verdict("resolution", Kind.SNAPPED, str(wanted), str(granted), why)


def _near_size(wanted: Size, sold: Sizes) -> Size:
    """The smallest sold size of the same orientation that covers `wanted`, else the largest."""
    if sold.edge is not None:
        return _on_grid(wanted, sold.edge)
    upright = wanted.height > wanted.width
    alike = [size for size in sold.exact if (size.height > size.width) is upright] or list(sold.exact)
    covering = [size for size in alike if size.width >= wanted.width and size.height >= wanted.height]
    return min(covering, key=_area) if covering else max(alike, key=_area)


def _on_grid(wanted: Size, edge: Steps) -> Size:
    """Each edge up to the next step; a picture that is too large is first scaled down, so that it keeps its shape."""
    scale = min(Fraction(1), Fraction(edge.max, max(wanted.width, wanted.height)))
    return Size(edge.up(wanted.width * scale), edge.up(wanted.height * scale))


def _area(size: Size) -> int:
    return size.pixels


def _fit_fps(wanted: Fps, card: Card) -> tuple[Fps, Verdict]:
    if wanted in card.fps:
        return wanted, Verdict("fps", Kind.EXACT, fps_text(wanted), fps_text(wanted))
    steps = card.fps.range
    sold = (steps.up(wanted - steps.step), steps.up(wanted)) if steps else card.fps.exact
    granted = Fraction(min(sold, key=lambda rate: (abs(rate - wanted), -rate)))
    why = f"{card.name} sells {card.fps}; the nearest, and finishing converts it"
    return granted, Verdict("fps", Kind.SNAPPED, fps_text(wanted), fps_text(granted), why)


def _fit_length(wanted: Decimal, card: Card) -> tuple[Decimal, Verdict]:
    sold = card.duration_s
    if wanted > sold.most:
        why = f"{card.name} makes at most {sold.most} s; split the shot or use another model"
        return wanted, Verdict("duration_s", Kind.UNSUPPORTED, f"{wanted:f}", "", why)
    granted = Decimal(sold.range.up(Fraction(wanted)) if sold.range else next(length for length in sold.exact if length >= wanted))
    if granted == wanted:
        return granted, Verdict("duration_s", Kind.EXACT, f"{wanted:f}", f"{granted:f}")
    why = f"{card.name} sells {sold} s; {granted:f} s are paid, the first {wanted:f} used"
    return granted, Verdict("duration_s", Kind.SNAPPED, f"{wanted:f}", f"{granted:f}", why)


def _fit_sound(wanted: bool, card: Card) -> tuple[bool, Verdict]:
    """A model without a switch makes what it makes: its sound is left out of the cut, or the cut is silent."""
    granted = wanted if card.sound.kind == "switch" else card.sound.kind == "always"
    if granted is wanted:
        return granted, Verdict("sound", Kind.EXACT, _switch(wanted), _switch(granted))
    if granted:
        return granted, Verdict("sound", Kind.SNAPPED, "off", "on", f"{card.name} always makes sound; it is left out of the cut")
    return granted, Verdict("sound", Kind.DROPPED, "on", "off", f"{card.name} makes no sound; the shot is silent in the cut")


def _fit_inputs(wanted: Wanted, card: Card) -> list[Verdict]:
    verdicts: list[Verdict] = []
    if wanted.negative_prompt is not None:
        length = f"{len(wanted.negative_prompt)} characters"
        verdicts.append(_sent_or_dropped("negative_prompt", length, card, "it is not sent"))
    if wanted.seed is not None:
        verdicts.append(_sent_or_dropped("seed", str(wanted.seed), card, "it is noted, not sent: the clip can't be made again by its seed"))
    for name in _FILES:
        text: str | None = getattr(wanted, name)
        if text is not None:
            verdicts.append(_file_verdict(name, text, card))
    return verdicts


def _sent_or_dropped(name: Literal["negative_prompt", "seed"], text: str, card: Card, so: str) -> Verdict:
    if getattr(card.inputs, name):
        return Verdict(name, Kind.EXACT, text, text)
    return Verdict(name, Kind.DROPPED, text, "", f"{card.name} takes no {name}; {so}")


def _file_verdict(name: Literal["first_frame", "last_frame", "audio"], text: str, card: Card) -> Verdict:
    if not getattr(card.inputs, name):
        return Verdict(name, Kind.UNSUPPORTED, text, "", f"{card.name} takes no {name}; empty the cell or use another model")
    return Verdict(name, Kind.UNSUPPORTED, text, "", f"{card.name} takes a {name}, but callsheet sends text alone so far; empty the cell")


def _params(card: Card, sound: bool) -> Mapping[str, Any]:
    """What the card says is always sent, and the sound's switch, nested by their dotted paths."""
    flat = dict(card.send)
    if card.sound.switch is not None:
        flat[card.sound.switch] = sound
    nested: dict[str, Any] = {}
    for path, value in flat.items():
        *parents, leaf = path.split(".")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = value
    return nested


def _switch(value: bool) -> str:
    return "on" if value else "off"
