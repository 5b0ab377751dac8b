"""The animatic: every sequence made from first frames, own clips, title cards and slates, before anything is bought. Contacts no service."""

from __future__ import annotations

from dataclasses import dataclass, replace

from callsheet.clock import Clock
from callsheet.cutting import conform
from callsheet.cutting.music import under
from callsheet.domain.cut import Cut, CutShot, Delivery, Finished, Still, Voice
from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import Listener, RunEvent, RunRequest
from callsheet.domain.shots.frame_ref import SIGN
from callsheet.domain.shots.shot import Shot
from callsheet.finishing.finish import finish
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.pricing.priced import Priced
from callsheet.runs.recut import locked_project
from callsheet.settings.deliveries import delivery_from
from callsheet.store import clip_store
from callsheet.store.house import house_root

#: the delivery in its file names
NAME = "animatic"
_NO_PICTURE = "no first_frame in the list"
_ELSEWHERE = "its first_frame is not a file in this project"


@dataclass(frozen=True, slots=True)
class Animatic:
    """A sequence's animatic, and its shots that are still slates."""

    film: Finished
    slates: tuple[str, ...]


def animatics(order: RunRequest, tell: Listener) -> tuple[Animatic, ...]:
    """Every sequence of the list as an animatic, in the size and rate of the first delivery. LockedError if a run has the project locked;
    InputError if something in the list is wrong; MediaError if a picture can't be used.
    """
    with locked_project(order):
        prepared = prepare(order)
        if prepared.plan.problems:
            raise InputError.of(prepared.plan.problems)
        prepared.keep_inputs()
        return tuple(_made(sequence, prepared, tell) for sequence in conform.sequences(prepared.priced))


def _made(sequence: str, prepared: Prepared, tell: Listener) -> Animatic:
    form = _form(prepared)
    shots = tuple(_shot(item, prepared, form) for item in conform.sequences(prepared.priced)[sequence])
    cut = Cut(sequence=sequence, shots=shots, beds=under(prepared.beds, sequence, shots, form.fps))
    film = finish(cut, form, prepared.project, prepared.settings.qc)
    tell(RunEvent(kind="finish", text=f"{'unchanged' if film.kept else 'made'} {prepared.project.relative(film.file)}", at=Clock().text()))
    return Animatic(film, tuple(shot.shot for shot in shots if shot.still is None and shot.shot in cut.missing))


def _form(prepared: Prepared) -> Delivery:
    """A web film in the first delivery's size, rate and fit. InputError if the list has nothing to cut."""
    if not prepared.deliveries:
        raise InputError("the list has nothing to cut", help="give it at least one row whose model is sold")
    first = prepared.deliveries[0]
    web = delivery_from(NAME, {}, first.size, first.fps, house=house_root())
    return replace(web, burn_names=True, fitting=replace(first.fitting, watermark=None))


def _shot(item: Priced, prepared: Prepared, form: Delivery) -> CutShot:
    shot, frames = item.shot, item.frames_at(form.fps)
    written = (Caption(shot.shot_id, CaptionPosition.TOP_LEFT), *conform.titles(item, frames, form.fps))
    fitted = replace(conform.fitting(shot, form), captions=written)
    still, sound = _still(shot, prepared), _sound(shot, prepared)
    return CutShot(
        shot=shot.shot_id,
        frames=frames,
        clip=item.own.file if item.own else None,
        sha256=item.own.sha256 if item.own else None,
        ground=item.ground,
        still=still,
        voice=sound if still and shot.sound else None,
        sound=bool(sound or item.own) and shot.sound,
        fitting=fitted,
        level=shot.loudness,
        transition=conform.transition(shot, form.fps),
        missing=_missing(shot),
        prompt=shot.prompt,
    )


def _missing(shot: Shot) -> str:
    """Why there is a slate instead of a picture."""
    if shot.first_frame and shot.first_frame.startswith(SIGN):
        return f"begins with {shot.first_frame}, whose clip is not received yet"
    return _ELSEWHERE if shot.first_frame else _NO_PICTURE


def _still(shot: Shot, prepared: Prepared) -> Still | None:
    """The shot's first frame as read; None if it has none, or only an address that a service reads."""
    file = prepared.inputs.files.get(("first_frame", shot.first_frame or ""))
    if file is None or file.size is None or not file.sha256 or file.to_come:
        return None
    place = clip_store.input_path(prepared.project, file.sha256)
    return Still(name=file.cell, file=place, sha256=file.sha256, mime=file.mime, size=file.size)


def _sound(shot: Shot, prepared: Prepared) -> Voice | None:
    """The sound that will drive the shot."""
    file = prepared.inputs.files.get(("audio", shot.audio or ""))
    if file is None or not file.sha256:
        return None
    return Voice(name=file.cell, file=clip_store.input_path(prepared.project, file.sha256), sha256=file.sha256, mime=file.mime)
