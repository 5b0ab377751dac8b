"""Gains from readings, and how the film's own offset and limit are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from callsheet.domain.delivery.fitting import Level
from callsheet.domain.errors import MediaError
from callsheet.media.ffmpeg.runner import Ran
from callsheet.media.sound import loudness
from callsheet.media.sound.loudness import encode_at_loudness, expected, gain_db, measure, measured, reading
from callsheet.media.sound.reading import Bound, Reading
from tests.media.clips import delivery
from tests.runners import ffmpeg

_SUMMARY = """
[Parsed_ebur128_0 @ 0x1] Summary:

  Integrated loudness:
    I:         {i} LUFS
    Threshold: -31.2 LUFS

  Loudness range:
    LRA:         0.0 LU

  True peak:
    Peak:      {peak} dBFS
"""


@pytest.mark.parametrize(
    ("i", "peak", "expected"),
    [
        ("-21.1", "-19.6", Reading(-21.1, -19.6)),
        ("-70.0", "-inf", Reading(None, None)),
        ("-69.0", "-40.0", Reading(None, -40.0)),
        ("  0.3", "  1.2", Reading(0.3, 1.2)),
        ("nan", "-3.0", Reading(None, -3.0)),
    ],
)
def test_a_summary_is_read(i: str, peak: str, expected: Reading) -> None:
    """Silence and what is too short have no loudness."""
    assert reading(Ran(b"", _SUMMARY.format(i=i, peak=peak))) == expected


def test_the_last_summary_counts() -> None:
    """ffmpeg may print more than one."""
    assert reading(Ran(b"", _SUMMARY.format(i="-1.0", peak="0.0") + _SUMMARY.format(i="-20.0", peak="-3.0"))).lufs == -20.0


def test_what_is_written_by_the_frame_is_finer() -> None:
    """Its last line counts; the moments of blocks that aren't whole don't."""
    wrote = b"frame:0 pts:0\nlavfi.r128.M=-120.691\nlavfi.r128.I=-70.000\nframe:4 pts:1\nlavfi.r128.M=-21.123\nlavfi.r128.I=-21.137\n"
    ran = Ran(wrote, _SUMMARY.format(i="-21.1", peak="-3.0"))
    assert (reading(ran), measured(ran).moments) == (Reading(-21.14, -3.0), (-21.123,))


def test_no_summary_is_an_error() -> None:
    """A build without the meter is told, never taken for silence."""
    with pytest.raises(MediaError, match="no loudness"):
        reading(Ran(b"", "frame=1"))


@pytest.mark.parametrize(("lufs", "gain"), [(-20.0, 6.0), (-10.0, -4.0), (-60.0, 24.0), (20.0, -24.0), (None, 0.0)])
def test_gain_brings_a_clip_to_the_target_within_bounds(lufs: float | None, gain: float) -> None:
    """Silence isn't lifted, near-silence by 24 dB at most."""
    assert gain_db(Reading(lufs, -3.0), Level(), delivery()) == gain


