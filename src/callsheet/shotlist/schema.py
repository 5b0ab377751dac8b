"""The columns for other programs: JSON Schema of a row, a Table Schema of the file, and a workbook to fill in, all from the one definition."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from callsheet.shotlist.columns.column import Column
from callsheet.shotlist.columns.columns import COLUMNS, OWN_PREFIX

_TYPES = {"string": "string", "int64": "integer", "seconds": "number", "usd": "number"}
#: rows of a new workbook with drop-downs
_ROWS = 1000


def json_schema() -> dict[str, object]:
    """JSON Schema (2020-12) of one row as JSON; values with a unit or a comma in their cell are text there, too."""
    rows: dict[str, object] = {column.name: _property(column) for column in COLUMNS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A shot",
        "type": "object",
        "properties": rows,
        "patternProperties": {f"^{OWN_PREFIX}.": {}, r"^subtitle\.[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$": {"type": "string"}},
        "required": [column.name for column in COLUMNS if column.required],
    }


def _property(column: Column) -> dict[str, object]:
    kind = _TYPES[column.stored]
    made: dict[str, object] = {
        "type": kind if kind == "string" else [kind, "string"],
        "description": column.help,
        "examples": [column.example],
    }
    if column.words:
        made["enum"] = list(column.words)
    if column.bounds:
        made["minimum"], made["maximum"] = column.bounds
    return made


def table_schema() -> dict[str, object]:
    """Table Schema (Frictionless) of a list as CSV."""
    fields: list[dict[str, object]] = []
    for column in COLUMNS:
        limits: dict[str, object] = {"required": True} if column.required else {}
        limits |= {"unique": True} if column.name == "shot_id" else {}
        limits |= {"enum": list(column.words)} if column.words else {}
        limits |= {"minimum": column.bounds[0], "maximum": column.bounds[1]} if column.bounds else {}
        fields.append(
            {
                "name": column.name,
                "type": _TYPES[column.stored],
                "description": column.help,
                "example": column.example,
                **({"constraints": limits} if limits else {}),
            }
        )
    return {"fields": fields, "primaryKey": "shot_id", "missingValues": [""]}


def template(rows: Sequence[Mapping[str, str]] = ()) -> bytes:
    """A workbook to fill in, with the cells of `rows` by our column names: each column explained, text where a spreadsheet would change ids
    and times, drop-downs where there is a choice.
    """
    from openpyxl import Workbook  # noqa: PLC0415  # only where one is written
    from openpyxl.comments import Comment  # noqa: PLC0415  # as above
    from openpyxl.styles import Font  # noqa: PLC0415  # as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  # as above
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415  # as above

    book: Any = Workbook()
    sheet: Any = book.active
    sheet.title = "Shots"
    sheet.freeze_panes = "C2"
    for index, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(index)
        cell = sheet.cell(row=1, column=index, value=column.name)
        cell.font = Font(bold=column.required)
        cell.comment = Comment(
            f"{column.help}\nSuch as: {column.example}" + (f"\nEmpty: {column.default}" if column.default else ""), "callsheet"
        )
        sheet.column_dimensions[letter].width = 60 if column.name == "prompt" else max(12, len(column.name) + 2)
        if column.stored == "string":
            sheet.column_dimensions[letter].number_format = "@"
        rule: Any = None
        if column.words:
            rule = DataValidation(type="list", formula1=f'"{",".join(column.words)}"', allow_blank=True, showErrorMessage=True)
        elif column.bounds and column.bounds[1] < 1 << 31:
            low, high = map(str, column.bounds)
            rule = DataValidation(type="whole", operator="between", formula1=low, formula2=high, allow_blank=True, showErrorMessage=True)
        if rule is not None:
            rule.error = column.help
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_ROWS + 1}")
    for number, row in enumerate(rows, start=2):
        for index, column in enumerate(COLUMNS, start=1):
            if text := row.get(column.name, ""):
                value = text if column.stored == "string" else int(text) if column.stored == "int64" else float(text)
                sheet.cell(row=number, column=index, value=value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
