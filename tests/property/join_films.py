"""Random films of joined shots, and what each of their pictures has to show: every frame is counted and read, under transitions too, and no join clicks.

A draw is one join of a film: the rate, the codec, the length of a group of pictures, how its shot comes on and goes, and how long all of it lasts.

    python -m tests.property.join_films --draws 2000 --first 7     # random ones; --seed N for one film
    python -m tests.property.join_films --all                      # every rate x way in x way out x codec
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.delivery.file_format import CONTAINERS, Codec
from callsheet.domain.delivery.fitting import Join, Transition
from callsheet.domain.errors import CallsheetError
from callsheet.domain.finding import Severity
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, fps_text, half_up, sample_at
from callsheet.finishing.finish import finish
from callsheet.media.inspect.packets import read_packets
from callsheet.standin.jobs.sample_films import Film, cells, shoot
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.film_reader import pictures, samples

RATES = tuple(Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "50", "60000/1001"))
CODECS = (Codec.H264, Codec.H265, Codec.PRORES, Codec.DNXHR)
SIZE = Size(256, 144)
#: of every source: frames a second, and how many there are
_SOURCES = ((1, 24), (2, 25), (3, 30), (4, 24))
_SOURCE_S = 9
_JOINS = tuple(Join)
#: joins of one film
PER_FILM = 8
#: how far the cells of a picture may be from what they have to show, mean of 8-bit luma: coding costs up to 5, a wrong frame 20 and more
_NEAR = 12.0
#: as the reader tells it, in full range
_BLACK = 0.0
#: how far the sound may step at a join (1.0 is full scale) where it stands out: is so many times as large as any step within so many samples
_STEP, _STANDS_OUT, _AROUND = 0.05, 2.0, 96
#: faults of a film that are told
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Shot:
    """A shot of a film to be tried: which source it is of, its frames, and how it comes on."""

    source: int
    frames: int
    join: Join
    over: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """A film to be tried."""

    name: str
    fps: Fps
    codec: Codec
    gop_s: int
    shots: tuple[Shot, ...]

    def __str__(self) -> str:
        joins = " ".join(f"{one.join}{one.over or ''}:{one.frames}" for one in self.shots)
        return f"{self.name} {fps_text(self.fps)} {self.codec} gop {self.gop_s} s, {joins}"


def drawn(seed: int) -> Tried:
    """The film of a seed."""
    chance = random.Random(seed)
    fps, codec, gop_s = chance.choice(RATES), chance.choice((*CODECS, Codec.AV1)), chance.choice((1, 1, 1, 2))
    most = int(2.2 * fps)

    def shot(n: int) -> Shot:
        frames = chance.choice((chance.randint(1, 12), chance.randint(5, 40), chance.randint(20, most)))
        join = chance.choice(_JOINS)
        return Shot(1 + (n + chance.randrange(3)) % len(_SOURCES), frames, join, 0 if join is Join.CUT else chance.randint(1, 24))

    return Tried(f"seed {seed}", fps, codec, gop_s, tuple(shot(n) for n in range(PER_FILM + 2)))


def every() -> Iterator[Tried]:
    """A film for each rate and codec in which each way in meets each way out."""
    joins: list[Join] = []
    for n, first in enumerate(_JOINS):  # every pair of neighbours once: a de Bruijn sequence
        joins += [first, *(letter for other in _JOINS[n + 1 :] for letter in (first, other))]
    joins.append(_JOINS[0])
    chance = random.Random(17)
    for fps in RATES:
        for codec in CODECS:
            shots = tuple(
                Shot(1 + n % len(_SOURCES), chance.choice((29, 41, 67)), join, 0 if join is Join.CUT else chance.choice((5, 12, 17)))
                for n, join in enumerate(joins)
            )
            yield Tried("each way in and out,", fps, codec, 1, shots)


def sources(folder: Path) -> dict[int, Path]:
    """The clips that all films are cut from, made once."""
    folder.mkdir(parents=True, exist_ok=True)
    made: dict[int, Path] = {}
    for number, fps in _SOURCES:
        film = Film(SIZE.width, SIZE.height, fps, fps * _SOURCE_S, True, number)
        made[number] = folder / film.name
        if not made[number].exists():
            shoot(film, made[number])
    return made


def faults(film: Tried, clips: dict[int, Path], project: Project) -> list[str]:
    """What is wrong with the film as it comes out, in words; it is made in `project`."""
    cut = Cut(sequence="SQ", shots=tuple(_cut_shot(n, one, clips) for n, one in enumerate(film.shots)))
    delivery = Delivery(
        name="web", size=SIZE, fps=film.fps, preset="ultrafast", codec=film.codec, container=CONTAINERS[film.codec][0], gop_s=film.gop_s
    )
    try:
        made = finish(cut, delivery, project)
    except CallsheetError as error:
        return [f"it wasn't finished: {error}"]
    found = [str(one) for one in made.findings if one.severity is Severity.FAIL]
    frames = sum(one.frames for one in film.shots)
    probed = read_packets(str(made.file), "mov")
    heard = probed.sound.samples if probed.sound else None
    if (probed.frames, heard) != (frames, sample_at(frames, film.fps)):
        found.append(f"{probed.frames} frames and {heard} samples instead of {frames} and {sample_at(frames, film.fps)}")
    wanted = list(_wanted(film))
    shown = [_levels(picture) for picture in pictures(made.file)]
    if len(shown) != len(wanted):
        return [*found, f"{len(shown)} pictures decode instead of {len(wanted)}"]
    for n, (levels, due) in enumerate(zip(shown, wanted, strict=True)):
        sure = ~np.isnan(due)
        away = float(np.abs(levels - due)[sure].mean())
        if away > _NEAR:
            found.append(f"frame {n} is {away:.0f} away from what it has to show")
    return [*found, *_clicks(film, made.file)][:_TOLD]


def _clicks(film: Tried, made: Path) -> Iterator[str]:
    """Where the sound jumps at a shot's first sample, as it is heard in the film."""
    steps = np.abs(np.diff(samples(made), prepend=0.0))
    for frame in accumulate(shot.frames for shot in film.shots[:-1]):
        at = sample_at(frame, film.fps)
        around = max(steps[at - _AROUND : at].max(), steps[at + 1 : at + _AROUND].max())
        if steps[at] > max(_STEP, _STANDS_OUT * around):
            yield f"the sound steps by {steps[at]:.2f} at frame {frame}, where {around:.2f} is the most around it"


