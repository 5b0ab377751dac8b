"""Texts burnt into pictures: they stand where and when they should, hold anything, and only their own shot is made again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.caption import Caption, CaptionPosition, Cue
from callsheet.domain.delivery.fitting import Fitting, Join, Transition
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.store.project_folder import Project
from tests.film_reader import read_film
from tests.media.clips import Clips, delivery, shot

NASTY = "%{eif:1:d} 'it\\'s' [50%]; \"x\": $(id) \\n {a,b} ./secret file=/etc/passwd ärger <b>&"


def _with(one: CutShot, *captions: Caption) -> CutShot:
    return replace(one, fitting=Fitting(captions=captions))


def _pictures(path: Path) -> list[Any]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format="gray").astype(int) for frame in box.decode(video=0)]


def _changed(a: Any, b: Any, rows: slice) -> bool:
    return bool(np.abs(a[rows] - b[rows]).mean() > 4)


@pytest.fixture
def plain(clips: Clips, project: Project) -> list[Any]:
    """The pictures without any text."""
    return _pictures(finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 24),)), delivery(), project).file)


TOP, BOTTOM = slice(17, 40), slice(150, 192)


def test_a_line_stands_on_its_frames_only(clips: Clips, project: Project, plain: list[Any]) -> None:
    """From its first frame to the one before its end, at the bottom; the picture stays readable and the frames in place."""
    one = _with(shot("A", clips.film(1), 24), Caption("Who's there?", CaptionPosition.BOTTOM, 6, 12))
    film = finish(Cut(sequence="SQ010", shots=(one,)), delivery(), project)
    changed = [_changed(a, b, BOTTOM) for a, b in zip(plain, _pictures(film.file), strict=True)]
    assert changed == [6 <= n < 12 for n in range(24)]
    assert read_film(film.file) == [(1, n) for n in range(24)]


@pytest.mark.parametrize(("size", "free", "lined"), [(Size(320, 192), 9, 40), (Size(192, 342), 68, 110)])
def test_texts_keep_off_the_edges(clips: Clips, project: Project, size: Size, free: int, lined: int) -> None:
    """A twentieth of the picture stays free all around, box and all; at the bottom of an upright one a fifth, where phones lay their buttons."""
    texts = [
        Caption("A line that is rather long", CaptionPosition.BOTTOM),
        Caption("S0010", CaptionPosition.TOP_LEFT),
        Caption("COPY", CaptionPosition.TOP_RIGHT),
    ]
    cuts = [Cut(sequence=name, shots=(_with(shot("A", clips.film(1), 2), *drawn),)) for name, drawn in (("a", []), ("b", texts))]
    plain, drawn = (_pictures(finish(cut, delivery(size=size), project).file)[1] for cut in cuts)
    changed = np.abs(plain - drawn) > 24
    wide, high = size.width // 20 - 2, size.height // 20 - 2  # two for what the encoder smears
    assert not changed[:high].any() and not changed[:, :wide].any() and not changed[:, -wide:].any()
    assert not changed[-free + 2 :].any() and changed[-lined:-free].any()


@pytest.mark.parametrize("place", [CaptionPosition.TOP_LEFT, CaptionPosition.TOP_RIGHT])
def test_a_label_stands_on_every_frame(clips: Clips, project: Project, plain: list[Any], place: CaptionPosition) -> None:
    """In its corner, and nowhere else."""
    one = _with(shot("A", clips.film(1), 24), Caption("S0010.t2.a1", place))
    film = finish(Cut(sequence="SQ010", shots=(one,)), delivery(), project)
    half = slice(0, 160) if place is CaptionPosition.TOP_LEFT else slice(160, 320)
    for before, after in zip(plain, _pictures(film.file), strict=True):
        assert np.abs(before[:24, half] - after[:24, half]).mean() > 4
        assert not _changed(before, after, BOTTOM)


def test_any_text_is_drawn_as_it_is(clips: Clips, project: Project, plain: list[Any]) -> None:
    """Filter syntax, expansions and paths in a text mean nothing; the film is made."""
    one = _with(
        shot("A", clips.film(1), 24),
        Caption(NASTY, CaptionPosition.BOTTOM),
        Caption(f"x{os.sep}..{os.sep}y\n{NASTY}", CaptionPosition.TOP_LEFT),
    )
    film = finish(Cut(sequence="SQ010", shots=(one,)), delivery(), project)
    assert film.frames == 24
    assert all(_changed(a, b, BOTTOM) for a, b in zip(plain, _pictures(film.file), strict=True))


def test_another_line_makes_only_its_shot_again(clips: Clips, project: Project) -> None:
    """The other shot's normalized clip is kept."""
    shots = [_with(shot(name, clips.film(n), 24), Caption(name, CaptionPosition.BOTTOM)) for n, name in enumerate("AB", start=1)]
    finish(Cut(sequence="SQ010", shots=tuple(shots)), delivery(), project)
    before = {path: path.stat().st_mtime_ns for path in project.normalized.rglob("*.mp4")}
    finish(Cut(sequence="SQ010", shots=(shots[0], _with(shots[1], Caption("other", CaptionPosition.BOTTOM)))), delivery(), project)
    after = {path: path.stat().st_mtime_ns for path in project.normalized.rglob("*.mp4")}
    assert len(after) == len(before) + 1 == 3
    assert all(after[path] == time for path, time in before.items())


