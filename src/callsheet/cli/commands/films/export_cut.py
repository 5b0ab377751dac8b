"""`callsheet export` for editing programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.cli.choosing import Selected
from callsheet.cli.commands.films.export_file import write_export
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import Export, ExportedClip, ExportedSequence
from callsheet.cli.project_state import list_state
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.edit import Edit, Media
from callsheet.domain.run_request import RunRequest
from callsheet.domain.wording import counted
from callsheet.planning.project_plan import prepare
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project
from callsheet.timelines.edits import edits
from callsheet.timelines.edl import edl
from callsheet.timelines.fcp7 import fcp7
from callsheet.timelines.otio import otio

Format = Literal["otio", "edl", "fcp7"]
_WRITERS: Mapping[str, tuple[str, Callable[[Edit], str]]] = {"otio": (".otio", otio), "edl": (".edl", edl), "fcp7": (".xml", fcp7)}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EditOptions:
    """Options for exporting a cut."""

    sequence: Annotated[str | None, Parameter(help="Export only this sequence.")] = None
    delivery: Annotated[str | None, Parameter(help="Use the size and fps of this delivery. Default: the first delivery.")] = None
    start: Annotated[
        str | None,
        Parameter(
            help="Timecode of the first frame. For drop-frame, write a semicolon before the frames: 01:00:00;00. Default: 01:00:00:00."
        ),
    ] = None
    file_urls: Annotated[
        bool,
        Parameter(
            negative="",
            help="For otio and fcp7: refer to clips by file URL instead of relative path. Some editing programs need this to find the clips.",
        ),
    ] = False
    clips: Annotated[
        Literal["prores", "dnxhr"] | None,
        Parameter(
            help="Encode all clips as ProRes or DNxHR. Default: keep each clip as it was bought if editing programs accept its format and it has the cut's frame rate; encode the others."
        ),
    ] = None


AS_IT_IS = EditOptions()


def export_edits(project: Project, list: str, out: Path, format: Format, how: EditOptions, selected: Selected) -> Answer:
    """Write each sequence of the list into the folder `out`, and the clips into `out`/media."""
    ending, write = _WRITERS[format]
    folder = project.folder / out
    prepared = prepare(RunRequest(folder=project.folder, list=list, buy=False))
    codec = Codec(how.clips) if how.clips else None
    takes = selected.among(list_state(prepared))
    made = edits(
        prepared, folder, delivery=how.delivery, sequence=how.sequence, start=how.start, urls=how.file_urls, codec=codec, chosen=takes
    )
    sequences: list[ExportedSequence] = []
    lines: list[str] = []
    for edit in made:
        path = folder / f"{safe(edit.name)}{ending}"
        write_export(path, write(edit), out)
        file = project.relative(path)
        beds = f", {counted(len(edit.beds), 'bed')}" if edit.beds else ""
        sequences.append(_sequence(edit, file))
        lines.append(
            f"{file}: {counted(len(edit.events), 'shot')}, {counted(edit.frames, 'frame')} from {edit.start}, {counted(len(edit.media), 'clip')}{beds}"
        )
    document: Export = {"schema": "callsheet.export/1", "format": format, "folder": project.relative(folder), "sequences": sequences}
    return Answer(document=document, lines=lines)


def _sequence(edit: Edit, file: str) -> ExportedSequence:
    return {
        "sequence": edit.name,
        "file": file,
        "fps": str(edit.fps),
        "start": str(edit.start),
        "frames": edit.frames,
        "missing": [event.shot for event in edit.events if event.missing],
        "clips": [_clip(media) for media in edit.media],
        "beds": [{"bed": bed.name, "file": bed.file, "record_in": bed.record_in, "frames": bed.frames} for bed in edit.beds],
    }


def _clip(media: Media) -> ExportedClip:
    clip: ExportedClip = {"clip": media.name, "reel": media.reel, "file": media.file, "frames": media.frames}
    if media.credentials:
        clip["credentials"] = media.credentials
    return clip
