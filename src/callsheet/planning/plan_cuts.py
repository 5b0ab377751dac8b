"""The cuts that a plan gives."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from callsheet.cutting import conform
from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.timebase import seconds
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared


def cut_seconds(prepared: Prepared) -> Fraction:
    """Seconds of bought clips that stand in the list's cut, in its first delivery."""
    first = prepared.deliveries[:1]
    clips = (seconds(shot.frames, delivery.fps) for cut, delivery in cuts(prepared) if delivery in first for shot in cut.shots if shot.clip)
    return sum(clips, Fraction(0))


def cuts(prepared: Prepared) -> Iterator[tuple[Cut, Delivery]]:
    """Every sequence of the list, cut for every delivery."""
    kept = {take.take: take.attempt for take in prepared.plan.takes if take.action is Action.KEEP and take.attempt}
    tried = [attempt for take in prepared.view.takes if take.take.list == prepared.plan.list for attempt in take.attempts]
    attempts = sorted(tried, key=lambda attempt: int(attempt.id))
    for sequence in conform.sequences(prepared.priced):
        for delivery in prepared.deliveries:
            made = conform.cut(sequence, prepared.priced, kept, attempts, prepared.project, delivery, prepared.view.marks, prepared.beds)
            yield made, delivery
