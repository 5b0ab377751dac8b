"""One frame of a clip as a lossless still, for the shot that goes on from it. Black, faded and blurred frames are passed over, a bounded way, and told.

The clip came from outside: it is decoded in limited children. The same clip and the same wish give the same bytes with the same ffmpeg.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.domain.errors import MediaError
from callsheet.domain.shots.frame_ref import Point
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import half_up
from callsheet.media.clip import colour
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, PLAIN_FILE, STDOUT, Command, Options, film_guard
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.probe import probe

if TYPE_CHECKING:  # importing numpy takes a tenth of a second, and most plans judge no frame
    import numpy as np
    from numpy.typing import NDArray

    Luma = NDArray[np.uint8]

#: how far to search for a better frame: two seconds, at most this many frames
_LOOK_S, _LOOK_FRAMES = 2, 60
#: size of the pictures that are judged, pixels: blur isn't visible in smaller ones
_WIDTH, _HEIGHT = 320, 180
#: luma in full range up to which a pixel is black, and the share of such pixels that makes a black picture
_BLACK, _BLACK_SHARE = 20, 0.98
#: a picture of one luma (standard deviation): black, white, or a plain colour
_PLAIN = 4.0
#: contrast or detail below these shares of the neighbours' is a fade or a blur
_FADED, _BLURRED = 0.6, 0.45
#: to square pixels and to RGB, the same on every machine
_EXACT = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a clip in a cut, in seconds from the clip's first frame; and which frame of it is meant, `at` seconds into it for `t`."""

    begins: Fraction
    ends: Fraction
    point: Point
    at: Fraction = Fraction(0)

    def __str__(self) -> str:
        """The text that distinguishes it from other frames of the same clip."""
        when = self.ends if self.point == "last" else self.begins + self.at
        return f"{self.point}@{when}"


@dataclass(frozen=True, slots=True)
class FrameStill:
    """A frame of a clip as PNG (8-bit RGB). `frame` counts from the clip's first; `passed` says how many and which frames were skipped, ""
    if none.
    """

    png: bytes
    size: Size
    frame: int
    passed: str = ""


def frame_still(path: Path, part: Part) -> FrameStill:
    """The wanted frame. MediaError if the clip can't be read, or all candidates are black or plain."""
    probed = probe(path)
    if colour.beyond(probed):
        raise MediaError(
            "its picture is in high dynamic range or a wide gamut; stills can't be made from it", help="use a still of your own"
        )
    first, last = _window(probed, part)
    frame, passed = (first, "") if part.point == "t" else _best(_lumas(path, probed, first, last), first, backwards=part.point == "last")
    size = probed.shown
    matrix = probed.matrix if probed.matrix in ("bt601", "bt709", "bt2020", "fcc", "smpte240m") else "bt709"
    into = f"scale={size.width}:{size.height}:flags={_EXACT}:in_color_matrix={matrix}:out_range=pc,format=rgb24"
    made = _run(path, probed, frame, frame, into, {"c:v": "png", "f": "image2pipe", "flags:v": "+bitexact", "pred": "mixed", **PLAIN_FILE})
    return FrameStill(made, size, frame, passed)


def _window(probed: Probe, part: Part) -> tuple[int, int]:
    """The first and the last candidate frame."""
    end = probed.frames - 1
    begins = min(half_up(part.begins * probed.fps), end)
    ends = max(begins, min(half_up(part.ends * probed.fps) - 1, end))
    look = min(floor(_LOOK_S * probed.fps), _LOOK_FRAMES) - 1
    if part.point == "last":
        return max(begins, ends - look), ends
    if part.point == "first":
        return begins, min(ends, begins + look)
    at = min(floor((part.begins + part.at) * probed.fps), ends)
    return at, at


def _best(lumas: Luma, first: int, *, backwards: bool) -> tuple[int, str]:
    """The nearest frame that isn't black, faded or blurred, and why others were skipped."""
    import numpy as np  # noqa: PLC0415 # only when frames are judged

    spread, detail = lumas.std(axis=(1, 2)), _detail(lumas)
    dark = (lumas < _BLACK).mean(axis=(1, 2)) >= _BLACK_SHARE
    usual_spread, usual_detail = np.percentile(spread, 75), np.percentile(detail, 75)
    names = np.full(len(lumas), "", dtype="<U7")
    names[detail < _BLURRED * usual_detail] = "blurred"
    names[spread < _FADED * usual_spread] = "faded"
    names[spread < _PLAIN] = "plain"
    names[dark] = "black"
    order = range(len(lumas) - 1, -1, -1) if backwards else range(len(lumas))
    passed: list[str] = []
    for n in order:
        if not names[n]:
            return first + n, _told(passed)
        passed.append(str(names[n]))
    raise MediaError(f"{_told(passed)} and no other is near", help="name another frame, such as @S0010#t=1.5, or a file")


def _detail(lumas: Luma) -> NDArray[np.float64]:
    """The share of a picture that is edges: the mean of the second differences."""
    import numpy as np  # noqa: PLC0415 # only when frames are judged

    light = lumas.astype(np.int16)
    middle = light[:, 1:-1, 1:-1] * 4
    around = light[:, :-2, 1:-1] + light[:, 2:, 1:-1] + light[:, 1:-1, :-2] + light[:, 1:-1, 2:]
    return np.abs(middle - around).mean(axis=(1, 2))


def _told(passed: list[str]) -> str:
    """`3 frames are black or faded`."""
    if not passed:
        return ""
    kinds = " or ".join(dict.fromkeys(passed))
    return f"{len(passed)} frames are {kinds}" if len(passed) > 1 else f"1 frame is {kinds}"


def _lumas(path: Path, probed: Probe, first: int, last: int) -> Luma:
    import numpy as np  # noqa: PLC0415 # only when frames are judged

    into = f"scale={_WIDTH}:{_HEIGHT}:flags=area:out_range=pc,format=gray"
    seen = _run(path, probed, first, last, into, {"f": "rawvideo"})
    pictures = np.frombuffer(seen, np.uint8)
    if not len(pictures) or len(pictures) % (_WIDTH * _HEIGHT):
        raise MediaError(f"{path.name} has no frame {last}", help="run `callsheet finish`, which checks whether the clip is complete")
    return pictures.reshape(-1, _HEIGHT, _WIDTH)


def _run(path: Path, probed: Probe, first: int, last: int, into: str, written: Options) -> bytes:
    """Some frames of the clip to standard output."""
    guard = film_guard(probed.container, probed.decoders, changes=probed.changes)
    wanted: Options = {"map": f"0:{probed.index}", "vf": f"trim=start_frame={first}:end_frame={last + 1},{into}", "fps_mode": "passthrough"}
    command = (
        Command().flagged(ERRORS_ONLY).input(path, {**guard, "threads": 1, "f": probed.container}).output(STDOUT, {**wanted, **written})
    )
    made = runner.run(command, limits=runner.SUSPECT, what=f"taking a frame of {path.name}").stdout
    if not made:
        raise MediaError(f"{path.name} has no frame {first}", help="run `callsheet finish`, which checks whether the clip is complete")
    return made
