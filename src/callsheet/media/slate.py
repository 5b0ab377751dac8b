"""A slate: what stands for a missing shot, of its exact length, naming the shot and why it is missing."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
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
    texts = (shot, _centred(why))
    letters = hashlib.sha256(ffmpeg.font().read_bytes()).hexdigest()
    symbolic = _arguments(texts, (Path("shot"), Path("why")), Path("font"), frames, delivery, Path("picture"), Path("sound"))
    key = encode.key_of("slate", texts, letters, symbolic)
    with encode.making(key):
        return encode.kept(folder, key) or _make(texts, key, frames, delivery, folder)


def _centred(why: str) -> str:
    """At most a few lines, each centred by blanks: the font is monospaced."""
    lines = textwrap.wrap(why, _COLUMNS)[:_LINES] or ["no clip"]
    width = max(len(line) for line in lines)
    return "\n".join(line.center(width).rstrip() for line in lines)


def _make(texts: tuple[str, str], key: str, frames: int, delivery: Delivery, folder: Path) -> Normalized:
    files = [place.beside(folder / key[:2] / f"{key}.{name}") for name in ("shot", "why")]
    try:
        for file, text in zip(files, texts, strict=True):
            file.write_text(text)
        return encode.make(
            folder,
            key,
            lambda picture_to, sound_to: _arguments(texts, files, ffmpeg.font(), frames, delivery, picture_to, sound_to),
            frames=frames,
            delivery=delivery,
            what=f"making the slate of {texts[0]}",
        )
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _arguments(
    texts: tuple[str, str], files: Sequence[Path], font: Path, frames: int, delivery: Delivery, picture_to: Path, sound_to: Path
) -> tuple[str, ...]:
    size = delivery.size
    big, small = _letters(size, texts[0], 8), _letters(size, texts[1], 20)
    ground = graph.generated("color", c=_GROUND, s=str(size), r=fps_text(delivery.fps))
    named = _text(ground, files[0], font, big, _INK, f"h/2-{big}")
    told = _text(named, files[1], font, small, _QUIET, f"h/2+{big // 2}")
    return graph.arguments(
        encode.picture(told, frames, delivery, picture_to),
        encode.sound(encode.silence(), encode.samples_for(frames, delivery.fps), sound_to),
    )


def _text(pad: graph.Pad, file: Path, font: Path, size: int, colour: str, y: str) -> graph.Pad:
    """A centred text. It comes from a file and isn't expanded: a shot's name may hold anything."""
    look: dict[str, graph.Value] = {"fontsize": size, "fontcolor": colour, "line_spacing": size // 3}
    return pad.filter("drawtext", fontfile=str(font), textfile=str(file), expansion="none", x="(w-text_w)/2", y=y, **look)


def _letters(size: Size, text: str, share: int) -> int:
    """A font size in pixels: a share of the height, less where the longest line would be wider than nine tenths of the picture."""
    count = max(1, *(len(line) for line in text.split("\n")))
    return max(8, min(size.height // share, int(0.9 * size.width / (_LETTER * count))))
