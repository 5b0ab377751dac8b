"""What is burnt into a clip's pictures: the watermark, and the texts over it."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.fitting import Fitting
from callsheet.media.clip import burnt_titles, watermark
from callsheet.media.ffmpeg import filter_graph, runner


def written(fit: Fitting, delivery: Delivery, folder: Path) -> None:
    """Put what is laid on where `laid` lets ffmpeg read it. MediaError where the watermark isn't what it was."""
    burnt_titles.written(fit.captions, delivery.size, folder)
    if fit.watermark:
        watermark.written(fit.watermark, folder)


def laid(
    pad: filter_graph.Pad, fit: Fitting, delivery: Delivery, folder: Path, font: Path | None = None, *, again: bool = False
) -> filter_graph.Pad:
    """The pictures with all of it on them; it stands in `folder` (see `written`). Without a `font` it is the package's own. `again` as `filter_graph.source` has it."""
    marked = watermark.laid(pad, fit.watermark, delivery, folder, again=again) if fit.watermark else pad
    return burnt_titles.laid(marked, fit.captions, delivery.size, folder, font or runner.font())


def on(pad: filter_graph.Pad, fit: Fitting, delivery: Delivery, folder: Path, *, again: bool = False) -> filter_graph.Pad:
    """The pictures with all of it on them, written to `folder` first."""
    written(fit, delivery, folder)
    return laid(pad, fit, delivery, folder, again=again)
