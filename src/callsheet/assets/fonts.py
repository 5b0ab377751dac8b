"""The fonts of deliveries: read once, and checked for every text, before anything is planned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from callsheet.assets.project_file import UnusableFile, read_project_file
from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.font import Font
from callsheet.domain.delivery.title import titles
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.shot import Shot
from callsheet.media.clip.font_file import FontFile, read_font
from callsheet.media.ffmpeg import runner
from callsheet.store.project_folder import Project

#: a larger file is not a text font, bytes
_MOST = 40 << 20
_OWN = "DejaVu Sans"


def with_fonts(deliveries: Sequence[Delivery], project: Project) -> tuple[Delivery, ...]:
    """The deliveries, with the fonts that they name. InputError with every font that can't be used, and why."""
    problems: list[Problem] = []
    found: list[Delivery] = []
    for one in deliveries:
        try:
            font = one.font and _read(one.font, project.folder, (project.folder,))
        except (ValueError, UnusableFile) as error:
            why = f"[deliver.{one.name}] font: {one.font} {error}"
            problems.append(
                Problem(code="deliver-value", message=why, help="name a .ttf or .otf file in the project's folder", file="project.toml")
            )
            continue
        found.append(replace(one, fitting=replace(one.fitting, font=font)) if font else one)
    if problems:
        raise InputError.of(problems)
    return tuple(found)


def title_fonts(shots: Iterable[Shot], folder: Path, project: Path) -> dict[str, Font | Problem]:
    """The fonts that titles name, by their cells' words; paths are relative to the list's `folder`. A font that can't be used is returned
    as its problem.
    """
    names = {one.font for shot in shots for one in titles(shot.title or "") if one.font}
    found: dict[str, Font | Problem] = {}
    for name in sorted(names):
        try:
            found[name] = _read(name, folder, (project, folder))
        except (ValueError, UnusableFile) as error:
            help = "name a .ttf or .otf file of the project, by its path from the list's folder"
            found[name] = Problem(code="title-font", message=f"{name} {error}", help=help, column="title")
    return found


def unshown(shots: Iterable[Shot], deliveries: Sequence[Delivery], fonts: Mapping[str, Font | Problem]) -> Iterator[Problem]:
    """Each text of a list that a delivery burns in but whose font lacks characters: it would be a box in the film. `fonts` are those of
    titles.
    """
    faces = {one.name: (one, read_font(one.fitting.font.file if one.fitting.font else runner.letters())) for one in deliveries}
    for delivery, face in faces.values():
        if delivery.watermark and (signs := face.lacking(delivery.watermark)):
            yield _problem(f"the watermark of {delivery.name}", signs, delivery).at(file="project.toml")
    for shot in shots:
        for delivery, face in faces.values():
            yield from _of_shot(shot, delivery, face)
        if shot.title:
            yield from dict.fromkeys(_of_titles(shot, [*faces.values()], fonts))


def _of_shot(shot: Shot, delivery: Delivery, face: FontFile) -> Iterator[Problem]:
    written, texts = shot.texts, dict[str, str]()
    burnt = delivery.burnt_in(written)
    if burnt is not None:
        texts[f"subtitle.{burnt}" if burnt else "dialogue"] = written[burnt]
    if delivery.burn_names:
        texts["shot_id"] = shot.shot_id
    for column, text in texts.items():
        if signs := face.lacking(text):
            yield _at(shot, column, _problem(f"{column} of {shot.shot_id}", signs, delivery))


def _of_titles(shot: Shot, faces: Sequence[tuple[Delivery, FontFile]], fonts: Mapping[str, Font | Problem]) -> Iterator[Problem]:
    """Characters of a shot's titles that their own font, or a delivery's, lacks."""
    for one in titles(shot.title or ""):
        own, what = fonts.get(one.font or ""), f"the title of {shot.shot_id}"
        if isinstance(own, Font):
            if signs := read_font(own.file).lacking(one.text):
                help = "name a font that has them in the title's brackets, or remove them"
                yield _at(shot, "title", Problem(code="letters", message=f"{own.name} can't show {_told(signs)} in {what}", help=help))
            continue
        for delivery, face in faces if one.font is None else ():
            if signs := face.lacking(one.text):
                yield _at(shot, "title", _problem(what, signs, delivery))


def _at(shot: Shot, column: str, problem: Problem) -> Problem:
    return problem.at(file=shot.origin.file, row=shot.origin.row, line=shot.origin.line, column=column, shot=shot.shot_id)


def _problem(what: str, signs: str, delivery: Delivery) -> Problem:
    font = delivery.fitting.font.name if delivery.fitting.font else _OWN
    help = f'name a font that has them, [deliver.{delivery.name}] font = "fonts/NAME.ttf", or remove them from the text'
    return Problem(code="letters", message=f"{font} can't show {_told(signs)} in {what}, which {delivery.name} burns in", help=help)


def _told(signs: str) -> str:
    return ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in signs[:5]) + (f" and {len(signs) - 5} more" if len(signs) > 5 else "")


def _read(name: str, folder: Path, roots: Sequence[Path]) -> Font:
    return read_project_file(folder / name, roots, _MOST, lambda path, changed, size: _font(name, path, changed, size))


@lru_cache(maxsize=8)
def _font(name: str, path: Path, _changed_ns: int, _size: int) -> Font:
    read_font(path)
    return Font(name=name, file=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
