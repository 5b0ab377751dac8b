"""What is burnt into a picture never lies on something else that is, and all of it stays inside the safe area. Measured on pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.assets.watermarks import with_watermarks
from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.delivery.fitting import Fitting
from callsheet.domain.delivery.watermark import Stamp, WatermarkPosition
from callsheet.domain.shots.shot import Size
from callsheet.media.clip import burn_in, burnt_titles, watermark
from callsheet.media.clip.text_layout import Page, laid_out
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.store.project_folder import Project
from tests.media.clips import delivery
from tests.media_files import png

WIDE, TALL = Size(320, 192), Size(180, 320)
SUBTITLE = Caption("Who is there, at this hour of the night, with no lamp lit?", CaptionPosition.BOTTOM, 0, 9)
NAME, COPY = Caption("SQ010_S0010.t1.a1", CaptionPosition.TOP_LEFT), Caption("FOR REVIEW ONLY, NOT TO BE SHOWN", CaptionPosition.TOP_RIGHT)


def _changed(size: Size, folder: Path, draw: Callable[[filter_graph.Pad], filter_graph.Pad]) -> NDArray[np.bool_]:
    """Which pixels of a grey picture something is drawn on."""
    ground = filter_graph.generated("color", c="0x808080", s=str(size), r=1).filter("format", "yuv444p")
    file = folder / "picture.raw"
    runner.run(filter_graph.command(draw(ground).to(file, {"frames:v": 1, "f": "rawvideo", "pix_fmt": "gray"})), what="drawing")
    luma = np.fromfile(file, np.uint8).reshape(size.height, size.width).astype(int)
    return np.abs(luma - luma[0, 0]) > 2


def _drawn(folder: Path, size: Size, spot: WatermarkPosition, *captions: Caption) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The pixels of each of them alone, where it stands beside the others."""
    (folder / "logo.png").write_bytes(png(160, 80, 255))
    stamp = Stamp(name="logo.png", spot=spot, width=Decimal("0.3"))
    [form] = with_watermarks([delivery(size=size, stamp=stamp)], Project(folder))
    mark = form.fitting.watermark
    assert mark
    fit = Fitting(watermark=mark, captions=captions)
    burn_in.written(fit, form, folder)
    page: Page = burn_in._page(fit, form)
    yield "watermark", _changed(size, folder, lambda pad: watermark.laid(pad, mark, form, folder, again=False))
    for one in laid_out(captions, page):
        yield one.caption.text, _changed(size, folder, lambda pad, one=one: burnt_titles.drawn(pad, one, folder))


@pytest.mark.parametrize(
    ("size", "spot", "titles"),
    [
        (WIDE, WatermarkPosition.BOTTOM_RIGHT, ((CaptionPosition.BOTTOM, "Harbour"),)),
        (WIDE, WatermarkPosition.CENTRE, ((CaptionPosition.CENTRE, "THE END"), (CaptionPosition.TOP, "Act two"))),
        (TALL, WatermarkPosition.BOTTOM_LEFT, ((CaptionPosition.BOTTOM_LEFT, "Jane Doe\nKeeper"), (CaptionPosition.CENTRE, "1890"))),
    ],
)
def test_overlays_never_meet_and_stay_in_the_safe_area(
    tmp_path: Path, size: Size, spot: WatermarkPosition, titles: tuple[tuple[CaptionPosition, str], ...]
) -> None:
    """Name, copy mark, subtitle, titles and logo in one frame: each is there, none shares a pixel with another or comes within a twentieth of an edge."""
    written = [Caption(text, place, title=True) for place, text in titles]
    drawn = dict(_drawn(tmp_path, size, spot, NAME, COPY, SUBTITLE, *written))
    assert [name for name, pixels in drawn.items() if pixels.sum() < 20] == []
    assert [(a, b) for a, b in combinations(drawn, 2) if (drawn[a] & drawn[b]).any()] == []
    wide, high = size.width // 20, size.height // 20
    low = size.height // 5 if size is TALL else high
    for name, pixels in drawn.items():
        rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
        assert (rows[0] >= high, rows[-1] < size.height - low, columns[0] >= wide, columns[-1] < size.width - wide) == (True,) * 4, name


def test_what_has_no_room_is_written_smaller(tmp_path: Path) -> None:
    """Many lines at the bottom end inside the safe area, above the logo, every letter there."""
    long = Caption("word " * 90, CaptionPosition.BOTTOM)
    drawn = dict(_drawn(tmp_path, WIDE, WatermarkPosition.BOTTOM_RIGHT, long))
    rows = np.flatnonzero(drawn[long.text].any(1))
    assert rows[0] >= WIDE.height // 20 and not (drawn[long.text] & drawn["watermark"]).any()


def test_texts_of_different_times_keep_their_place() -> None:
    """A title that is gone before a line of dialogue comes doesn't make way for it."""
    title = Caption("Harbour", CaptionPosition.BOTTOM, 0, 12, title=True)
    early, late = (Caption("Who?", CaptionPosition.BOTTOM, first, first + 12) for first in (6, 12))
    alone, beside, behind = (laid_out((title, *said), Page(WIDE))[0].away for said in ((), (early,), (late,)))
    assert beside > alone == behind
