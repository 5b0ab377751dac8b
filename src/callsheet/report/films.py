"""The finished sequences of a list as they stand in `out/`: looked up, never made."""

from __future__ import annotations

from callsheet.domain.cut import Finished
from callsheet.engine import cutting
from callsheet.engine.finish import find
from callsheet.engine.plan import Action
from callsheet.engine.prepare import Prepared


def films(prepared: Prepared) -> tuple[Finished, ...]:
    """What `finish` would find unchanged: one file per sequence and delivery, where it is there."""
    takes = prepared.plan.takes
    priced = prepared.priced
    kept = {take.take: take.attempt for take in takes if take.action is Action.KEEP and take.attempt}
    tried = [attempt for take in prepared.view.takes if take.take.list == prepared.plan.list for attempt in take.attempts]
    attempts = sorted(tried, key=lambda attempt: int(attempt.id))
    cuts = (
        (cutting.cut(sequence, priced, kept, attempts, prepared.project, delivery.fps), delivery)
        for sequence in cutting.sequences(priced)
        for delivery in prepared.deliveries
    )
    there = (find(cut, delivery, prepared.project) for cut, delivery in cuts if cut.shots)
    return tuple(film for film in there if film)
