"""Subtitles inside a film: a track for each language, at the right times, beside pictures and sound that don't change for it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from html import unescape
from pathlib import Path
from typing import Any

import av
import pytest

from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.delivery.caption import Cue
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.language import letters
from callsheet.domain.errors import InputError
from callsheet.finishing.finish import find, finish
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import sniff
from callsheet.settings.deliveries import delivery_from
from callsheet.store.project_folder import Project
from tests.film_reader import read_film
from tests.media.clips import SMALL, Clips, delivery, shot, slate

HOUSE = Path(__file__).parents[2]
_FORMS = [(Codec.H264, Container.MP4), (Codec.PRORES, Container.MOV), (Codec.AV1, Container.WEBM)]


def _cut(clips: Clips) -> Cut:
    """Dialogue in both shots, German in the second, Klingon without a word."""
    first = (("", (Cue(12, 30, "Who's <there>?\nYou & me: 100 %"),)), ("tlh", ()))
    second = (("", (Cue(0, 24, "Me."),)), ("de", (Cue(0, 24, "Ich, übrigens."),)))
    shots = (replace(shot("A", clips.film(1), 48), said=first), slate("B", 6), replace(shot("C", clips.film(2), 30), said=second))
    return Cut(sequence="SQ", shots=shots)


def _form(kind: Codec, container: Container, **more: Any) -> Delivery:
    return delivery(
        codec=kind, container=container, profile="proxy" if kind.mastering else None, subtitle_tracks=True, language="en", **more
    )


def _read(path: Path) -> list[tuple[str, list[tuple[float, str]]]]:
    """Each track's language, and its texts with their seconds."""
    with av.open(str(path)) as box:
        streams = list(box.streams.subtitles)
        texts: dict[int, list[tuple[float, str]]] = {one.index: [] for one in streams}
        for packet in box.demux(streams) if streams else ():
            data = bytes(packet)
            text = (data[2 : 2 + int.from_bytes(data[:2])] if path.suffix != ".webm" else data).decode()
            if packet.pts is not None and text.strip():
                texts[packet.stream.index].append((round(float(packet.pts * packet.time_base), 3), text.strip()))
        return [(one.metadata.get("language", "und"), texts[one.index]) for one in streams]


@pytest.mark.parametrize(("kind", "container"), _FORMS)
def test_every_language_that_speaks_has_a_track(clips: Clips, project: Project, kind: Codec, container: Container) -> None:
    """At its frames' times, its signs as they are written; pictures and sound stand as without."""
    film = finish(_cut(clips), _form(kind, container), project)
    german = "deu" if container is Container.MP4 else "ger"
    own, translated = _read(film.file)
    assert (own[0], translated[0]) == ("eng", german)
    assert [at for at, _ in own[1]] == [0.5, 2.25] and own[1][1][1] == "Me."
    said = own[1][0][1] if container is not Container.WEBM else unescape(own[1][0][1])
    assert said == "Who's <there>?\nYou & me: 100 %"
    assert translated[1] == [(2.25, "Ich, übrigens.")]
    told = read_packets(str(film.file), sniff(film.file))
    assert told.frames == 84 and not told.vfr
    assert [read_film(film.file)[at] for at in (0, 47, 54)] == [(1, 0), (1, 47), (2, 0)]


def test_words_inside_the_film_are_part_of_it(clips: Clips, project: Project) -> None:
    """Other words are another version, the same are found; without tracks the film is the same whatever is said."""
    form = _form(Codec.H264, Container.MP4)
    made = finish(_cut(clips), form, project)
    assert finish(_cut(clips), form, project).kept
    cut = _cut(clips)
    other = replace(cut, shots=(replace(cut.shots[0], said=(("", (Cue(1, 5, "Else."),)),)), *cut.shots[1:]))
    assert find(other, form, project) is None
    assert finish(other, form, project).version == made.version + 1
    plain = replace(form, name="plain", subtitle_tracks=False)
    assert finish(cut, plain, project).sha256 == finish(other, plain, project).sha256


def test_the_same_words_give_the_same_bytes(clips: Clips, project: Project, tmp_path: Path) -> None:
    """In another folder, from nothing."""
    form = _form(Codec.H264, Container.MP4)
    assert finish(_cut(clips), form, project).sha256 == finish(_cut(clips), form, Project(tmp_path / "again")).sha256


def test_nobody_speaks_and_there_is_no_track(clips: Clips, project: Project) -> None:
    """An empty track would be offered by players."""
    film = finish(Cut(sequence="SQ", shots=(shot("A", clips.film(1), 12),)), _form(Codec.H264, Container.MP4), project)
    assert _read(film.file) == []


@pytest.mark.parametrize(("tag", "code"), [("de", "deu"), ("pt-BR", "por"), ("EN", "eng"), ("gsw", "gsw"), ("", "und"), ("xx", "und")])
def test_languages_have_three_letters_in_files(tag: str, code: str) -> None:
    """As ISO 639-2/T has them; what isn't known is undetermined."""
    assert letters(tag) == code


def test_a_table_asks_for_tracks() -> None:
    """And says which language the dialogue is in."""
    form = delivery_from("x", {"subtitle_tracks": True, "language": "pt-BR"}, SMALL, Fraction(24), house=HOUSE)
    assert (form.subtitle_tracks, form.language) == (True, "pt-BR")
    with pytest.raises(InputError, match="is not a language tag"):
        delivery_from("x", {"language": "German!"}, SMALL, Fraction(24), house=HOUSE)
