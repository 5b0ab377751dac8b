"""`callsheet init`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Init
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.typed import typed
from callsheet.shotlist.read import read
from callsheet.shotlist.schema import template
from callsheet.store.house import house_root

_LIST = "shots"


class Sample(StrEnum):
    """The sample projects in manifests/samples."""

    PLAIN = "plain"  #: four shots of one sequence
    SPOT = "spot"  #: 30 and 15 seconds from one list, in 16:9 and 9:16
    SHORT = "short"  #: two scenes in which shots continue earlier ones
    MUSIC = "music"  #: cut to the beat of a song


def init(
    directory: Annotated[
        Path,
        Parameter(name="DIR", help="Folder of the new project, relative to --folder. callsheet creates the folder if it doesn't exist."),
    ] = Path(),
    /,
    *,
    sample: Annotated[
        Sample,
        Parameter(
            help="What to start from: plain (four shots), spot (30 s and 15 s in 16:9 and 9:16), short (two scenes in which shots continue earlier ones) or music (cut to a song)."
        ),
    ] = Sample.PLAIN,
    sheet: Annotated[bool, Flag, Parameter(help="Write the list as a workbook, shots.xlsx, with explanations and drop-downs.")] = False,
    common: Common = HERE,
) -> Answer:
    """Create a project folder that can be planned at once: project.toml, a list and a page of next commands. Overwrites nothing."""
    folder, files = common.folder / directory, _files(sample, sheet=sheet)
    if taken := [name for name in files if (folder / name).exists()]:
        raise UsageError(
            f"{', '.join(taken)} {'is' if len(taken) == 1 else 'are'} in {directory} already", help="choose another folder, or move it away"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            with (folder / name).open("xb") as file:
                file.write(data)
    except OSError as error:
        raise InputError(
            f"{error.filename or directory} can't be written: {error.strerror}", help="choose a folder that can be created"
        ) from None
    [list] = [name for name in files if name.startswith(_LIST)]
    there = () if folder.resolve() == Path.cwd() else ("-C", str(folder))
    lines = [f"{directory / name}" for name in files]
    lines += ["", *(f"next: {typed(command, list, *there)}" for command in ("check", "plan"))]
    document: Init = {"schema": schema("init"), "folder": str(directory), "files": [*files], "list": list}
    return Answer(document=document, lines=lines)


def _files(sample: Sample, *, sheet: bool) -> dict[str, bytes]:
    """The new project's files by name."""
    samples = house_root() / "manifests" / "samples"
    files = {path.name: path.read_bytes() for path in sorted((samples / sample).iterdir())}
    list = f"{_LIST}.csv"
    if sheet:
        shots = read(samples / sample / list, list).shots
        del files[list]
        list = f"{_LIST}.xlsx"
        files[list] = template([dict(shot.cells) for shot in shots])
    page = (samples / "README.md").read_text(encoding="utf-8").replace("{list}", list)
    return {**files, "README.md": page.encode()}
