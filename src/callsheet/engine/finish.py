"""Finishing: a cut becomes one file per delivery. Nothing is bought or fetched here, and nothing that is there already is made again.

Safe to call again after any interruption: a file has its final name only when it is whole and checked.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Cut, CutShot, Delivery, Finished, Placed
from callsheet.domain.errors import DeliveryError, InputError, MediaError, PlaceError, Problem
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.timebase import sample_at
from callsheet.engine.versions import Version, Versions
from callsheet.media import encode, ffmpeg, loudness, place, probe
from callsheet.media.encode import Normalized
from callsheet.media.loudness import Reading
from callsheet.media.normalize import normalize
from callsheet.media.slate import slate
from callsheet.media.stitch import MUXER, Part, film_sound, length, stitch
from callsheet.project import Project
from callsheet.qc.delivery import check_form, check_levels

_NO_CLIP = "no clip"
_locks: dict[Path, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class _Made:
    """A film that stands beside its place, and what was learnt in making it."""

    part: Path
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Clip:
    """What a film's record tells of one clip."""

    padded_frames: int
    reading: Reading


def normalize_clip(shot: CutShot, delivery: Delivery, project: Project) -> Normalized:
    """A shot as it stands in the film: its clip normalized, or a slate. To be called as soon as the clip lands, from any thread, any number of times.

    MediaError, placed at the shot, where its clip can't be made fit.
    """
    try:
        with _disk():
            return _fit(shot, delivery, project)
    except MediaError as error:
        raise _placed(error, shot) from None


def _fit(shot: CutShot, delivery: Delivery, project: Project) -> Normalized:
    if shot.clip is None:
        return slate(shot.shot, shot.missing or _NO_CLIP, shot.frames, delivery, project.normalized)
    if not shot.clip.is_file():
        raise MediaError(
            f"its clip {project.relative(shot.clip)} is not there", help="`callsheet recover` fetches it again; it is not bought again"
        )
    return normalize(shot.clip, _content(shot), shot.frames, delivery, project.normalized, sound=shot.sound)


@contextmanager
def _disk() -> Generator[None]:
    """A full or write-protected disk is the place's fault, and said as such."""
    try:
        yield
    except OSError as error:
        raise PlaceError(
            f"finishing can't write: {error}", help="free or mend what is named, then run `callsheet finish`: it goes on from here"
        ) from None


def finish(cut: Cut, delivery: Delivery, project: Project) -> Finished:
    """The cut as one checked file in `out/`. Where the same film is there already it is told with `kept=True` and nothing is started.

    Missing shots stand as slates and the result is incomplete. Findings of severity FAIL mean that the file's levels missed the delivery.
    InputError where the cut is empty; MediaError where a clip can't be used; DeliveryError where the film failed its check (it is not put in place).
    """
    _refuse_empty(cut)
    versions = Versions(project, cut.sequence, delivery.name)
    with _disk(), _locks.setdefault(versions.path(0), threading.Lock()):
        key = _film_key(cut, delivery)
        there = versions.find(key)
        if there:
            return _finished(cut, delivery, versions, there, kept=True)
        made = _make(cut, delivery, project, versions)
        return _finished(cut, delivery, versions, versions.place(made.part, key, made.told), kept=False)


def find(cut: Cut, delivery: Delivery, project: Project) -> Finished | None:
    """The film of this cut that stands in `out/`, unchanged; None where it would have to be made."""
    versions = Versions(project, cut.sequence, delivery.name)
    there = versions.find(_film_key(cut, delivery))
    return _finished(cut, delivery, versions, there, kept=True) if there else None


def _film_key(cut: Cut, delivery: Delivery) -> str:
    """Over all that decides the film's bytes: known before anything is opened."""
    form = asdict(replace(delivery, name=""))
    shots = [[shot.frames, shot.sound, _content(shot)] if shot.clip else [shot.frames, shot.shot, shot.missing] for shot in cut.shots]
    return encode.key_of("film", MUXER, form, shots)


def _make(cut: Cut, delivery: Delivery, project: Project, versions: Versions) -> _Made:
    clips = _normalized(cut, delivery, project)
    parts = [Part(clip, loudness.gain_db(clip.reading, delivery)) for clip in clips]
    film, sound = place.beside(versions.path(0)), place.beside(project.normalized / f"{versions.stem}.m4a")
    try:
        samples = sample_at(length(parts), delivery.fps)
        read = loudness.mix(lambda gain_db: film_sound(parts, delivery.fps, gain_db), samples, delivery, sound)
        stitch(parts, sound, delivery.fps, film)
        _refuse_broken(film, delivery, length(parts))
    except BaseException:
        film.unlink(missing_ok=True)
        raise
    finally:
        sound.unlink(missing_ok=True)
        for folder in (project.normalized, project.finished, project.out):
            place.sweep(folder)
    told = [{"padded": clip.padded_frames, **asdict(clip.reading)} for clip in clips]
    return _Made(film, {**asdict(read), "clips": told})