def _noise(level: float, seconds: int, burst: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(7)
    sound = rng.normal(0, level, (48_000 * seconds, 2)).astype("<f4")
    sound[::9600] += burst
    return sound


def _mixed(sound: np.ndarray, tmp_path: Path, **settings: float) -> tuple[Reading, list[float]]:
    asked: list[float] = []

    def pcm(gain: float) -> Iterable[np.ndarray]:
        asked.append(gain)
        yield sound * np.float32(10 ** (gain / 20))

    return encode_at_loudness(pcm, len(sound), delivery(24, **settings), tmp_path / "sound.m4a").reading, asked


@pytest.mark.parametrize(
    ("sound", "bound"),
    [
        (lambda: _noise(0.05, 3), None),
        (lambda: np.zeros((48_000, 2), "<f4"), None),
        (lambda: _noise(0.05, 1)[:9600], Bound.LENGTH),
        (lambda: _noise(0.0005, 3), Bound.GAIN),
        (lambda: np.repeat((np.arange(144_000) % 24_000 < 40)[:, None], 2, axis=1).astype("<f4"), Bound.PEAKS),
    ],
    ids=["as asked", "silence", "a fifth of a second", "next to nothing", "two clicks a second"],
)
def test_what_keeps_a_film_from_its_loudness_is_told(tmp_path: Path, sound: Callable[[], np.ndarray], bound: Bound | None) -> None:
    """Its length, its peaks under the ceiling, or the most that anything is moved."""
    heard = sound()
    mixed = encode_at_loudness(lambda gain: [heard * np.float32(10 ** (gain / 20))], len(heard), delivery(24), tmp_path / "sound.m4a")
    assert mixed.bound == bound


def test_the_encoded_sound_reads_as_asked(tmp_path: Path) -> None:
    """Off by a few LU at first, near the target when done, and measured on the file itself."""
    read, asked = _mixed(_noise(0.05, 3), tmp_path, loudness_lufs=-23.0)
    assert read.lufs == pytest.approx(-23.0, abs=0.2)
    assert measure(tmp_path / "sound.m4a") == read
    assert 2 <= len(asked) <= 3


def test_what_stands_right_is_encoded_once(tmp_path: Path) -> None:
    """No second pass where the first is near."""
    tone = np.sin(2 * np.pi * 440 * np.arange(3 * 48_000) / 48_000) * 0.1
    _, asked = _mixed(np.stack([tone, tone], axis=1).astype("<f4"), tmp_path, loudness_lufs=_plain_reading(tone) + 0.3)
    assert asked == [loudness._START_DB]


def _plain_reading(tone: np.ndarray) -> float:
    """What the tone reads, unlimited and unencoded."""
    stereo = np.stack([tone, tone], axis=1).astype("<f4").tobytes()
    metered = ["-af", "ebur128=peak=true", "-f", "null", "-"]
    lufs = reading(ffmpeg(["-f", "f32le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", *metered], stdin=stereo)).lufs
    assert lufs is not None
    return lufs


def test_peaks_stay_under_the_ceiling(tmp_path: Path) -> None:
    """Bursts far above full scale are limited, also after encoding."""
    read, _ = _mixed(_noise(0.1, 3, burst=2.0), tmp_path, loudness_lufs=-16.0)
    assert read.peak_db is not None and read.peak_db <= -1.0


def test_silence_is_encoded_once_and_reads_as_none(tmp_path: Path) -> None:
    """There is nothing to move."""
    read, asked = _mixed(np.zeros((48_000, 2), "<f4"), tmp_path)
    assert (read, asked) == (Reading(None, None), [loudness._START_DB])


def test_the_film_is_not_lifted_without_bound(tmp_path: Path) -> None:
    """What 24 dB can't bring to the target stays off it, and the passes end."""
    read, asked = _mixed(_noise(0.0005, 3), tmp_path)
    assert max(asked) == loudness._FILM_GAIN_DB
    assert read.lufs is not None and read.lufs < -30
    assert len(asked) == 2


def test_a_films_reading_is_foretold_from_its_clips(tmp_path: Path) -> None:
    """Loud, quiet and silent parts laid end to end read what their own blocks say, gates and gains included; then one pass does."""
    parts, gains = [_soft(0.1, 4), _soft(0.02, 5), np.zeros((96_000, 2), "<f4"), _soft(0.0004, 3)], [-3.0, 9.0, 0.0, 2.0]
    told = [_clip_reading(part) for part in parts]
    film = np.concatenate([part * np.float32(10 ** (gain / 20)) for part, gain in zip(parts, gains, strict=True)])
    foretold = expected((own, gain) for (_, own), gain in zip(told, gains, strict=True))
    true, _ = _clip_reading(film)
    assert foretold == pytest.approx(true.lufs, abs=0.25)
    asked: list[float] = []

    def pcm(gain: float) -> Iterable[np.ndarray]:
        asked.append(gain)
        yield film * np.float32(10 ** (gain / 20))

    read = encode_at_loudness(pcm, len(film), delivery(24, loudness_lufs=-23.0), tmp_path / "sound.m4a", foretold).reading
    assert len(asked) == 1 and read.lufs == pytest.approx(-23.0, abs=0.25)


def _soft(level: float, seconds: int) -> np.ndarray:
    """Noise without the treble that AAC leaves out."""
    noise = _noise(level * 4, seconds)
    return np.stack([np.convolve(side, np.ones(16) / 16, "same") for side in noise.T], axis=1).astype("<f4")


def _clip_reading(sound: np.ndarray) -> tuple[Reading, tuple[float, ...]]:
    meter = ["-af", "ebur128=peak=true:metadata=1,ametadata=print:file=-", "-f", "null", "-"]
    ran = ffmpeg(["-nostats", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", "pipe:0", *meter], stdin=sound.tobytes())
    return reading(ran), measured(ran).moments


def test_nothing_is_foretold_of_silence() -> None:
    """There is no loudness in it."""
    assert expected([((), 0.0)]) is None


@pytest.mark.parametrize(("level", "db"), [(Level(), 9.0), (Level(matched=False), 0.0), (Level(by_db=-6.0), 3.0), (Level(by_db=2.5), 11.5)])
def test_a_shot_says_how_it_is_set_beside_the_others(level: Level, db: float) -> None:
    """Matched, kept, or moved from the matched level."""
    assert gain_db(Reading(-23.0, -3.0), level, delivery()) == db
