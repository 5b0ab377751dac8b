"""`callsheet schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.answer import schema as named
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.typed import typed
from callsheet.shotlist.schema import json_schema, table_schema, template


def schema(
    *,
    format: Annotated[
        Literal["jsonschema", "table-schema"], Parameter(help="jsonschema: of one row; table-schema: of the file (Frictionless).")
    ] = "jsonschema",
    sheet: Annotated[
        Path | None, Parameter(help="Write a workbook to fill to this .xlsx file instead: each column explained, with drop-downs.")
    ] = None,
    common: Common = HERE,
) -> Answer:
    """The columns of a shot list for other programs, or a workbook to fill."""
    if sheet is not None:
        return _workbook(common.folder / sheet, str(sheet))
    document = json_schema() if format == "jsonschema" else table_schema()
    return Answer(document={"schema": named("schema"), format: document}, lines=[json.dumps(document, ensure_ascii=False, indent=2)])


def _workbook(path: Path, shown: str) -> Answer:
    """The workbook, never over another file."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"--sheet {shown}: a workbook is named .xlsx", help="such as --sheet film.xlsx")
    try:
        with path.open("xb") as file:
            file.write(template())
    except FileExistsError:
        raise UsageError(f"{shown} exists, and nothing is written over a list", help="choose another name") from None
    except OSError as error:
        raise InputError(f"{shown} can't be written: {error.strerror}", help="make the folder writable") from None
    return Answer(document={"schema": named("schema"), "sheet": shown}, lines=[f"{shown} written. Fill it, then: {typed('check', shown)}"])
