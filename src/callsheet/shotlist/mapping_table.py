"""NAME.mapping.toml as a model: how to read a list in the user's own format."""

from __future__ import annotations

from typing import Annotated, Literal, Self, cast

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from callsheet.domain.shots.shot import Status
from callsheet.domain.wording import did_you_mean
from callsheet.shotlist.columns import columns as shot_columns
from callsheet.shotlist.files.encoding import canonical
from callsheet.shotlist.no_shot import KINDS
from callsheet.toml_file.table import Expected, Name, Rate, Table, key, wrong

ENCODING_HELP = "use one that Python knows, such as cp1252, gbk, cp932, cp949 or mac_roman"

#: units of a length column
Unit = Literal["seconds", "frames", "timecode", "m:ss", "minutes", "milliseconds", "hours"]


def _encoding(name: str) -> str:
    known = canonical(name)
    if known is None:
        raise wrong(f'"{name}" is not an encoding', ENCODING_HELP)
    return known


def _column(name: str) -> str:
    if name and name not in shot_columns.BY_NAME and not shot_columns.is_open(name):
        near = did_you_mean(shot_columns.key(name), shot_columns.BY_NAME, 'manifests/README.md lists the columns; "" is not read')
        raise wrong(f"no column {name}", near)
    return name


def _kinds(value: object) -> object:
    """A list of kinds of rows, as a set; invalid ones are left for the error to show."""
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    return frozenset(map(str, given)) if isinstance(value, list) and all(one in KINDS for one in given) else given


Kinds = Annotated[
    frozenset[str],
    BeforeValidator(_kinds),
    Expected(f"a list of {', '.join(KINDS)}"),
    WithJsonSchema({"type": "array", "items": {"enum": list(KINDS)}}),
]


class ComposeTable(Table):
    """Columns composed from several cells: templates over the list's headers; {n} counts the shots."""

    shot_id: str | None = key("template of the shot's id", "{Scene}_{Panel}")
    sequence: str | None = key("template of the sequence", "SQ{Scene}")
    prompt: str | None = key("template of the prompt", "{Action}, {Camera}")
    negative_prompt: str | None = key("template of the negative prompt", "{Avoid}")
    note: str | None = key("template of the note", "{Remarks}")


class LengthTable(Table):
    """The meaning of a length."""

    unit: Unit | None = key("unit of a plain number in a length cell", "frames")
    fps: Rate | None = key("frame rate for frames and timecode, if the row has none", "24", unit="frames/s")
    first: str | None = key("header of the first frame, or of the start", "In")
    last: str | None = key("header of the last frame, or of the end", "Out")
    last_is: Literal["inclusive", "exclusive"] | None = key(
        "whether the last frame belongs to the shot: 0 to 71 are then 72 frames", "inclusive"
    )

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.first is None) != (self.last is None):
            raise wrong("first and last belong together", "name both columns, or neither")
        if self.first is not None and self.unit != "seconds" and self.last_is is None:
            fix = 'write last_is = "inclusive" if the last frame belongs to the shot (0 to 71 are 72 frames), otherwise "exclusive"'
            raise wrong("last_is is missing, so it is unclear whether the last frame belongs to the shot", fix)
        return self


class MappingTable(Table):
    """How to read a list in another format."""

    encoding: Annotated[str, AfterValidator(_encoding)] | None = key("encoding of the list's text", "cp1252")
    sheet: Name | None = key("sheet of a workbook", "Shots")
    header_row: int | None = key("row of the header, from 1; 0: the list has none", 3, ge=0, le=1_000_000)
    hidden: Literal["read", "leave out"] | None = key("what to do with a workbook's hidden rows", "leave out")
    struck: Literal["read", "leave out"] | None = key("what to do with a workbook's rows that are struck through", "leave out")
    merged: Literal["each"] | None = key("a length or a prompt in merged cells applies to each of their rows", "each")
    dates: Literal["ids"] | None = key("ids that look like dates are ids", "ids")
    markup: Literal["take out", "keep"] | None = key("what to do with HTML in prompts", "take out")
    leave_out: Kinds | None = key("kinds of rows that are not shots", ["headings", "totals", "comments"])
    columns: dict[str, Annotated[str, AfterValidator(_column)]] | None = key(
        'the list\'s headers with the columns that they are; "" is not read', {"Bild": "prompt"}
    )
    compose: ComposeTable | None = key("columns composed from several cells", {"shot_id": "{Scene}_{Panel}"})
    length: LengthTable | None = key("what a length means", {"unit": "frames", "fps": "24"})
    status: dict[str, Annotated[Status, Field(strict=False)]] | None = key("the list's words for ready, hold and omit", {"WTG": "hold"})
