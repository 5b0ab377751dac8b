"""The layout of texts on a picture: none over another at the same time or over the watermark, all inside the safe area. Pure. Labels keep
their corners, dialogue is above the watermark at the bottom, and titles avoid both. A text that would leave the safe area is set
smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil

from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.delivery.font import Font
from callsheet.domain.shots.shot import Size
from callsheet.media.clip.font_file import FontFile, read_font
from callsheet.media.ffmpeg import runner

#: font size as a share of the picture's shorter edge: for titles, dialogue and labels
_TITLE, _READ, _THERE = 11, 18, 26
#: the smallest font size, and the step by which a text is made smaller
_LEAST, _SMALLER = 8, 0.9
#: shares of the picture that stay free: all around (EBU R 95's graphics area), and at the bottom for phones, whose players put buttons there
_SAFE, _UNDER_BUTTONS = 20, 5
#: a picture with at least this ratio of height to width is for phones
_UPRIGHT = 1.5
#: share of the picture's height between two elements
_GAP = 60
_LEFT = (CaptionPosition.TOP_LEFT, CaptionPosition.BOTTOM_LEFT)
_RIGHT = (CaptionPosition.TOP_RIGHT, CaptionPosition.BOTTOM_RIGHT)
_TOPS = (CaptionPosition.TOP_LEFT, CaptionPosition.TOP, CaptionPosition.TOP_RIGHT)
_LABELS = (CaptionPosition.TOP_LEFT, CaptionPosition.TOP_RIGHT)


@dataclass(frozen=True, slots=True)
class Area:
    """Pixels of a picture, the last ones exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def meets(self, other: Area) -> bool:
        """Whether both have a pixel."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Page:
    """The area for texts: the picture's size, the font, and the watermark's position."""

    size: Size
    font: Font | None = None
    mark: Area | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """A text as it stands: its lines, font and font size, the pixels between it and the edges that it keeps off (of one in the middle: how far below that it
    stands), and the most that it covers, box and all."""

    caption: Caption
    lines: str
    font: Font | None
    letters: int
    aside: int
    away: int
    area: Area

    @property
    def box(self) -> int:
        """Pixels of ground around the letters."""
        return _box(self.caption, self.letters)


@lru_cache(maxsize=256)
def laid_out(captions: tuple[Caption, ...], page: Page) -> tuple[Laid, ...]:
    """Every text with its position, in order. MediaError or ValueError if a font can't be read."""
    placed: dict[int, Laid] = {}
    for number in sorted(range(len(captions)), key=lambda n: _rank(captions[n])):
        placed[number] = _placed(captions[number], page, tuple(placed.values()), _share(captions[number], captions))
    return tuple(placed[number] for number in range(len(captions)))


def _rank(caption: Caption) -> int:
    """Texts are placed in this order."""
    return 2 if caption.title else 0 if caption.place in _LABELS else 1


def _share(caption: Caption, captions: Sequence[Caption]) -> int:
    """The number of texts that share the width: labels in both upper corners get half each."""
    both = {one.place for one in captions if not one.title} >= set(_LABELS)
    return 2 if both and not caption.title and caption.place in _LABELS else 1


def _placed(caption: Caption, page: Page, others: Sequence[Laid], share: int) -> Laid:
    """The text at the largest size that fits."""
    size, font = page.size, caption.font or page.font
    face = read_font(font.file if font else runner.letters())
    part = _TITLE if caption.title else _THERE if caption.place in _LABELS else _READ
    letters = max(_LEAST, min(size.width, size.height) // part)
    while True:
        laid = _at(caption, page, others, (font, face), letters, share)
        safe = Area(0, ceil(size.height / _SAFE), size.width, size.height - _below(caption, size))
        inside = safe.top <= laid.area.top and laid.area.bottom <= safe.bottom
        if inside or letters <= _LEAST:
            return laid
        letters = max(_LEAST, int(letters * _SMALLER))


def _at(caption: Caption, page: Page, others: Sequence[Laid], written: tuple[Font | None, FontFile], letters: int, share: int) -> Laid:
    """The text at a font size, moved away from elements that are already placed."""
    (font, face), size, box = written, page.size, _box(caption, letters)
    aside = box + ceil(size.width / _SAFE)
    room = size.width - 2 * aside if share == 1 else size.width // share - aside - box - ceil(size.width / _GAP / 2)
    lines = "\n".join(line for said in caption.text.splitlines() for line in _lines(said.split(), face, room / letters))
    away = (
        0
        if caption.place is CaptionPosition.CENTRE
        else box + (ceil(size.height / _SAFE) if caption.place in _TOPS else _below(caption, size))
    )
    laid = Laid(caption, lines, font, letters, aside, away, _area(caption, lines, face, letters, aside, away, size))
    gap = ceil(size.height / _GAP)
    while met := _met(laid, page, others):
        if caption.place in _TOPS:
            moved = met.bottom + gap + box
        elif caption.place is CaptionPosition.CENTRE:
            moved = laid.away + met.bottom + gap - laid.area.top
        else:
            moved = size.height - met.top + gap + box
        laid = replace(laid, away=moved, area=_area(caption, lines, face, letters, aside, moved, size))
        if laid.area.top < 0 or laid.area.bottom > size.height:
            break  # no room at this size
    return laid


def _met(laid: Laid, page: Page, others: Iterable[Laid]) -> Area | None:
    """The elements that a text would overlap."""
    if page.mark and laid.area.meets(page.mark):
        return page.mark
    return next((one.area for one in others if _together(laid.caption, one.caption) and laid.area.meets(one.area)), None)


def _together(one: Caption, other: Caption) -> bool:
    """Whether both are visible in the same frame."""
    return (other.end is None or one.first < other.end) and (one.end is None or other.first < one.end)


def _area(caption: Caption, lines: str, face: FontFile, letters: int, aside: int, away: int, size: Size) -> Area:
    """The largest area that a text covers. Dialogue counts as wide as the picture, so that all lines are at one height."""
    box, rows = _box(caption, letters), lines.split("\n")
    wide = ceil(max(face.width(row) for row in rows) * letters)
    high = ceil(len(rows) * face.height * letters) + (len(rows) - 1) * (letters // 4)
    if caption.place is CaptionPosition.BOTTOM and not caption.title:
        left, right = 0, size.width
    elif caption.place in _LEFT:
        left, right = aside - box, aside + wide + box
    elif caption.place in _RIGHT:
        left, right = size.width - aside - wide - box, size.width - aside + box
    else:
        left, right = (size.width - wide) // 2 - box, (size.width + wide) // 2 + box + 1
    if caption.place in _TOPS:
        top = away
    elif caption.place is CaptionPosition.CENTRE:
        top = (size.height - high) // 2 + away
    else:
        top = size.height - away - high
    return Area(left, top - box, right, top + high + box)


def _box(caption: Caption, letters: int) -> int:
    return letters // 6 if caption.title else letters // 3


def _below(caption: Caption, size: Size) -> int:
    """Free pixels at the bottom."""
    upright = caption.place not in _TOPS and size.height >= _UPRIGHT * size.width
    return ceil(size.height / (_UNDER_BUTTONS if upright else _SAFE))


def _lines(words: Iterable[str], face: FontFile, room: float) -> Iterable[str]:
    """As many words per line as fit; a word wider than a line is broken."""
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
