"""`callsheet export`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.budget.ledger import receipts
from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common
from callsheet.domain.errors import InputError, PlaceError
from callsheet.domain.money import text
from callsheet.engine.view import open_existing, overview
from callsheet.project import house_root
from callsheet.report.bookkeeping import Header, beancount, check
from callsheet.report.documents import money
from callsheet.report.entries import write_entries
from callsheet.settings import load

Format = Literal["beancount", "parquet"]


def export(
    out: Annotated[Path, Parameter(help="File to write, seen from the project folder.")],
    /,
    *,
    format: Annotated[Format, Parameter(help="Double-entry text that bean-check accepts, or a table for pandas.")],
    common: Common = HERE,
) -> Answer:
    """Write every line of the project's book, its sum held against the ledger's own total first."""
    project = common.project
    settings = load(house_root(project.folder) / "configs" / "defaults.toml", project.settings_file)
    ledger = open_existing(project, settings)
    if ledger is None:
        raise InputError("this project has bought nothing yet, so there is nothing to export", help="name the project folder with -C")
    try:
        seen = overview(ledger, project)
        lines = check(receipts.lines(ledger, project.identity, rehearsal=seen.rehearsal), seen.money)
    finally:
        ledger.close()
    header = Header(settings.name, settings.billing, settings.timezone.value, seen.rehearsal)
    path = project.folder / out
    try:
        if format == "parquet":
            write_entries(lines, header, path)
        else:
            _write(beancount(lines, header), path)
    except OSError as error:
        raise PlaceError(f"{out} can't be written: {error.strerror}", help="name another file, or free disk space") from None
    document = {
        "schema": "callsheet.export/1",
        "file": project.relative(path),
        "format": format,
        "entries": len(lines),
        "money": money(seen.money),
    }
    return Answer(document=document, lines=[f"{project.relative(path)}: {len(lines)} entries, {text(seen.money.settled)} USD spent"])


def _write(pieces: Iterable[str], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    with beside.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    beside.replace(path)
