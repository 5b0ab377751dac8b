"""What is burnt into a clip's pictures: the watermark, and the texts over it."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import Fitting
from callsheet.media.clip import burnt_titles, watermark
from callsheet.media.clip.text_layout import Area, Page
from callsheet.media.ffmpeg import filter_graph


def written(fit: Fitting, delivery: Delivery, folder: Path) -> None:
    """Copy the overlays to where `laid` lets ffmpeg read them. MediaError if the watermark has changed."""
    burnt_titles.written(fit.captions, _page(fit, delivery), folder)
    if fit.watermark:
        watermark.written(fit.watermark, folder)


def laid(
    pad: filter_graph.Pad, fit: Fitting, delivery: Delivery, folder: Path, font: Path | None = None, *, again: bool = False
) -> filter_graph.Pad:
    """The pictures with all overlays, which are in `folder` (see `written`). `font` if another path than the real one is to be used.
    `again` as in `filter_graph.source`.
    """
    marked = watermark.laid(pad, fit.watermark, delivery, folder, again=again) if fit.watermark else pad
    return burnt_titles.laid(marked, fit.captions, _page(fit, delivery), folder, font)


def on(pad: filter_graph.Pad, fit: Fitting, delivery: Delivery, folder: Path, *, again: bool = False) -> filter_graph.Pad:
    """The pictures with all overlays, written to `folder` first."""
    written(fit, delivery, folder)
    return laid(pad, fit, delivery, folder, again=again)


def _page(fit: Fitting, delivery: Delivery) -> Page:
    """Texts are below or above a watermark, never on it."""
    if not fit.watermark:
        return Page(delivery.size, fit.font)
    size, left, top = watermark.placed(fit.watermark, delivery.size)
    return Page(delivery.size, fit.font, Area(left, top, left + size.width, top + size.height))
