"""A title card: a plain background with its row's text, silent, of an exact length."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import Fitting
from callsheet.domain.timebase import fps_text
from callsheet.media.clip import burn_in, burnt_titles, normalized
from callsheet.media.clip.content_key import key_of
from callsheet.media.clip.normalize import Treatment
from callsheet.media.clip.normalized import Normalized
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.ffmpeg.command import Command


def lettered_card(ground: str, frames: int, delivery: Delivery, folder: Path, *, fit: Fitting) -> Normalized:
    """The card of exactly `frames`, cached in `folder`; `ground` is its colour in six hex digits, `fit` has its texts. Thread-safe and
    repeatable. MediaError if ffmpeg fails.
    """
    symbolic = _command(ground, frames, delivery, Treatment(fit, Path("folder"), Path("font")), Path("picture"), Path("sound"))
    key = key_of("lettered card", symbolic.words, fit.decides, burnt_titles.digest(fit.font))
    with normalized.making(key):
        there = normalized.kept(folder, key)
        if there:
            return there
        burn_in.written(fit, delivery, folder)
        treatment = Treatment(fit, folder)
        return normalized.make(
            folder,
            key,
            lambda picture_to, sound_to: _command(ground, frames, delivery, treatment, picture_to, sound_to),
            frames=frames,
            delivery=delivery,
            what="making a title card",
        )


def _command(ground: str, frames: int, delivery: Delivery, treatment: Treatment, picture_to: Path, sound_to: Path) -> Command:
    pad = filter_graph.generated("color", c=f"0x{ground}", s=str(delivery.size), r=fps_text(delivery.fps))
    # a named colour is no picture of a codec: it is turned into the film's own matrix once
    coloured = pad.filter("format", "gbrp").filter("scale", out_color_matrix="bt709", out_range="tv")
    written = burn_in.laid(coloured, treatment.fit, delivery, treatment.folder, treatment.font)
    return filter_graph.command(
        normalized.picture(written, frames, delivery, picture_to),
        normalized.sound(normalized.silence(), normalized.samples_for(frames, delivery.fps), sound_to),
    )
