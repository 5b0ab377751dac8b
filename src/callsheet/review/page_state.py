"""What the review page shows, as JSON: shots with their clips, the cut, decisions and comments. Nothing is made or measured here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from callsheet.budget.ledger.marks import mark_log
from callsheet.budget.project_ledger import open_existing
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import CutShot
from callsheet.domain.mark import Mark, MarkKind, Marks, Role, Shot
from callsheet.domain.money import text
from callsheet.domain.timebase import Fps
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.plan_cuts import cuts
from callsheet.planning.project_plan import Prepared
from callsheet.pricing.priced import Priced, matches
from callsheet.report.documents import money
from callsheet.review.opinions import Wishes, in_conflict, notes, wishes
from callsheet.settings.values import Settings
from callsheet.status.project_view import TakeView, View
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

Document = dict[str, object]


@dataclass(frozen=True)
class Snapshot:
    """A project at one moment: its takes and lists, with all marks on them."""

    project: Project
    settings: Settings
    view: View
    lists: tuple[Prepared, ...]
    log: tuple[Mark, ...] = ()
    #: what can't be read today, in words
    notes: tuple[str, ...] = ()

    @property
    def last(self) -> int:
        """The number of the newest mark."""
        return self.log[-1].number if self.log else 0

    @cached_property
    def decided(self) -> dict[Shot, int]:
        """The row of the producer's last decision about each shot."""
        said = (mark for mark in self.log if mark.role is Role.PRODUCER and mark.kind not in (MarkKind.NOTE, MarkKind.ERASE))
        return {(mark.list, mark.shot): mark.number for mark in said}

    @property
    def marks(self) -> Marks:
        """What is decided."""
        return self.view.marks


def with_log(snapshot: Snapshot, log: Sequence[Mark]) -> Snapshot:
    """The snapshot with all later marks; takes and lists stay as they were read."""
    attempts = {one.id: one for take in snapshot.view.takes for one in (*take.attempts, *([take.chosen] if take.chosen else []))}
    marks = Marks.of(log).of_finals(attempts.values())
    takes = tuple(_marked(take, marks) for take in snapshot.view.takes)
    lists = tuple(replace(one, view=replace(one.view, marks=marks)) for one in snapshot.lists)
    return replace(snapshot, view=replace(snapshot.view, marks=marks, takes=takes), lists=lists, log=tuple(log))


def _marked(take: TakeView, marks: Marks) -> TakeView:
    picked = marks.picked(take.take)
    chosen = next((one for one in take.attempts if one.id == picked), take.chosen)
    return replace(take, picked=picked is not None, chosen=chosen)


