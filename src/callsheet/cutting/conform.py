"""Cutting: which take is used where in each sequence, and what is delivered. Pure except for checking that a clip exists."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from callsheet.assets.music import BedTable
from callsheet.cutting.marked_frames import Part, marked, origin_of
from callsheet.cutting.music import under
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Cut, CutShot, Delivery, Voice
from callsheet.domain.delivery.caption import Caption, CaptionPosition, Cue, cues
from callsheet.domain.delivery.fitting import Fitting, Join, Transition, Trim
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.mark import Marks
from callsheet.domain.shots.shot import InCut, Shot, Status, row_of
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.domain.wording import listed
from callsheet.pricing.priced import Priced, locks, matches
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

#: length of a transition if its row doesn't set it, seconds
TRANSITION_S = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Footage:
    """What a list's sequences are cut from, by sequence, shot or take. Each row and attempt is read once, however many shots there are."""

    #: the rows of each sequence, in the list's order
    rows: Mapping[str, Sequence[Priced]]
    #: the clips that the plan keeps
    kept: Mapping[TakeId, Attempt]
    #: all attempts of the list by their shot, oldest first
    attempts: Mapping[str, Sequence[Attempt]]
    #: shots that left the list though bought, by sequence
    removed: Mapping[str, Sequence[str]]
    project: Project
    marks: Marks
    beds: Sequence[BedTable]
    #: clips that were made from another frame than the list refers to today
    outrun: Collection[str] = ()

    @classmethod
    def of(
        cls,
        priced: Sequence[Priced],
        kept: Mapping[TakeId, Attempt],
        attempts: Sequence[Attempt],
        project: Project,
        marks: Marks,
        beds: Sequence[BedTable] = (),
        outrun: Collection[str] = (),
    ) -> Footage:
        """`kept` are the clips that the plan keeps, `attempts` all of the list's, oldest first, `marks` what people said, `beds` the project's, `outrun` the
        attempts that were made from another frame than the list means today.
        """
        by_shot: dict[str, list[Attempt]] = {}
        for attempt in attempts:
            by_shot.setdefault(attempt.take.shot, []).append(attempt)
        removed: dict[str, list[str]] = {}
        for shot, sequence in vanished(priced, {clip.id for clip in kept.values()}, attempts, marks).items():
            removed.setdefault(sequence, []).append(shot)
        return cls(sequences(priced), kept, by_shot, removed, project, marks, beds, outrun)


def cut(sequence: str, footage: Footage, delivery: Delivery) -> Cut:
    """A sequence's cut for a delivery."""
    shots: list[CutShot] = []
    for item in footage.rows.get(sequence, ()):
        placed = _placed(item, footage, delivery)
        shots += marked(placed, _parts(item, placed, footage), footage.project, delivery)
    return Cut(
        sequence=sequence,
        shots=tuple(shots),
        removed=tuple(footage.removed.get(sequence, ())),
        beds=under(footage.beds, sequence, shots, delivery.fps),
    )


def sequences(priced: Iterable[Priced]) -> dict[str, list[Priced]]:
    """The rows of each sequence in the list's order, followed by each of its shorter cuts; rows with `status = omit` are in none."""
    rows: dict[str, list[Priced]] = {}
    for item in priced:
        if item.shot.status is not Status.OMIT:
            rows.setdefault(item.shot.sequence, []).append(item)
    found: dict[str, list[Priced]] = {}
    for sequence, items in rows.items():
        found[sequence] = items
        for name in dict.fromkeys(part.cut for item in items for part in item.shot.cuts):
            parts = ((item, part) for item in items for part in item.shot.cuts if part.cut == name)
            shorter = [_in_cut(item, part, f"{sequence}_{name}") for item, part in parts]
            found[f"{sequence}_{name}"] = spread(shorter) if items[0].begins_s is not None else shorter
    return found


def _in_cut(item: Priced, part: InCut, sequence: str) -> Priced:
    """A shot in a shorter cut: the same clip, with another length and in-point."""
    begins = item.shot.in_s if part.in_s is None else part.in_s
    shot = replace(item.shot, sequence=sequence, in_s=begins, duration_s=part.duration_s or item.shot.duration_s)
    return replace(item, shot=shot, used_s=part.duration_s or item.used_s)


def spread(items: Iterable[Priced]) -> list[Priced]:
    """The rows of a sequence, each with the length before it, so that their frames add up to those of the whole."""
    placed: list[Priced] = []
    begins = Decimal(0)
    for item in items:
        placed.append(replace(item, begins_s=begins))
        begins += item.used_s
    return placed


