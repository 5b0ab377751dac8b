"""Makes a film: clips are conformed, joined, mixed and stitched within the delivery's limits, and what came out is checked. See `finish`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.delivery.fitting import Frame
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.picture_geometry import inside
from callsheet.domain.timebase import sample_at, seconds
from callsheet.finishing.full_disk import full_disk
from callsheet.finishing.shot_clips import normalized_clips
from callsheet.finishing.versions import Versions
from callsheet.media.clip.normalized import Normalized
from callsheet.media.film import file_size, leader, music, subtitle_tracks, transitions
from callsheet.media.film.mix import JoinMeter, Part, film_sound
from callsheet.media.film.stitch import length, stitch
from callsheet.media.inspect.probe import probe
from callsheet.media.sound import loudness
from callsheet.media.sound.limiter import Samples
from callsheet.qc.delivery import TracksDue
from callsheet.qc.file_checks import check_film
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True)
class Made:
    """A film that stands beside its place, and what was learnt in making it."""

    part: Path
    told: dict[str, Any]
    #: its pictures are its clips' own, bit for bit
    own: bool


def make(cut: Cut, delivery: Delivery, project: Project, versions: Versions, number: int) -> Made:
    """A film within its delivery's limits: one that comes out too large is encoded smaller, until what is measured fits.

    What is wrong with its form is noted for the record, since the policy may change while the film doesn't. InputError if the cut is empty.
    """
    _refuse_empty(cut)
    frames = delivery.frames_of(cut)
    trying = delivery
    made = _film(cut, trying, project, versions, number)
    try:
        while smaller := file_size.smaller(trying, made.part.stat().st_size, seconds(frames, delivery.fps)):
            trying = smaller
            made = _film(cut, trying, project, versions, number)
        languages = [subtitle_tracks.language_tag(language, delivery.container) for language, _ in delivery.tracks_of(cut)]
        due = TracksDue(
            chapters=tuple(delivery.chapters_of(cut)),
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


def _refuse_empty(cut: Cut) -> None:
    if not cut.shots:
        raise InputError(f"sequence {cut.sequence} has no shots to cut", help="give it at least one row whose status is not omit")
    short = [shot.shot for shot in cut.shots if shot.frames < 1]
    if short:
        help = "give it a longer duration_s"
        raise InputError.of(Problem(code="cut-length", message=f"{shot} is shorter than one frame", help=help, shot=shot) for shot in short)


def _film(cut: Cut, delivery: Delivery, project: Project, versions: Versions, number: int) -> Made:
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
        with subtitle_tracks.tracks(delivery.tracks_of(cut), delivery, project.normalized / versions.stem) as texts:
            stitch(parts, sound, delivery, film, delivery.chapters_of(cut), texts)
    except BaseException:
        film.unlink(missing_ok=True)
        raise
    finally:
        sound.unlink(missing_ok=True)
        for folder in (project.normalized, project.finished, project.out):
            atomic_files.sweep(folder)
    return Made(
        film,
        {**asdict(mixed.reading), "bound": mixed.bound, "clips": _told(cut.shots, programme, meter.jumps[len(before) :], delivery)},
        parts[0].clip.copied,
    )


def _bare(clip: Normalized) -> Part:
    """What stands around the programme, as it is."""
    return Part(transitions.Joined(clip, (transitions.Span(clip, 0, clip.frames),)))


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
