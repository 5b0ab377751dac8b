"""Subtitles as files: SubRip and WebVTT. Pure. Times are those of frames, rounded down to the millisecond, so no text stands on a frame before its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape

from callsheet.domain.delivery.caption import Cue
from callsheet.domain.timebase import Fps


def srt(cues: Iterable[Cue], fps: Fps) -> str:
    """SubRip."""
    blocks = (
        f"{n}\n{_time(cue.first, fps, ',')} --> {_time(cue.end, fps, ',')}\n{plain(cue.text)}\n" for n, cue in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue], fps: Fps) -> str:
    """WebVTT; what would be a tag is text."""
    blocks = (f"{_time(cue.first, fps, '.')} --> {_time(cue.end, fps, '.')}\n{escape(plain(cue.text), quote=False)}\n" for cue in cues)
    return "\n".join(["WEBVTT\n", *blocks])


WRITERS: Mapping[str, Callable[[Iterable[Cue], Fps], str]] = {"srt": srt, "vtt": vtt}


def plain(text: str) -> str:
    """Without what would end a text or begin another: empty lines and arrows."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()).replace("-->", "→")


def _time(frame: int, fps: Fps, point: str) -> str:
    total, thousandths = divmod(int(frame * 1000 / fps), 1000)
    return f"{total // 3600:02d}:{total // 60 % 60:02d}:{total % 60:02d}{point}{thousandths:03d}"
