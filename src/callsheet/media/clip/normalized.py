"""The normalized form: one way to encode, one place to keep what was encoded.

A normalized clip is an encoded picture without sound and its sound as raw 32-bit floats (stereo, 48 kHz, interleaved), both of an exact length,
named by a key over everything that decides their bytes. The JSON beside them is written last: without it nothing is there.
The picture may be the bought clip's own (see `passthrough`); then only its sound stands here, or that is the clip's own as well (see `clip_facts`).
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, Fps
from callsheet.media.ffmpeg import codec, filter_graph, runner
from callsheet.media.ffmpeg.command import NO_PROGRESS, PLAIN_FILE, Command, Options
from callsheet.media.inspect.packets import written
from callsheet.media.inspect.picture_index import Pictures
from callsheet.media.sound import loudness
from callsheet.media.sound.limiter import sane
from callsheet.media.sound.loudness import Measured
from callsheet.media.sound.reading import Reading
from callsheet.store import atomic_files

#: bytes of one sample of both channels
FRAME_BYTES = 8
#: how sound of the normalized form is written
RAW_SOUND: filter_graph.Options = {"f": "f32le", "c:a": "pcm_f32le", **PLAIN_FILE}
_ONE_THREAD: Options = {"filter_complex_threads": 1}
#: parallel encodes: one per processor, however many sequences are finished at once
_slots = threading.BoundedSemaphore(os.cpu_count() or 1)
_locks: dict[str, threading.Lock] = {}

#: what makes a normalized clip, by the files that its pictures and its sound shall be written to
Making = Callable[[Path, Path], Command]


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """A normalized clip or slate, and what was learnt in making it."""

    key: str
    pictures: Pictures
    sound: Path
    frames: int
    #: samples per channel: the frames' length rounded up, cut to its place when stitched; its sound's file may hold more
    samples: int
    #: frames at the end that repeat the last one, since the clip was shorter
    padded_frames: int
    reading: Reading
    #: where it could not be fitted as asked, in words
    remarks: tuple[str, ...] = ()
    #: its pictures are the clip's own, bit for bit
    copied: bool = False
    #: its loudness in each block of 400 ms, one every 100 ms
    moments: tuple[float, ...]

    @property
    def picture(self) -> Path:
        """The file that its pictures lie in."""
        return self.pictures.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What is known of a normalized clip before it is made; see `Normalized`."""

    padded_frames: int = 0
    remarks: tuple[str, ...] = ()


def samples_for(frames: int, fps: Fps) -> int:
    """The most samples that `frames` need, at any position in a film."""
    return ceil(frames * SAMPLE_RATE / fps)


def picture(pad: filter_graph.Pad, frames: int, delivery: Delivery, to: Path) -> filter_graph.Target:
    """Pictures of the delivery's size and rate, encoded. All normalized pictures of a delivery come through here, so their packets can stand in one film."""
    tagged = pad.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709").filter(
        "format", codec.pixels(delivery)
    )
    ended = tagged.filter("tpad", stop_mode="clone", stop=frames).filter("trim", end_frame=frames)
    return ended.to(to, codec.picture_options(delivery))


def sound(pad: filter_graph.Pad, samples: int, to: Path) -> filter_graph.Target:
    """Sound of the normalized form and exact length, measured as it passes."""
    return loudness.metered(exact(pad, samples)).to(to, RAW_SOUND)


def exact(pad: filter_graph.Pad, samples: int) -> filter_graph.Pad:
    """Sound of the normalized form and exact length."""
    shaped = pad.filter("aformat", sample_fmts="flt", channel_layouts="stereo", sample_rates=SAMPLE_RATE)
    return shaped.filter("apad").filter("atrim", end_sample=samples)


def silence() -> filter_graph.Pad:
    """Sound for what has none."""
    return filter_graph.generated("anullsrc", r=SAMPLE_RATE, cl="stereo")


@contextmanager
def making(key: str) -> Generator[None]:
    """Only one thread at a time makes the result for this key; the next finds it."""
    with _locks.setdefault(key, threading.Lock()):
        yield


def kept(folder: Path, key: str, copied: Pictures | None = None) -> Normalized | None:
    """The existing result for this key, if it is complete and unchanged. `copied` pictures are elsewhere."""
    files = _files(folder, key, copied)
    told = atomic_files.read_note(files.note)
    if told is None or not all(file.exists() for file in files.made):
        return None
    return _normalized(files, told) if [atomic_files.digest(file) for file in files.made] == told["sha256"] else None


