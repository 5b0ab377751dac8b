"""Still pictures of a clip: a few frames side by side as one small WebP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import STDOUT, Command, film_guard
from callsheet.media.inspect.probe import probe

#: WebP's quality, 0 to 100
_QUALITY = 50
#: ffmpeg's quality of JPEG, 2 (best) to 31
_JPEG_QUALITY = 5


def still(path: Path, frame: int, width: int) -> bytes:
    """One frame (0-based) as WebP, `width` pixels wide. MediaError if the file has no such frame."""
    return strip(path, (frame,), width)


def strip(path: Path, frames: Sequence[int], width: int) -> bytes:
    """Those frames (0-based, ascending) side by side as one WebP, each `width` pixels wide. MediaError if the file doesn't have them."""
    return _drawn(path, frames, width, {"c:v": "libwebp", "quality": _QUALITY, "compression_level": 4, "f": "webp"})


def jpeg(path: Path, frame: int, width: int) -> bytes:
    """One frame (0-based) as JPEG, `width` pixels wide, for programs that know no WebP. MediaError if the file has no such frame."""
    return _drawn(path, (frame,), width, {"c:v": "mjpeg", "q:v": _JPEG_QUALITY, "pix_fmt": "yuvj420p", "f": "mjpeg"})


def _drawn(path: Path, frames: Sequence[int], width: int, encoder: Mapping[str, str | int]) -> bytes:
    wanted = "+".join(f"eq(n\\,{frame})" for frame in frames)
    picture = f"select='{wanted}',scale={width}:-2:flags=area,tile={len(frames)}x1"
    shown = {"an": None, "sn": None, "dn": None, "vf": picture, "fps_mode": "passthrough", "frames:v": 1}
    probed = probe(path)
    guard = film_guard(probed.container, probed.decoders, changes=probed.changes)
    command = Command().input(path, {**guard, "f": probed.container}).output(STDOUT, {"map": f"0:{probed.index}", **shown, **encoder})
    return runner.run(command, limits=runner.SUSPECT, what=f"a picture of {path.name}").stdout