def _cut_shot(n: int, one: Shot, clips: dict[int, Path]) -> CutShot:
    clip = clips[one.source]
    transition = Transition(one.join, one.over) if one.over else None
    return CutShot(shot=f"S{n}", frames=one.frames, clip=clip, sha256=digest(clip), transition=transition)


def _wanted(film: Tried) -> Iterator[NDArray[np.float64]]:
    """The cells' luma of every picture; NaN where a wipe's edge lies on one."""
    before: Shot | None = None
    for shot, after in zip(film.shots, [*film.shots[1:], None], strict=True):
        over = min(shot.over, shot.frames)
        comes = over - over // 2 if shot.join is Join.FADE and before else over
        if shot.join is Join.FADE and before:
            comes = min(shot.over - shot.over // 2, shot.frames)
        goes = min(after.over // 2, shot.frames) if after and after.join is Join.FADE else 0
        for n in range(shot.frames):
            shown = _source(shot, n, film.fps)
            if n < comes:
                old = _source(before, before.frames + n, film.fps) if before and shot.join is not Join.FADE else np.full(32, _BLACK)
                shown = _mixed(old, shown, n / comes, wipe=shot.join is Join.WIPE and before is not None)
            if n >= shot.frames - goes:
                shown = _mixed(shown, np.full(32, _BLACK), (n - shot.frames + goes) / goes, wipe=False)
            yield shown
        before = shot


def _source(shot: Shot, n: int, fps: Fps) -> NDArray[np.float64]:
    """What the shot's clip shows in its frame `n` at the film's rate: the last picture whose time, rounded, has come."""
    rate = dict(_SOURCES)[shot.source]
    last = int((n + 1) * rate / fps) + 1
    at = max(k for k in range(max(0, last - 3), last + 1) if half_up(k * fps / rate) <= n)
    return np.frombuffer(cells(shot.source, min(at, rate * _SOURCE_S - 1)), np.uint8).astype(np.float64)


def _mixed(old: NDArray[np.float64], new: NDArray[np.float64], share: float, *, wipe: bool) -> NDArray[np.float64]:
    if not wipe:
        return (1 - share) * old + share * new
    edge = share * 32
    at = np.arange(32)
    return np.where(at + 1 <= edge - 0.5, new, np.where(at >= edge + 0.5, old, np.nan))


def _levels(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Mean luma of the middle of each cell."""
    cell = SIZE.width // 32
    row = picture[4:8].astype(np.float64).mean(axis=0).reshape(32, cell)
    return row[:, 2 : cell - 2].mean(axis=1)


def tried(films: Sequence[Tried], folder: Path) -> list[str]:
    """What is wrong with these films, each with how it was drawn; made one after the other in `folder`."""
    clips, wrong = sources(folder / "clips"), list[str]()
    for film in films:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            wrong += [f"{film}: {one}" for one in faults(film, clips, Project(Path(place)))]
    return wrong


def main(argv: Sequence[str] | None = None) -> int:
    """How many films are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.property.join_films", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="one film")
    parser.add_argument("--draws", type=int, default=200, help="how many joins")
    parser.add_argument("--first", type=int, default=0, help="the first film's seed")
    parser.add_argument("--all", action="store_true", help="every rate, way in, way out and codec")
    given = parser.parse_args(argv)
    seeds = [given.seed] if given.seed is not None else range(given.first, given.first + -(-given.draws // PER_FILM))
    films = list(every()) if given.all else [drawn(seed) for seed in seeds]
    broken, joins, began = 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="callsheet-joins-") as folder:
        for film in films:
            wrong = tried([film], Path(folder))
            broken, joins = broken + bool(wrong), joins + len(film.shots) - 2
            print(*wrong, sep="\n", end="\n" * bool(wrong), flush=True)
            if joins // 100 > (joins - len(film.shots) + 2) // 100:
                print(f"{joins} joins, {broken} films wrong, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{len(films)} films, {joins} joins, {broken} films wrong; first seed {given.first}", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(min(1, main()))
