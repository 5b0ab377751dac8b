"""What a project has spent, has on hold and may still spend. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A project's money, micro-USD. `headroom` is the smallest over all caps; None if no cap is in force."""

    cap: Micros | None
    settled: Micros
    held: Micros
    in_doubt: Micros
    headroom: Micros | None
