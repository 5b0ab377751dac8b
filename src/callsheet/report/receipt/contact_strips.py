"""The contact sheet's pictures: three frames of each clip, made once and cached by the clip's content."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from callsheet.domain.errors import MediaError
from callsheet.media.clip.thumbnail import strip
from callsheet.media.inspect.probe import probe
from callsheet.status.project_view import TakeView
from callsheet.store import atomic_files, clip_store
from callsheet.store.project_folder import Project

#: width of one frame in pixels: smaller with many takes, so that the page stays under a megabyte
WIDE, NARROW = 150, 104
_MANY = 60


@dataclass(frozen=True, slots=True)
class Strip:
    """A picture as a data URI, or why there is none."""

    uri: str = ""
    missing: str = ""


def strips(takes: Iterable[TakeView], project: Project) -> dict[str, Strip]:
    """A strip for each existing clip, of every attempt, by its hash. Two at a time; existing strips are reused."""
    shown = [*takes]
    tried = {one.sha256: one.size for take in shown for one in take.attempts if one.sha256}
    clips = {sha256: clip_store.clip_path(project, sha256) for sha256, size in tried.items() if clip_store.has(project, sha256, size)}
    clips |= {take.sha256: take.file for take in shown if take.sha256 and take.file}
    width = WIDE if len(clips) <= _MANY else NARROW
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = pool.map(partial(_strip, project, width), clips, clips.values())
        return dict(zip(clips, made, strict=True))


def _strip(project: Project, width: int, sha256: str, clip: Path) -> Strip:
    kept = project.state / "stills" / f"{sha256}-{width}.webp"
    try:
        if kept.is_file():
            picture = kept.read_bytes()
        else:
            count = probe(clip).frames
            picture = strip(clip, sorted({count // 5, count // 2, count * 4 // 5}), width)
            atomic_files.write(kept, picture)
    except (MediaError, OSError) as error:
        return Strip(missing=str(error))
    return Strip(uri=f"data:image/webp;base64,{base64.b64encode(picture).decode()}")
