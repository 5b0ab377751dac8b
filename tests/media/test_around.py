"""What stands around a programme where a desk asks for it: to the frame, silent, with the programme where the file says that it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callsheet.domain.cut import Cut, Delivery, Finished
from callsheet.domain.delivery.file_format import Codec, Container, Sidecar
from callsheet.domain.delivery.leader import Leader
from callsheet.domain.errors import InputError
from callsheet.domain.timebase import sample_at
from callsheet.finishing.finish import finish
from callsheet.finishing.sidecars import write_sidecars
from callsheet.media.inspect.packets import read_packets
from callsheet.media.sound import loudness
from callsheet.report.documents import sequence
from callsheet.settings.deliveries import delivery_from
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, pictures, read_film, samples
from tests.media.clips import SMALL, Clips, delivery, shot

HOUSE = Path(__file__).parents[2]
_SLATE_LINES = (("project", "Spot 30"), ("client", "Acme % {x} \\: 'y'"))
_ALL = Leader(slate_s=Decimal(1), countdown_s=Decimal(2), head_s=Decimal("0.5"), tail_s=Decimal("0.25"), told=_SLATE_LINES)


def _cut(clips: Clips, frames: int = 48) -> Cut:
    return Cut(sequence="SQ010", shots=(shot("A", clips.film(1), frames), shot("B", clips.film(2), 30)))


def _form(around: Leader = _ALL, **more: Any) -> Delivery:
    return replace(delivery(**more), around=around)


def _film(clips: Clips, project: Project, **more: Any) -> Finished:
    return finish(_cut(clips), _form(**more), project)


@pytest.fixture(scope="module")
def film(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The film at 24, with all that can stand around it, for tests that only look."""
    return _film(clips, Project(tmp_path_factory.mktemp("around")))


@pytest.mark.parametrize(
    "fps",
    [Fraction(24000, 1001), *(pytest.param(Fraction(n), marks=[pytest.mark.slow, pytest.mark.nightly]) for n in ("24", "30000/1001"))],
)
def test_the_programme_stands_where_the_file_says(clips: Clips, project: Project, fps: Fraction) -> None:
    """Slate, countdown and black have their exact lengths at every rate; pictures, sound and `record_in` agree."""
    film = _film(clips, project, fps=fps)
    front, back = _form(fps=fps).front, _form(fps=fps).back
    told = read_packets(str(film.file), "mov")
    assert told.frames == film.frames == front + 78 + back
    assert told.sound is not None and told.sound.samples == sample_at(film.frames, fps)
    cells = read_film(film.file)
    assert [at.record_in for at in film.shots] == [front, front + 48]
    assert cells[front] == (1, 0) and cells[front + 48] == (2, 0)
    assert cells[:front] == [None] * front and cells[front + 78 :] == [None] * back
    seen, heard = flashes(film.file), beeps(film.file)
    assert len(seen) == len(heard) > 1
    assert max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < 0.022


def test_head_and_tail_are_black_and_silent(film: Finished) -> None:
    """The half second before the first picture and all after the last are black; nothing is heard outside the programme."""
    shown = list(pictures(film.file))
    assert all(picture.max() <= 17 for picture in [*shown[72:84], *shown[-6:]])
    assert shown[0].max() > 150 and shown[30].max() > 150
    heard = samples(film.file)
    assert np.abs(heard[: sample_at(82, Fraction(24))]).max() < 1e-3
    assert np.abs(heard[sample_at(84 + 78 + 2, Fraction(24)) :]).max() < 1e-3


def test_the_countdown_counts_the_seconds_to_the_first_picture(film: Finished) -> None:
    """The number changes where a whole second is left, black included, and nowhere else."""
    shown = list(pictures(film.file))[24:72]
    changed = [n for n in range(1, 48) if np.abs(shown[n].astype(int) - shown[n - 1].astype(int)).mean() > 1.0]
    assert changed == [12, 36]


