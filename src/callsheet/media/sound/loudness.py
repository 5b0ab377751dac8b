"""Loudness by measured gain: clips are matched to each other, then the whole film to its delivery, read on the encoded sound.

Gains are plain factors (dB), so a clip keeps its dynamics; only peaks above the delivery's ceiling are limited.
Loudness is integrated loudness in LUFS (EBU R 128), peaks are true peaks in dBTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path

import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import Level
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE
from callsheet.media.ffmpeg import codec, filter_graph, runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, NO_PROGRESS, PLAIN_FILE, STDIN
from callsheet.media.ffmpeg.runner import Ran
from callsheet.media.inspect import sound_pass
from callsheet.media.inspect.probe import sniff
from callsheet.media.sound.limiter import Samples, limited
from callsheet.media.sound.reading import AT_CEILING_DB, CLIP_GAIN_DB, SILENCE_LUFS, TOLERATED_LU, Bound, Reading
from callsheet.media.sound.true_peak import TruePeak

#: the whole film is moved by no more than this after its clips were set beside each other: shots that keep their level may leave it far off
_FILM_GAIN_DB = 24.0
#: how near the encoded film's reading must come, LU
NEAR_LU = 0.2
#: aim a little high: the encoder takes away 0.1 to 0.3 LU. What it takes is known after the first pass but for its rounding
_FIRST_AIM_LU, _AIM_LU = 0.2, 0.1
#: matched clips laid end to end read 0.1 to 0.5 LU low (their quiet edges count, too), so the first pass is mostly the last
_START_DB = 0.3
#: EBU R 128's gates: blocks below the first, and so far below the mean, don't count
_GATE_LUFS, _GATE_LU = -70.0, 10.0
#: what ebur128 says before its first block is whole
_NO_BLOCK = -120.0
_MAX_PASSES = 6
#: the encoder adds up to half a dB to the peaks that the limiter let through
_PEAK_MARGIN_DB = 0.5
_SECOND_BYTES = 8 * SAMPLE_RATE
_METER = {"framelog": "verbose", "metadata": 1}
_INTEGRATED = re.compile(r"^\s*I:\s+(\S+) LUFS", re.MULTILINE)
#: the same to a thousandth, told every 100 ms
_FINE = re.compile(rb"^lavfi\.r128\.I=(\S+)", re.MULTILINE)
_MOMENT = re.compile(rb"^lavfi\.r128\.M=(\S+)", re.MULTILINE)
_PEAK = re.compile(r"^\s*Peak:\s+(\S+) dBFS", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mixed:
    """What an encoded film reads, and what kept it from its delivery's loudness, where something did."""

    reading: Reading
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A sound's reading, and the loudness of each whole block of 400 ms, one every 100 ms, where there is any."""

    reading: Reading
    moments: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a pass over the film's sound is made with: gain of all of it, and the highest sample that is let through."""

    offset_db: float
    limit_db: float


def metered(pad: filter_graph.Pad, peak: str | None = "sample") -> filter_graph.Pad:
    """The sound, measured as it passes; `measured` takes the result from what ffmpeg said and wrote.

    Without `peak` nothing is printed: the loudness is told beside the sound, for `measured_in_passing`.
    """
    if peak is None:
        return pad.filter("ebur128", **_METER)
    return pad.filter("ebur128", peak=peak, **_METER).filter("ametadata", mode="print", file="-")


def measured(ran: Ran) -> Measured:
    """What ffmpeg wrote. MediaError if that is nothing."""
    return _measured(reading(ran), map(float, _MOMENT.findall(ran.stdout)))


def measured_in_passing(sound: Path, lufs: float | None, moments: Iterable[float]) -> Measured:
    """What a meter told that printed nothing, and the peak of the sound of the normalized form that it wrote."""
    return _in_passing(np.fromfile(sound, "<f4"), lufs, moments)


def measured_first(sound: Path, samples: int) -> Measured:
    """What the first samples of a sound of the normalized form read. MediaError if it can't be read."""
    try:
        told = sound_pass.meter(sound, samples)
    except FFmpegError as error:
        raise MediaError(f"measuring {sound.name} failed: {error}", help="run `callsheet finish` again") from None
    return _in_passing(np.fromfile(sound, "<f4", 2 * samples), told.lufs, told.moments)


def _in_passing(sound: Samples, lufs: float | None, moments: Iterable[float]) -> Measured:
    return _measured(_read(SILENCE_LUFS if lufs is None else lufs, _peak_db(float(np.abs(sound).max(initial=0)))), moments)


def _peak_db(level: float) -> float:
    return round(20 * log10(level), 1) if level else float("-inf")


def _measured(read: Reading, moments: Iterable[float]) -> Measured:
    return Measured(read, tuple(moment for moment in moments if moment > _NO_BLOCK) if read.lufs is not None else ())


def expected(sounds: Iterable[tuple[Sequence[float], float]]) -> float | None:
    """What sounds laid end to end will read (LUFS), each by its moments and its gain (dB): the mean over EBU R 128's two gates. None for silence.

    Blocks that lie over a joint are left out, so it is right to a few tenths.
    """
    blocks = np.array([moment + gain for own, gain in sounds for moment in own if moment + gain > _GATE_LUFS])
    if not len(blocks):
        return None
    return _mean(blocks[blocks > _mean(blocks) - _GATE_LU])


