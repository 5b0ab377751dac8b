"""Cutting: which take stands where in each sequence, and what is delivered. Pure but for looking whether a clip is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.shot import Shot, Status
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.engine import shelf
from callsheet.engine.plan import Priced, matches
from callsheet.media.deliver import delivery_from
from callsheet.project import Project
from callsheet.settings import Settings


def deliveries(house: Path, settings: Settings, priced: Sequence[Priced]) -> tuple[Delivery, ...]:
    """What every sequence is finished into: `[deliver.NAME]` tables, else one `web` in the project's resolution and fps, else the first shot's."""
    first = next((item for item in priced if item.ask), None)
    if first is None or first.ask is None:
        return ()
    size = settings.size.value if settings.size else first.shot.size or first.ask.size
    fps = settings.fps.value if settings.fps else first.shot.fps or Fps(first.ask.fps)
    tables = settings.deliver or {"web": {}}
    return tuple(delivery_from(name, table, size, fps, house=house) for name, table in tables.items())


def sequences(priced: Sequence[Priced]) -> tuple[str, ...]:
    """The list's sequences, in the order in which they begin."""
    return tuple(dict.fromkeys(item.shot.sequence for item in priced if item.shot.status is not Status.OMIT))


def cut(
    sequence: str,
    priced: Sequence[Priced],
    kept: Mapping[TakeId, Attempt],
    attempts: Sequence[Attempt],
    project: Project,
    fps: Fps,
) -> Cut:
    """A sequence's cut at a delivery's frame rate. `kept` are the clips that match today's rows, `attempts` all of the list's."""
    rows = [item for item in priced if item.shot.sequence == sequence and item.shot.status is not Status.OMIT]
    shots = tuple(_place(item, kept, attempts, project, fps) for item in rows)
    return Cut(sequence=sequence, shots=shots, removed=_removed(sequence, priced, shots, attempts))


def _place(item: Priced, kept: Mapping[TakeId, Attempt], attempts: Sequence[Attempt], project: Project, fps: Fps) -> CutShot:
    shot, frames = item.shot, frames_in_cut(item.used_s, fps)
    clip = _chosen(item, kept, attempts, project)
    if clip is None or clip.sha256 is None:
        return CutShot(shot=shot.shot_id, frames=frames, missing=_why_missing(shot, attempts), sound=shot.sound)
    return CutShot(
        shot=shot.shot_id,
        frames=frames,
        take=clip.take,
        clip=shelf.clip_path(project, clip.sha256),
        sha256=clip.sha256,
        stale=not matches(clip, item),
        sound=shot.sound,
    )


def _chosen(item: Priced, kept: Mapping[TakeId, Attempt], attempts: Sequence[Attempt], project: Project) -> Attempt | None:
    """The newest received that matches the row and has no failing finding, else the newest received; None means a slate."""
    own = [a for a in attempts if a.state is State.RECEIVED and a.take.shot == item.shot.shot_id]
    shared = [kept[take] for take in _takes(item.shot) if take in kept]
    there = [a for a in sorted({a.id: a for a in (*shared, *own)}.values(), key=_age) if shelf.has(project, a.sha256, a.size)]
    good = [a for a in there if matches(a, item) and not a.failing]
    return (good or there or [None])[-1]


def _age(attempt: Attempt) -> tuple[str, int]:
    return attempt.ended_at or "", int(attempt.id)


def _takes(shot: Shot) -> list[TakeId]:
    return [TakeId(shot.list, shot.shot_id, n) for n in range(1, shot.takes + 1)]


def _why_missing(shot: Shot, attempts: Sequence[Attempt]) -> str:
    mine = [attempt for attempt in attempts if attempt.take.shot == shot.shot_id]
    if not mine:
        return "not bought"
    last = mine[-1]
    return last.message or (f"closed: {last.reason.value}" if last.reason else last.state.value.replace("_", " "))


def _removed(sequence: str, priced: Sequence[Priced], shots: Sequence[CutShot], attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """Shots that vanished from the list though a paid clip of theirs is there and no other shot uses it."""
    listed = {item.shot.shot_id for item in priced}
    used = {shot.sha256 for shot in shots}
    gone = {
        a.take.shot: a.sha256
        for a in attempts
        if a.state is State.RECEIVED and a.sequence == sequence and a.take.shot not in listed
    }
    return tuple(sorted(shot for shot, sha256 in gone.items() if sha256 not in used))
