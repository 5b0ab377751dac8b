"""Pictures and sounds made from nothing: what an author puts into the project folder for a list to name."""

from __future__ import annotations

import io
import struct
import wave
import zlib

import numpy as np

RATE = 48_000


def png(width: int = 320, height: int = 192, shade: int = 128) -> bytes:
    """A grey picture; another `shade` gives other bytes."""
    rows = (b"\0" + bytes([shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
            (b"IDAT", zlib.compress(rows)),
            (b"IEND", b""),
        )
    )


def wav(seconds: float, seed: int = 1, rate: int = RATE) -> bytes:
    """Noise on one channel that resembles nothing else: where it stands in a film can be told to the sample."""
    noise = np.random.default_rng(seed).normal(0, 0.1, round(seconds * rate))
    return wav_of(noise, rate)


def wav_of(samples: np.ndarray, rate: int = RATE) -> bytes:
    """These samples, -1 to 1, as a file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return made.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
