"""Finishing: a cut becomes one file per delivery. Nothing is bought or fetched here, and nothing that is there already is made again.

Safe to call again after any interruption: a file has its final name only when it is whole and checked. What its check found stands in its record; what that
means is the project's policy, asked anew each time: a film that fails is kept, told as failed, and nothing is bought for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from callsheet.domain.cut import DEFAULT_FILE, Cut, CutShot, Delivery, Finished, PlacedShot
from callsheet.domain.delivery.caption import Cue
from callsheet.domain.delivery.fitting import PLAIN, Frame, Join
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.finding import Finding, Judgement, Severity
from callsheet.domain.shots.picture_geometry import inside
from callsheet.domain.timebase import sample_at, seconds
from callsheet.domain.transition_effects import lasting
from callsheet.finishing import sidecars
from callsheet.finishing.film_record import Version
from callsheet.finishing.shot_clips import full_disk, normalized_clips
from callsheet.finishing.versions import Versions
from callsheet.media.clip import normalized
from callsheet.media.clip.normalized import Normalized
from callsheet.media.film import file_size, leader, music, subtitle_tracks, transitions
from callsheet.media.film.mix import JoinMeter, Part, film_sound
from callsheet.media.film.stitch import MUXER, length, stitch
from callsheet.media.inspect.probe import probe
from callsheet.media.sound import loudness
from callsheet.media.sound.limiter import Samples
from callsheet.media.sound.loudness import Reading
from callsheet.qc.cut import ClipInFilm, ShotInFilm, check_cut
from callsheet.qc.delivery import TracksDue, check_levels
from callsheet.qc.inspect_file import check_film
from callsheet.qc.policy import AS_CHECKED, judged
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

_locks: dict[Path, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class _Made:
    """A film that stands beside its place, and what was learnt in making it."""

    part: Path
    told: dict[str, Any]
    #: its pictures are its clips' own, bit for bit
    own: bool


def finish(cut: Cut, delivery: Delivery, project: Project, policy: Mapping[str, Judgement] = AS_CHECKED) -> Finished:
    """The cut as one checked file in `out/`. Where the same film is there already it is told with `kept=True` and nothing is started.

    Missing shots stand as slates and the result is incomplete. What is found is taken as the `policy` says; a film with failing findings is kept all the same.
    InputError if the cut is empty; MediaError if a clip can't be used; DeliveryError if its limit of size can't be met (no file is left).
    """
    _refuse_empty(cut)
    versions = Versions(project, cut.sequence, delivery)
    with full_disk(), _locks.setdefault(versions.path(0), threading.Lock()):
        key = _film_key(cut, delivery)
        there = versions.find(key)
        if there:
            return _described(cut, _finished(cut, delivery, versions, there, policy, kept=True), versions, project)
        made = _make(cut, delivery, project, versions, versions.due(key))
        placed = versions.place(made.part, key, made.told)
        return _described(cut, _finished(cut, delivery, versions, placed, policy, kept=False), versions, project)


def find(cut: Cut, delivery: Delivery, project: Project, policy: Mapping[str, Judgement] = AS_CHECKED) -> Finished | None:
    """The unchanged film of this cut in `out/`; None if it would have to be made."""
    versions = Versions(project, cut.sequence, delivery)
    there = versions.find(_film_key(cut, delivery))
    return sidecars.with_sidecars(cut, _finished(cut, delivery, versions, there, policy, kept=True)) if there else None


def programme(cut: Cut, delivery: Delivery, project: Project) -> list[Part]:
    """A cut's shots with their sound in the film, each with its gain, without transitions. Clips are conformed if necessary, and kept for
    the film. InputError if the cut is empty; MediaError if a clip can't be used.
    """
    _refuse_empty(cut)
    with full_disk():
        clips = normalized_clips(cut, delivery, project)
    return [
        replace(_bare(clip), gain_db=loudness.gain_db(clip.reading, shot.level, delivery))
        for clip, shot in zip(clips, cut.shots, strict=True)
    ]


def _described(cut: Cut, film: Finished, versions: Versions, project: Project) -> Finished:
    """The film with its sidecars, and its facts in the record."""
    film = sidecars.write_sidecars(cut, film, project)
    versions.describe(film)
    return film


def _film_key(cut: Cut, delivery: Delivery) -> str:
    """A key over everything that determines the film's bytes: known before anything is opened."""
    form = asdict(replace(delivery, name="", file=DEFAULT_FILE, beside=(), subtitles=(), stamp=None, fitting=PLAIN))
    del form["font"]  # it stands in the shots' fitting
    for name in ("trim", "first", "font"):
        del form["fitting"][name]  # of a shot alone: films that were made before there was one keep their keys
    shots: list[list[object]] = []
    for shot in cut.shots:
        transition = asdict(shot.transition) if shot.transition else None
        if shot.ground:
            shots.append([shot.frames, shot.ground, shot.fitting.decides, transition])
            continue
        if shot.clip is None and shot.still is None:
            shots.append([shot.frames, shot.shot, shot.missing, shot.prompt, transition])
            continue
        picture = shot.still.sha256 if shot.still else shot.content
        voice = [shot.voice.sha256] if shot.voice else []
        shots.append([shot.frames, shot.sound, picture, shot.fitting.decides, asdict(shot.level), transition, *voice])
    return normalized.key_of(
        "film", MUXER, form, shots, _chapters(cut, delivery), [bed.decides for bed in cut.beds], _tracks(cut, delivery)
    )


