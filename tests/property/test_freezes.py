"""A plan knows each padded frame of the films to come: over picks, in-points, lengths, rates, ways in and shorter cuts, held against films that are made."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from callsheet.assets.own_footage import OwnClip
from callsheet.cutting.conform import Footage, cut, sequences
from callsheet.domain.attempt import Attempt, ClipLength
from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import FpsFit, Join
from callsheet.domain.fingerprint import Print
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.shots.shot import InCut, Origin, Shot, Size
from callsheet.finishing.finish import finish
from callsheet.media.inspect.probe import probe
from callsheet.planning.freezes import Freeze, foreseen
from callsheet.pricing.priced import Priced
from callsheet.services.cards.fit import Fit
from callsheet.standin.jobs.sample_films import Film, shoot
from callsheet.store import clip_store
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.unit.report.made_up_project import attempt

RATES = tuple(Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "50"))
SIZE = Size(128, 72)
#: of the sources: frames a second, frames
SOURCES = ((24, 31), (25, 50), (30, 47), (24, 72))
#: of a draw
SHOTS = 4


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Short clips of several rates."""
    folder, made = tmp_path_factory.mktemp("sources"), list[Path]()
    for number, (fps, frames) in enumerate(SOURCES, start=1):
        film = Film(SIZE.width, SIZE.height, fps, frames, True, number)
        made.append(folder / film.name)
        shoot(film, made[-1])
    return made


def length_of(file: Path) -> ClipLength:
    """As receiving notes it."""
    probed = probe(file)
    return ClipLength(probed.duration, probed.fps)


class Draw:
    """A list with its clips, in a project of its own."""

    def __init__(self, seed: int, sources: list[Path], folder: Path) -> None:
        self.chance, self.sources, self.project = random.Random(seed), sources, Project(folder)
        self.attempts: list[Attempt] = []
        self.marks: list[Mark] = []
        self.rows = [self.row(n) for n in range(SHOTS)]

    def row(self, n: int) -> Priced:
        """A shot of some length from some frame on, of one or two clips, of which one may be picked; or of a clip of the author's; or of none. Some are title cards by now."""
        chance, shot = self.chance, f"S{n}"
        cuts = (InCut("6", self.seconds(0.2, 1.5), chance.choice((None, self.seconds(0, 2)))),) if chance.random() < 0.4 else ()
        row = Shot(
            list="spot", shot_id=shot, prompt="p", origin=Origin("spot.csv", n + 2, n + 2), sequence="SQ", cuts=cuts,
            in_s=chance.choice((None, self.seconds(0, 2.6))), fps_fit=chance.choice((None, FpsFit.RETIME, FpsFit.DROP)),
            transition=chance.choice((Join.CUT, *Join)), transition_s=chance.choice((None, self.seconds(0.1, 1))),
        )  # fmt: skip
        item = Priced(
            shot=row, model="runware/ltx-2", service="runware", account="runware https://api.runware.ai/v1", fit=Fit(None, ()), quote=None,
            author=Print("a"), request_print="b", used_s=self.seconds(0.1, 2.4),
        )  # fmt: skip
        if chance.random() < 0.2:
            file = chance.choice(self.sources)
            length = length_of(file)
            own = OwnClip(name="own.mp4", file=file, sha256=digest(file), seconds=length.seconds, size=SIZE, fps=length.fps)
            return replace(item, own=own)
        for _ in range(chance.choice((0, 1, 1, 1, 2))):
            self.bought(shot)
        mine = [one.id for one in self.attempts if one.take.shot == shot]
        if mine and chance.random() < 0.5:
            self.marks.append(Mark(kind=MarkKind.PICK, list="spot", shot=shot, take=1, attempt=chance.choice(mine)))
        return replace(item, ground="203040") if chance.random() < 0.2 else item

    def bought(self, shot: str) -> None:
        """One more clip of a shot; what its record doesn't tell is looked at."""
        file = self.chance.choice(self.sources)
        clip = clip_store.clip_path(self.project, digest(file))
        clip.parent.mkdir(parents=True, exist_ok=True)
        clip.write_bytes(file.read_bytes())
        noted = length_of(file) if self.chance.random() < 0.5 else None
        odd = ({"code": "clip-short", "severity": "fail"},)  # else the purchase is believed, and these clips aren't what was bought
        number = len(self.attempts) + 1
        made = replace(attempt(shot, number), id=str(number), sha256=digest(file), size=clip.stat().st_size, length=noted, findings=odd)
        self.attempts.append(made)

    def seconds(self, least: float, most: float) -> Decimal:
        return Decimal(self.chance.randint(round(least * 1000), round(most * 1000))).scaleb(-3)

    def deliveries(self) -> list[Delivery]:
        """Two, of two rates."""
        rates = self.chance.sample(RATES, 2)
        return [Delivery(name=f"d{n}", size=SIZE, fps=fps, preset="ultrafast") for n, fps in enumerate(rates)]


def made(draw: Draw, footage: Footage, into: list[Delivery]) -> set[tuple[str, str, str, int, int]]:
    """The padded frames of the films as their records have them."""
    found: set[tuple[str, str, str, int, int]] = set()
    for sequence in footage.rows:
        for delivery in into:
            wanted = cut(sequence, footage, delivery)
            film = finish(wanted, delivery, draw.project)
            records = [json.loads(file.read_text())["versions"] for file in draw.project.finished.glob("*.json")]
            clips = next(one["told"]["clips"] for several in records for one in several if one["sha256"] == film.sha256)
            places = [
                (sequence, delivery.name, shot.shot, one["padded"], one["padded_under"])
                for shot, one in zip(wanted.shots, clips, strict=True)
            ]
            found |= {place for place in places if place[3] or place[4]}
    return found


@pytest.mark.parametrize("draws", [1, pytest.param(3, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_what_a_plan_foresees_is_what_the_films_have(draws: int, sources: list[Path], tmp_path: Path, seed: int) -> None:
    """Own frames and those under transitions, in each sequence, shorter cut and delivery."""
    for number, drawn in enumerate(random.Random(seed).sample(range(10**9), draws)):
        print(f"draw {drawn}")
        draw = Draw(drawn, sources, tmp_path / str(number))
        footage = Footage.of(draw.rows, {}, draw.attempts, draw.project, Marks.of(draw.marks))
        into = draw.deliveries()
        measure = partial(lambda project, one: length_of(clip_store.clip_path(project, one.sha256)), draw.project)
        told = {_flat(one) for one in foreseen(sequences(draw.rows), footage, frozenset(), into, measure)}
        assert told == made(draw, footage, into)


def _flat(one: Freeze) -> tuple[str, str, str, int, int]:
    return one.sequence, one.delivery, one.shot, one.frames, one.under
