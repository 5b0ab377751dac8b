"""Deliveries with subtitles that no row has: known before the films are made without them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callsheet.domain.cut import Delivery
from callsheet.domain.shots.shot import Shot


def subtitle_notes(shots: Sequence[Shot], films: Sequence[Delivery]) -> Iterator[str]:
    """One note for each delivery and setting that finds no text in any row."""
    written = {language for shot in shots for language in shot.texts}
    for film in {film.name: film for film in films}.values():
        if film.burn_subtitles and film.burnt_in(written) is None:
            spoken = film.burn_subtitles == "dialogue"
            column = "dialogue" if spoken else f"subtitle.{film.burn_subtitles}"
            also = "" if spoken else f'; where the dialogue is in it, set language = "{film.burn_subtitles}"'
            yield f'{film.name} burns in no subtitles: burn_subtitles = "{film.burn_subtitles}", and no row has {column}{also}'
        if (film.subtitles or film.subtitle_tracks) and not written:
            yield f"{film.name} gets no subtitles: no row has dialogue or a column such as subtitle.de"
