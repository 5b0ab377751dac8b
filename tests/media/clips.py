"""Clips for these tests: the stand-in's films, plain or with one quirk each, made by ffmpeg. Every picture tells its clip and frame number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from filelock import FileLock
from numpy.typing import NDArray

from callsheet.domain.cut import CutShot, Delivery
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.standin.jobs.sample_films import Film, shoot
from callsheet.store.atomic_files import digest
from tests.runners import ffmpeg

SMALL = Size(320, 192)
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18")


def delivery(fps: Fps | int = 24, size: Size = SMALL, **settings: float) -> Delivery:
    """A small, quick delivery."""
    return Delivery(name="web", size=size, fps=Fraction(fps), preset="ultrafast", **settings)


@dataclass(frozen=True)
class Clips:
    """Makes each clip once and keeps it in `folder`, which several processes may share."""

    folder: Path

    def film(
        self, number: int = 1, *, frames: int = 48, fps: int = 24, size: Size = SMALL, sound: bool = True, container: str = "MP4"
    ) -> Path:
        """A plain film of the stand-in."""
        film = Film(size.width, size.height, fps, frames, sound, number, container)
        return self._made(film.name, lambda path: shoot(film, path))

    def quirk(self, name: str, number: int = 1, *, ending: str = "mp4") -> Path:
        """A film with one quirk out of QUIRKS."""
        before, after = QUIRKS[name]
        source = str(self.film(number))
        words = [*before, "-i", source, *(source if word == "SAME" else word for word in after)]
        return self._made(f"{name}-{number}.{ending}", lambda path: ffmpeg([*words, str(path)], what=f"making {name}"))

    def _made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The file of this name, made by whoever asks first."""
        path = self.folder / name
        if not path.exists():
            with FileLock(f"{path}.lock"):
                if not path.exists():
                    part = self.folder / f"part-{name}"
                    make(part)
                    part.replace(path)
        return path


#: what stands before and after `-i`; SAME is the source again
QUIRKS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "picture late": (
        ("-itsoffset", "0.25"),
        ("-i", "SAME", "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-af", "adelay=250:all=1", "-c:a", "aac"),
    ),
    "turned": (("-display_rotation", "90"), ("-c", "copy")),
    "full range": ((), ("-vf", "scale=out_range=pc", "-pix_fmt", "yuvj420p", *_X264, "-color_range", "pc", "-c:a", "copy")),
    "ten bit": ((), ("-pix_fmt", "yuv422p10le", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-c:a", "copy")),
    "mono 22 kHz": ((), ("-c:v", "copy", "-ac", "1", "-ar", "22050", "-c:a", "aac")),
    "5.1": ((), ("-c:v", "copy", "-ac", "6", "-c:a", "aac")),
    "short sound": ((), ("-c:v", "copy", "-af", "atrim=end=1.2", "-c:a", "aac")),
    "digital silence": ((), ("-c:v", "copy", "-af", "volume=0", "-c:a", "aac")),
    "quiet": ((), ("-c:v", "copy", "-af", "volume=-14dB", "-c:a", "aac")),
    "clipped": ((), ("-c:v", "copy", "-af", "volume=18dB,alimiter=limit=0.98:level=false", "-c:a", "aac")),
    "no sound": ((), ("-c:v", "copy", "-an")),
    "open gop": ((), (*_X264, "-bf", "3", "-x264-params", "open-gop=1:keyint=12", "-c:a", "copy")),
    "fragmented": ((), ("-c:v", "libx264", "-bf", "0", "-crf", "18", "-c:a", "copy", "-movflags", "frag_keyframe+empty_moov")),
    "CMAF": ((), (*_X264, "-bf", "2", "-g", "12", "-c:a", "copy", "-movflags", "+cmaf+delay_moov+frag_keyframe")),
    "transport stream": ((), ("-c", "copy", "-f", "mpegts")),
    "index in front": ((), ("-c", "copy", "-movflags", "+faststart")),
    "not square": ((), ("-vf", "setsar=16/15", *_X264, "-c:a", "copy")),
    "dropped frames": ((), ("-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr", *_X264, "-c:a", "copy")),
    "ntsc": ((), ("-vf", "fps=30000/1001", *_X264, "-c:a", "copy")),
    "fifty": ((), ("-vf", "fps=50", *_X264, "-c:a", "copy")),
    "cover art": ((), ("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-map", "0", "-map", "1:v", "-c", "copy", "-c:v:1", "png",
                       "-disposition:v:1", "attached_pic")),
    "hidden start": (("-ss", "0.2"), ("-c", "copy")),
    "vp9": ((), ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-c:a", "libopus")),
}  # fmt: skip


def plane(frame: VideoFrame, n: int) -> NDArray[np.float64]:
    """One plane of a picture as it is stored, unconverted, in steps of 8 bits."""
    stored, bits = frame.planes[n], frame.format.components[n].bits
    values = np.frombuffer(bytes(stored), "<u2" if bits > 8 else "u1").reshape(stored.height, -1)[:, : stored.width]
    return values / (1 << bits - 8)


def luma(frame: VideoFrame) -> NDArray[np.float64]:
    """The luma of a picture as it is stored."""
    return plane(frame, 0)


def shot(name: str, clip: Path, frames: int = 48, *, sound: bool = True) -> CutShot:
    """A shot that stands with this clip."""
    return CutShot(shot=name, frames=frames, clip=clip, sha256=digest(clip), sound=sound)


def slate(name: str, frames: int = 12, why: str = "not bought yet") -> CutShot:
    """A shot without a clip."""
    return CutShot(shot=name, frames=frames, missing=why)