def make(
    folder: Path, key: str, command: Making, *, frames: int, delivery: Delivery, what: str, learnt: Learnt | None = None
) -> Normalized:
    """Encode the result for `key`. MediaError if ffmpeg fails or the length is wrong."""

    def pictures(picture_to: Path, sound_to: Path) -> tuple[Pictures, Measured]:
        read = run(command(picture_to, sound_to), what)
        return written(picture_to, delivery.fps), read

    return _placed(_files(folder, key, None), pictures, learnt or Learnt(), frames, delivery.fps, what)


def lend(folder: Path, key: str, pictures: Pictures, write_sound: Callable[[Path], Measured], fps: Fps, what: str) -> Normalized:
    """Store pictures that are elsewhere, and the sound that `write_sound` writes, under `key`. MediaError if the length is wrong."""
    files = _files(folder, key, pictures)
    return _placed(files, lambda _, sound_to: (pictures, write_sound(sound_to)), Learnt(), len(pictures), fps, what)


def borrowed(key: str, pictures: Pictures, sound: Path, samples: int, read: Measured) -> Normalized:
    """Pictures and sound that are elsewhere: the first `samples` of the sound, and what these read."""
    return Normalized(
        key=key,
        pictures=pictures,
        sound=sound,
        frames=len(pictures),
        samples=samples,
        padded_frames=0,
        reading=read.reading,
        copied=True,
        moments=read.moments,
    )


def run(command: Command, what: str) -> Measured:
    """Have ffmpeg write sound that is measured as it passes. MediaError if it fails."""
    return loudness.measured(runner.run(command.flagged(NO_PROGRESS, _ONE_THREAD), what=what))


def _placed(
    files: _Files, work: Callable[[Path, Path], tuple[Pictures, Measured]], learnt: Learnt, frames: int, fps: Fps, what: str
) -> Normalized:
    """The result of `work`, written to a temporary path, checked, and renamed."""
    parts = {file: atomic_files.part_path(file) for file in (files.picture, files.sound, files.note)}
    try:
        with _slots:
            pictures, read = work(parts[files.picture], parts[files.sound])
        read = silenced(parts[files.sound]) or read
        samples = _check(pictures, parts[files.sound], frames, fps, what)
        own = {} if files.copied else {"index": pictures.index.hex(), "settings": pictures.settings}
        length = {"frames": frames, "samples": samples}
        heard = {**asdict(read.reading), "moments": read.moments}
        hashes = {"sha256": [atomic_files.digest(parts[file]) for file in files.made]}
        told = {**asdict(learnt), **own, **length, **heard, **hashes}
        parts[files.note].write_text(json.dumps(told))
        for file in (*files.made, files.note):
            atomic_files.replace(parts[file], file)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return _normalized(files, told)


def silenced(sound_made: Path) -> Measured | None:
    """Replace sound with invalid samples by silence, all of it, because no encoder accepts it and filters have spread them. None if it is
    valid.
    """
    samples = np.fromfile(sound_made, "<f4")
    if sane(samples).all():
        return None
    np.zeros_like(samples).tofile(sound_made)
    return Measured(Reading(None, None), ())


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a conformed clip: `made` are those that are ours and can be checked."""

    picture: Path
    sound: Path
    note: Path
    copied: Pictures | None
    made: tuple[Path, ...]


def _files(folder: Path, key: str, copied: Pictures | None) -> _Files:
    picture, sound, note = (folder / key[:2] / f"{key}{ending}" for ending in (".mp4", ".f32", ".json"))
    return _Files(picture, sound, note, copied, (sound,) if copied else (picture, sound))


def _normalized(files: _Files, told: dict[str, Any]) -> Normalized:
    return Normalized(
        key=files.note.stem,
        pictures=files.copied or Pictures(files.picture, bytes.fromhex(told["index"]), told["settings"]),
        sound=files.sound,
        frames=told["frames"],
        samples=told["samples"],
        padded_frames=told["padded_frames"],
        reading=Reading(told["lufs"], told["peak_db"]),
        remarks=tuple(told["remarks"]),
        copied=files.copied is not None,
        moments=tuple(told["moments"]),
    )


def _check(pictures: Pictures, sound_made: Path, frames: int, fps: Fps, what: str) -> int:
    """The sample and frame counts. A killed ffmpeg leaves a playable but shorter file, so its exit code isn't enough."""
    samples, got = samples_for(frames, fps), sound_made.stat().st_size // FRAME_BYTES
    if len(pictures) != frames or got != samples:
        raise MediaError(
            f"{what} gave {len(pictures)} frames and {got} samples instead of {frames} and {samples}",
            help="its picture or sound may change form midway: convert the clip to one size and one number of channels; "
            "if it doesn't, run `callsheet doctor`, and report this with the clip",
        )
    return samples
