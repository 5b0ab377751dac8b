"""Cutting: which take stands where in each sequence, and what is delivered. Pure but for looking whether a clip is there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.mark import Marks
from callsheet.domain.shot import Shot, Status
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.engine import shelf
from callsheet.engine.plan import Priced, locks, matches
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
    marks: Marks,
) -> Cut:
    """A sequence's cut at a delivery's frame rate. `kept` are the clips that the plan keeps, `attempts` all of the list's, `marks` what people said."""
    rows = [item for item in priced if item.shot.sequence == sequence and item.shot.status is not Status.OMIT]
    shots = tuple(_place(item, kept, attempts, project, fps, marks) for item in rows)
    gone = vanished(priced, {clip.id for clip in kept.values()}, attempts, marks)
    return Cut(sequence=sequence, shots=shots, removed=tuple(shot for shot, where in gone.items() if where == sequence))


def vanished(priced: Sequence[Priced], kept: Collection[str], attempts: Sequence[Attempt], marks: Marks) -> dict[str, str]:
    """Shots that are not in the list any more though a wanted clip of theirs was received that no take of the list keeps, with their sequences."""
    listed = {item.shot.shot_id for item in priced}
    gone = [a for a in attempts if a.state is State.RECEIVED and a.take.shot not in listed and not marks.rejected(a)]
    used = {a.take.shot for a in gone if a.id in kept}
    return {a.take.shot: a.sequence for a in sorted(gone, key=lambda a: a.take) if a.take.shot not in used}


def _place(item: Priced, kept: Mapping[TakeId, Attempt], attempts: Sequence[Attempt], project: Project, fps: Fps, marks: Marks) -> CutShot:
    shot, frames = item.shot, frames_in_cut(item.used_s, fps)
    clip = _chosen(item, kept, attempts, project, marks)
    if clip is None or clip.sha256 is None:
        return CutShot(shot=shot.shot_id, frames=frames, missing=_why_missing(shot, attempts), sound=shot.sound)
    return CutShot(
        shot=shot.shot_id,
        frames=frames,
        take=clip.take,
        clip=shelf.clip_path(project, clip.sha256),
        sha256=clip.sha256,
        stale=not _wanted(clip, item, marks),
        sound=shot.sound,
    )


def _chosen(item: Priced, kept: Mapping[TakeId, Attempt], attempts: Sequence[Attempt], project: Project, marks: Marks) -> Attempt | None:
    """The picked one; else the newest that is wanted and has no failing finding, else the newest that nobody rejected; None means a slate."""
    own = [a for a in attempts if a.state is State.RECEIVED and a.take.shot == item.shot.shot_id]
    shared = [kept[take] for take in _takes(item.shot) if take in kept]
    there = [a for a in sorted({a.id: a for a in (*shared, *own)}.values(), key=_age) if shelf.has(project, a.sha256, a.size)]
    picked = [a for a in there if _picked(a, item, marks)]
    left = [a for a in there if not marks.rejected(a)]
    good = [a for a in left if _wanted(a, item, marks) and not a.failing]
    return (picked or good or left or [None])[-1]


def _wanted(clip: Attempt, item: Priced, marks: Marks) -> bool:
    """Whether it was made for what the row asks today, and nobody asked for another since."""
    retaken = marks.retaken(clip, TakeId(item.shot.list, item.shot.shot_id, 1))
    return matches(clip, item) and (not retaken or _picked(clip, item, marks))


def _picked(clip: Attempt, item: Priced, marks: Marks) -> bool:
    return clip.id in map(marks.picked, _takes(item.shot)) and locks(clip, item)


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