def bed_notes(beds: Sequence[BedTable], priced: Sequence[Priced], into: Sequence[Delivery]) -> list[str]:
    """Notes on beds that are under no sequence of this list, and on shorter cuts without the beds of their sequence. InputError if a bed
    can't be placed in a sequence, so that this is known before anything is bought.
    """
    rows = sequences(priced)
    problems: dict[Problem, None] = {}
    for name, items in rows.items():
        for delivery, bed in product(into, beds):
            places = [CutShot(shot=item.shot.shot_id, frames=item.frames_at(delivery.fps)) for item in items]
            try:
                under([bed], name, places, delivery.fps)
            except InputError as error:
                problems |= dict.fromkeys(error.problems)
    if problems:
        raise InputError.of(problems)
    elsewhere = [bed for bed in beds if bed.sequence and bed.sequence not in rows]
    return [
        *(f"{bed.place} ({bed.name}) is for {bed.sequence}, which this list doesn't have" for bed in elsewhere),
        *_beds_of_whole_alone(beds, rows),
    ]


def _beds_of_whole_alone(beds: Sequence[BedTable], rows: Mapping[str, Sequence[Priced]]) -> Iterator[str]:
    """Notes on beds that are under a sequence, but not under its shorter cuts, which have none of their own."""
    own = {bed.sequence for bed in beds}
    for bed in beds:
        shots = rows.get(bed.sequence or "", ())
        names = dict.fromkeys(f"{bed.sequence}_{part.cut}" for item in shots for part in item.shot.cuts)
        if lacking := [name for name in names if name in rows and name not in own]:
            yield f'{bed.place} ({bed.name}) is not under {listed(lacking, 4)}: add a [[bed]] with sequence = "{lacking[0]}", or leave sequence out'


def vanished(priced: Iterable[Priced], kept: Collection[str], attempts: Iterable[Attempt], marks: Marks) -> dict[str, str]:
    """Shots that are no longer in the list although a wanted clip of theirs was received that no take of the list keeps, with their
    sequences.
    """
    listed = {item.shot.shot_id for item in priced}
    gone = [a for a in attempts if row_of(a.take.shot) not in listed and a.state is State.RECEIVED and not marks.rejected(a)]
    used = {a.take.shot for a in gone if a.id in kept}
    return {a.take.shot: a.sequence for a in sorted(gone, key=lambda a: a.take) if a.take.shot not in used}


def fitting(shot: Shot, delivery: Delivery, trim: Trim | None = None) -> Fitting:
    """How to fit a shot's clips: as in its row, otherwise as in the delivery."""
    own = delivery.fitting
    return Fitting(
        frame=shot.fit or own.frame,
        focus=shot.focus,
        fps=shot.fps_fit or own.fps,
        trim=trim,
        first=frames_in_cut(shot.in_s or Decimal(0), delivery.fps),
        watermark=own.watermark,
        font=own.font,
    )


def transition(shot: Shot, fps: Fps) -> Transition | None:
    """How a shot comes on, in frames; None is a hard cut."""
    frames = frames_in_cut(shot.transition_s or TRANSITION_S, fps)
    return Transition(shot.transition, frames) if shot.transition is not Join.CUT and frames else None


def _placed(item: Priced, footage: Footage, delivery: Delivery) -> CutShot:
    shot, frames = item.shot, item.frames_at(delivery.fps)
    comes_on = transition(shot, delivery.fps)
    if item.own or item.ground:
        said = dict(_said(shot, frames, delivery.fps))
        captions = _captions(said, item.own.name if item.own else "", delivery)
        return CutShot(
            shot=shot.shot_id,
            frames=frames,
            clip=item.own.file if item.own else None,
            sha256=item.own.sha256 if item.own else None,
            ground=item.ground,
            sound=shot.sound,
            fitting=replace(fitting(shot, delivery), captions=(*captions, *titles(item, frames, delivery.fps))),
            level=shot.loudness,
            transition=comes_on,
            said=_said(shot, frames, delivery.fps),
        )
    source, clip = source_of(item, footage, delivery)
    said = _said(shot, frames, delivery.fps)
    if clip is None or clip.sha256 is None:
        tried = footage.attempts.get(shot.shot_id)
        last = tried[-1] if tried else None
        state = (f"closed: {last.reason.value}" if last.reason else last.state.value.replace("_", " ")) if last else "not bought"
        missing = last.message if last and last.message else state
        return CutShot(
            said=said,
            shot=shot.shot_id,
            frames=frames,
            missing=missing,
            prompt=shot.prompt,
            sound=shot.sound,
            transition=comes_on,
        )
    return CutShot(
        shot=shot.shot_id,
        frames=frames,
        take=clip.take,
        clip=clip_store.clip_path(footage.project, clip.sha256),
        sha256=clip.sha256,
        again=clip.quote,
        voice=voice(clip, footage.project),
        draft=clip.draft or any(source is one.draft for one in item.shown_in(delivery.size)),
        stale=clip.id in footage.outrun or not _wanted(clip, source, footage.marks),
        failing=clip.failures,
        sound=shot.sound,
        fitting=replace(
            fitting(shot, delivery, source.trim),
            captions=(*_captions(dict(said), clip.name, delivery), *titles(item, frames, delivery.fps)),
        ),
        level=shot.loudness,
        transition=comes_on,
        origin=origin_of(clip),
        said=said,
    )


