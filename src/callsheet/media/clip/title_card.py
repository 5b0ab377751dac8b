"""A card: a still background with texts, silent, of an exact length. Texts reach ffmpeg through files and aren't expanded, so they may
contain anything.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import fps_text
from callsheet.media.clip import normalized
from callsheet.media.clip.content_key import key_of
from callsheet.media.clip.normalized import Normalized
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.ffmpeg.command import Command
from callsheet.store import atomic_files

#: the font of cards
GROUND, BLACK, INK, QUIET = "0x20242a", "black", "0xf2f2ee", "0xb9bec6"
#: ratio of a monospaced letter's width to its font size
_LETTER = 0.62


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text on a card, centred from left to right: its font size in pixels, and `y`, where its top is, as ffmpeg's expression.

    Seen in the frames `first` to `end` (exclusive), or in all of them where `end` is None.
    """

    text: str
    letters: int
    y: str
    colour: str = INK
    first: int = 0
    end: int | None = None


def letters(size: Size, text: str, share: int) -> int:
    """A font size in pixels: a share of the height, less where the longest line would be wider than nine tenths of the picture."""
    count = max(1, *(len(line) for line in text.split("\n")))
    return max(8, min(size.height // share, int(0.9 * size.width / (_LETTER * count))))


def centred(text: str, columns: int, lines: int) -> str:
    """At most so many lines, each centred by blanks, for the font is monospaced; what has no room ends in dots."""
    wrapped = textwrap.wrap(text, columns, max_lines=lines, placeholder=" ...")
    width = max((len(line) for line in wrapped), default=0)
    return "\n".join(line.center(width).rstrip() for line in wrapped)


def card(words: Sequence[Words], frames: int, delivery: Delivery, folder: Path, *, what: str, ground: str = GROUND) -> Normalized:
    """The card of exactly `frames`, kept in `folder`; `what` it is for who reads of a failure. Safe to call from many threads and again."""
    nowhere = [Path(f"text{n}") for n in range(len(words))]
    symbolic = _command(words, nowhere, Path("font"), ground, frames, delivery, Path("picture"), Path("sound"))
    key = key_of("card", [asdict(one) for one in words], runner.letters_digest(), symbolic.words)
    with normalized.making(key):
        return normalized.kept(folder, key) or _make(words, key, ground, frames, delivery, folder, what)


def _make(words: Sequence[Words], key: str, ground: str, frames: int, delivery: Delivery, folder: Path, what: str) -> Normalized:
    files = [atomic_files.part_path(folder / key[:2] / f"{key}.text{n}") for n in range(len(words))]
    try:
        for file, one in zip(files, words, strict=True):
            file.write_text(one.text, encoding="utf-8")
        return normalized.make(
            folder,
            key,
            lambda picture_to, sound_to: _command(words, files, runner.table_letters(), ground, frames, delivery, picture_to, sound_to),
            frames=frames,
            delivery=delivery,
            what=f"making {what}",
        )
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _command(
    words: Sequence[Words],
    files: Sequence[Path],
    font: Path,
    ground: str,
    frames: int,
    delivery: Delivery,
    picture_to: Path,
    sound_to: Path,
) -> Command:
    pad = filter_graph.generated("color", c=ground, s=str(delivery.size), r=fps_text(delivery.fps))
    for one, file in zip(words, files, strict=True):
        pad = _text(pad, one, file, font)
    return filter_graph.command(
        normalized.picture(pad, frames, delivery, picture_to),
        normalized.sound(normalized.silence(), normalized.samples_for(frames, delivery.fps), sound_to),
    )


def _text(pad: filter_graph.Pad, one: Words, file: Path, font: Path) -> filter_graph.Pad:
    look: dict[str, filter_graph.Value] = {"fontsize": one.letters, "fontcolor": one.colour, "line_spacing": one.letters // 3}
    when: dict[str, filter_graph.Value] = {} if one.end is None else {"enable": f"between(n,{one.first},{one.end - 1})"}
    return pad.filter("drawtext", fontfile=font, textfile=file, expansion="none", x="(w-text_w)/2", y=one.y, **look, **when)
