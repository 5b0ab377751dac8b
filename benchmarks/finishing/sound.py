"""The two choices behind a film's sound: how AAC is encoded, and how peaks are limited. Each beside ffmpeg's usual way, on the same two minutes.

    uv run python benchmarks/finishing/sound.py

Fidelity is the median over windows of 43 ms of signal to error, dB, by band, of what is decoded beside what went in. Seconds are the processor's.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from costs import cost  # noqa: E402  # beside this file

from benchmarks.report import table, write  # noqa: E402
from callsheet.media.ffmpeg import codec, runner  # noqa: E402
from callsheet.media.sound.limiter import limited  # noqa: E402
from callsheet.media.sound.loudness import reading  # noqa: E402

RATE, SECONDS, SEED = 48_000, 120, 7
RATES_K = (128, 192, 256)
BANDS_HZ = (0, 250, 1000, 4000, 8000, 12_000, 16_000)
CEILING_DB = -1.5
RAW = ("-f", "f32le", "-ar", str(RATE), "-ac", "2")
#: ffmpeg's limiter, looking four times as finely as the sound is sampled
THEIRS = "aresample=192000,alimiter=limit={limit:.6f}:attack=5:release=50:level=false:latency=1,aresample=48000"

Samples = NDArray[np.float32]
Row = dict[str, object]


def main() -> None:
    """Both questions, on noise as of a street and on tones as of music."""
    coded: list[Row] = []
    limits: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="callsheet-sound-") as name:
        for kind, sound in (("noise", _noise()), ("tones", _tones())):
            raw = Path(name) / f"{kind}.f32"
            raw.write_bytes(sound.tobytes())
            coded += [row for rate in RATES_K for row in _encoded(kind, sound, raw, rate)]
            limits += _limited(kind, sound, raw)
    text = f"{table(coded)}\n\n{table(limits)}"
    write("finishing-sound", "uv run python benchmarks/finishing/sound.py", [*coded, *limits], text)
    print(text)


def _noise() -> Samples:
    """Pink, both sides partly alike, swelling slowly."""
    rng = np.random.default_rng(SEED)
    spectrum = np.fft.rfft(rng.normal(size=(3, RATE * SECONDS)))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 20 * SECONDS))
    both, left, right = np.fft.irfft(spectrum)
    swell = 1 + 0.5 * np.sin(2 * np.pi * 0.3 * np.arange(RATE * SECONDS) / RATE)
    return _levelled(np.stack([both + 0.5 * left, both + 0.5 * right], axis=1) * swell[:, None])


def _tones() -> Samples:
    """Struck chords with overtones, another twice a second, over a little noise."""
    rng, at = np.random.default_rng(SEED), np.arange(RATE // 2) / RATE
    struck: list[NDArray[np.float64]] = []
    for _ in range(2 * SECONDS):
        notes = 110 * 2 ** (rng.integers(0, 36, 3) / 12)
        wave = sum(
            np.exp(-6 * k * at) * np.sin(2 * np.pi * note * k * at) / k for note in notes for k in range(1, 12) if note * k < RATE / 2
        )
        struck.append(np.outer(wave, rng.uniform(0.5, 1, 2)))
    return _levelled(np.concatenate(struck) + 0.003 * rng.normal(size=(RATE * SECONDS, 2)))


def _levelled(sound: NDArray[np.float64]) -> Samples:
    return (sound * (10 ** (-20 / 20) / np.sqrt(np.mean(sound**2)))).astype(np.float32)


def _encoded(kind: str, sound: Samples, raw: Path, rate_k: int) -> Iterable[Row]:
    ours = [word for name, value in codec.FAITHFUL.items() for word in (f"-{name}", str(value))]
    for way, options in (("AAC as ffmpeg encodes it", []), ("AAC as callsheet asks for it", ours)):
        to = raw.with_suffix(".m4a")
        spent = cost([*_read(raw), "-c:a", "aac", "-b:a", f"{rate_k}k", *options, str(to)])
        heard = _decoded(to)[: len(sound)]
        yield {
            "what": way,
            "sound": f"{kind}, {rate_k} kb/s",
            "CPU s": spent.cpu_s,
            "MB": round(to.stat().st_size / 1e6, 2),
            **_fidelity(sound, heard),
        }


def _limited(kind: str, sound: Samples, raw: Path) -> Iterable[Row]:
    """Both 6 dB louder, into the same ceiling."""
    loud, limit = sound * np.float32(2), 10 ** (CEILING_DB / 20)
    raw.write_bytes(loud.tobytes())
    to = raw.with_suffix(".out")
    theirs = cost([*_read(raw), "-af", THEIRS.format(limit=limit), *RAW, str(to)])
    nothing = cost([*_read(raw), *RAW, str(to.with_suffix(".copy"))])
    yield _peaks("ffmpeg's limiter, oversampled", kind, theirs.cpu_s - nothing.cpu_s, loud, np.fromfile(to, "<f4").reshape(-1, 2))
    began = time.process_time()
    ours = np.concatenate(list(limited((loud[n : n + RATE] for n in range(0, len(loud), RATE)), limit)))
    yield _peaks("callsheet's limiter", kind, time.process_time() - began, loud, ours)


def _peaks(what: str, kind: str, seconds: float, loud: Samples, came: Samples) -> Row:
    same = float((came == loud[: len(came)]).all(axis=1).mean())
    return {
        "what": what,
        "sound": f"{kind} + 6 dB",
        "CPU s": round(seconds, 2),
        "dBTP": _true_peak(came),
        "samples untouched": f"{100 * same:.1f} %",
    }


def _true_peak(sound: Samples) -> float | None:
    argv = ["-nostats", *RAW, "-i", "pipe:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    return reading(runner.run(argv, stdin=sound.tobytes())).peak_db


def _read(raw: Path) -> list[str]:
    return [runner.executable(), "-nostdin", "-hide_banner", "-v", "error", "-y", *RAW, "-i", str(raw)]


def _decoded(film: Path) -> Samples:
    argv = [runner.executable(), "-nostdin", "-v", "error", "-i", str(film), *RAW, "-"]
    return np.frombuffer(subprocess.run(argv, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)


def _fidelity(sound: Samples, heard: Samples) -> Mapping[str, float]:
    wave, error = (_spectra(one.mean(axis=1)) for one in (sound, heard - sound))
    hertz = np.fft.rfftfreq(2048, 1 / RATE)
    found: dict[str, float] = {}
    for low, high in pairwise(BANDS_HZ):
        band = (hertz >= low) & (hertz < high)
        power, lost = wave[:, band].sum(axis=1), error[:, band].sum(axis=1)
        there = power > 1e-6
        found[f"to {high} Hz"] = round(float(np.median(10 * np.log10(power[there] / np.maximum(lost[there], 1e-12)))), 1)
    return found


def _spectra(wave: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    whole = np.asarray(wave)[: len(wave) // 2048 * 2048].reshape(-1, 2048)
    return np.abs(np.fft.rfft(whole * np.hanning(2048))) ** 2


if __name__ == "__main__":
    main()
