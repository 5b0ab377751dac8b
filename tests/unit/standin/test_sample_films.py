"""Test films are exactly what was asked for, and can still be read after scaling, letterboxing and coding. The reader is tests/film_reader.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from callsheet.standin.jobs.sample_films import Film, cells, crc8, flash_frames, shoot, tail
from tests import film_reader as reader
from tests.runners import ffmpeg

SMALL = Film(320, 192, 24, 48, True, 3)
Shoot = Callable[[Film], Path]


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Shoot:
    """Makes each film once."""
    folder = tmp_path_factory.mktemp("shot")

    def make(film: Film) -> Path:
        path = folder / film.name
        if not path.exists():
            shoot(film, path)
        return path

    return make


@pytest.mark.parametrize(
    "film",
    [
        SMALL,
        replace(SMALL, burn=True),
        replace(SMALL, sound=False, number=255),
        replace(SMALL, container="WEBM"),
        replace(SMALL, container="MOV"),
        Film(128, 256, 50, 60, True, 17),
        Film(192, 128, 1, 3, True, 9),
        Film(720, 1280, 25, 25, False, 31),
    ],
    ids=lambda film: film.name,
)
def test_a_film_is_exactly_what_was_asked_for(shot: Shoot, film: Film) -> None:
    """Size, frame rate, every frame in its order, sound or no sound stream at all."""
    path = shot(film)
    with av.open(str(path)) as box:
        (stream,) = box.streams.video
        assert (stream.width, stream.height, stream.average_rate) == (film.width, film.height, film.fps)
        assert len(box.streams.audio) == int(film.sound)
    assert reader.read_film(path) == [(film.number, frame) for frame in range(film.frames)]


@pytest.mark.parametrize(
    ("film", "width", "height"),
    [
        (SMALL, 1280, 720),
        (SMALL, 192, 128),
        (Film(720, 1280, 25, 25, False, 31), 1280, 720),
        (Film(720, 1280, 25, 25, False, 31), 320, 192),
        (Film(1920, 1080, 24, 24, False, 200), 320, 180),
    ],
)
def test_cells_survive_scaling_letterboxing_and_coding(shot: Shoot, tmp_path: Path, film: Film, width: int, height: int) -> None:
    """Every frame is read back after fitting into another size at crf 23."""
    fitted = tmp_path / "fitted.mp4"
    fit = f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1"
    ffmpeg(["-i", str(shot(film)), "-vf", fit, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", str(fitted)])
    assert reader.read_film(fitted, (film.width, film.height)) == [(film.number, frame) for frame in range(film.frames)]


def test_flash_and_beep_come_together(shot: Shoot) -> None:
    """At 0.5 s and 0.6 s before the end, picture and sound within 3 ms."""
    path = shot(SMALL)
    wanted = [start / 24 for start in (12, 34)]
    assert reader.flashes(path) == pytest.approx(wanted, abs=1e-6)
    assert reader.beeps(path) == pytest.approx(wanted, abs=0.003)


def test_several_clips_are_read_from_one_file(shot: Shoot, tmp_path: Path) -> None:
    """Two clips of different sizes with a slate between them: their cells, holes where the slate is, all four flashes and beeps."""
    other = Film(192, 256, 24, 36, True, 20)
    joined = tmp_path / "joined.mp4"
    fit = "scale=320:192:force_original_aspect_ratio=decrease,pad=320:192:-1:-1,setsar=1"
    graph = f"[0:v]{fit}[a];[1:v]{fit}[c];[2:v]trim=end_frame=12[b];[3:a]atrim=end=0.5[s];[0:a]atrim=end=2[x];[1:a]atrim=end=1.5[y];"
    graph += "[a][x][b][s][c][y]concat=n=3:v=1:a=1[v][o]"
    slate = ["-f", "lavfi", "-i", "color=gray:s=320x192:r=24", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]
    inputs = ["-i", str(shot(SMALL)), "-i", str(shot(other)), *slate]
    ffmpeg([*inputs, "-filter_complex", graph, "-map", "[v]", "-map", "[o]", "-c:v", "libx264", "-c:a", "aac", str(joined)])
    sources = ((320, 192), (192, 256))
    wanted = [(3, n) for n in range(48)] + [None] * 12 + [(20, n) for n in range(36)]
    assert reader.read_film(joined, *sources) == wanted
    starts = [12 / 24, 34 / 24, 2.5 + 12 / 24, 2.5 + 22 / 24]
    assert reader.flashes(joined, *sources) == pytest.approx(starts, abs=1e-3)
    assert reader.beeps(joined) == pytest.approx(starts, abs=0.005)


def test_the_picture_moves_and_clips_differ_in_colour_and_loudness(shot: Shoot) -> None:
    """No two neighbouring frames are alike below the cells; two clips differ plainly."""
    other = replace(SMALL, number=4)
    pictures = [picture.astype(int) for picture in reader.pictures(shot(SMALL))]
    assert min(np.abs(a[20:] - b[20:]).max() for a, b in pairwise(pictures) if b[20:].mean() < 200) > 8
    level = [float(np.sqrt(np.mean(reader.samples(shot(film))[:20_000] ** 2))) for film in (SMALL, other)]
    assert level[1] > 1.05 * level[0] > 0.01
    assert np.abs(pictures[0][20:] - next(reader.pictures(shot(other)))[20:].astype(int)).mean() > 5


def test_a_film_is_the_same_bytes_every_time(shot: Shoot, tmp_path: Path) -> None:
    """So a deleted cache changes no clip."""
    shoot(SMALL, tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == shot(SMALL).read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.mp4"]


def test_the_tail_is_a_box_of_its_own() -> None:
    """Length, type and mark; a Void element with its size in webm."""
    assert tail(SMALL, "clip x") == b"\x00\x00\x00\x0efreeclip x"
    assert tail(replace(SMALL, container="WEBM"), "clip x") == b"\xec\x40\x06clip x"


@pytest.mark.parametrize(
    ("frames", "fps", "starts"),
    [(48, 24, [12, 34]), (150, 25, [12, 135]), (24, 24, [12]), (300, 50, [25, 270]), (1, 1, [0]), (2400, 120, [60, 2328])],
)
def test_flashes_stand_at_known_frames(frames: int, fps: int, starts: list[int]) -> None:
    """Half a second in, and 0.6 s before the end where that is well apart; always inside the film."""
    found = flash_frames(frames, fps)
    assert [flash.start for flash in found] == starts
    assert all(flash.stop <= frames for flash in found)


def test_a_single_wrong_cell_is_noticed() -> None:
    """Any flipped bit of the message or its check makes a row unreadable, never another number."""
    row = np.frombuffer(cells(77, 1234), dtype=np.uint8)
    picture = np.repeat(np.repeat(row[None, :], 16, axis=0), 10, axis=1)
    picture = np.vstack([picture, np.full((176, 320), 90, dtype=np.uint8)])
    assert reader._read(picture) == (77, 1234)
    for cell in range(32):
        broken = picture.copy()
        broken[:16, cell * 10 : cell * 10 + 10] = 251 - broken[:16, cell * 10 : cell * 10 + 10]
        assert reader._read(broken) is None


def test_the_check_is_the_usual_crc_8() -> None:
    """Polynomial 0x07, all ones at the start: the known value of "123456789" is 0xFB."""
    assert crc8(int.from_bytes(b"123456789"), 72) == 0xFB
