"""A verdict: how a model handles one value of a shot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VerdictKind(StrEnum):
    """How a value was handled."""

    EXACT = "exact"
    SNAPPED = "snapped"  #: something close is bought, and finishing does the rest
    DROPPED = "dropped"  #: it is not sent, with a warning
    UNSUPPORTED = "unsupported"  #: nothing is bought until the row is changed


@dataclass(frozen=True, slots=True)
class Verdict:
    """One value: its column, the wanted and the granted value as text, and why they differ."""

    field: str
    kind: VerdictKind
    wanted: str
    granted: str
    why: str = ""
