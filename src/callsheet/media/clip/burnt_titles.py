"""Texts burnt into pictures. They reach ffmpeg by file and aren't expanded there, so they may hold anything."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from callsheet.domain.caption import Caption, CaptionPosition
from callsheet.domain.shot import Size
from callsheet.media.ffmpeg import filter_graph
from callsheet.store import atomic_files

#: a monospaced letter's width to its font size
_LETTER = 0.62
#: font size as a part of the picture's shorter edge, for what is read and for what is only there
_READ, _THERE = 18, 26
#: parts of the picture that stay free: all around (EBU R 95's area for graphics), and at the bottom of one for phones, which lay their buttons there
_SAFE, _UNDER_BUTTONS = 20, 5
_LOOK: dict[str, filter_graph.Value] = {"fontcolor": "white", "box": 1, "boxcolor": "black@0.55", "expansion": "none"}
_ACROSS = {CaptionPosition.TOP_LEFT: "{m}", CaptionPosition.TOP_RIGHT: "w-text_w-{m}", CaptionPosition.BOTTOM: "(w-text_w)/2"}
_DOWN = {CaptionPosition.TOP_LEFT: "{m}", CaptionPosition.TOP_RIGHT: "{m}", CaptionPosition.BOTTOM: "h-text_h-{m}"}
#: a picture at least this much higher than wide is for phones
_UPRIGHT = 1.5


def written(captions: Sequence[Caption], size: Size, folder: Path) -> None:
    """Put the texts where `laid` lets ffmpeg read them, named by their content."""
    for caption in captions:
        path = _file(caption, size, folder)
        if not path.exists():
            part = atomic_files.beside(path)
            part.write_text(_wrapped(caption, size), encoding="utf-8")
            atomic_files.replace(part, path)


def laid(pad: filter_graph.Pad, captions: Sequence[Caption], size: Size, folder: Path, font: Path) -> filter_graph.Pad:
    """The picture with the texts on it; they stand in `folder` (see `written`)."""
    for caption in captions:
        letters = _letters(caption, size)
        across, down = _margins(caption, size)
        at = {"x": _ACROSS[caption.place].format(m=across), "y": _DOWN[caption.place].format(m=down)}
        when: dict[str, filter_graph.Value] = {} if caption.end is None else {"enable": f"between(n,{caption.first},{caption.end - 1})"}
        file = _file(caption, size, folder)
        drawn = {"fontfile": font, "textfile": file, "fontsize": letters, "boxborderw": letters // 3, "line_spacing": letters // 4}
        pad = pad.filter("drawtext", **drawn, **at, **when, **_LOOK)
    return pad


def _file(caption: Caption, size: Size, folder: Path) -> Path:
    return folder / "texts" / f"{hashlib.sha256(_wrapped(caption, size).encode()).hexdigest()}.txt"


def _letters(caption: Caption, size: Size) -> int:
    return max(8, min(size.width, size.height) // (_READ if caption.place is CaptionPosition.BOTTOM else _THERE))


def _margins(caption: Caption, size: Size) -> tuple[int, int]:
    """Pixels between a text and the edges that it keeps off, at the side and above or below it; its box lies between."""
    upright = caption.place is CaptionPosition.BOTTOM and size.height >= _UPRIGHT * size.width
    box = _letters(caption, size) // 3
    return box + ceil(size.width / _SAFE), box + ceil(size.height / (_UNDER_BUTTONS if upright else _SAFE))


def _wrapped(caption: Caption, size: Size) -> str:
    """Lines that fit the picture, at the bottom centred by blanks: the font is monospaced."""
    columns = max(8, int((size.width - 2 * _margins(caption, size)[0]) / (_LETTER * _letters(caption, size))))
    lines = [line for written in caption.text.splitlines() for line in textwrap.wrap(written, columns)]
    if caption.place is not CaptionPosition.BOTTOM:
        return "\n".join(lines)
    width = max((len(line) for line in lines), default=0)
    return "\n".join(line.center(width).rstrip() for line in lines)
