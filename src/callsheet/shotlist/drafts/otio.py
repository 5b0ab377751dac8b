"""A timeline of OpenTimelineIO: each clip of its first picture track becomes a row. Needs the extra `timeline`."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import Any

from callsheet.domain.errors import SetupError
from callsheet.domain.timebase import fps_text, half_up, parse_fps
from callsheet.shotlist.drafts.draft import Cells, Draft, unread


def otio(text: str, file: str) -> Draft:
    """A row for each clip, as many frames long as in the cut. SetupError without the library, InputError if the file isn't a timeline."""
    library = _library()
    try:
        timeline: Any = library.adapters.read_from_string(text, "otio_json")
        tracks = list(timeline.video_tracks())
    except Exception as error:  # noqa: BLE001  # the library raises errors of many kinds for invalid files
        newer = type(error).__name__ == "UnsupportedSchemaError"
        why = "it was written by a newer OpenTimelineIO than the one here" if newer else "OpenTimelineIO can't read it as a timeline"
        raise unread(file, why, "export it again as .otio, or the cut as an EDL") from None
    clips = [item for item in tracks[0] if isinstance(item, library.schema.Clip)] if tracks else []
    if not clips:
        raise unread(file, "it has no clip in a picture track", "export the track with the picture")
    notes = [f"only the track {tracks[0].name or '1'} is read; {len(tracks) - 1} more above it are ignored"] if len(tracks) > 1 else []
    rows = tuple(_row(clip) for clip in clips)
    if empty := sum(not row["prompt"] for row in rows):
        notes.append(f"{empty} clip{'s say' if empty > 1 else ' says'} nothing of what is seen: write the prompts")
    return Draft(rows, tuple(notes))


def _row(clip: Any) -> Cells:
    span = clip.trimmed_range().duration
    rate = parse_fps(_rate(span.rate))
    ours: Any = clip.metadata.get("callsheet", {})
    return {
        "shot_id": str(ours.get("shot") or clip.name or ""),
        "prompt": str(ours.get("prompt") or "").strip(),
        "duration_s": f"{half_up(Fraction(span.value))}f",
        "fps": fps_text(rate),
        "note": "; ".join(marker.name for marker in clip.markers if marker.name) if not ours else "",
    }


def _rate(rate: float) -> str:
    """The rate that an inexact float stands for: 23.976023976 is 24000/1001."""
    whole = round(rate)
    film = Fraction(whole * 1000, 1001)
    return f"{film}" if whole and abs(rate - float(film)) < 0.005 else f"{Fraction(rate).limit_denominator(1000)}"


def _library() -> Any:
    try:
        return import_module("opentimelineio")
    except ModuleNotFoundError:
        raise SetupError(
            "OpenTimelineIO is not installed",
            help="install the extra: pip install 'callsheet[timeline]'; or export the cut as an EDL, which doesn't need it",
        ) from None