def _mean(blocks: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(10 ** (blocks / 10))))


def reading(ran: Ran) -> Reading:
    """The last summary in ffmpeg's messages, its loudness to a hundredth where that was written. MediaError if there is none."""
    integrated, peaks, fine = _INTEGRATED.findall(ran.stderr), _PEAK.findall(ran.stderr), _FINE.findall(ran.stdout)
    if not integrated or not peaks:
        raise MediaError("ffmpeg gave no loudness", help="CALLSHEET_FFMPEG must name an ffmpeg 5.1 or later with the ebur128 filter")
    return _read(float(fine[-1] if fine else integrated[-1]), float(peaks[-1]))


def _read(loudness: float, peak: float) -> Reading:
    lufs = round(loudness, 2)
    return Reading(lufs if lufs > SILENCE_LUFS else None, peak if peak > float("-inf") else None)


def gain_db(clip: Reading, level: Level, delivery: Delivery) -> float:
    """The gain that sets a clip beside the others: matched to the delivery's loudness, within bounds, or as it is; then moved as its shot says.

    Nothing is matched where there is nothing to measure.
    """
    if clip.lufs is None or not level.matched:
        return level.by_db
    return _within(CLIP_GAIN_DB, delivery.loudness_lufs - clip.lufs) + level.by_db


def measure(path: Path) -> Reading:
    """What a finished file of ours reads. MediaError if it can't be read."""
    meter, peak = sound_pass.MeterReading(), TruePeak()
    try:
        for block in _by_the_second(sound_pass.listen(path, sniff(path), meter)):
            peak.listen(np.frombuffer(block, np.float32).reshape(-1, 2))
    except FFmpegError as error:
        raise MediaError(f"measuring {path.name} failed: {error}", help="run `callsheet finish` again") from None
    peak.end()
    return _read(SILENCE_LUFS if meter.lufs is None else meter.lufs, _peak_db(peak.level))


def _by_the_second(blocks: Iterable[bytes]) -> Generator[bytes]:
    """The same sound in blocks of a second or a little more: what is counted many samples at a time is counted soon."""
    held: list[bytes] = []
    for block in blocks:
        held.append(block)
        if sum(map(len, held)) >= _SECOND_BYTES:
            yield b"".join(held)
            held = []
    yield b"".join(held)


def encode_at_loudness(
    pcm: Callable[[float], Iterable[Samples]], samples: int, delivery: Delivery, to: Path, outlook: float | None = None
) -> Mixed:
    """Encode a film's sound as its delivery asks into `to`, of exactly `samples`, and say what it reads.

    `pcm(gain)` gives the film's sound (stereo, 48 kHz, in blocks, clips matched already) moved by `gain` dB; it is asked once per pass.
    The film's own offset and the limiter are set by what the encoded file reads. With `outlook`, the LUFS that the sound is expected to read as it is,
    one pass does for nearly every film.
    """
    start_db = _START_DB
    if outlook is not None:
        start_db = round(_within(_FILM_GAIN_DB, delivery.loudness_lufs - outlook + _FIRST_AIM_LU), 2)
    source = filter_graph.source(STDIN, filter_graph.RAW_SOURCE)
    ended = source.stream(0).filter("apad").filter("atrim", end_sample=samples)
    options = {**codec.sound_options(delivery), "movie_timescale": SAMPLE_RATE, **PLAIN_FILE, "flags:a": "+bitexact"}
    command = filter_graph.command(ended.to(to, options)).flagged(NO_PROGRESS, ERRORS_ONLY)
    setting, read = _Setting(start_db, delivery.true_peak_dbtp - _PEAK_MARGIN_DB), Reading(None, None)
    for _ in range(_MAX_PASSES):
        runner.run(
            command,
            stdin=(block.tobytes() for block in limited(pcm(setting.offset_db), 10 ** (setting.limit_db / 20))),
            what="encoding the sound",
        )
        read = measure(to)
        if read.lufs is None or read.peak_db is None:
            break
        error = delivery.loudness_lufs - read.lufs
        over = max(0.0, read.peak_db - delivery.true_peak_dbtp)
        offset = setting.offset_db if abs(error) <= NEAR_LU else _within(_FILM_GAIN_DB, setting.offset_db + error + _AIM_LU)
        better = _Setting(offset, setting.limit_db - over)
        if better == setting:
            break
        setting = better
    return Mixed(read, _bound(read, setting, delivery))


def _bound(read: Reading, setting: _Setting, delivery: Delivery) -> Bound | None:
    """Why the loudness isn't the delivery's after all passes; None if it is, or there is only silence."""
    if read.peak_db is None or read.peak_db < SILENCE_LUFS:
        return None
    if read.lufs is None:
        return Bound.LENGTH
    error = delivery.loudness_lufs - read.lufs
    if abs(error) <= TOLERATED_LU:
        return None
    if error > 0 and read.peak_db > delivery.true_peak_dbtp - AT_CEILING_DB:
        return Bound.PEAKS
    return Bound.GAIN if abs(setting.offset_db) >= _FILM_GAIN_DB else None


def _within(bound: float, value: float) -> float:
    return max(-bound, min(bound, value))
