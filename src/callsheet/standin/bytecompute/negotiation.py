"""ByteCompute's negotiation: how it adjusts a request, in the order of its page: frame rate, then length, then size.

The page gives the limits and the order. Assumptions, because it doesn't say more: a value beyond its limit becomes the nearest allowed one;
lengths become whole seconds, and sizes even edges of the same shape; a GPU can make a fixed number of pixels in all frames together,
which is enough for everything within the limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from typing import Any

LEAST_S, MOST_S = 4, 10
LEAST_EDGE, LONG_EDGE, SHORT_EDGE = 512, 1920, 1080
RATES = (25, 50)
#: pixels up to which the lower price holds; micro-USD per second
_SD_PIXELS, _SD, _HD = 921_600, 20_000, 40_000


@dataclass(frozen=True, slots=True)
class Spec:
    """The film that is wanted: edges in pixels, frames per second, seconds."""

    width: int
    height: int
    fps: int
    seconds: Fraction

    @property
    def load(self) -> Fraction:
        """Pixels in all its frames."""
        return self.width * self.height * self.fps * self.seconds

    @property
    def frames(self) -> int:
        """Whole frames; a fraction of a frame is dropped."""
        return int(self.fps * self.seconds)

    @property
    def price(self) -> int:
        """Micro-USD: seconds, rounded up, times the price of the size's tier."""
        rate = _SD if self.width * self.height <= _SD_PIXELS else _HD
        return -(-rate * self.seconds.numerator // self.seconds.denominator)

    def as_request(self) -> Mapping[str, Any]:
        """In the request's own words."""
        seconds = int(self.seconds) if self.seconds.denominator == 1 else float(self.seconds)
        return {"fps": self.fps, "duration": seconds, "resolution": f"{self.width}x{self.height}"}


def granted(asked: Spec, *, share: Fraction = Fraction(1)) -> Spec:
    """The film after the adjustments. `share` is the part of its load that the GPU carries: 1, unless a fault reduces it."""
    seconds = min(max(asked.seconds, Fraction(LEAST_S)), Fraction(MOST_S))
    spec = _sized(replace(asked, seconds=seconds))
    carried = spec.load * share
    if spec.load > carried and spec.fps > RATES[0]:
        spec = replace(spec, fps=RATES[0])
    if spec.load > carried:
        whole = int(carried / (spec.width * spec.height * spec.fps))
        spec = replace(spec, seconds=min(spec.seconds, Fraction(max(LEAST_S, whole))))
    return _scaled(spec, sqrt(carried / spec.load)) if spec.load > carried else spec


def adjustments(asked: Spec, got: Spec) -> list[dict[str, Any]] | None:
    """The adjustments as the job reports them; None if there are none."""
    before, after = asked.as_request(), got.as_request()
    changed = [
        {"parameter": name, "requested": before[name], "applied": after[name], "reason": "Reduced to fit within GPU limits."}
        for name in before
        if before[name] != after[name]
    ]
    return changed or None


def _sized(spec: Spec) -> Spec:
    """The size within its limits, in the same shape as far as they allow."""
    short, long = sorted((spec.width, spec.height))
    factor = max(1.0, LEAST_EDGE / short)
    return _scaled(spec, factor * min(1.0, SHORT_EDGE / (short * factor), LONG_EDGE / (long * factor)))


def _scaled(spec: Spec, factor: float) -> Spec:
    width, height = (max(LEAST_EDGE, int(edge * factor / 2 + 1e-9) * 2) for edge in (spec.width, spec.height))
    return replace(spec, width=min(width, LONG_EDGE), height=min(height, LONG_EDGE))
