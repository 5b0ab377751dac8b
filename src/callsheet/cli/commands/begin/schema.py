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
from callsheet.store.house import house_root
from callsheet.toml_file.json_schema import json_schema as of_table

What = Literal["list", "project", "delivery", "card", "mapping", "output"]


def schema(
    what: Annotated[
        What,
        Parameter(
            help="What the schema describes: a row of a shot list (list), project.toml (project), a file in configs/ (delivery, card), NAME.mapping.toml (mapping) or what commands print with --json (output)."
        ),
    ] = "list",
    /,
    *,
    format: Annotated[
        Literal["jsonschema", "table-schema"],
        Parameter(
            help="jsonschema describes a row, a TOML file or the output of commands. table-schema (Frictionless) describes a whole list."
        ),
    ] = "jsonschema",
    sheet: Annotated[
        Path | None, Parameter(help="Instead of printing a schema, write a workbook with explanations and drop-downs to this .xlsx file.")
    ] = None,
    common: Common = HERE,
) -> Answer:
    """JSON Schema of a shot list, project.toml or another file, for editors and programs; or a workbook to fill in."""
    if what != "list" and (sheet is not None or format != "jsonschema"):
        raise UsageError(f"{what} has only a JSON Schema", help=f"{typed('schema', what)}")
    if sheet is not None:
        return _workbook(common.folder / sheet, str(sheet))
    document = _of_file(what) if what != "list" else json_schema() if format == "jsonschema" else table_schema()
    return Answer(document={"schema": named("schema"), format: document}, lines=[json.dumps(document, ensure_ascii=False, indent=2)])


def _of_file(what: What) -> dict[str, object]:
    """The schema of a TOML file."""
    match what:
        case "project":
            from callsheet.settings.load import finding_codes  # noqa: PLC0415  # models that no other command needs
            from callsheet.settings.tables.file import project_model  # noqa: PLC0415  # likewise

            return of_table(project_model(finding_codes(house_root() / "configs" / "defaults.toml")), "project.toml")
        case "delivery":
            from callsheet.settings.tables.delivery import DeliveryTable  # noqa: PLC0415  # likewise

            return of_table(DeliveryTable, "A delivery")
        case "output":
            from callsheet.cli.output.documents import output_schema  # noqa: PLC0415  # likewise

            return output_schema()
        case "card":
            from callsheet.services.cards.card import Card  # noqa: PLC0415  # likewise

            return of_table(Card, "A card")
        case _:
            from callsheet.shotlist.mapping_table import MappingTable  # noqa: PLC0415  # likewise

            return of_table(MappingTable, "NAME.mapping.toml")


def _workbook(path: Path, shown: str) -> Answer:
    """Write the workbook; never overwrites a file."""
    if path.suffix.lower() != ".xlsx":
        raise UsageError(f"--sheet {shown}: a workbook's name ends in .xlsx", help="write --sheet film.xlsx, for example")
    try:
        with path.open("xb") as file:
            file.write(template())
    except FileExistsError:
        raise UsageError(f"{shown} exists, and callsheet doesn't overwrite a list", help="choose another name") from None
    except OSError as error:
        raise InputError(f"{shown} can't be written: {error.strerror}", help="make the folder writable") from None
    return Answer(
        document={"schema": named("schema"), "sheet": shown}, lines=[f"{shown} written. Fill it in, then: {typed('check', shown)}"]
    )
