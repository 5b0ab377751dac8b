"""`callsheet export` for editing programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from callsheet.cli.output.answer import Answer
from callsheet.domain.edit import Edit, Media
from callsheet.domain.errors import PlaceError
from callsheet.domain.run_request import Order
from callsheet.planning.project_plan import prepare
from callsheet.store import atomic_files
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project
from callsheet.timelines.edits import edits
from callsheet.timelines.edl import edl
from callsheet.timelines.fcp7 import fcp7
from callsheet.timelines.otio import otio

Format = Literal["otio", "edl", "fcp7"]
_WRITERS: Mapping[str, tuple[str, Callable[[Edit], str]]] = {"otio": (".otio", otio), "edl": (".edl", edl), "fcp7": (".xml", fcp7)}


def export_edits(
    project: Project, list: str, out: Path, format: Format, *, sequence: str | None, delivery: str | None, start: str | None
) -> Answer:
    """Write each sequence of the list into the folder `out`, and the clips into `out`/media."""
    ending, write = _WRITERS[format]
    folder = project.folder / out
    prepared = prepare(Order(folder=project.folder, list=list, buy=False))
    made = edits(prepared, folder, delivery=delivery, sequence=sequence, start=start)
    files = [_put(folder / f"{safe(edit.name)}{ending}", write(edit), out) for edit in made]
    document = {
        "schema": "callsheet.export/1",
        "format": format,
        "folder": project.relative(folder),
        "sequences": [_told(edit, project.relative(file)) for edit, file in zip(made, files, strict=True)],
    }
    lines = [
        f"{project.relative(file)}: {len(edit.events)} shots, {edit.frames} frames from {edit.start}, {len(edit.media)} clips{_beds(edit)}"
        for edit, file in zip(made, files, strict=True)
    ]
    return Answer(document=document, lines=lines)


def _told(edit: Edit, file: str) -> Mapping[str, object]:
    return {
        "sequence": edit.name,
        "file": file,
        "fps": str(edit.fps),
        "start": str(edit.start),
        "frames": edit.frames,
        "missing": [event.shot for event in edit.events if event.media is None],
        "clips": [_clip(media) for media in edit.media],
        "beds": [{"bed": bed.name, "file": bed.file, "record_in": bed.record_in, "frames": bed.frames} for bed in edit.beds],
    }


def _beds(edit: Edit) -> str:
    return f", {len(edit.beds)} bed{'s' if len(edit.beds) > 1 else ''}" if edit.beds else ""


def _clip(media: Media) -> Mapping[str, object]:
    told = {"clip": media.name, "reel": media.reel, "file": media.file, "frames": media.frames}
    return {**told, "credentials": media.credentials} if media.credentials else told


def _put(path: Path, text: str, out: Path) -> Path:
    try:
        part = atomic_files.beside(path)
        part.write_text(text, encoding="utf-8")
        atomic_files.replace(part, path)
    except OSError as error:
        raise PlaceError(f"{out} can't be written: {error.strerror}", help="name another folder, or free disk space") from None
    return path
