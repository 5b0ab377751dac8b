"""`callsheet export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.budget.ledger import receipts
from callsheet.budget.project_ledger import open_existing
from callsheet.cli.choosing import Selected
from callsheet.cli.commands.films.export_cut import AS_IT_IS, EditOptions, export_edits
from callsheet.cli.commands.films.export_markers import export_markers
from callsheet.cli.options import ANY, HERE, Choosing, Common
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import Export
from callsheet.domain.errors import InputError, SetupError, UsageError
from callsheet.domain.money import text
from callsheet.report.bookkeeping import Header, beancount, check
from callsheet.report.documents import money
from callsheet.report.ledger_table import write_entries
from callsheet.status.project_view import overview
from callsheet.store import atomic_files

Format = Literal["beancount", "parquet", "otio", "edl", "fcp7", "markers"]


def export(
    out: Annotated[Path, Parameter(help="File to write, relative to the project folder. For otio, edl, fcp7 and markers: a folder.")],
    /,
    *shots: Annotated[str, Parameter(help="Export only these shots or takes of the cut: S0010, SEQUENCE/*, S0010-S0040. Default: all.")],
    format: Annotated[
        Format,
        Parameter(
            help="beancount and parquet export the ledger, as double-entry text or as a table. otio, edl and fcp7 export a list's cut and its clips. markers exports the comments from the review as timeline markers."
        ),
    ],
    list: Annotated[str | None, Parameter(help="Shot list whose cut you export. Required for otio, edl, fcp7 and markers.")] = None,
    edit: EditOptions = AS_IT_IS,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Export every line of the project's ledger, after comparing their sum with its total; or a cut for an editing program."""
    if format in ("beancount", "parquet"):
        if list is not None or edit != AS_IT_IS or shots or choosing.conditions.given:
            raise UsageError(
                "--list, --sequence, --delivery, --start, --file-urls, --clips and a selection are for otio, edl, fcp7 and markers",
                help="remove them: the ledger covers the whole project",
            )
        return _export_ledger(common, out, format)
    if list is None:
        raise UsageError(f"--format {format} needs a list", help=f"write --format {format} --list shots.csv")
    if format == "markers":
        if edit.clips or edit.file_urls or shots or choosing.conditions.given:
            raise UsageError("--clips, --file-urls and a selection are for otio, edl and fcp7", help="remove them: markers have no clips")
        return export_markers(common.project, list, out, delivery=edit.delivery, sequence=edit.sequence, start=edit.start)
    return export_edits(common.project, list, out, format, edit, Selected(shots, choosing))


def _export_ledger(common: Common, out: Path, format: Literal["beancount", "parquet"]) -> Answer:
    project = common.project
    settings = common.settings
    ledger = open_existing(project, settings)
    if ledger is None:
        raise InputError("this project hasn't bought anything yet, so there is nothing to export", help="name the project folder with -C")
    try:
        seen = overview(ledger, project, settings)
        lines = check(receipts.lines(ledger, project.identity, rehearsal=seen.rehearsal), seen.money)
    finally:
        ledger.close()
    header = Header(settings.name, settings.billing, settings.timezone.value, seen.rehearsal)
    path = project.folder / out
    try:
        if format == "parquet":
            write_entries(lines, header, path)
        else:
            part = atomic_files.part_path(path)
            with part.open("w", encoding="utf-8") as file:
                file.writelines(beancount(lines, header))
            atomic_files.replace(part, path)
    except OSError as error:
        raise SetupError(f"{out} can't be written: {error.strerror}", help="choose another file, or free disk space") from None
    document: Export = {
        "schema": "callsheet.export/1",
        "file": project.relative(path),
        "format": format,
        "entries": len(lines),
        "money": money(seen.money),
    }
    return Answer(document=document, lines=[f"{project.relative(path)}: {len(lines)} entries, {text(seen.money.settled)} USD spent"])
