"""Texts burnt into pictures: shaped, in the project's font or the package's. They reach ffmpeg by file and aren't expanded there, so they may hold anything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from callsheet.domain.caption import Caption, CaptionPosition
from callsheet.domain.font import Font
from callsheet.domain.shot import Size
from callsheet.media.clip.font_file import FontFile, read_font
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.store import atomic_files

#: font size as a part of the picture's shorter edge, for what is read and for what is only there
_READ, _THERE = 18, 26
#: parts of the picture that stay free: all around (EBU R 95's area for graphics), and at the bottom of one for phones, which lay their buttons there
_SAFE, _UNDER_BUTTONS = 20, 5
_LOOK: dict[str, filter_graph.Value] = {"fontcolor": "white", "box": 1, "boxcolor": "black@0.55", "expansion": "none"}
_ACROSS = {CaptionPosition.TOP_LEFT: "{m}", CaptionPosition.TOP_RIGHT: "w-text_w-{m}", CaptionPosition.BOTTOM: "(w-text_w)/2"}
_DOWN = {CaptionPosition.TOP_LEFT: "{m}", CaptionPosition.TOP_RIGHT: "{m}", CaptionPosition.BOTTOM: "h-text_h-{m}"}
#: a picture at least this much higher than wide is for phones
_UPRIGHT = 1.5


@dataclass(frozen=True, slots=True)
class Page:
    """What texts are laid out on: the picture's size, the font, and pixels that something else takes at the upper and lower edge of each half."""

    size: Size
    font: Font | None = None
    #: upper left, upper right, bottom
    taken: tuple[int, int, int] = (0, 0, 0)

    @property
    def face(self) -> FontFile:
        """The font as it is read."""
        return read_font(self.font.file if self.font else runner.letters())


def digest(font: Font | None) -> str:
    """The content of what texts are drawn with."""
    return font.sha256 if font else runner.letters_digest()


def written(captions: Sequence[Caption], page: Page, folder: Path) -> None:
    """Put the texts, and the project's font, where `laid` lets ffmpeg read them, named by their content."""
    texts = {_file(caption, page, folder): _wrapped(caption, page).encode() for caption in captions}
    if page.font and captions:
        texts[_font_file(page.font, folder)] = page.font.file.read_bytes()
    for path, content in texts.items():
        if not path.exists():
            part = atomic_files.beside(path)
            part.write_bytes(content)
            atomic_files.replace(part, path)


def laid(pad: filter_graph.Pad, captions: Sequence[Caption], page: Page, folder: Path, font: Path | None) -> filter_graph.Pad:
    """The picture with the texts on it; they stand in `folder` (see `written`). `font` where another path than the real one is to be named."""
    face = font or (_font_file(page.font, folder) if page.font else runner.letters())
    for caption in captions:
        letters = _letters(caption, page.size)
        across, down = _margins(caption, page)
        at = {"x": _ACROSS[caption.place].format(m=across), "y": _DOWN[caption.place].format(m=down)}
        when: dict[str, filter_graph.Value] = {} if caption.end is None else {"enable": f"between(n,{caption.first},{caption.end - 1})"}
        # one line needs no alignment, which ffmpeg has from 6.1 on
        centred = caption.place is CaptionPosition.BOTTOM and "\n" in _wrapped(caption, page)
        aligned: dict[str, filter_graph.Value] = {"text_align": "C"} if centred else {}
        drawn = {
            "fontfile": face,
            "textfile": _file(caption, page, folder),
            "fontsize": letters,
            "boxborderw": letters // 3,
            "line_spacing": letters // 4,
        }
        pad = pad.filter("drawtext", **drawn, **at, **when, **aligned, **_LOOK)
    return pad


def _file(caption: Caption, page: Page, folder: Path) -> Path:
    return folder / "texts" / f"{hashlib.sha256(_wrapped(caption, page).encode()).hexdigest()}.txt"


def _font_file(font: Font, folder: Path) -> Path:
    return folder / "texts" / f"{font.sha256}{font.file.suffix}"


def _letters(caption: Caption, size: Size) -> int:
    return max(8, min(size.width, size.height) // (_READ if caption.place is CaptionPosition.BOTTOM else _THERE))


def _margins(caption: Caption, page: Page) -> tuple[int, int]:
    """Pixels between a text and the edges that it keeps off, at the side and above or below it; its box lies between. What something else takes is left to it."""
    size = page.size
    upright = caption.place is CaptionPosition.BOTTOM and size.height >= _UPRIGHT * size.width
    box = _letters(caption, size) // 3
    taken = dict(zip((CaptionPosition.TOP_LEFT, CaptionPosition.TOP_RIGHT, CaptionPosition.BOTTOM), page.taken, strict=True))
    safe = ceil(size.height / (_UNDER_BUTTONS if upright else _SAFE))
    return box + ceil(size.width / _SAFE), box + max(safe, taken[caption.place])


def _wrapped(caption: Caption, page: Page) -> str:
    """Lines that fit the picture."""
    room = (page.size.width - 2 * _margins(caption, page)[0]) / _letters(caption, page.size)
    return "\n".join(line for written in caption.text.splitlines() for line in _lines(written.split(), page.face, room))


def _lines(words: Iterable[str], face: FontFile, room: float) -> Iterable[str]:
    """As many words on each line as have room; one that is wider than a line is broken."""
    line = ""
    for word in words:
        if line and face.width(f"{line} {word}") > room:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > 1 and face.width(line) > room:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or face.width(line[:n]) <= room)
            yield line[:fits]
            line = line[fits:]
    if line:
        yield line
