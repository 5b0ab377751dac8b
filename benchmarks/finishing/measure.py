"""What a finished film is, read from the encoded file alone: by its packets, its decoded pictures and its decoded sound.

Nothing here knows which program made it, but for what each clip should fill.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
from clips import CELLS, CLIPS, RATE, Clip  # beside this file
from numpy.typing import NDArray

from callsheet.media.ffmpeg import runner
from callsheet.media.sound.loudness import reading
from callsheet.media.sound.reading import SILENCE_LUFS, Reading

Samples = NDArray[np.float32]
_WHITE = 212
#: a beep and a flash that are this far apart don't belong together, seconds
_TOGETHER = 0.4
#: the meter steps by this many samples over windows of this many
_HOP, _WINDOW = 24, 480


@dataclass(frozen=True)
class Picture:
    """One decoded picture: its time, which clip and frame it says that it is, and whether it is a flash."""

    at: float
    cell: tuple[int, int] | None
    white: bool


def film(path: Path, clips: Sequence[Clip], fps: Fraction) -> dict[str, object]:
    """Every figure of one film that should show `clips` in their order."""
    pictures, sound = list(_pictures(path)), sound_of(path)
    due = [clip.due(fps) for clip in clips]
    packets, read = _packets(path, fps), loudness(sound)
    loud = clip_loudness(pictures, sound, clips, fps)
    return {
        "frames": len(pictures),
        "frames off": len(pictures) - sum(due),
        **packets,
        "frames of another clip": _misplaced(pictures, clips, due),
        **offsets(pictures, sound, clips),
        "loudness spread LU": round(max(loud) - min(loud), 2) if loud else None,
        "programme LUFS": read.lufs,
        "true peak dBTP": read.peak_db,
        "decode errors": _errors(path),
    }


def offsets(pictures: Sequence[Picture], sound: Samples, clips: Sequence[Clip]) -> dict[str, object]:
    """How far the beeps stand from their flashes, ms; and how many of each are there of how many that should."""
    seen, heard = list(flashes(pictures)), list(beeps(sound))
    pairs = [(beep, min(seen, key=lambda flash: abs(flash - beep), default=-9.0)) for beep in heard]
    apart = [beep - flash for beep, flash in pairs if abs(beep - flash) < _TOGETHER]
    last = apart[-len(clips[-1].heard or clips[-2].heard) :]
    return {
        "flashes": f"{len(seen)}/{2 * len(clips)}",
        "beeps": f"{len(apart)}/{sum(len(clip.heard) for clip in clips)}",
        "worst A/V ms": round(1000 * float(max(map(abs, apart))), 1) if apart else None,
        "A/V ms": f"{1000 * min(apart):.1f} to {1000 * max(apart):.1f}" if apart else None,
        "A/V ms at the last clip": round(1000 * float(max(map(abs, last))), 1) if last else None,
    }


def flashes(pictures: Sequence[Picture]) -> Iterator[float]:
    """Times at which the picture turns white."""
    for before, picture in pairwise([Picture(-1.0, None, white=False), *pictures]):
        if picture.white and not before.white:
            yield picture.at


def beeps(sound: Samples) -> Iterator[float]:
    """Times at which the 1 kHz tone begins: where it reaches half of its own level."""
    for start in range(0, len(sound), 60 * RATE):  # a minute at a time, with a second more on both sides
        first = max(0, start - RATE)
        for at in _beeps(sound[first : start + 61 * RATE].mean(axis=1)):
            if start <= first + at * RATE < start + 60 * RATE:
                yield first / RATE + at


def _beeps(mono: Samples) -> Iterator[float]:
    if len(mono) <= _WINDOW:
        return
    wave = np.exp(-2j * np.pi * 1000 * np.arange(len(mono)) / RATE)
    tone = np.abs(_windowed(mono * wave)) * 2 / _WINDOW
    power = np.maximum(_windowed(mono.astype(np.float64) ** 2).real / _WINDOW, 1e-12)
    clear = (tone**2 / 2 / power > 0.35) & (tone > 1e-3)
    for first, last in _runs(clear):
        if last - first < 0.05 * RATE / _HOP:
            continue
        half = float(median(tone[first:last])) / 2
        begin = max(0, first - _WINDOW // _HOP)
        n = begin + int(np.argmax(tone[begin:last] >= half))
        before, here = tone[n - 1] if n else 0.0, tone[n]
        part = (half - before) / (here - before) if here > before else 0.0
        yield ((n - 1 + part) * _HOP + _WINDOW / 2) / RATE


def _windowed(values: Any) -> Any:
    total = np.concatenate(([0], np.cumsum(values)))
    return (total[_WINDOW:] - total[:-_WINDOW])[::_HOP]


def _runs(on: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], on.astype(np.int8), [0]))))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def clip_loudness(pictures: Sequence[Picture], sound: Samples, clips: Sequence[Clip], fps: Fraction) -> list[float]:
    """LUFS of every clip's own stretch of the film, from the first picture that shows it on; of those with sound.

    A clip that comes again and again is measured where it comes last.
    """
    starts = {cell: next(run).at for cell, run in groupby(pictures, key=lambda one: one.cell and one.cell[0]) if cell is not None}
    found: list[float] = []
    for clip in {clip.i: clip for clip in clips}.values():
        if clip.heard and clip.i in starts:
            first = round(starts[clip.i] * RATE)
            read = finely(sound[first : first + round(clip.due(fps) / fps * RATE)])
            found += [] if read is None else [read]
    return found


def loudness(sound: Samples) -> Reading:
    """EBU R 128 loudness and true peak of decoded sound."""
    return reading(runner.Ran(b"", _metered(sound, "ebur128=peak=true")))


def finely(sound: Samples) -> float | None:
    """EBU R 128 loudness to a thousandth; None for silence."""
    said = _metered(sound, "ebur128=metadata=1,ametadata=print:key=lavfi.r128.I")
    read = float(said.rpartition("lavfi.r128.I=")[2].split()[0])
    return read if read > SILENCE_LUFS else None


def _metered(sound: Samples, meter: str) -> str:
    read = ("-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", "pipe:0")
    argv = [runner.executable(), "-hide_banner", "-nostats", *read, "-af", meter, "-f", "null", "-"]
    return subprocess.run(argv, input=sound.tobytes(), capture_output=True, check=True).stderr.decode()


def sound_of(path: Path) -> Samples:
    """All sound, stereo at 48 kHz, each piece at its own time."""
    with av.open(str(path)) as box:
        if not box.streams.audio:
            return np.zeros((0, 2), np.float32)
        stream = box.streams.audio[0]
        mixer = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
        pieces: list[tuple[int, Samples]] = []
        end = 0
        for frame in box.decode(stream):
            at = round((frame.time or 0.0) * RATE)
            at = at if abs(at - end) > 64 else end  # clocks of milliseconds round
            for part in mixer.resample(frame):
                own = part.to_ndarray().reshape(-1, 2)
                pieces.append((at, own))
                at = end = at + len(own)
        length = round(float((stream.duration or 0) * (stream.time_base or 0)) * RATE) or end
    whole = np.zeros((max(length, 0), 2), np.float32)
    for at, own in pieces:
        inside = own[: max(0, length - at)]
        whole[at : at + len(inside)] = inside
    return whole


def _pictures(path: Path) -> Iterator[Picture]:
    last: tuple[int, int, int, int] | None = None
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in box.decode(stream):
            plane = frame.planes[0]
            gray = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]
            cell, last = _read(gray, last)
            middle = gray[int(frame.height * 0.42) : int(frame.height * 0.58), int(frame.width * 0.45) : int(frame.width * 0.55)]
            yield Picture(float(frame.time or 0.0), cell, bool(middle.mean() > _WHITE))


def _read(
    gray: NDArray[np.uint8], last: tuple[int, int, int, int] | None
) -> tuple[tuple[int, int] | None, tuple[int, int, int, int] | None]:
    """Clip and frame by the row of cells, and the part of the picture in which it was found: clips of other shapes stand between bars."""
    for area in [*([last] if last else []), *_areas(gray.shape[1], gray.shape[0])]:
        cell = _cell(gray, area)
        if cell:
            return cell, area
    return None, last


#: which aspects there are to look for: as a player shows them, and as a program does that ignores the shape of pixels
_SHAPES = sorted({clip.aspect for clip in CLIPS} | {Fraction(clip.width, clip.height) for clip in CLIPS}, reverse=True)


def _areas(wide: int, high: int) -> Iterator[tuple[int, int, int, int]]:
    for aspect in _SHAPES:
        w = min(Fraction(wide), high * aspect)
        width, height = round(w), round(w / aspect)
        yield (wide - width) // 2, (high - height) // 2, width, height


def _cell(gray: NDArray[np.uint8], area: tuple[int, int, int, int]) -> tuple[int, int] | None:
    x, y, wide, high = area
    row = gray[y + max(1, round(high / 12 * 0.3)) : y + max(2, round(high / 12 * 0.7)), x : x + wide].mean(axis=0)
    step = wide / CELLS
    levels = [float(row[int((k + 0.3) * step) : max(int((k + 0.3) * step) + 1, int((k + 0.7) * step))].mean()) for k in range(CELLS)]
    white, black = min(levels[0], levels[19]), max(levels[1], levels[18])
    if white - black < 90:
        return None
    bits = [int(level > (white + black) / 2) for level in levels]
    number, frame = int("".join(map(str, bits[2:8])), 2), int("".join(map(str, bits[8:16])), 2)
    return (number, frame) if (number.bit_count() % 2, frame.bit_count() % 2) == (bits[16], bits[17]) else None


def _misplaced(pictures: Sequence[Picture], clips: Sequence[Clip], due: Sequence[int]) -> int:
    """Pictures at whose place in the film another clip (or none) should stand."""
    wanted = [clip.i for clip, frames in zip(clips, due, strict=True) for _ in range(frames)]
    shown = [picture.cell[0] if picture.cell else None for picture in pictures]
    return sum(one != other for one, other in zip(wanted, shown, strict=False)) + abs(len(wanted) - len(shown))


def _packets(path: Path, fps: Fraction) -> dict[str, object]:
    """How even the pictures' times are, and how far the sound's end is from the picture's."""
    with av.open(str(path)) as box:
        video, audio = box.streams.video[0], box.streams.audio[0] if box.streams.audio else None
        at = sorted(packet.pts * packet.time_base for packet in box.demux(video) if packet.pts is not None)
        steps = {later - sooner for sooner, later in pairwise(at)}
        picture_s = Fraction(video.duration or 0) * (video.time_base or 0) or at[-1] - at[0] + 1 / fps
        sound_s = Fraction(audio.duration or 0) * (audio.time_base or 0) if audio else Fraction(0)
    worst = max(abs(step * fps - 1) for step in steps)
    return {
        "constant rate": "exact"
        if not worst
        else "rounded"
        if worst < 0.03
        else f"no: steps of {float(min(steps)):.3f} to {float(max(steps)):.3f} s",
        "sound - picture ms": round(float(sound_s - picture_s) * 1000, 2) + 0.0,
    }


def _errors(path: Path) -> int:
    argv = [runner.executable(), "-nostdin", "-hide_banner", "-v", "error", "-i", str(path), "-f", "null", "-"]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    return len([line for line in ran.stderr.splitlines() if line.strip()]) + (ran.returncode != 0)
