"""The normalized form: one way to encode, one place to keep what was encoded.

A normalized clip is an H.264 picture without sound and its sound as raw 32-bit floats (stereo, 48 kHz, interleaved), both of an exact length,
named by a key over everything that decides their bytes. The JSON beside them is written last: without it nothing is there.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, Fps
from callsheet.media import codec, ffmpeg, graph, place
from callsheet.media.loudness import Reading, metered, moments, reading
from callsheet.media.packets import written

#: raised whenever the same inputs shall give other bytes
RECIPE = 5
#: bytes of one sample of both channels
FRAME_BYTES = 8
#: as many encodes at once as there are processors, however many sequences are finished at a time
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)
_locks: dict[str, threading.Lock] = {}

Arguments = Callable[[Path, Path], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """A normalized clip or slate, and what was learnt in making it."""

    key: str
    picture: Path
    sound: Path
    frames: int
    #: samples per channel: the frames' length rounded up, cut to its place when stitched
    samples: int
    #: frames at the end that repeat the last one, since the clip was shorter
    padded_frames: int
    reading: Reading
    #: where it could not be fitted as asked, in words
    remarks: tuple[str, ...] = ()
    #: its pictures are the clip's own, bit for bit
    copied: bool = False
    #: its loudness in each block of 400 ms, one every 100 ms
    moments: tuple[float, ...] = ()
    #: the hash of what its encoder was set to
    settings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is known of a normalized clip before it is made; see `Normalized`."""

    padded_frames: int = 0
    remarks: tuple[str, ...] = ()
    copied: bool = False


def samples_for(frames: int, fps: Fps) -> int:
    """Samples that `frames` need at most, wherever in a film they stand."""
    return ceil(frames * SAMPLE_RATE / fps)


def key_of(*parts: object) -> str:
    """A content key: over `parts`, the recipe's version and the build of ffmpeg."""
    said = json.dumps([RECIPE, ffmpeg.build(), *parts], default=str)
    return hashlib.sha256(said.encode()).hexdigest()


def picture(pad: graph.Pad, frames: int, delivery: Delivery, to: Path) -> graph.Target:
    """Pictures of the delivery's size and rate, encoded. All normalized pictures of a delivery come through here, so their packets can stand in one film."""
    tagged = pad.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709").filter(
        "format", codec.pixels(delivery)
    )
    ended = tagged.filter("tpad", stop_mode="clone", stop=frames).filter("trim", end_frame=frames)
    return ended.to(to, codec.picture_options(delivery))


def sound(pad: graph.Pad, samples: int, to: Path) -> graph.Target:
    """Sound of the normalized form and exact length, measured as it passes."""
    shaped = pad.filter("aformat", sample_fmts="flt", channel_layouts="stereo", sample_rates=SAMPLE_RATE)
    ended = shaped.filter("apad").filter("atrim", end_sample=samples)
    return metered(ended).to(to, {"f": "f32le", "c:a": "pcm_f32le", "map_metadata": -1, "fflags": "+bitexact"})


def silence() -> graph.Pad:
    """Sound for what has none."""
    return graph.generated("anullsrc", r=SAMPLE_RATE, cl="stereo")


@contextmanager
def making(key: str) -> Generator[None]:
    """One thread at a time makes what has this key; the next finds it made."""
    with _locks.setdefault(key, threading.Lock()):
        yield


def kept(folder: Path, key: str) -> Normalized | None:
    """What was made under this key before, if all of it is there and not a byte has changed."""
    at = folder / key[:2]
    try:
        told = json.loads((at / f"{key}.json").read_text())
        hashes = [place.digest(at / f"{key}{ending}") for ending in (".mp4", ".f32")]
    except FileNotFoundError:
        return None
    return _normalized(at, key, told) if hashes == told["sha256"] else None


def make(
    folder: Path,
    key: str,
    arguments: Arguments,
    *,
    frames: int,
    delivery: Delivery,
    what: str,
    learnt: Learnt | None = None,
) -> Normalized:
    """Encode into the place of `key`. MediaError where ffmpeg fails or gives another length than asked."""
    at = folder / key[:2]
    parts = [place.beside(at / f"{key}{ending}") for ending in (".mp4", ".f32", ".json")]
    samples = samples_for(frames, delivery.fps)
    try:
        with _slots:
            ran = ffmpeg.run(["-nostats", "-filter_complex_threads", "1", *arguments(parts[0], parts[1])], what=what)
        settings = _check(parts[0], parts[1], frames, samples, what)
        read = reading(ran)
        blocks = moments(ran) if read.lufs is not None else ()
        length = {"frames": frames, "samples": samples, "settings": settings}
        told = {**asdict(learnt or Learnt()), **length, **asdict(read), "moments": blocks}
        parts[2].write_text(json.dumps(told | {"sha256": [place.digest(part) for part in parts[:2]]}))
        for part, ending in zip(parts, (".mp4", ".f32", ".json"), strict=True):
            place.replace(part, at / f"{key}{ending}")
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return _normalized(at, key, told)


def _normalized(at: Path, key: str, told: dict[str, Any]) -> Normalized:
    return Normalized(
        key=key,
        picture=at / f"{key}.mp4",
        sound=at / f"{key}.f32",
        frames=told["frames"],
        samples=told["samples"],
        padded_frames=told["padded_frames"],
        reading=Reading(told["lufs"], told["dbtp"]),
        remarks=tuple(told["remarks"]),
        copied=told["copied"],
        settings=told["settings"],
        moments=tuple(told["moments"]),
    )


def _check(made: Path, sound_made: Path, frames: int, samples: int, what: str) -> str:
    """The encoder's settings. A stopped ffmpeg leaves a file that plays, only shorter: its word alone doesn't count."""
    got, settings = written(made)
    if got != frames or sound_made.stat().st_size != samples * FRAME_BYTES:
        raise MediaError(
            f"{what} gave {got} frames and {sound_made.stat().st_size // FRAME_BYTES} samples instead of {frames} and {samples}",
            help="run `callsheet doctor`, and report this with the clip",
        )
    return settings
