"""From a list's cut to an editing program: every sequence as an edit, and its clips with timecode and reel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.cutting import conform
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Cut, CutShot, Delivery, Voice
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.delivery.fitting import Fitting, FpsFit
from callsheet.domain.edit import Edit, Event, Media, clip_start, reels
from callsheet.domain.errors import InputError, MediaError, UsageError
from callsheet.domain.shots.shot import Shot
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps
from callsheet.domain.timecode import Timecode
from callsheet.finishing.shot_clips import of_shot, refuse_unvoiced
from callsheet.media.clip.editor_copy import editor_copy, frames_of
from callsheet.media.clip.fitting import whole
from callsheet.media.inspect.credentials import keep_credentials
from callsheet.media.inspect.probe import probe
from callsheet.planning import plan_cuts
from callsheet.planning.project_plan import Prepared
from callsheet.store import clip_store
from callsheet.store.file_names import safe
from callsheet.timelines.soundtrack import soundtrack

_FOLDER = "media"
_START = "01:00:00:00"


@dataclass(frozen=True, slots=True)
class _Source:
    """What edits are made from."""

    prepared: Prepared
    folder: Path
    start: Timecode
    #: the list's rows, and all existing clips, oldest first, each by shot
    rows: Mapping[str, Shot]
    received: Mapping[str, Sequence[Attempt]]
    #: reels by content
    named: Mapping[str, str]
    #: the codec of all copies; None: packets are copied if possible
    codec: Codec | None = None


def edits(
    prepared: Prepared,
    folder: Path,
    *,
    delivery: str | None = None,
    sequence: str | None = None,
    start: str | None = None,
    urls: bool = False,
    codec: Codec | None = None,
    chosen: Collection[TakeId] | None = None,
) -> tuple[Edit, ...]:
    """Every sequence of the list (or the one named), at the rate of a delivery (the first, or the one named); clips are written to `folder`/media.

    `start` is the timecode of each sequence's first frame; with `urls` files are named by file URL, else by their path from the edit's own file; with a `codec` for mastering all clips are in that. Of the
    takes that stand in the cut only those `chosen` are written, at their places; the rest are gaps, and a sequence without any is left out. InputError where something named isn't there; MediaError if a clip can't be read.
    """
    form = delivery_named(prepared, delivery)
    whole_cuts = [cut for cut, _ in plan_cuts.cuts(prepared, (form,))]
    known = [cut.sequence for cut in whole_cuts]
    if sequence is not None and sequence not in known:
        raise InputError(f"the list has no sequence {sequence!r}", help=f"there are: {', '.join(known)}")
    at = start_of(start, form.fps)
    rows = {item.shot.shot_id: item.shot for item in prepared.priced}
    received = _received(prepared)
    bought = {one.sha256 for tried in received.values() for one in tried if one.sha256}
    named = reels(sorted(bought | {item.own.sha256 for item in prepared.priced if item.own}))
    source = _Source(prepared, folder, at, rows, received, named, codec)
    root = folder.resolve() if urls else None
    cuts = (
        whole_cuts if chosen is None else [_narrowed(cut, chosen) for cut in whole_cuts if any(shot.take in chosen for shot in cut.shots)]
    )
    if not cuts and chosen is not None:
        raise UsageError(
            "none of these takes is in the cut", help="choose others, or pick the takes first: the cut shows one take of a shot"
        )
    return tuple(replace(_edit(cut, form, source), root=root) for cut in cuts if sequence in (None, cut.sequence))


def _narrowed(cut: Cut, chosen: Collection[TakeId]) -> Cut:
    """The cut with a gap of the same length for each shot whose take is not among those chosen."""
    shots = (
        shot if shot.take in chosen else replace(shot, take=None, clip=None, sha256=None, voice=None, ground=None, missing="not chosen")
        for shot in cut.shots
    )
    return replace(cut, shots=tuple(shots))


def start_of(start: str | None, fps: Fps) -> Timecode:
    """The timecode of a sequence's first frame. InputError if it is none at this rate."""
    try:
        return Timecode.parse(start or _START, fps)
    except ValueError as error:
        raise InputError(f"--start: {error}", help="write --start 01:00:00:00") from None


def delivery_named(prepared: Prepared, name: str | None) -> Delivery:
    """The delivery of this name, else the first. InputError if there is none."""
    found = [one for one in prepared.deliveries if name in (None, one.name)]
    if not found:
        there = ", ".join(one.name for one in prepared.deliveries)
        raise InputError(
            f"no delivery {name!r}" if name else "the list has nothing to cut",
            help=f"there are: {there}" if there else "give it a row",
        )
    return found[0]


