"""Which of the author's files were sent, with which purchase, where and when: from every attempt that may have been sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callsheet.domain.attempt import Attempt, SentFile
from callsheet.status.project_view import TakeView


@dataclass(frozen=True, slots=True)
class Departed:
    """One file in one purchase. An address or an earlier upload has no hash, because the service read it itself."""

    file: SentFile
    attempt: Attempt

    @property
    def at(self) -> str:
        """When the purchase was first sent, ISO 8601 UTC."""
        return self.attempt.intent_at or ""

    @property
    def purchase(self) -> str:
        """`lighthouse:S0010.t1.a1`."""
        return self.attempt.full_name


def departed(takes: Iterable[TakeView]) -> tuple[Departed, ...]:
    """All of them, in the order in which they were sent."""
    sent = {attempt.id: attempt for take in takes for attempt in take.attempts if attempt.intent_at}
    left = [Departed(file, attempt) for attempt in sent.values() for file in attempt.files]
    return tuple(sorted(left, key=lambda one: (one.at, one.purchase, one.file.column)))