def current(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the ledger's log as it is now."""
    ledger = open_existing(snapshot.project, snapshot.settings)
    if ledger is None:
        return snapshot
    try:
        return with_log(snapshot, mark_log(ledger, snapshot.project.known_id))
    finally:
        ledger.close()


def page_state(snapshot: Snapshot, role: Role, who: str) -> Document:
    """The page's initial state; see `_shot` and `_clip` for its parts. Only the producer sees money."""
    said, noted = wishes(snapshot.log), _by_shot(notes(snapshot.log))
    return {
        "schema": "callsheet.review-page/1",
        "title": snapshot.settings.name,
        "role": role.value,
        "who": who,
        "last": snapshot.last,
        "notes": [*snapshot.notes] if role is Role.PRODUCER else [],
        "rehearsal": snapshot.view.rehearsal,
        "money": money(snapshot.view.money) if role is Role.PRODUCER else None,
        "basket": [f"{list}:{shot}" for list, shot in snapshot.marks.basket] if role is Role.PRODUCER else [],
        "shots": [_shot(shot, takes, snapshot, said.get(shot, {}), noted.get(shot, ()), role) for shot, takes in _shots(snapshot).items()],
    }


def _by_shot(marks: Iterable[Mark]) -> dict[Shot, list[Mark]]:
    found: dict[Shot, list[Mark]] = {}
    for mark in marks:
        found.setdefault((mark.list, mark.shot), []).append(mark)
    return found


@dataclass(frozen=True, slots=True)
class _Shot:
    """A shot's takes, the plan's decision on each, and its place in the cut."""

    takes: tuple[TakeView, ...]
    planned: tuple[PlannedTake, ...] = ()
    placed: tuple[CutShot, ...] = ()
    fps: Fps = Fraction(24)
    #: hashes of the clips that any film of its list shows
    shown: frozenset[str | None] = frozenset()


def _shots(snapshot: Snapshot) -> dict[Shot, _Shot]:
    """Every shot in the lists' order, then those that are no longer in a list."""
    takes: dict[Shot, list[TakeView]] = {}
    for take in snapshot.view.takes:
        takes.setdefault((take.take.list, take.take.shot), []).append(take)
    found: dict[Shot, _Shot] = {}
    for prepared in snapshot.lists:
        placed, rate, shown = _placed(prepared)
        planned: dict[Shot, list[PlannedTake]] = {}
        for one in prepared.plan.takes:
            planned.setdefault((one.take.list, one.take.shot), []).append(one)
        for shot, plans in planned.items():
            found[shot] = _Shot(tuple(takes.get(shot, ())), tuple(plans), tuple(placed.get(shot, ())), rate, shown)
    return found | {shot: _Shot(tuple(those)) for shot, those in takes.items() if shot not in found}


def _placed(prepared: Prepared) -> tuple[dict[Shot, list[CutShot]], Fps, frozenset[str | None]]:
    """What is in the cut of the first delivery, shot by shot, apart from shorter cuts of the same shots; and the clips of all films: those
    of a further shape stand in the deliveries of that shape.
    """
    whole = {item.shot.sequence for item in prepared.priced}
    found: dict[Shot, list[CutShot]] = {}
    shown = set[str | None]()
    first = prepared.deliveries[0] if prepared.deliveries else None
    for cut, delivery in cuts(prepared):
        shown.update(one.sha256 for one in cut.shots)
        for one in cut.shots if cut.sequence in whole and delivery is first else ():
            found.setdefault((prepared.plan.list, one.shot), []).append(one)
    return found, first.fps if first else Fraction(24), frozenset(shown)


def _shot(shot: Shot, there: _Shot, snapshot: Snapshot, said: Mapping[Role, Wishes], noted: Sequence[Mark], role: Role) -> Document:
    clips = _clips(there, snapshot, paid=role is Role.PRODUCER)
    first = there.takes[0] if there.takes else None
    row = there.planned[0].shot if there.planned else None
    by_hash = {str(clip["sha256"]): clip["id"] for clip in clips}
    return {
        "key": ":".join(shot),
        "list": shot[0],
        "shot": shot[1],
        "sequence": row.sequence if row else first.sequence if first else "",
        "prompt": row.prompt if row else "",
        "model": there.planned[0].model if there.planned else first.model if first else "",
        "wanted": len(there.planned),
        "clips": clips,
        "missing": [
            {"take": str(one.take), "why": one.reason, "buys": one.action is Action.BUY}
            for one in there.planned
            if one.action is not Action.KEEP
        ],
        "cut": [_part(one, there.fps, by_hash) for one in there.placed],
        "retaken": shot in snapshot.marks.retakes,
        "joined": shot in snapshot.marks.joins,
        "basket": shot in snapshot.marks.basket,
        "wishes": [{**_said(mark), "mine": mark.role is role} for one in said.values() for mark in one.marks],
        "conflict": in_conflict(shot, snapshot.marks, said.values(), snapshot.decided.get(shot, 0)),
        "notes": [_said(mark) for mark in noted],
    }


def _part(one: CutShot, fps: Fps, by_hash: Mapping[str, object]) -> Document:
    """The source of a part of the cut, in seconds of its clip; without `clip` it is a slate, or the author's own clip."""
    first, frames = one.fitting.first, one.frames
    return {
        "clip": by_hash.get(str(one.sha256)),
        "from_s": float(first / fps),
        "length_s": float(frames / fps),
        "frames": frames,
        "stale": one.stale,
    }


def _clips(there: _Shot, snapshot: Snapshot, *, paid: bool) -> list[Document]:
    """Every clip that can be viewed, take by take, oldest first; with or without its cost."""
    known: dict[str, tuple[int, Attempt]] = {}
    for take in there.takes:
        kept = [take.chosen] if take.chosen else []
        for attempt in sorted({one.id: one for one in (*take.attempts, *kept)}.values(), key=lambda one: int(one.id)):
            if attempt.state is State.RECEIVED and clip_store.has(snapshot.project, attempt.sha256, attempt.size):
                known.setdefault(attempt.id, (take.take.n, attempt))
    rows = {one.take.n: [row for row in (one.priced, one.priced.draft, one.full) if row] for one in there.planned}
    cost = {attempt.id: {"cost": text(attempt.settled)} if paid else {} for _, attempt in known.values()}
    marks, shown = snapshot.marks, there.shown
    return [
        _clip(n, attempt, marks, stands=attempt.sha256 in shown, older=not _asked_for(attempt, rows.get(n, ()))) | cost[attempt.id]
        for n, attempt in known.values()
    ]


def _asked_for(attempt: Attempt, rows: Sequence[Priced]) -> bool:
    """Whether a take's row, or its draft, would buy this clip today; of a take that is in no list nothing is known to have changed."""
    return not rows or any(matches(attempt, row) for row in rows)


def _clip(n: int, attempt: Attempt, marks: Marks, *, stands: bool, older: bool) -> Document:
    trim = marks.trims.get(attempt.id)
    return {
        "id": attempt.id,
        "name": attempt.name,
        "take": n,
        "sha256": attempt.sha256,
        "model": attempt.model,
        "seed": str(attempt.told.get("seed", "")),
        "at": attempt.ended_at,
        "findings": [_finding(one) for one in attempt.findings],
        "failing": attempt.failing,
        "draft": attempt.draft,
        "picked": attempt.id in marks.picks.values(),
        "rejected": attempt.id in marks.rejects,
        "retaken": marks.retaken(attempt, attempt.take),
        "stands": stands,
        "older": older,
        "trim": [trim.first, trim.end] if trim else None,
    }


def _finding(one: Mapping[str, Any]) -> Document:
    frame = one.get("frame")
    return {
        "code": str(one.get("code", "")),
        "severity": str(one.get("severity", "note")),
        "message": str(one.get("message", "")),
        "frame": frame if isinstance(frame, int) else None,
    }


def _said(mark: Mark) -> Document:
    return {
        "kind": mark.kind.value,
        "clip": mark.attempt,
        "who": mark.who,
        "role": mark.role.value,
        "at": mark.at,
        "uid": mark.uid or str(mark.number),
        "body": dict(mark.body),
    }
