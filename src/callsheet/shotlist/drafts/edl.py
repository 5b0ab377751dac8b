"""An EDL (CMX3600): each picture event becomes a row of the same length."""

from __future__ import annotations

import re

from callsheet.domain.timebase import Fps, fps_text
from callsheet.domain.timecode import Timecode
from callsheet.shotlist.drafts.draft import Cells, Draft, unread

_EVENT = re.compile(r"(\d{1,6})\s+(\S+)\s+(\S+)\s+(C|D|W\d+|K\S*)(?:\s+\d+)?\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)
_NAME = re.compile(r"\*\s*(?:FROM|TO) CLIP NAME:\s*(.+)", re.IGNORECASE)
#: a reel that shows nothing
_BLACK = ("BL", "BLACK")


def edl(text: str, file: str, fps: Fps | None) -> Draft:
    """A row for each event with a picture, in record order. InputError if the frame rate is unknown, or a timecode is invalid."""
    if fps is None:
        help = 'set it in project.toml: [project] fps = "24"'
        raise unread(file, "an EDL counts frames, but no frame rate is known", help)
    events: list[tuple[int, Cells]] = []
    named = False
    for number, line in enumerate(text.splitlines(), start=1):
        if event := _EVENT.fullmatch(line.strip()):
            channels, reel = event[3].upper(), event[2]
            shown = ("V" in channels or channels in ("B", "AA/V")) and reel.upper() not in _BLACK
            begins, frames = _record(event, fps, file, number)
            if shown and frames:
                events.append((begins, {"shot_id": "", "prompt": "", "duration_s": f"{frames}f", "fps": fps_text(fps), "x_reel": reel}))
            named = shown and bool(frames)
        elif events and named and (name := _NAME.fullmatch(line.strip())):
            events[-1][1]["shot_id"] = name[1].strip()
    if not events:
        raise unread(file, "it has no event with a picture", "export the track with the picture as CMX3600")
    rows = tuple(row for _, row in sorted(events, key=lambda event: event[0]))
    return Draft(
        rows, (f"read at {fps_text(fps)} frames per second, as in project.toml", "an EDL doesn't describe pictures: write the prompts")
    )


def _record(event: re.Match[str], fps: Fps, file: str, number: int) -> tuple[int, int]:
    """An event's start in the record, and its length in frames."""
    try:
        begin, end = (Timecode.parse(event[place], fps).frame for place in (7, 8))
    except ValueError as error:
        raise unread(f"{file} line {number}", str(error), "check that [project] fps in project.toml matches the EDL") from None
    return begin, max(0, end - begin)
