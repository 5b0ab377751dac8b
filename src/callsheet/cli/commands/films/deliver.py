"""`callsheet deliver`: the approved films, with checksums and a delivery note."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Deliver
from callsheet.clock import Clock
from callsheet.domain.approval import in_force
from callsheet.domain.errors import HumanError, Problem
from callsheet.domain.typed import typed
from callsheet.finishing import approvals
from callsheet.finishing.film_record import FilmRecord, records
from callsheet.finishing.handover import CHECKSUMS, approved_films, hand_over
from callsheet.report.delivery_note import TEXT, film_document, note_document, note_files


def deliver(
    folder: Annotated[Path, Parameter(help="Folder to create, relative to the project folder.")],
    /,
    *sequences: Annotated[str, Parameter(help="Deliver only these sequences. Default: all.")],
    common: Common = HERE,
) -> Answer:
    """Hand over approved films."""
    project, settings = common.project, common.settings
    every = records(project)
    known = [film for name in dict.fromkeys(sequences) for film in approvals.of_sequence(every, name, None)] if sequences else every
    pinned = in_force(approvals.approval_log(project))
    left_out = [film for film in known if (film.sequence, film.delivery) not in pinned and film.numbers]
    films = approved_films(known, pinned, project)
    if not films:
        raise HumanError("no film is approved, so there is nothing to hand over", problems=_to_approve(left_out))
    note = note_document(films, settings.name, settings.billing, Clock().text())
    new = hand_over(films, note_files(note, films), project.folder / folder)
    lines = [
        f"{film['file']}  {film['frames']} frames, {film['width']}x{film['height']}, approved by {film['approved_by']}"
        for film in map(film_document, films)
    ]
    state = "" if new else ", unchanged since"
    lines.append(
        f"{folder}: {len(films)} films{state}; with {CHECKSUMS} and {TEXT}"
        if len(films) != 1
        else f"{folder}: 1 film{state}; with {CHECKSUMS} and {TEXT}"
    )
    lines += [f"note: {film.file.name} is not a finished film: {shown}" for film in films if (shown := approvals.rehearsed(film.version))]
    lines += [f"not approved, left out: {film.sequence} {film.delivery} (newest v{film.numbers[-1]:03d})" for film in left_out]
    document: Deliver = {
        "schema": schema("deliver"),
        "folder": str(folder),
        "new": new,
        "films": [film_document(film) for film in films],
        "left_out": [{"sequence": film.sequence, "delivery": film.delivery, "newest": film.numbers[-1]} for film in left_out],
    }
    return Answer(document=document, lines=lines)


def _to_approve(films: list[FilmRecord]) -> list[Problem]:
    message = "no film is approved, so there is nothing to hand over"
    if not films:
        return [Problem(code=HumanError.code, message=message, help="`callsheet finish` makes the films; then approve one")]
    return [
        Problem(
            code=HumanError.code,
            message=f"no version of {film.sequence} {film.delivery} is approved",
            help=f"watch the newest version, then {typed('approve', film.sequence, f'v{film.numbers[-1]:03d}', '--delivery', film.delivery)}",
        )
        for film in films
    ]
