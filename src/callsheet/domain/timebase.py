"""Time in frames and samples: exact fractions, never seconds as floats.

`Fps` is frames per second as a Fraction (24000/1001 is exact). Sound is 48 000 samples a second.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

Fps = Fraction
SAMPLE_RATE = 48_000

#: What people type for the NTSC rates, and what they mean.
_NTSC = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.95": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
}
_MAX_FPS = 240


def parse_fps(value: str) -> Fps:
    """Frames per second from "24", "23.976" or "24000/1001"; ValueError if it is none of these."""
    value = value.strip()
    try:
        rate = _NTSC.get(value) or Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a frame rate such as 24, 23.976 or 24000/1001") from None
    if not 0 < rate <= _MAX_FPS:
        raise ValueError(f"{value} frames per second is outside 1 to {_MAX_FPS}")
    return rate


def fps_text(fps: Fps) -> str:
    """The contract's spelling: "24", "24000/1001"."""
    return str(fps)


def half_up(value: Fraction) -> int:
    """The nearest whole number, a half going up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def frames_in_cut(duration_s: Decimal, fps: Fps) -> int:
    """Frames that a shot of `duration_s` seconds takes in a cut at `fps`: floor(s x fps + 1/2)."""
    over, under = duration_s.as_integer_ratio()  # whole numbers: a list asks this some ten times for each row
    over, under = 2 * over * fps.numerator, under * fps.denominator
    return (over + under) // (2 * under)


def sample_at(frame: int, fps: Fps) -> int:
    """The first sound sample of `frame`, counted from the start of the film; so clips of N frames join without drift."""
    return half_up(frame * SAMPLE_RATE / fps)


def seconds(frames: int, fps: Fps) -> Fraction:
    """How long `frames` last, in seconds."""
    return frames / fps


def timecode(frame: int, fps: Fps) -> str:
    """Non-drop timecode HH:MM:SS:FF of a frame number."""
    base = half_up(fps)
    total_s, ff = divmod(frame, base)
    minutes, ss = divmod(total_s, 60)
    hh, mm = divmod(minutes, 60)
    return f"{hh:02d}:{mm:02d}:{ss:02d}:{ff:02d}"
