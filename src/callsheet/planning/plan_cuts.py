"""The cuts that a plan gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from callsheet.cutting import conform
from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.timebase import seconds
from callsheet.planning.project_plan import Prepared


def cut_seconds(prepared: Prepared) -> Fraction:
    """Seconds of bought clips that stand in the list's cut, in its first delivery."""
    total = Fraction(0)
    for cut, delivery in cuts(prepared, prepared.deliveries[:1]):
        total += seconds(sum(shot.frames for shot in cut.shots if shot.clip), delivery.fps)
    return total


def cuts(prepared: Prepared, deliveries: Sequence[Delivery] | None = None) -> Iterator[tuple[Cut, Delivery]]:
    """Every sequence of the list, cut for every delivery (or those named)."""
    kept = {take.take: take.attempt for take in prepared.plan.keeps if take.attempt}
    tried = [attempt for take in prepared.view.takes if take.take.list == prepared.plan.list for attempt in take.attempts]
    attempts = sorted(tried, key=lambda attempt: int(attempt.id))
    footage = conform.Footage.of(prepared.priced, kept, attempts, prepared.project, prepared.view.marks, prepared.beds)
    for sequence in footage.rows:
        for delivery in prepared.deliveries if deliveries is None else deliveries:
            yield conform.cut(sequence, footage, delivery), delivery
