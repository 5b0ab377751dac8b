"""What a project has spent, holds and may still spend. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Where a project's money is, micro-USD. `headroom` is the least over all caps; None if no cap is in force."""

    cap: Micros | None
    settled: Micros
    held: Micros
    in_doubt: Micros
    headroom: Micros | None