def _parts(item: Priced, placed: CutShot, footage: Footage) -> list[Part]:
    """Which frames of which clips a person wants in the shot; none where nobody said, or where a shorter cut has its own frames of it."""
    marks, shot = footage.marks, item.shot
    spans = marks.joins.get((shot.list, shot.shot_id), ())
    if placed.take is None or not (spans or marks.trims):
        return []
    clips = {a.id: a for a in (*footage.kept.values(), *footage.attempts.get(shot.shot_id, ())) if a.state is State.RECEIVED}
    if not spans:
        spans = tuple(marks.trims[a.id] for a in clips.values() if a.sha256 == placed.sha256 and a.id in marks.trims)[:1]
    whole = next(one for rows in footage.rows.values() for one in rows if one.shot.shot_id == shot.shot_id)
    own = (shot.in_s, item.used_s) != (whole.shot.in_s, whole.used_s)
    there = all(
        span.attempt in clips and clip_store.has(footage.project, clips[span.attempt].sha256, clips[span.attempt].size) for span in spans
    )
    return [(span, clips[span.attempt]) for span in spans] if there and not own else []


def _said(shot: Shot, frames: int, fps: Fps) -> tuple[tuple[str, tuple[Cue, ...]], ...]:
    return tuple((language, tuple(cues(cell, frames, fps))) for language, cell in shot.texts.items())


def _captions(said: Mapping[str, tuple[Cue, ...]], name: str, delivery: Delivery) -> Iterator[Caption]:
    """What the delivery burns into a shot's picture."""
    if delivery.burn_names and name:
        yield Caption(name, CaptionPosition.TOP_LEFT)
    if delivery.watermark:
        yield Caption(delivery.watermark, CaptionPosition.TOP_RIGHT)
    burnt = delivery.burnt_in(said)
    for cue in said[burnt] if burnt is not None else ():
        yield Caption(cue.text, CaptionPosition.BOTTOM, cue.first, cue.end)


def titles(item: Priced, frames: int, fps: Fps) -> Iterator[Caption]:
    """The titles of a shot of so many frames; a title that would last beyond its end is cut there."""
    for one, font in item.titles:
        first = frames_in_cut(one.start, fps) if one.start is not None else 0
        end = min(frames, frames_in_cut(one.end, fps)) if one.end is not None else None
        if end is None or first < end:
            yield Caption(one.text, one.place, first, end, title=True, font=font)


def voice(clip: Attempt, project: Project) -> Voice | None:
    """The author's sound that drove a clip, as it was when the clip was bought; None if there was none, or the service read it at an
    address.
    """
    sounds = (file for file in clip.files if file.column == "audio" and file.sha256)
    return next((Voice(name=f.cell, file=clip_store.input_path(project, f.sha256), sha256=f.sha256, mime=f.mime) for f in sounds), None)


def source_of(item: Priced, footage: Footage, delivery: Delivery) -> tuple[Priced, Attempt | None]:
    """What is used for a shot, and in which of its shapes it was bought: the delivery's own if there is a clip, otherwise the row's."""
    found = ((one, chosen(one, footage)) for one in item.shown_in(delivery.size))
    return next(((one.as_bought(clip), clip) for one, clip in found if clip), (item, None))


def chosen(item: Priced, footage: Footage) -> Attempt | None:
    """The picked clip, preferably of this list; otherwise the newest that is wanted and has no failing finding, otherwise the newest that
    nobody rejected; None means a slate.
    """
    marks, shot = footage.marks, item.shot
    takes = [TakeId(shot.list, shot.shot_id, n) for n in range(1, shot.takes + 1)]
    own = [a for a in footage.attempts.get(shot.shot_id, ()) if a.state is State.RECEIVED]
    shared = [footage.kept[take] for take in takes if take in footage.kept]
    each = sorted({a.id: a for a in (*shared, *own)}.values(), key=lambda a: (a.ended_at or "", int(a.id)))
    there = [a for a in each if clip_store.has(footage.project, a.sha256, a.size)]
    here = {marks.picked(take) for take in takes}
    elsewhere = {clip for take, clip in marks.picks.items() if take.shot == shot.shot_id}
    picked = [a for a in there if a.id in here and locks(a, item.as_bought(a))]
    left = [a for a in there if not marks.rejected(a)]
    wanted = [a for a in left if _wanted(a, item, marks)]
    best = picked or [a for a in wanted if a.id in elsewhere] or [a for a in wanted if not a.failing]
    drafts = [a for a in left if item.draft and _wanted(a, item.draft, marks)] if not best else []
    return (best or [a for a in drafts if not a.failing] or drafts or left or [None])[-1]


def _wanted(clip: Attempt, item: Priced, marks: Marks) -> bool:
    """Whether it was made for what the row asks for today, and nobody asked for another since."""
    shot = item.shot
    picked = clip.id in {marks.picked(TakeId(shot.list, shot.shot_id, n)) for n in range(1, shot.takes + 1)}
    return matches(clip, item) and ((picked and locks(clip, item)) or not marks.retaken(clip, TakeId(shot.list, shot.shot_id, 1)))
