"""Which clip stands where, why one is missing, and that each attempt is looked at as often in a long list as in a short one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import pytest

from callsheet.assets.music import BedTable
from callsheet.assets.own_footage import OwnClip
from callsheet.cutting.conform import Footage, bed_notes, cut, sequences
from callsheet.domain.attempt import Attempt, Cause, State
from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.errors import InputError
from callsheet.domain.fingerprint import Print
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.shots.shot import InCut, Origin, Shot, Size, Status
from callsheet.domain.take import TakeId
from callsheet.pricing.priced import Priced
from callsheet.services.cards.fit import Fit
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from tests.unit.report.made_up_project import attempt, failed

WEB = Delivery(name="web", size=Size(320, 192), fps=Fraction(24))
#: another rate and name, the same shots
SLOW = Delivery(name="slow", size=Size(320, 192), fps=Fraction(12))


def priced(shot: str, sequence: str = "one", status: Status = Status.READY) -> Priced:
    """A row of two seconds whose request has the fingerprint of `values.attempt`."""
    row = Shot(list="spot", shot_id=shot, prompt=f"about {shot}", origin=Origin("spot.csv", 2, 2), sequence=sequence, status=status)
    return Priced(
        shot=row, model="runware/ltx-2", service="runware", account="runware https://api.runware.ai/v1", fit=Fit(None, ()), quote=None,
        author=Print("a"), request_print="b", used_s=Decimal(2),
    )  # fmt: skip


def bought(project: Project, shot: str, n: int, **facts: object) -> Attempt:
    """A received attempt whose clip is in place; each has content of its own."""
    clip = clip_store.clip_path(project, f"{n:064x}")
    clip.parent.mkdir(parents=True, exist_ok=True)
    clip.write_bytes(b"clip")
    return replace(attempt(shot, n), sha256=f"{n:064x}", size=4, **facts)  # type: ignore[arg-type]


def cut_of(project: Project, attempts: Sequence[Attempt], *said: Mark) -> Cut:
    """The cut of a list with one shot, S0010."""
    return cut("one", Footage.of([priced("S0010")], {}, attempts, project, Marks.of(said)), WEB)


def test_the_newest_clip_without_a_failing_finding_stands(tmp_path: Path) -> None:
    """A newer clip that fails its check stays an alternate; a failing one stands where there is no other."""
    project = Project(tmp_path)
    good = bought(project, "S0010", 1)
    bad = bought(project, "S0010", 2, findings=({"code": "black", "severity": "fail"},), ended_at="2026-11-22T00:00:00.000Z")
    (stands,), (alone,) = cut_of(project, [good, bad]).shots, cut_of(project, [bad]).shots
    assert (stands.sha256, stands.failing) == (good.sha256, ())
    assert (alone.sha256, alone.failing) == (bad.sha256, ("black",))


def test_a_picked_clip_stands_and_a_rejected_one_does_not(tmp_path: Path) -> None:
    """A pick wins over a newer clip; of two clips the one that isn't rejected stands."""
    project = Project(tmp_path)
    old, new = bought(project, "S0010", 1), bought(project, "S0010", 2, ended_at="2026-11-22T00:00:00.000Z")
    pick = Mark(kind=MarkKind.PICK, list="spot", shot="S0010", take=1, attempt="1")
    reject = Mark(kind=MarkKind.REJECT, list="spot", shot="S0010", take=1, attempt="2")
    stands = [cut_of(project, [old, new], *said).shots[0].sha256 for said in ([], [pick], [reject])]
    assert stands == [new.sha256, old.sha256, old.sha256]


def test_a_missing_clip_says_why(tmp_path: Path) -> None:
    """Nothing bought, the last attempt's message, or the state of one that is under way."""
    project = Project(tmp_path)
    tried = [[], [failed("S0010", Cause.RETRY, "busy")], [attempt("S0010", state=State.SUBMITTED, sha256=None)]]
    assert [cut_of(project, one).shots[0].missing for one in tried] == ["not bought", "busy", "submitted"]


