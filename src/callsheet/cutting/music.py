"""Music and voice-over placed under a sequence, by its shots and to the frame."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from decimal import Decimal

from callsheet.assets.music import BedTable, Where, wrong_key
from callsheet.domain.bed import Bed
from callsheet.domain.cut import CutShot
from callsheet.domain.errors import InputError
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.domain.timecode import Timecode


def under(beds: Sequence[BedTable], sequence: str, shots: Sequence[CutShot], fps: Fps) -> tuple[Bed, ...]:
    """The beds that lie under a sequence, placed by its shots. InputError where one stands nowhere in it."""
    return tuple(_placed(bed, shots, fps) for bed in beds if bed.sequence in (None, sequence))


def _placed(bed: BedTable, shots: Sequence[CutShot], fps: Fps) -> Bed:
    whole = sum(shot.frames for shot in shots)
    first, end = _frame(bed, bed.begins, shots, fps, 0), min(whole, _frame(bed, bed.ends, shots, fps, whole, behind=True))
    if first >= end:
        raise InputError.of([wrong_key(bed.place, "from", f"it begins at frame {first} and ends at frame {end} of {whole}")])
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
        fade_in=frames_in_cut(bed.fade_in_s, fps),
        fade_out=frames_in_cut(bed.fade_out_s, fps),
    )


def _frame(bed: BedTable, where: Where, shots: Sequence[CutShot], fps: Fps, default: int, *, behind: bool = False) -> int:
    """The frame of the programme that is meant; of a shot the first, or with `behind` the one after its last."""
    key = "to" if behind else "from"
    if where is None:
        return default
    if isinstance(where, Decimal):
        return frames_in_cut(where, fps)
    if ":" in where:
        try:
            return Timecode.parse(where, fps).frame
        except ValueError as error:
            raise InputError.of([wrong_key(bed.place, key, str(error))]) from None
    names = [shot.shot for shot in shots]
    if where not in names:
        near = difflib.get_close_matches(where, names, n=1)
        raise InputError.of(
            [wrong_key(bed.place, key, f"the sequence has no shot {where!r}{f'; did you mean {near[0]}?' if near else ''}")]
        )
    return sum(shot.frames for shot in shots[: names.index(where) + behind])
