"""Decodes a bought clip from end to end, once, in a limited ffmpeg: whether all of it decodes, and the data for checks. Pictures are kept
as small as a check needs them, in their stored form: luma and chroma in video range. Sound is kept in full, as floats, each channel
separately; of two streams that are left and right, both; in stereo where its form changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.timebase import SAMPLE_RATE
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import Command, Options
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.inspect.probe import compare, decode_sound, decoded, whole, whole_streams

#: edges of the small pictures, pixels
WIDTH, HEIGHT = 96, 54
_LUMA = WIDTH * HEIGHT
_PICTURE = _LUMA * 3 // 2
#: a framecrc line: stream, dts, pts, duration, bytes, checksum
_LINE = re.compile(rb"^(\d+),\s*-?\d+,\s*-?\d+,\s*(\d+),\s*\d+,\s*(\S+)", re.MULTILINE)
_PAIR, _STEREO = 2, (("aformat", f"sample_rates={SAMPLE_RATE}:channel_layouts=stereo"),)
_SMALL = f"scale={WIDTH}:{HEIGHT}:flags=area:out_range=tv,format=yuv420p"

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """The decoded data. `luma` is (frames, HEIGHT, WIDTH), `chroma` (frames, 2, HEIGHT / 2, WIDTH / 2), 8 bits; `sound` is (samples,
    channels), empty if there is none; `prints` has a checksum of every whole picture.
    """

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]
    prints: tuple[bytes, ...]
    sound: NDArray[np.float32]


def watch(path: Path, probed: Probe, limits: runner.Limits = runner.SUSPECT) -> Watched:
    """Decode everything. MediaError if something is missing or damaged."""
    with TemporaryDirectory(prefix="callsheet-") as name:
        told, small, heard = (Path(name) / part for part in ("told", "small", "heard"))
        decoded(_command(path, probed, told, small, heard), path, limits)
        lines = _LINE.findall(told.read_bytes())
        prints = tuple(print for stream, _, print in lines if stream == b"0")
        compare(probed, len(prints), sum(int(length) for stream, length, _ in lines if stream == b"1"))
        pictures = _mapped(small, np.dtype(np.uint8)).reshape(-1, _PICTURE)
        if probed.sound and probed.sound.changes:
            decode_sound(path, probed, _STEREO, heard)
        sound = _mapped(heard, np.dtype("<f4")).reshape(-1, _channels(probed.sound)) if probed.sound else np.zeros((0, 1), np.float32)
    luma = pictures[:, :_LUMA].reshape(-1, HEIGHT, WIDTH)
    return Watched(luma, pictures[:, _LUMA:].reshape(-1, 2, HEIGHT // 2, WIDTH // 2), prints, sound)


def _mapped(path: Path, kind: np.dtype[_Number]) -> NDArray[_Number]:
    """What stands in a file, which may be deleted then. It is not copied: to clear the pages for a copy takes longer than all checks of it."""
    return np.asarray(np.memmap(path, kind, "r")) if path.stat().st_size else np.zeros(0, kind)


def _command(path: Path, probed: Probe, told: Path, small: Path, heard: Path) -> Command:
    """Every picture's checksum and the sound's length to one file (a pipe would wake whoever reads it for each), small pictures and sound to others."""
    pictures: Options = {"map": f"0:{probed.index}", "fps_mode": "passthrough"}
    counted = {"c:a": "pcm_s16le", "f": "framecrc"}
    sounds = whole_streams(probed)
    if probed.sound is None or not sounds:
        command = whole(path, probed).output(told, {**pictures, **counted})
        return command.output(small, {**pictures, "vf": _SMALL, "f": "rawvideo"})
    both = {**pictures, "map": (f"0:{probed.index}", *sounds), "ac": probed.sound.channels}
    command = whole(path, probed).output(told, {**both, **counted}).output(small, {**pictures, "vf": _SMALL, "f": "rawvideo"})
    floats: Options = {"ar": SAMPLE_RATE, "c:a": "pcm_f32le", "f": "f32le"}
    if probed.sound.right is None:
        return command.output(heard, {"map": sounds[0], "ac": probed.sound.channels, **floats})
    pair = "".join(f"[{stream}]" for stream in sounds)
    joined = f"{pair}join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR[both]"
    return command.output(heard, {"filter_complex": joined, "map": "[both]", **floats})


def _channels(sound: Sound) -> int:
    """The channels that are kept of a clip's sound."""
    return _PAIR if sound.changes or sound.right is not None else sound.channels
