"""The state of a list's shots, written into a copy of the user's own sheet: status, cost, the chosen take, its clip and a picture of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from callsheet.domain.cut import CutShot
from callsheet.domain.errors import MediaError
from callsheet.domain.money import text
from callsheet.domain.shots.shot import Status
from callsheet.media.clip.thumbnail import jpeg
from callsheet.media.inspect.probe import probe
from callsheet.planning.plan_cuts import cuts
from callsheet.planning.project_plan import Prepared
from callsheet.shotlist.copies.sheet_markup import Cell
from callsheet.status.project_view import TakeView
from callsheet.store import atomic_files

NAMES = ("x_status", "x_cost_usd", "x_take", "x_clip", "x_picture")
#: width of a picture in pixels: twice its width in the sheet
_WIDTH = 192


class StatusCells(NamedTuple):
    """Cells by row, one for each of `NAMES`, and pictures by row."""

    cells: Mapping[int, Sequence[Cell]]
    pictures: Mapping[int, bytes]


def status_cells(prepared: Prepared, takes: Sequence[TakeView], beside: Path) -> StatusCells:
    """The cells of every shot; links are relative to the folder `beside`. Pictures that can't be made are left out."""
    chosen = {shot.shot: shot for cut, _ in cuts(prepared, prepared.deliveries[:1]) for shot in cut.shots if shot.clip}
    by_shot: dict[str, list[TakeView]] = {}
    for take in takes:
        by_shot.setdefault(take.take.shot, []).append(take)
    cells: dict[int, Sequence[Cell]] = {}
    pictures: dict[int, bytes] = {}
    for shot in prepared.shots.shots if prepared.shots else ():
        mine, stands = by_shot.get(shot.shot_id, []), chosen.get(shot.shot_id)
        status = shot.status.value if shot.status is Status.OMIT else _status(mine, stands)
        cost = text(sum(take.settled for take in mine)) if any(take.attempts for take in mine) else ""
        if stands is None or stands.clip is None or stands.sha256 is None:
            cells[shot.origin.row] = [Cell(status), Cell(cost, number=True), Cell(""), Cell(""), Cell("")]
            continue
        still = prepared.project.state / "stills" / f"{stands.sha256}-{_WIDTH}.jpeg"
        picture = _picture(stands.clip, still)
        if picture:
            pictures[shot.origin.row] = picture
        cells[shot.origin.row] = [
            Cell(status),
            Cell(cost, number=True),
            Cell(str(stands.take) if stands.take else ""),
            _link(stands.clip, beside, "clip"),
            _link(still, beside, "picture") if picture else Cell(""),
        ]
    return StatusCells(cells, pictures)


def _status(takes: Sequence[TakeView], stands: CutShot | None) -> str:
    """A shot's state in a few words: what is in the cut, then what is under way or in doubt."""
    states = [take.state.replace("_", " ") for take in takes]
    words = ["picked" if any(take.picked for take in takes) else "received"] if stands else []
    words += ["stale"] if stands and stands.stale else []
    words += [state for state in dict.fromkeys(states) if state != "received" and not (stands and state == "not bought")]
    words += [f"{states.count('received')} of {len(states)} takes"] if len(states) > 1 else []
    words += ["rejected"] if any(take.rejected for take in takes) else []
    return ", ".join(words) or "not bought"


def _link(path: Path, beside: Path, shown: str) -> Cell:
    """A link that still works after the whole folder is moved."""
    return Cell(shown, os.path.relpath(path.resolve(), beside.resolve()).replace(os.sep, "/"))


def _picture(clip: Path, kept: Path) -> bytes | None:
    """A picture from the clip's middle, made once and cached by the clip's content; None if none can be made."""
    try:
        if kept.is_file():
            return kept.read_bytes()
        made = jpeg(clip, probe(clip).frames // 2, _WIDTH)
        atomic_files.write(kept, made)
    except (MediaError, OSError):
        return None
    return made
