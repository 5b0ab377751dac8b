"""What is wrong with the cut of a list that has other errors, too, as far as those don't decide it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from callsheet.assets.music import BedTable
from callsheet.cutting.music import unknown_shot
from callsheet.domain.errors import Problem
from callsheet.domain.shots.shot import Shot
from callsheet.domain.timebase import Fps
from callsheet.planning.cut_lengths import length_problems
from callsheet.planning.handles import behind
from callsheet.settings.values import Settings

#: the columns that decide which shots follow each other, and those that decide how long a clip has to go on
_ORDER = frozenset({"shot_id", "sequence", "status"})
_LENGTHS = frozenset({"duration_s", "in_s", "cuts", "transition", "transition_s"})

#: rows with their faulty columns
Faulty = Collection[tuple[Shot, frozenset[str]]]


def known_handles(rows: Iterable[Shot], faulty: Faulty, settings: Settings) -> Mapping[str, Decimal]:
    """Seconds of each row's clip that are needed after its end; none in sequences where a faulty cell decides it."""
    if any(columns & _ORDER for _, columns in faulty) or settings.missed("cuts"):
        return {}
    lost = {shot.sequence for shot, columns in faulty if columns & _LENGTHS}
    return behind((shot for shot in rows if shot.sequence not in lost), settings.duration_s.value)


def of_films(settings: Settings, rows: Sequence[Shot], faulty: Faulty, beds: Sequence[BedTable], fps: Fps | None) -> Iterator[Problem]:
    """Wanted lengths that aren't any at the films' rate, and music from or to a shot that its sequence doesn't have. `fps` None: the rate
    isn't known.
    """
    if fps is not None:
        yield from length_problems(settings.lengths, fps)
    if any(columns & _ORDER for _, columns in faulty):
        return
    for bed in beds:
        names = [shot.shot_id for shot in rows if shot.sequence == bed.sequence]
        for key, where in (("from", bed.begins), ("to", bed.ends)):
            if names and isinstance(where, str) and ":" not in where and where not in names:
                yield unknown_shot(bed, key, where, names)
