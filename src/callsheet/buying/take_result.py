"""How a take of a run ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId


class End(StrEnum):
    """How one take ended in a run."""

    RECEIVED = "received"  #: bought, or fetched, in this run
    KEPT = "kept"  #: there before
    FAILED = "failed"  #: no clip, and trying again wouldn't help now
    REFUSED = "refused"  #: refused content: a person decides
    IN_DOUBT = "in_doubt"  #: possibly paid; a person or evidence decides
    WAITING = "waiting"  #: still at the service, or still to be fetched: the next run continues
    NOT_BOUGHT = "not_bought"  #: a cap, a stopped lane or --no-buy


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeResult:
    """One take's end. `cost` is what this run settled for it, micro-USD."""

    take: TakeId
    end: End
    message: str = ""
    cost: Micros = 0
    attempt: Attempt | None = None
