"""Services that reduce requests by themselves: what they will do, predicted if their limits are known, and what they report. Pure. The
order is theirs: first the frame rate, then the length, then the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from typing import Any, cast

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card
from callsheet.services.cards.sold_ranges import Sizes
from callsheet.services.protocol.ask import Sold


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One change that a service made by itself, in its own words."""

    parameter: str
    requested: str
    applied: str

    def __str__(self) -> str:
        return f"{self.parameter}: {self.requested or '?'} became {self.applied or '?'}"


def expected_delivery(asked: Sold, card: Card) -> Sold:
    """What the service will deliver for a legal request: the same, unless it is known to reduce such requests."""
    most = card.negotiation.pixel_frames if card.negotiation else None
    if most is None or _weight(asked) <= most:
        return asked
    slower = replace(asked, fps=min(asked.fps, Fraction(card.fps.least)))
    if _weight(slower) <= most:
        return slower
    fitting_s = int(Fraction(most) / (slower.size.pixels * slower.fps))  # in whole seconds; the shortest that is sold where none fits
    shorter = replace(slower, seconds=min(slower.seconds, Fraction(max(card.duration_s.least, fitting_s))))
    return shorter if _weight(shorter) <= most else replace(shorter, size=_smaller(shorter, card.size, most))


def _weight(sold: Sold) -> Fraction:
    """Pixels of a picture times frames."""
    return sold.size.pixels * sold.fps * sold.seconds


def _smaller(sold: Sold, sizes: Sizes, most: int) -> Size:
    """The largest picture of the same shape that fits."""
    scale = Fraction(most) / _weight(sold)
    width, height = (isqrt(int(edge * edge * scale)) for edge in (sold.size.width, sold.size.height))
    if sizes.edge is not None:
        return Size(sizes.edge.down(width), sizes.edge.down(height))
    fitting = [size for size in sizes.exact if size.width <= width and size.height <= height]
    return max(fitting, key=lambda size: size.pixels) if fitting else min(sizes.exact, key=lambda size: size.pixels)


def adjustments(told: object) -> tuple[Adjustment, ...]:
    """The adjustments that a service reports: null, a list of objects or sentences, or an object by parameter. Nothing is left out."""
    if not told:
        return ()
    if isinstance(told, list | tuple):
        return tuple(_adjustment(item) for item in cast("list[object]", told))
    if not isinstance(told, Mapping) or _word(cast("Mapping[str, object]", told), _PARAMETER):
        return (_adjustment(cast("object", told)),)
    by_parameter: list[Adjustment] = []
    for name, change in cast("Mapping[str, object]", told).items():
        words: dict[str, object] = {"parameter": name}
        words |= cast("Mapping[str, object]", change) if isinstance(change, Mapping) else {"applied": change}
        by_parameter.append(_adjustment(words))
    return tuple(by_parameter)


_PARAMETER = ("parameter", "field", "name", "param", "key")
_REQUESTED = ("requested", "from", "original", "asked", "old")
_APPLIED = ("applied", "to", "adjusted", "actual", "value", "new")


def _adjustment(item: object) -> Adjustment:
    if not isinstance(item, Mapping):
        return Adjustment(str(item)[:200], "", "")
    words = cast("Mapping[str, object]", item)
    return Adjustment(_word(words, _PARAMETER) or "?", _word(words, _REQUESTED), _word(words, _APPLIED))


def _word(item: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(item[name])[:200] for name in names if item.get(name) is not None), "")


def applied(asked: Sold, changes: tuple[Adjustment, ...]) -> Sold:
    """What was delivered after the service's own changes, as far as its words can be read; only frame rate, length and size."""
    for change in changes:
        try:
            asked = _changed(asked, change.parameter.casefold(), change.applied)
        except (ValueError, ZeroDivisionError):
            continue
    return asked


def unchanged(asked: Sold, change: Adjustment) -> bool:
    """Whether a change results in exactly what was ordered; never if its words can't be read."""
    parameter = change.parameter.casefold()
    try:
        return parameter in _READ and _changed(asked, parameter, change.applied) == asked
    except (ValueError, ZeroDivisionError):
        return False


_RATE, _LENGTH, _SIZE = ("fps", "frame_rate"), ("duration", "duration_s", "seconds"), ("resolution", "size")
_READ = frozenset((*_RATE, *_LENGTH, *_SIZE))


def _changed(sold: Sold, parameter: str, value: str) -> Sold:
    if parameter in _RATE:
        return replace(sold, fps=_positive(value))
    if parameter in _LENGTH:
        return replace(sold, seconds=_positive(value))
    return replace(sold, size=Size.parse(value)) if parameter in _SIZE else sold


def _positive(value: str) -> Fraction:
    """A number above 0: a film without length would cost nothing."""
    found = Fraction(value)
    if found <= 0:
        raise ValueError(f"{value} is neither a frame rate nor a length")
    return found