def _edit(cut: Cut, form: Delivery, source: _Source) -> Edit:
    events: list[Event] = []
    parts: Counter[str] = Counter()
    record_in = 0
    for shot in cut.shots:
        events.append(replace(_event(shot, source.rows[shot.shot], record_in, source), part=parts[shot.shot]))
        parts[shot.shot] += 1
        record_in += shot.frames
    sound = soundtrack(cut, form, source.prepared.project, source.folder, _FOLDER)
    heard = tuple(replace(event, levels=levels) if event.has_sound else event for event, levels in zip(events, sound.shots, strict=True))
    return Edit(name=cut.sequence, size=form.size, start=source.start, events=heard, beds=sound.beds)


def _event(placed: CutShot, shot: Shot, record_in: int, source: _Source) -> Event:
    of_take = source.received.get(placed.take.shot, ()) if placed.take else ()
    chosen = next((one for one in of_take if one.take == placed.take and one.sha256 == placed.sha256), None)
    of_shot = source.received.get(placed.take.shot if placed.take else placed.shot, ())
    others = [one for one in of_shot if one.sha256 != placed.sha256]
    media = _bought(chosen, source, placed.fitting) if chosen else _own(placed, source)
    return Event(
        shot=placed.shot,
        prompt=shot.prompt,
        record_in=record_in,
        frames=placed.frames,
        media=media,
        missing=None if media or placed.ground else placed.missing or "its clip doesn't exist",
        card=placed.ground,
        title="\n".join(caption.text for caption in placed.fitting.captions if caption.title),
        stale=placed.stale,
        sound=placed.sound,
        source_in=placed.fitting.first,
        fitting=placed.fitting,
        transition=placed.transition,
        alternates=tuple(_bought(one, source, placed.fitting) for one in reversed({one.sha256: one for one in others}.values())),
    )


def _bought(attempt: Attempt, source: _Source, fit: Fitting) -> Media:
    project, sha256 = source.prepared.project, attempt.sha256 or ""
    seed = attempt.told.get("seed")
    name = attempt.name if attempt.take.list == source.prepared.plan.list else attempt.full_name
    voice = conform.voice(attempt, project)
    try:
        refuse_unvoiced(voice, project)
        media = _copied(name, name, clip_store.clip_path(project, sha256), sha256, source, voice, fit)
    except MediaError as error:
        raise MediaError(f"{name}: {error}", problems=[problem.at(take=attempt.take.full) for problem in error.problems]) from None
    return replace(media, model=attempt.model, seed=seed if isinstance(seed, int) else None, cost=attempt.settled)


def _own(placed: CutShot, source: _Source) -> Media | None:
    """The author's own clip of a shot; None if it has none."""
    if placed.take or placed.clip is None or placed.sha256 is None:
        return None
    try:
        return _copied(placed.clip.name, placed.clip.stem, placed.clip, placed.sha256, source, None, placed.fitting)
    except MediaError as error:
        raise of_shot(error, placed) from None


def _copied(name: str, stem: str, clip: Path, sha256: str, source: _Source, voice: Voice | None, fit: Fitting) -> Media:
    """A clip's copy in the media folder, its file named by `stem`, its reel, what it is heard with and how it comes to another rate; nobody's model, for nothing."""
    reel = source.named[sha256]
    paced = fit.fps is not FpsFit.DROP and probe(clip).fps != source.start.fps
    made_of = [reel, *([voice.sha256[:8]] if voice else []), *([source.codec.value] if source.codec else []), *([fit.fps] if paced else [])]
    file = f"{_FOLDER}/{safe(stem)}_{'_'.join(made_of)}.mov"
    probed = editor_copy(clip, source.folder / file, start=clip_start(source.start), reel=reel, voice=voice, codec=source.codec, fit=fit)
    credentials = str(Path(file).with_suffix(".c2pa"))
    carries = keep_credentials(clip, source.folder / credentials)
    return Media(
        name=name,
        reel=reel,
        file=file,
        frames=frames_of(probed, source.start, fit),
        size=whole(probed),
        sound=voice is not None or probed.sound is not None,
        sha256=sha256,
        model=None,
        seed=None,
        cost=0,
        credentials=credentials if carries else None,
    )


def _received(prepared: Prepared) -> Mapping[str, Sequence[Attempt]]:
    """Every existing clip of the list's takes, by shot, the oldest first, including clips shared with other lists."""
    own = [attempt for take in prepared.view.takes if take.take.list == prepared.plan.list for attempt in take.attempts]
    shared = [take.attempt for take in prepared.plan.takes if take.attempt]
    each = {one.id: one for one in (*own, *shared) if one.state is State.RECEIVED}
    received: dict[str, list[Attempt]] = {}
    for one in sorted(each.values(), key=lambda one: int(one.id)):
        if clip_store.has(prepared.project, one.sha256, one.size):
            received.setdefault(one.take.shot, []).append(one)
    return received
