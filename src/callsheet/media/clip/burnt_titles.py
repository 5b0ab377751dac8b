"""Texts burnt into pictures: shaped, in a font of the project or the package's. They reach ffmpeg through files and aren't expanded, so
they may contain anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from callsheet.domain.delivery.caption import Caption
from callsheet.domain.delivery.font import Font
from callsheet.media.clip.text_layout import Laid, Page, laid_out
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.store import atomic_files

_BOXED: dict[str, filter_graph.Value] = {"fontcolor": "white", "box": 1, "boxcolor": "black@0.55", "expansion": "none"}
_ACROSS = {"left": "{m}", "right": "w-text_w-{m}", "": "(w-text_w)/2"}
_DOWN = {"top": "{m}", "centre": "(h-text_h)/2+{m}", "bottom": "h-text_h-{m}"}


def digest(font: Font | None) -> str:
    """The content of the fonts and files that texts are drawn with."""
    return font.sha256 if font else runner.letters_digest()


def written(captions: Sequence[Caption], page: Page, folder: Path) -> None:
    """Copy the texts, and the project's fonts, to where `laid` lets ffmpeg read them, named by their content."""
    texts: dict[Path, bytes] = {}
    for one in laid_out(tuple(captions), page):
        texts[_file(one, folder)] = one.lines.encode()
        if one.font:
            texts[_font_file(one.font, folder)] = one.font.file.read_bytes()
    for path, content in texts.items():
        if not atomic_files.holds(path, content):
            atomic_files.write(path, content)


def laid(pad: filter_graph.Pad, captions: Sequence[Caption], page: Page, folder: Path, font: Path | None) -> filter_graph.Pad:
    """The picture with the texts, which are in `folder` (see `written`). `font` if another path than the real one is to be used."""
    for one in laid_out(tuple(captions), page):
        pad = drawn(pad, one, folder, font)
    return pad


def drawn(pad: filter_graph.Pad, one: Laid, folder: Path, font: Path | None = None) -> filter_graph.Pad:
    """The picture with one of the texts on it; as `laid`."""
    face = font or (_font_file(one.font, folder) if one.font else runner.letters())
    return pad.filter("drawtext", fontfile=face, textfile=_file(one, folder), fontsize=one.letters, **_placed(one), **_look(one))


def _placed(one: Laid) -> dict[str, filter_graph.Value]:
    """Its position, frames and lines."""
    caption, letters = one.caption, one.letters
    down, _, across = caption.place.partition("-")
    # one line needs no alignment, which ffmpeg has from 6.1 on
    aligned: dict[str, filter_graph.Value] = {} if across or "\n" not in one.lines else {"text_align": "C"}
    when: dict[str, filter_graph.Value] = {} if caption.end is None else {"enable": f"between(n,{caption.first},{caption.end - 1})"}
    at: dict[str, filter_graph.Value] = {"x": _ACROSS[across].format(m=one.aside), "y": _DOWN[down].format(m=one.away)}
    return {"boxborderw": one.box, "line_spacing": letters // 4, **at, **when, **aligned}


def _look(one: Laid) -> dict[str, filter_graph.Value]:
    """White on a box; a title has a dark edge instead, which isn't visible on a dark background."""
    if not one.caption.title:
        return _BOXED
    edge = max(1, one.letters // 18)
    return {"fontcolor": "white", "borderw": edge, "bordercolor": "black@0.75", "expansion": "none"}


def _file(one: Laid, folder: Path) -> Path:
    return folder / "texts" / f"{hashlib.sha256(one.lines.encode()).hexdigest()}.txt"


def _font_file(font: Font, folder: Path) -> Path:
    return folder / "texts" / f"{font.sha256}{font.file.suffix}"
