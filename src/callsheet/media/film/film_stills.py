"""Sidecars of a finished film: a poster, a contact sheet, a small film that plays everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path

from callsheet.domain.delivery.file_format import Sidecar
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import PLAIN_FILE, Command, Options
from callsheet.media.inspect.probe import sniff
from callsheet.store import atomic_files

#: a GIF's width in pixels, frames a second, and longest length in seconds: beyond that it is larger than the film
_GIF_WIDE, _GIF_FPS, _GIF_S = 320, 10, 10
_SHEET_WIDE = 320
_JPEG: Options = {"c:v": "mjpeg", "q:v": 3, "f": "image2", "update": 1}
ENDINGS: Mapping[Sidecar, str] = {Sidecar.POSTER: "_poster.jpg", Sidecar.SHEET: "_sheet.jpg", Sidecar.GIF: ".gif"}


def make(kind: Sidecar, film: Path, frames: Sequence[int], to: Path, *, first: int = 0) -> None:
    """Write `kind` of a finished film to `to`. `frames` are those that stand for its shots (0-based, ascending), the first one for the film;
    its programme begins at frame `first`.

    MediaError where ffmpeg fails.
    """
    part = atomic_files.part_path(to)
    made = {"an": None, "sn": None, **_made(kind, frames, first), **PLAIN_FILE, "flags:v": "+bitexact"}
    try:
        runner.run(Command().input(film, {"threads": 1, "f": sniff(film)}).output(part, made), what=f"making the {kind} of {film.name}")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


def _made(kind: Sidecar, frames: Sequence[int], first: int) -> Options:
    match kind:
        case Sidecar.POSTER:
            return {"vf": f"{_picked(frames[:1])},{_FULL}", "frames:v": 1, **_JPEG}
        case Sidecar.SHEET:
            columns = ceil(sqrt(len(frames)))
            tiles = f"tile={columns}x{ceil(len(frames) / columns)}:padding=4:margin=4"
            return {"vf": f"{_picked(frames)},scale={_SHEET_WIDE}:-2:flags=area,{tiles},{_FULL}", "frames:v": 1, **_JPEG}
        case Sidecar.GIF:
            small = f"trim=start_frame={first},setpts=PTS-STARTPTS,trim=duration={_GIF_S},fps={_GIF_FPS},scale={_GIF_WIDE}:-2:flags=area,split[a][b];[a]palettegen[p];[b][p]paletteuse"
            return {"filter_complex": f"[0:v]{small}", "loop": 0, "f": "gif"}


#: JPEG's own range and matrix
_FULL = "scale=out_range=pc:out_color_matrix=bt601,format=yuvj420p"


def _picked(frames: Sequence[int]) -> str:
    wanted = "+".join(f"eq(n\\,{frame})" for frame in frames)
    return f"select='{wanted}',setpts=N/TB"