def _make(cut: Cut, delivery: Delivery, project: Project, versions: Versions, number: int) -> _Made:
    """A film within its delivery's limits: one that comes out too large is encoded smaller, until what is measured fits.

    What is wrong with its form is noted for the record, since the policy may change while the film doesn't.
    """
    frames = _frames(cut, delivery)
    trying = delivery
    made = _film(cut, trying, project, versions, number)
    try:
        while smaller := file_size.smaller(trying, made.part.stat().st_size, seconds(frames, delivery.fps)):
            trying = smaller
            made = _film(cut, trying, project, versions, number)
        languages = [subtitle_tracks.language_tag(language, delivery.container) for language, _ in _tracks(cut, delivery)]
        due = TracksDue(
            chapters=tuple(_chapters(cut, delivery)),
            sound_language=subtitle_tracks.language_tag(delivery.language, delivery.container),
            text_languages=tuple(languages),
            own=made.own,
        )
        wrong = check_film(made.part, delivery, frames, due)
    except BaseException:
        made.part.unlink(missing_ok=True)
        raise
    crf = None if trying.codec.mastering else trying.crf
    return replace(made, told={**made.told, "crf": crf, "form": [[one.code, one.message] for one in wrong]})


def _frames(cut: Cut, delivery: Delivery) -> int:
    """All of the film's frames."""
    return delivery.front + sum(shot.frames for shot in cut.shots) + delivery.back


def _film(cut: Cut, delivery: Delivery, project: Project, versions: Versions, number: int) -> _Made:
    clips = normalized_clips(cut, delivery, project)
    shots = transitions.joined(cut.shots, clips, delivery, project.normalized)
    programme = [Part(one, loudness.gain_db(one.clip.reading, shot.level, delivery)) for one, shot in zip(shots, cut.shots, strict=True)]
    before = leader.before(cut.sequence, number, length(programme), delivery, project.normalized)
    beds = music.lay(cut.beds, programme, delivery.front, delivery, project.normalized)
    parts = [*map(_bare, before), *programme, *map(_bare, leader.black(delivery.back, delivery, project.normalized))]
    film, sound = atomic_files.part_path(versions.path(0)), atomic_files.part_path(project.normalized / f"{versions.stem}.m4a")
    try:
        samples = sample_at(length(parts), delivery.fps)
        meter = JoinMeter(parts, delivery.fps)
        outlook = None if beds else loudness.expected((part.clip.moments, part.gain_db) for part in programme)

        def heard(gain_db: float) -> Iterator[Samples]:
            return meter.listened(music.with_beds(film_sound(parts, delivery.fps, gain_db), beds, gain_db))

        mixed = loudness.encode_at_loudness(heard, samples, delivery, sound, outlook)
        with subtitle_tracks.tracks(_tracks(cut, delivery), delivery, project.normalized / versions.stem) as texts:
            stitch(parts, sound, delivery, film, _chapters(cut, delivery), texts)
    except BaseException:
        film.unlink(missing_ok=True)
        raise
    finally:
        sound.unlink(missing_ok=True)
        for folder in (project.normalized, project.finished, project.out):
            atomic_files.sweep(folder)
    return _Made(
        film,
        {**asdict(mixed.reading), "bound": mixed.bound, "clips": _told(cut.shots, programme, meter.jumps[len(before) :], delivery)},
        parts[0].clip.copied,
    )


def _tracks(cut: Cut, delivery: Delivery) -> list[tuple[str, tuple[Cue, ...]]]:
    """The languages that have a track in the film."""
    said = cut.dialogue(delivery.front) if delivery.subtitle_tracks else []
    return [(language or delivery.language, cues) for language, cues in said if cues]


def _bare(clip: Normalized) -> Part:
    """What stands around the programme, as it is."""
    return Part(transitions.Joined(clip, (transitions.Span(clip, 0, clip.frames),)))


def _chapters(cut: Cut, delivery: Delivery) -> list[str]:
    return [*leader.names(delivery), *(shot.shot for shot in cut.shots)] if delivery.chapters else []