def test_loudness_is_that_of_the_programme(clips: Clips, project: Project, film: Finished) -> None:
    """Silence around it doesn't count, as on a desk's meter. Each film may be off by as much as is near enough."""
    bare = finish(_cut(clips), delivery(), project)
    assert film.loudness_lufs is not None and bare.loudness_lufs is not None
    assert abs(film.loudness_lufs - bare.loudness_lufs) <= 2 * loudness.NEAR_LU
    assert abs((loudness.measure(film.file).lufs or 0) + 14) <= 0.3


def test_the_programme_starts_at_its_timecode(clips: Clips, project: Project) -> None:
    """The file's own starts earlier by what stands before it; each part and each shot is a chapter."""
    film = _film(clips, project, codec=Codec.PRORES, container=Container.MOV, profile="proxy", timecode="10:00:00:00")
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].metadata["timecode"] == "09:59:56:12"
        chapters = [(one["metadata"]["title"], one["start"] * one["time_base"]) for one in box.chapters()]
    starts = [Fraction(at, 24) for at in (0, 24, 72, 84, 132)]
    assert chapters == list(zip(("slate", "countdown", "head", "A", "B"), starts, strict=True))


def test_drop_frame_counts_back_too(clips: Clips, project: Project) -> None:
    """Over the hour, where labels are skipped."""
    fps = Fraction(30000, 1001)
    form = replace(delivery(fps, timecode="01:00:00;00"), around=Leader(head_s=Decimal(1)))
    assert form.starts == "00:59:59;00"
    assert replace(form, around=Leader(head_s=Decimal(60))).starts == "00:59:00;02"


def test_the_slate_says_the_version_and_the_same_film_keeps_it(clips: Clips, project: Project) -> None:
    """Another cut has another slate; a deleted film comes back with the number and the bytes that it had."""
    first = _film(clips, project)
    second = finish(_cut(clips, 47), _form(), project)
    assert (first.version, second.version) == (1, 2)
    slates = [next(pictures(film.file)).astype(int) for film in (first, second)]
    assert np.abs(slates[0] - slates[1]).max() > 100
    first.file.unlink()
    again = _film(clips, project)
    assert (again.version, again.sha256, again.kept) == (1, first.sha256, False)
    assert _film(clips, project).kept


def test_what_stands_beside_begins_with_the_programme(clips: Clips, project: Project) -> None:
    """A GIF shows no leader; the JSON says where the programme is."""
    form = replace(_form(), beside=(Sidecar.GIF,))
    film = finish(_cut(clips), form, project)
    gif = next(path for path in film.beside if path.suffix == ".gif")
    with av.open(str(gif)) as box:
        assert abs(sum(1 for _ in box.decode(video=0)) - 78 * 10 / 24) <= 4
    assert sequence(film, project)["programme"] == {"record_in": 84, "frames": 78}
    assert write_sidecars(_cut(clips), film, project).beside == film.beside


def test_a_clip_that_fits_is_encoded_where_something_stands_around_it(clips: Clips, project: Project) -> None:
    """Copied packets of another encoder can't stand in one film with a leader's."""
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 48),)), _form(Leader(head_s=Decimal("0.5"))), project)
    assert read_film(film.file)[12] == (1, 0)


def _table(**table: object) -> Delivery:
    return delivery_from("desk", table, SMALL, Fraction(25), house=HOUSE)


def test_a_table_says_what_stands_around() -> None:
    """Seconds become frames of the delivery."""
    form = _table(slate_s=10, countdown_s=7, head_s=3, tail_s=5.5, timecode="10:00:00:00")
    assert (form.front, form.back, form.starts) == (500, 138, "09:59:40:00")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"head_s": -1}, "is not a number from 0 to 600"),
        ({"countdown_s": 61}, "is not a number from 0 to 60"),
        ({"slate_s": "long"}, "is not a number"),
        ({"head_s": 2, "timecode": "00:00:01:00"}, "before midnight"),
    ],
)
def test_what_can_not_stand_there_is_refused(table: dict[str, object], said: str) -> None:
    """Named with what it may be; a file never begins on the day before."""
    with pytest.raises(InputError, match=said):
        _table(**table)
