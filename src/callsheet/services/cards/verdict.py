"""A verdict: how one wish of a shot was met by a model."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """How a wish was met."""

    EXACT = "exact"
    SNAPPED = "snapped"  #: something near is bought, and finishing makes the rest
    DROPPED = "dropped"  #: it is not sent; a warning
    UNSUPPORTED = "unsupported"  #: nothing is bought until the row is changed


@dataclass(frozen=True, slots=True)
class Verdict:
    """One wish: the column it comes from, what was wanted and what is granted as text, and why they differ."""

    field: str
    kind: VerdictKind
    wanted: str
    granted: str
    why: str = ""
