"""The cuts that a plan gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from callsheet.cutting import conform
from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.timebase import seconds
from callsheet.planning.project_plan import Prepared, footage_of


def cut_seconds(prepared: Prepared) -> Fraction:
    """Seconds of bought clips in the list's cut, in its first delivery."""
    total = Fraction(0)
    for cut, delivery in cuts(prepared, prepared.deliveries[:1]):
        total += seconds(sum(shot.frames for shot in cut.shots if shot.clip), delivery.fps)
    return total


def cuts(prepared: Prepared, deliveries: Sequence[Delivery] | None = None) -> Iterator[tuple[Cut, Delivery]]:
    """Every sequence of the list, cut for every delivery (or those named)."""
    footage = footage_of(prepared.plan, prepared.priced, prepared.view, prepared.project, prepared.beds)
    for sequence in footage.rows:
        for delivery in prepared.deliveries if deliveries is None else deliveries:
            yield conform.cut(sequence, footage, delivery), delivery
