"""Tests whether ffmpeg works here: it makes a second of picture and sound, which is then read like a bought clip."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.domain.errors import MediaError, MediaFault
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import Command
from callsheet.media.inspect.probe import inspect_clip

_HELP = "correct CALLSHEET_FFMPEG, or unset it to use the bundled one; see `callsheet doctor`"
_LIMITS = runner.Limits(cpu_s=60, memory=4 << 30, output=64 << 20, wall_s=120.0)
#: the executables that worked in this process
_worked: set[str] = set()


def refuse_unfit() -> None:
    """MediaFault if ffmpeg can't make a second of picture and sound and read it back. A success is not tested again in this process."""
    if runner.executable() not in _worked:
        try_now()
        _worked.add(runner.executable())


def try_now() -> None:
    """The same, tested again, because it may fail by now."""
    with TemporaryDirectory(prefix="callsheet-") as name:
        film = Path(name) / "second.mp4"
        try:
            picture = Command().input("testsrc2=s=64x64:r=24:d=1", {"f": "lavfi"})
            both = picture.input("sine=f=440:r=48000:d=1", {"f": "lavfi"})
            made = both.output(film, {"c:v": "libx264", "preset": "ultrafast", "pix_fmt": "yuv420p", "c:a": "aac"})
            runner.run(made, limits=_LIMITS, what="making a second of film")
            inspect_clip(film)
        except (MediaError, OSError) as error:
            raise MediaFault(f"{runner.executable()} can't make a second of film and read it back: {error}", help=_HELP) from None
