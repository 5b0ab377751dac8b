"""A slate: what stands for a missing shot, of its exact length, naming the shot and why it is missing."""

from __future__ import annotations

import hashlib
import textwrap
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.shot import Size
from callsheet.domain.timebase import fps_text
from callsheet.media import encode, ffmpeg, graph, place
from callsheet.media.encode import Normalized

#: a monospaced letter's width to its font size
_LETTER = 0.62
_GROUND, _INK, _QUIET = "0x20242a", "0xf2f2ee", "0xb9bec6"
_COLUMNS = 40
_LINES = 4


def slate(shot: str, why: str, frames: int, delivery: Delivery, folder: Path) -> Normalized:
    """A silent picture of exactly `frames` that says `shot` and `why`, kept in `folder`. Safe to call from many threads and again."""
    lines = textwrap.wrap(why, _COLUMNS)[:_LINES] or ["no clip"]
    letters = hashlib.sha256(ffmpeg.font().read_bytes()).hexdigest()
    symbolic = _arguments(shot, lines, Path("text"), Path("font"), frames, delivery, Path("picture"), Path("sound"))
    key = encode.key_of("slate", shot, lines, letters, symbolic)
    with encode.making(key):
        return encode.kept(folder, key) or _make(shot, lines, key, frames, delivery, folder)


def _make(shot: str, lines: list[str], key: str, frames: int, delivery: Delivery, folder: Path) -> Normalized:
    texts = place.beside(folder / key[:2] / f"{key}.txt")
    names = [texts.with_suffix(f".{n}.part") for n in range(len(lines) + 1)]
    try:
        for name, line in zip(names, (shot, *lines), strict=True):
            name.write_text(line)
        return encode.make(
            folder,
            key,
            lambda picture_to, sound_to: _arguments(shot, lines, texts, ffmpeg.font(), frames, delivery, picture_to, sound_to),
            frames=frames,
            delivery=delivery,
            padded_frames=0,
            what=f"making the slate of {shot}",
        )
    finally:
        for name in names:
            name.unlink(missing_ok=True)


def _arguments(
    shot: str, lines: list[str], texts: Path, font: Path, frames: int, delivery: Delivery, picture_to: Path, sound_to: Path
) -> tuple[str, ...]:
    size = delivery.size
    big, small = _letters(size, len(shot), 8), _letters(size, max(len(line) for line in lines), 20)
    pad = graph.generated("color", c=_GROUND, s=str(size), r=fps_text(delivery.fps))
    pad = _line(pad, texts.with_suffix(".0.part"), font, big, _INK, f"h/2-{big}")
    for n in range(len(lines)):
        pad = _line(pad, texts.with_suffix(f".{n + 1}.part"), font, small, _QUIET, f"h/2+{round(big * 0.4 + n * small * 1.5)}")
    return graph.arguments(
        encode.picture(pad, frames, delivery, picture_to),
        encode.sound(encode.silence(), encode.samples_for(frames, delivery.fps), sound_to),
    )


def _line(pad: graph.Pad, text: Path, font: Path, size: int, colour: str, y: str) -> graph.Pad:
    """One centred line. The text comes from a file and isn't expanded: a shot's name may hold anything."""
    return pad.filter(
        "drawtext", fontfile=str(font), textfile=str(text), expansion="none", fontsize=size, fontcolor=colour, x="(w-text_w)/2", y=y
    )


def _letters(size: Size, count: int, share: int) -> int:
    """A font size in pixels: a share of the height, less where the line would be wider than nine tenths of the picture."""
    return max(8, min(size.height // share, int(0.9 * size.width / (_LETTER * max(1, count)))))