def test_a_label_goes_through_a_dissolve(clips: Clips, project: Project) -> None:
    """The frames that are encoded anew bear it, too."""
    label = Caption("S0010.t2.a1", CaptionPosition.TOP_LEFT)
    one = _with(shot("A", clips.film(1), 24), label)
    two = replace(_with(shot("B", clips.film(2), 24), label), transition=Transition(Join.DISSOLVE, 8))
    plain = [replace(each, fitting=Fitting()) for each in (one, two)]
    films = [finish(Cut(sequence=name, shots=shots), delivery(), project) for name, shots in (("a", (one, two)), ("b", tuple(plain)))]
    pictures = [_pictures(film.file) for film in films]
    assert all(np.abs(a[:24, :100] - b[:24, :100]).mean() > 3 for a, b in zip(*pictures, strict=True))


def test_a_line_is_not_held_under_the_next_shot(clips: Clips, project: Project) -> None:
    """Where the clip ends before the dissolve over it does, its last picture is held without the line on it."""
    first, second = shot("A", clips.film(1), 48), replace(shot("B", clips.film(2), 24), transition=Transition(Join.DISSOLVE, 8))
    said = _with(first, Caption("Who's there?", CaptionPosition.BOTTOM, 0, 48))
    films = [finish(Cut(sequence=name, shots=(one, second)), delivery(), project) for name, one in (("a", first), ("b", said))]
    plain, lined = (_pictures(film.file) for film in films)
    assert [_changed(a, b, BOTTOM) for a, b in zip(plain, lined, strict=True)] == [n < 48 for n in range(72)]


def test_subtitle_files_stand_beside_the_film(clips: Clips, project: Project) -> None:
    """One of each kind and language, timed in the film; the picture is the same with or without them."""
    first = replace(shot("A", clips.film(1), 24), said=(("", (Cue(0, 12, "Who?"),)), ("de", (Cue(0, 12, "Wer?"),))))
    second = replace(shot("B", clips.film(2), 24), said=(("", (Cue(6, 24, "Me."),)),))
    cut = Cut(sequence="SQ010", shots=(first, second))
    bare = finish(cut, delivery(), project)
    film = finish(cut, delivery(subtitles=("srt", "vtt")), project)
    assert (film.sha256, film.kept) == (bare.sha256, True)
    names = sorted(path.name for path in film.beside)
    assert names == [f"SQ010_web_v001{end}" for end in (".de.srt", ".de.vtt", ".srt", ".vtt", "_origin.json")]
    assert "00:00:01,250 --> 00:00:02,000\nMe." in (project.out / "SQ010_web_v001.srt").read_text()
    assert (project.out / "SQ010_web_v001.de.vtt").read_text().endswith("Wer?\n")
