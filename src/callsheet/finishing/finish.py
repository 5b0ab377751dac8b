"""Finishing: a cut becomes one file per delivery. Nothing is bought or fetched here, and nothing that is there already is made again.

Safe to call again after any interruption: a file has its final name only when it is whole and checked. What its check found stands in its record; what that
means is the project's policy, asked anew each time: a film that fails is kept, told as failed, and nothing is bought for it.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from callsheet.domain.cut import DEFAULT_FILE, Cut, Delivery, Finished, PlacedShot
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.delivery.fitting import PLAIN, Join
from callsheet.domain.finding import Finding, Judgement, Severity
from callsheet.domain.transition_effects import lasting
from callsheet.finishing import sidecars
from callsheet.finishing.film_record import Version
from callsheet.finishing.full_disk import full_disk
from callsheet.finishing.versions import Versions
from callsheet.media.clip.content_key import MUXER, key_of
from callsheet.media.ffmpeg import codec
from callsheet.media.sound.reading import Reading
from callsheet.qc.cut import ClipInFilm, ShotInFilm, check_cut
from callsheet.qc.delivery import check_levels
from callsheet.qc.policy import AS_CHECKED, judged
from callsheet.store.project_folder import Project

_locks: dict[Path, threading.Lock] = {}


def finish(cut: Cut, delivery: Delivery, project: Project, policy: Mapping[str, Judgement] = AS_CHECKED) -> Finished:
    """The cut as one checked file in `out/`. Where the same film is there already it is told with `kept=True` and nothing is started.

    Missing shots stand as slates and the result is incomplete. What is found is taken as the `policy` says; a film with failing findings is kept all the same.
    InputError if the cut is empty; MediaError if a clip can't be used; DeliveryError if its limit of size can't be met (no file is left).
    """
    versions = Versions(project, cut.sequence, delivery)
    with full_disk(), _locks.setdefault(versions.path(0), threading.Lock()):
        key = _film_key(cut, delivery)
        there = versions.find(key)
        if there:
            return _described(cut, _finished(cut, delivery, versions, there, policy, kept=True), versions, project)
        from callsheet.finishing.make_film import make  # noqa: PLC0415  # it loads numpy and PyAV, which only a film that isn't there needs

        made = make(cut, delivery, project, versions, versions.due(key))
        placed = versions.place(made.part, key, made.told)
        return _described(cut, _finished(cut, delivery, versions, placed, policy, kept=False), versions, project)


def find(cut: Cut, delivery: Delivery, project: Project, policy: Mapping[str, Judgement] = AS_CHECKED) -> Finished | None:
    """The unchanged film of this cut in `out/`; None if it would have to be made."""
    versions = Versions(project, cut.sequence, delivery)
    there = versions.find(_film_key(cut, delivery))
    return sidecars.with_sidecars(cut, _finished(cut, delivery, versions, there, policy, kept=True)) if there else None


def _described(cut: Cut, film: Finished, versions: Versions, project: Project) -> Finished:
    """The film with its sidecars, and its facts in the record."""
    film = sidecars.write_sidecars(cut, film, project)
    versions.describe(film)
    return film


def _film_key(cut: Cut, delivery: Delivery) -> str:
    """A key over everything that determines the film's bytes: known before anything is opened."""
    form = asdict(replace(delivery, name="", file=DEFAULT_FILE, beside=(), subtitles=(), stamp=None, fitting=PLAIN))
    del form["font"]  # it stands in the shots' fitting
    if delivery.codec is Codec.PRORES and delivery.profile not in (None, "hq"):
        form["tag"] = codec.tag(delivery)  # films that were made with HQ's are made again
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
    return key_of("film", MUXER, form, shots, delivery.chapters_of(cut), [bed.decides for bed in cut.beds], delivery.tracks_of(cut))


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
        frames=delivery.frames_of(cut),
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
