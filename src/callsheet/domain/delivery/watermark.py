"""A picture that stands on a film's pictures: a logo, in a corner or in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path


class WatermarkPosition(StrEnum):
    """Where a watermark stands."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """How a delivery wants its watermark: `name` is the file as its table names it, `width` a share of the film's width, `opacity` 0 to 1.

    `margin` is what stays free on each side, as a share of that side's edge: 0.05 is EBU R 95's area for graphics.
    """

    name: str
    spot: WatermarkPosition = WatermarkPosition.BOTTOM_RIGHT
    width: Decimal = Decimal("0.12")
    opacity: Decimal = Decimal(1)
    margin: Decimal = Decimal("0.05")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """A stamp whose file was read: where it is, its content and kind, and its width to its height as it is shown."""

    stamp: Stamp
    file: Path
    sha256: str
    mime: str
    aspect: Fraction

    @property
    def decides(self) -> list[object]:
        """What of it decides a film's bytes."""
        stamp = self.stamp
        return [self.sha256, self.mime, stamp.spot, str(stamp.width), str(stamp.opacity), str(stamp.margin)]