def test_a_shot_that_left_the_list_is_told_in_its_own_sequence(tmp_path: Path) -> None:
    """Its sequence is incomplete, another isn't; an omitted row is neither cut nor missed."""
    project = Project(tmp_path)
    rows = [priced("S0010"), priced("S0020", "two"), priced("S0030", "two", Status.OMIT)]
    attempts = [bought(project, shot, n) for n, shot in enumerate(("S0010", "S0020", "S0030", "S0040"), start=1)]
    footage = Footage.of(rows, {}, attempts, project, Marks())
    assert [*sequences(rows)] == ["one", "two"]
    assert [cut(name, footage, WEB).removed for name in sequences(rows)] == [("S0040",), ()]
    assert [[shot.shot for shot in cut(name, footage, WEB).shots] for name in sequences(rows)] == [["S0010"], ["S0020"]]


def test_a_bed_is_placed_by_its_shots(tmp_path: Path) -> None:
    """From a shot's first frame to the end of another; a shot that the sequence doesn't have is refused with the nearest name."""
    bed = BedTable(place="[[bed]] number 1", name="m.wav", file=tmp_path / "m.wav", sha256="ab", mime="audio/wav", sequence="one")
    rows = [priced(f"S00{n}0") for n in (1, 2, 3, 4)]
    placed = replace(bed, begins="S0020", ends="S0030")
    (laid,) = cut("one", Footage.of(rows, {}, [], Project(tmp_path), Marks(), [placed]), WEB).beds
    assert (laid.first, laid.end) == (48, 144)
    with pytest.raises(InputError, match=r"no shot 'S0050'; did you mean S00\d0"):
        bed_notes([replace(bed, begins="S0050")], rows, [WEB])
    assert bed_notes([replace(bed, sequence="nine")], rows, [WEB]) == ["[[bed]] number 1 (m.wav) is for nine, which this list doesn't have"]


def test_a_bed_that_a_shorter_cut_goes_without_is_told(tmp_path: Path) -> None:
    """The bed is for the sequence by name: its cutdown has no music, unless it has a bed of its own, or the bed is for every sequence."""
    bed = BedTable(place="[[bed]] number 1", name="m.wav", file=tmp_path / "m.wav", sha256="ab", mime="audio/wav", sequence="one")
    row = priced("S0010")
    rows = [replace(row, shot=replace(row.shot, cuts=(InCut("15"), InCut("06")))), priced("S0020")]
    assert bed_notes([bed], rows, [WEB]) == [
        '[[bed]] number 1 (m.wav) is not under one_15, one_06: add a [[bed]] with sequence = "one_15", or leave sequence out'
    ]
    told = bed_notes([bed, replace(bed, sequence="one_06")], rows, [WEB])
    assert told == ['[[bed]] number 1 (m.wav) is not under one_15: add a [[bed]] with sequence = "one_15", or leave sequence out']
    assert bed_notes([replace(bed, sequence=None)], rows, [WEB]) == []


class Watched(Attempt):
    """An attempt that counts how often its take is asked for, which whoever goes through attempts for a shot has to do."""

    looks: ClassVar[Counter[str]] = Counter()

    def __getattribute__(self, name: str) -> object:
        if name == "take":
            Watched.looks[object.__getattribute__(self, "id")] += 1
        return super().__getattribute__(name)


def looks_at_each(project: Project, shots: int) -> set[int]:
    """How often an attempt is looked at while a list of `shots` shots, five to a sequence, is cut for two deliveries. One shot in ten has left the list."""
    Watched.looks = Counter()
    names = [f"S{n:04d}" for n in range(shots)]
    plain = [bought(project, shot, n + 1, take=TakeId("spot", shot, 1), sequence=f"q{n // 5}") for n, shot in enumerate(names)]
    attempts = [Watched(**{field.name: getattr(one, field.name) for field in fields(one)}) for one in plain]
    rows = [priced(shot, f"q{n // 5}") for n, shot in enumerate(names) if n % 10]
    footage = Footage.of(rows, {}, attempts, project, Marks())
    made = [cut(name, footage, delivery) for name in sequences(rows) for delivery in (WEB, SLOW)]
    assert sum(len(one.shots) - len(one.missing) for one in made) == 2 * len(rows)
    assert sum(len(one.removed) for one in made) == 2 * (shots - len(rows))
    assert set(Watched.looks) == {str(n + 1) for n in range(shots)}
    return set(Watched.looks.values())


