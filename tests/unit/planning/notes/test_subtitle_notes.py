"""Subtitles that a delivery asks for and no row has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.shots.shot import Origin, Shot, Size
from callsheet.domain.timebase import Fps
from callsheet.planning.notes.subtitle_notes import subtitle_notes

FILM = Delivery(name="web", size=Size(320, 192), fps=Fps(25))
SHOT = Shot(shot_id="S1", list="l", sequence="SQ", prompt="p", origin=Origin("l.csv", 2, 2))


@pytest.mark.parametrize(
    ("film", "dialogue", "subtitles", "burnt", "notes"),
    [
        ({"burn_subtitles": "dialogue"}, "Hello", (), "", 0),
        ({"burn_subtitles": "dialogue"}, None, (("de", "Hallo"),), None, 1),
        ({"burn_subtitles": "de"}, "Hello", (("de", "Hallo"),), "de", 0),
        ({"burn_subtitles": "de"}, "Hello", (), None, 1),
        ({"burn_subtitles": "en", "language": "en"}, "Hello", (), "", 0),
        ({"burn_subtitles": "pt-br", "language": "pt-BR"}, "Alo", (), "", 0),
        ({"burn_subtitles": "en", "language": "en"}, "Hello", (("en", "Hello!"),), "en", 0),
        ({"subtitles": ("srt",)}, None, (), None, 1),
        ({"subtitle_tracks": True}, "Hello", (), None, 0),
        ({}, None, (), None, 0),
    ],
)
def test_what_is_burnt_in_or_told(
    film: dict[str, object], dialogue: str | None, subtitles: tuple[tuple[str, str], ...], burnt: str | None, notes: int
) -> None:
    """The language's own text, else the dialogue where that is in it; and a note where a delivery gets none."""
    wanted, shot = replace(FILM, **film), replace(SHOT, dialogue=dialogue, subtitles=subtitles)
    assert wanted.burnt_in(shot.texts) == burnt
    assert len([*subtitle_notes([shot], [wanted])]) == notes