def _told(shots: Sequence[CutShot], parts: Sequence[Part], jumps: Sequence[float], delivery: Delivery) -> list[dict[str, Any]]:
    """Each clip's place in the film, for its record."""
    under = [*(part.joined.padded_frames for part in parts[1:]), 0]
    return [
        {
            "padded": part.clip.padded_frames,
            "padded_under": below,
            **asdict(part.clip.reading),
            "gain_db": round(part.gain_db, 2),
            "jump": round(jump, 3),
            "bars": round(_bars(shot, delivery), 4),
            "remarks": [*part.clip.remarks],
        }
        for shot, part, below, jump in zip(shots, parts, under, jumps, strict=False)
    ]


def _bars(shot: CutShot, delivery: Delivery) -> float:
    """The share of the frame that is black bars, by the shape of a shot's clip."""
    if shot.clip is None or shot.fitting.frame is not Frame.PAD:
        return 0.0
    probed, trim = probe(shot.clip), shot.fitting.trim
    trimmed = trim is not None and (probed.width, probed.height) == trim.bought
    shown = inside(Fraction(*trim.kept) if trim and trimmed else probed.aspect, delivery.size)
    return 1 - shown.pixels / delivery.size.pixels


def _refuse_empty(cut: Cut) -> None:
    if not cut.shots:
        raise InputError(f"sequence {cut.sequence} has no shots to cut", help="give it at least one row whose status is not omit")
    short = [shot.shot for shot in cut.shots if shot.frames < 1]
    if short:
        help = "give it a longer duration_s"
        raise InputError.of(Problem(code="cut-length", message=f"{shot} is shorter than one frame", help=help, shot=shot) for shot in short)


def _finished(
    cut: Cut, delivery: Delivery, versions: Versions, version: Version, policy: Mapping[str, Judgement], *, kept: bool
) -> Finished:
    read = Reading(version.told["lufs"], version.told["peak_db"])
    clips = [
        ClipInFilm(
            padded_frames=one["padded"],
            padded_under=one["padded_under"],
            reading=Reading(one["lufs"], one["peak_db"]),
            gain_db=one["gain_db"],
            remarks=tuple(one["remarks"]),
            jump=one.get("jump", 0.0),
            bars=one.get("bars", 0.0),
        )
        for one in version.told["clips"]
    ]
    # a record without its form is of a film that passed: none that failed was kept then
    form = [Finding(code=code, severity=Severity.FAIL, message=message) for code, message in version.told.get("form", ())]
    shots = _placed_shots(cut, clips, delivery.front)
    found = (*check_cut(_places(cut, shots, clips), delivery), *form, *check_levels(read, delivery, version.told.get("bound")))
    return Finished(
        sequence=cut.sequence,
        delivery=delivery,
        version=version.number,
        file=versions.path(version.number),
        sha256=version.sha256,
        frames=_frames(cut, delivery),
        loudness_lufs=read.lufs,
        true_peak_dbtp=read.peak_db,
        complete=cut.complete,
        missing=cut.missing,
        removed=cut.removed,
        shots=shots,
        findings=tuple(judged(found, policy)),
        kept=kept,
        crf=version.told.get("crf"),
    )


def _places(cut: Cut, placed: Sequence[PlacedShot], clips: Sequence[ClipInFilm]) -> list[ShotInFilm]:
    """Each shot's place, with its own transition and the next one's."""
    taken = lasting(cut.shots)
    lies = [
        frames if shot.transition and shot.transition.join is not Join.FADE else 0 for shot, frames in zip(cut.shots, taken, strict=True)
    ]
    return [
        ShotInFilm(shot, at.record_in, stood, comes_on, over)
        for shot, at, stood, comes_on, over in zip(cut.shots, placed, clips, taken, [*lies[1:], 0], strict=True)
    ]


def _placed_shots(cut: Cut, clips: Sequence[ClipInFilm], record_in: int) -> tuple[PlacedShot, ...]:
    placed: list[PlacedShot] = []
    for shot, clip in zip(cut.shots, clips, strict=True):
        padded = clip.padded_frames
        placed.append(
            PlacedShot(
                shot=shot.shot,
                take=shot.take,
                record_in=record_in,
                frames=shot.frames,
                padded_frames=padded,
                stale=shot.stale,
                rehearsed=shot.origin is not None and shot.origin.rehearsal,
                draft=shot.draft,
                failing=shot.failing,
                voice=shot.voice.name if shot.voice and shot.sound else None,
                clip=shot.clip,
                loudness_lufs=clip.reading.lufs,
                gain_db=clip.gain_db,
            )
        )
        record_in += shot.frames
    return tuple(placed)