def test_an_attempt_is_looked_at_as_often_in_a_long_list_as_in_a_short_one(tmp_path: Path) -> None:
    """Cutting grows with the list, not with its square: four times the shots, the same looks at each attempt."""
    short, long = looks_at_each(Project(tmp_path), 20), looks_at_each(Project(tmp_path), 80)
    assert short == long
    assert max(long) < 20


def test_a_trimmed_clip_stands_with_its_own_frames(tmp_path: Path) -> None:
    """From the in-point to the out-point, at the delivery's rate; the shot is as long as they say, and only while that clip stands in it."""
    project = Project(tmp_path)
    clips = [bought(project, "S0010", 1), bought(project, "S0010", 2, ended_at="2026-11-22T00:00:00.000Z")]
    body = {"first": 10, "end": 40, "fps": "24"}
    trim = Mark(kind=MarkKind.TRIM, list="spot", shot="S0010", take=1, attempt="2", body=body)
    pick = Mark(kind=MarkKind.PICK, list="spot", shot="S0010", take=1, attempt="1")
    (trimmed,), (other,) = cut_of(project, clips, trim).shots, cut_of(project, clips, trim, pick).shots
    assert (trimmed.sha256, trimmed.fitting.first, trimmed.frames) == (clips[1].sha256, 10, 30)
    assert (other.sha256, other.fitting.first, other.frames) == (clips[0].sha256, 0, 48)
    slow = cut("one", Footage.of([priced("S0010")], {}, clips, project, Marks.of([trim])), SLOW)
    assert (slow.shots[0].fitting.first, slow.shots[0].frames) == (5, 15)


def test_two_takes_are_joined_in_one_shot(tmp_path: Path) -> None:
    """Each part has its own frames and clip and the shot's name; a part whose file is missing leaves the shot to the locked clip."""
    project = Project(tmp_path)
    first, second = bought(project, "S0010", 1), bought(project, "S0010", 2)
    parts = [{"attempt": "2", "first": 0, "end": 20, "fps": "24"}, {"attempt": "1", "first": 12, "end": 40, "fps": "24"}]
    joined = Mark(kind=MarkKind.JOIN, list="spot", shot="S0010", body={"take": 1, "parts": parts})
    shots = cut_of(project, [first, second], joined).shots
    assert [(shot.shot, shot.sha256, shot.fitting.first, shot.frames) for shot in shots] == [
        ("S0010", second.sha256, 0, 20),
        ("S0010", first.sha256, 12, 28),
    ]
    clip_store.clip_path(project, str(first.sha256)).unlink()
    (left,) = cut_of(project, [first, second], joined).shots
    assert (left.sha256, left.frames) == (second.sha256, 48)


def test_an_own_clip_stands_though_parts_were_joined_before(tmp_path: Path) -> None:
    """What a person joined was of the clips that were bought."""
    project = Project(tmp_path)
    first, own = bought(project, "S0010", 1), tmp_path / "own.mov"
    joined = Mark(
        kind=MarkKind.JOIN, list="spot", shot="S0010", body={"take": 1, "parts": [{"attempt": "1", "first": 0, "end": 20, "fps": "24"}]}
    )
    clip = OwnClip(name="own.mov", file=own, sha256="f" * 64, seconds=Fraction(3), size=WEB.size, fps=WEB.fps)
    footage = Footage.of([replace(priced("S0010"), own=clip)], {}, [first], project, Marks.of([joined]))
    assert [(shot.clip, shot.frames) for shot in cut("one", footage, WEB).shots] == [(own, 48)]