def _normalized(cut: Cut, delivery: Delivery, project: Project) -> list[Normalized]:
    """All shots of the cut in order, as many at once as there are processors. The first failure ends it."""
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="normalize") as pool:
        waiting = [pool.submit(normalize_clip, shot, delivery, project) for shot in cut.shots]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _refuse_empty(cut: Cut) -> None:
    if not cut.shots:
        raise InputError(f"sequence {cut.sequence} has no shots to cut", help="give it at least one row whose status is not omit")
    short = [shot.shot for shot in cut.shots if shot.frames < 1]
    if short:
        help = "give it a longer duration_s"
        raise InputError.of(Problem(code="cut-length", message=f"{shot} is shorter than one frame", help=help, shot=shot) for shot in short)


def _refuse_broken(film: Path, delivery: Delivery, frames: int) -> None:
    """The finished file is opened and decoded as a player would; what fails is never put in place."""
    probed = probe.read_packets(str(film), "mov")
    failed = check_form(probed, delivery, frames)
    if failed:
        raise DeliveryError(
            f"the {delivery.name} film failed its check: {'; '.join(one.message for one in failed)}",
            help="delete .callsheet/normalized and run `callsheet finish` again; report it if it stays",
        )
    probe.decodes(film, probed, ffmpeg.Limits())


def _finished(cut: Cut, delivery: Delivery, versions: Versions, version: Version, *, kept: bool) -> Finished:
    read = Reading(version.told["lufs"], version.told["dbtp"])
    clips = [_Clip(one["padded"], Reading(one["lufs"], one["dbtp"])) for one in version.told["clips"]]
    shots = _placed_shots(cut, clips)
    return Finished(
        sequence=cut.sequence,
        delivery=delivery,
        version=version.number,
        file=versions.path(version.number),
        sha256=version.sha256,
        frames=sum(shot.frames for shot in shots),
        loudness_lufs=read.lufs,
        true_peak_dbtp=read.dbtp,
        complete=cut.complete,
        missing=cut.missing,
        removed=cut.removed,
        shots=shots,
        findings=(*_clip_findings(cut, clips, shots), *check_levels(read, delivery)),
        kept=kept,
    )


def _placed_shots(cut: Cut, clips: list[_Clip]) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    record_in = 0
    for shot, clip in zip(cut.shots, clips, strict=True):
        padded = clip.padded_frames
        placed.append(
            Placed(shot=shot.shot, take=shot.take, record_in=record_in, frames=shot.frames, padded_frames=padded, stale=shot.stale)
        )
        record_in += shot.frames
    return tuple(placed)


def _clip_findings(cut: Cut, clips: list[_Clip], placed: tuple[Placed, ...]) -> list[Finding]:
    found: list[Finding] = []
    for shot, clip, at in zip(cut.shots, clips, placed, strict=True):
        if clip.padded_frames:
            found.append(_padded(at))
        if shot.clip and shot.sound and clip.reading.lufs is None:
            found.append(_unmeasured(at, clip.reading))
    return found


def _padded(at: Placed) -> Finding:
    """One repeated frame is rounding; more are seen."""
    count = at.padded_frames
    severity, frames = (Severity.NOTE, "1 frame") if count == 1 else (Severity.WARN, f"{count} frames")
    said = f"{at.shot}: the clip is {frames} short, its last frame stands"
    return Finding(code="padded", severity=severity, message=said, frame=at.record_in + at.frames - count)


def _unmeasured(at: Placed, reading: Reading) -> Finding:
    if reading.dbtp is None or reading.dbtp < loudness.SILENCE_LUFS:
        return Finding(code="silent", severity=Severity.WARN, message=f"{at.shot}: the clip is silent", frame=at.record_in)
    said = f"{at.shot}: too short or too quiet to measure its loudness, so its level is left as it is"
    return Finding(code="unmeasured", severity=Severity.NOTE, message=said, frame=at.record_in)


def _content(shot: CutShot) -> str:
    if shot.sha256 is None:
        raise ValueError(f"{shot.shot} has a clip without its hash")
    return shot.sha256


def _placed(error: MediaError, shot: CutShot) -> MediaError:
    take = shot.take.full if shot.take else None
    return MediaError(f"{shot.shot}: {error}", problems=[problem.at(shot=shot.shot, take=take) for problem in error.problems])
