"""Music and voice-over placed under a sequence, by its shots and to the frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from callsheet.assets.music import BedTable, wrong_key
from callsheet.domain.cut import CutShot
from callsheet.domain.delivery.bed import Bed
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.domain.timecode import Timecode
from callsheet.domain.wording import did_you_mean


@dataclass(frozen=True, slots=True)
class _Programme:
    """The first frame of each shot of a sequence, and the frame after its last."""

    spans: Mapping[str, tuple[int, int]]
    frames: int
    fps: Fps


def under(beds: Sequence[BedTable], sequence: str, shots: Sequence[CutShot], fps: Fps) -> tuple[Bed, ...]:
    """The beds under a sequence, placed by its shots. InputError if one has no place in it."""
    mine = [bed for bed in beds if bed.sequence in (None, sequence)]
    if not mine:
        return ()
    spans: dict[str, tuple[int, int]] = {}
    frames = 0
    for shot in shots:
        spans[shot.shot] = (frames, frames + shot.frames)
        frames += shot.frames
    return tuple(_laid(bed, _Programme(spans, frames, fps)) for bed in mine)


def _laid(bed: BedTable, programme: _Programme) -> Bed:
    first, end = _frame(bed, "from", programme), min(programme.frames, _frame(bed, "to", programme))
    if first >= end:
        raise InputError.of([wrong_key(bed.place, "from", f"it begins at frame {first} and ends at frame {end} of {programme.frames}")])
    return Bed(
        name=bed.name,
        file=bed.file,
        sha256=bed.sha256,
        mime=bed.mime,
        first=first,
        end=end,
        gain_db=bed.gain_db,
        duck_db=bed.duck_db,
        duck_others_db=bed.duck_others_db,
        fade_in=frames_in_cut(bed.fade_in_s, programme.fps),
        fade_out=frames_in_cut(bed.fade_out_s, programme.fps),
    )


def _frame(bed: BedTable, key: Literal["from", "to"], programme: _Programme) -> int:
    """The frame of the programme at which a bed begins (`from`), or the one after its last (`to`)."""
    where = bed.begins if key == "from" else bed.ends
    if where is None:
        return 0 if key == "from" else programme.frames
    if isinstance(where, Decimal):
        return frames_in_cut(where, programme.fps)
    if ":" in where:
        try:
            return Timecode.parse(where, programme.fps).frame
        except ValueError as error:
            raise InputError.of([wrong_key(bed.place, key, str(error))]) from None
    if where not in programme.spans:
        raise InputError.of([unknown_shot(bed, key, where, programme.spans)])
    first, end = programme.spans[where]
    return first if key == "from" else end


def unknown_shot(bed: BedTable, key: str, where: str, known: Iterable[str]) -> Problem:
    """The problem of a bed that begins or ends with a shot that isn't in its sequence."""
    hint = did_you_mean(where, known)
    return wrong_key(bed.place, key, f"the sequence has no shot {where!r}{'; ' if hint else ''}{hint}")
