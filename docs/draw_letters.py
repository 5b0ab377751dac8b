"""Writes docs/images/letters.png: a line in each of twelve scripts, burnt in as films have it, for eyes to look at.

uv run python docs/draw_letters.py
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.shots.shot import Size
from callsheet.media.clip import burnt_titles
from callsheet.media.clip.text_layout import Page
from callsheet.media.ffmpeg import filter_graph, runner

TO = Path(__file__).parent / "images" / "letters.png"
LINES = {
    "Latin": "Łódź, où naïve Straße, fi ffl",
    "Vietnamese": "Xin chào thế giới",
    "Greek": "Καλημέρα κόσμε",
    "Cyrillic": "Привет, мир; їжак",
    "Hebrew": "שלום עולם",
    "Arabic": "مرحبا بالعالم",
    "Persian": "سلام دنیا",
    "Armenian": "Բարեւ աշխարհ",
    "Georgian": "გამარჯობა",
    "Lao": "ສະບາຍດີ",
    "N’Ko": "ߊߟߎ",
    "Tifinagh": "ⴰⵣⵓⵍ",
    "in one line": "Anna sagt مرحبا und geht",
}
SIZE = Size(960, 640)


def main() -> None:
    """Draw each line in a strip of its own, and stand the strips below each other."""
    delivery = Delivery(name="letters", size=Size(SIZE.width, SIZE.height // len(LINES) // 2 * 2), fps=Fraction(24))
    page = Page(Size(SIZE.width, 500))  # letters as large as in a film of this height
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        strips: list[Path] = []
        for n, (script, line) in enumerate(LINES.items()):
            caption = Caption(f"{script}: {line}", CaptionPosition.BOTTOM)
            burnt_titles.written([caption], page, folder)
            ground = filter_graph.generated("color", c="0x446688", s=f"{SIZE.width}x{delivery.size.height + 40}", r=1)
            strips.append(folder / f"{n:02d}.png")
            drawn = burnt_titles.laid(ground, [caption], page, folder, None).filter("crop", SIZE.width, delivery.size.height, 0, 15)
            runner.run(filter_graph.command(drawn.to(strips[-1], {"frames:v": 1, "update": 1})), what=f"drawing {script}")
        joined = filter_graph.source(folder / "%02d.png", {"framerate": 1}).stream(0).filter("tile", f"1x{len(LINES)}")
        runner.run(filter_graph.command(joined.to(TO, {"frames:v": 1, "update": 1})), what="joining the lines")


if __name__ == "__main__":
    main()
