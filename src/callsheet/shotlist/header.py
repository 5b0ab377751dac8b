"""Maps the file's columns to ours: by its mapping, otherwise by name or alias."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

from callsheet.domain.errors import Problem
from callsheet.domain.timebase import Fps
from callsheet.domain.typed import typed
from callsheet.shotlist.columns.cells import CellError, duration_at, in_point_at
from callsheet.shotlist.columns.column import Column
from callsheet.shotlist.columns.columns import BY_NAME, COLUMNS, OWN_PREFIX, is_open, key, meant_by, own
from callsheet.shotlist.columns.dates import is_date
from callsheet.shotlist.columns.header_units import other_unit
from callsheet.shotlist.columns.header_words import unit
from callsheet.shotlist.files.table import Row
from callsheet.shotlist.lengths import between, length
from callsheet.shotlist.mapping import NO_MAPPING, PART, UNITS, Length, Mapping
from callsheet.shotlist.markup import markup, plain
from callsheet.shotlist.unread import half, unread

#: columns whose cells all differ; for all others, this many values are cached
UNLIKE = frozenset({"shot_id", "prompt", "note", "dialogue", "first_frame", "last_frame", "audio", "seed"})
_REMEMBERED = 1024
#: from this similarity on, an unknown header counts as misspelt
SIMILAR = 0.75
#: a number that may have a thousands mark; and what reveals a table's decimal mark
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3}(?![\d.,])")
_COMMA = re.compile(r"(?<![\d.,])(?:\d+,(?:\d{1,2}|\d{4,})|0,\d{3})(?![\d.,])")
_POINT = re.compile(r"(?<![\d.,])(?:\d+\.(?:\d{1,2}|\d{4,})|0\.\d{3})(?![\d.,])")

#: returns the value from a row's cells, its shot number and its frame rate
Value = Callable[[Sequence[str], int, "Fps | None"], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of ours that the list fills: its source columns, and how their cells become its value."""

    column: Column
    indexes: tuple[int, ...]
    #: the user's own headers
    header: str
    value: Value

    def shown(self, row: Row) -> str:
        """The cells as read; "" if none is filled. A value composed of no cell always counts as filled."""
        if len(self.indexes) == 1:
            return row.cells[self.indexes[0]]
        return " / ".join(row.cells[index] for index in self.indexes if row.cells[index]) if self.indexes else "{n}"


@dataclass(frozen=True, slots=True)
class Header:
    """The list's columns, with all problems and notes. `names` are ours for each of the file's columns, "" if it isn't read."""

    fields: tuple[Field, ...]
    names: tuple[str, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    #: the file's own
    texts: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of our column `name`."""
        return next((field for field in self.fields if field.column.name == name), None)


def match(
    header: Row,
    rows: Sequence[Row] = (),
    mapping: Mapping = NO_MAPPING,
    *,
    file: str = "the list",
    semicolons: bool = False,
) -> Header:
    """Match the header's cells to columns: by the mapping; otherwise by name; by alias only if no column has the name."""
    wrong: list[Problem] = _not_in_list(header, mapping, file)
    claims = _claims(header, mapping)
    mapped = _mapped(header, mapping)
    for name, indexes in claims.items():
        if len(indexes) > 1:
            message = f"{' and '.join(repr(header.cells[index]) for index in indexes)} both mean {name}"
            help = f"name one of them {name}, the other {OWN_PREFIX}{name}"
            wrong.append(Problem(code="duplicate-column", message=message, help=help, column=header.cells[indexes[1]]))
    fields = dict(mapped)
    names = [""] * len(header.cells)
    notes: list[str] = []
    taken = frozenset({*claims, *mapped})
    needed = [one.name for one in COLUMNS if one.required and not (one.name == "prompt" and _own_only(claims.get("clip", ()), rows))]
    whole = taken.issuperset(needed)  # otherwise they are reported as missing, and nothing else is certain
    for index, text in enumerate(header.cells):
        name = _name_of(text, mapping)
        if name and name not in mapped and index in claims[name]:
            column, names[index] = own(name) if is_open(name) else BY_NAME[name], name
            wrong.extend(_other_unit(text, column, mapping))
            fields.setdefault(name, Field(column, (index,), text, _reader(column, index, mapping, text)))
            if (
                name == "in_s"
                and text not in mapping.columns
                and key(text) != key(name)
                and (pair := half(index, header, rows, taken, file))
            ):
                wrong.append(pair)
            elif text not in mapping.columns and text != name and not is_open(text):
                notes.append(f"column '{text}' read as {name}")
        elif name:
            notes.append(f"column '{text}' is not read: there is a column {name}")
        elif text not in mapping.columns and text not in mapping.headers:
            _unknown(text, wrong, notes, unread(index, header, rows, taken, file) if whole else None)
    wrong.extend(_missing(header, [name for name in needed if name not in taken], wrong, file))
    read = [_with_decimal_mark(field, rows, list(fields.values()), semicolons=semicolons) for field in fields.values()]
    problems = tuple(problem.at(row=header.number or None, line=header.line) for problem in wrong)
    read.sort(key=lambda field: field.column.name != "fps")  # lengths are read at the row's rate
    return Header(tuple(read), tuple(names), problems, tuple(notes), header.cells)


def _name_of(text: str, mapping: Mapping) -> str | None:
    """Our name for a column of the file: the mapping's, otherwise its header's; None or "" if it isn't read."""
    if text in mapping.columns:
        return mapping.columns[text]
    if text in (mapping.length.first, mapping.length.last):
        return ""
    return text.casefold() if is_open(text) else meant_by(text)


def _other_unit(text: str, column: Column, mapping: Mapping) -> list[Problem]:
    """The problem of a header with another unit than its column, if no mapping gives its cells' unit."""
    unit = other_unit(text, column.stored)
    if unit is None or (column.name == "duration_s" and (mapping.length.unit or unit in UNITS)):
        return []
    own_unit = "USD" if column.stored == "usd" else "seconds"
    message = f"the header '{text}' says {unit}, but {column.name} is in {own_unit}"
    fix = f"convert its cells to {own_unit} and name it {column.name}; or {OWN_PREFIX}{key(text)}, which is not read"
    return [Problem(code="header-unit", message=message, help=fix, column=column.name, header=text)]


def _claims(header: Row, mapping: Mapping) -> dict[str, list[int]]:
    """The columns that stand for each name; those given by the mapping or by the exact name override aliases."""
    claims: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(header.cells):
        if name := _name_of(text, mapping):
            claims[name].append(index)
    for name, indexes in claims.items():
        said = [index for index in indexes if header.cells[index] in mapping.columns]
        claims[name] = said or [index for index in indexes if key(header.cells[index]) == key(name)] or indexes
    return dict(claims)


def _not_in_list(header: Row, mapping: Mapping, file: str) -> list[Problem]:
    """Headers that the mapping reads but the list doesn't have, or has twice."""
    wrong: list[Problem] = []
    for text in sorted(mapping.headers):
        count = header.cells.count(text)
        if count != 1:
            message = (
                f"the mapping reads the column '{text}', which the list {'has ' + str(count) + ' times' if count else 'does not have'}"
            )
            wrong.append(Problem(code="mapping", message=message, help=f"run `{typed('import', file)}` again", header=text))
    return wrong


def _mapped(header: Row, mapping: Mapping) -> dict[str, Field]:
    """The fields that the mapping composes, and lengths between two cells."""
    fields: dict[str, Field] = {}
    at = {text: index for index, text in enumerate(header.cells)}
    for name, template in mapping.compose.items():
        parts = [part for part in PART.findall(template) if part in at]
        fields[name] = Field(
            BY_NAME[name], tuple(at[part] for part in parts), " + ".join(parts), _composer(BY_NAME[name], template, at, mapping)
        )
    pair = (mapping.length.first, mapping.length.last)
    if pair[0] in at and pair[1] in at:
        first, last = at[pair[0]], at[pair[1]]  # pyright: ignore[reportArgumentType]  # both are keys of it
        meant = _meant_length(mapping, pair[0] or "")

        def value(cells: Sequence[str], _n: int, rate: Fps | None) -> Any:
            return between(cells[first], cells[last], meant, rate)

        fields["duration_s"] = Field(BY_NAME["duration_s"], (first, last), f"{pair[0]} to {pair[1]}", value)
    return fields


def _composer(column: Column, template: str, at: dict[str, int], mapping: Mapping) -> Value:
    """A function that applies a template to a row's cells."""

    def value(cells: Sequence[str], n: int, _rate: Fps | None) -> Any:
        def part(found: re.Match[str]) -> str:
            text = f"{n:03}" if found[1] == "n" else cells[at[found[1]]] if found[1] in at else ""
            if column.name == "shot_id":
                text = re.sub(r"[\s/\\:]+", "-", text)
                if not text:
                    raise CellError("missing-cell", f"has no {found[1]}", f"fill {found[1]}, which is part of the shot's id")
            return _plain(text, mapping) if column.name.endswith("prompt") else text

        return column.parse(PART.sub(part, template).strip())

    return value


def _meant_length(mapping: Mapping, header: str) -> Length:
    """The meaning of cells in a column of lengths: by the mapping, otherwise by its header."""
    said = unit(header) if mapping.length.unit is None else None
    return replace(mapping.length, unit=said) if said in UNITS else mapping.length


def _reader(column: Column, index: int, mapping: Mapping, header: str) -> Value:
    """The parser of a column's own cell."""
    if column.name == "duration_s":
        meant = _meant_length(mapping, header)

        @lru_cache(_REMEMBERED)
        def seconds(text: str, rate: Fps | None) -> Any:
            return length(text, meant, rate)

        return lambda cells, _n, rate: seconds(cells[index], rate)
    if column.name in ("prompt", "negative_prompt"):
        return lambda cells, _n, _rate: column.parse(_plain(cells[index], mapping))
    if column.name == "shot_id":
        return lambda cells, _n, _rate: column.parse(_no_date(cells[index], mapping))
    if column.name == "status":
        return lambda cells, _n, _rate: column.parse(mapping.status.get(cells[index].casefold(), cells[index]))
    if column.stored == "seconds":
        at_rate = in_point_at if column.name == "in_s" else duration_at

        def counted(cells: Sequence[str], _n: int, rate: Fps | None) -> Any:
            found = at_rate(cells[index], rate) if rate else None
            return column.parse(cells[index]) if found is None else found

        return counted
    parse = column.parse if column.name in UNLIKE or is_open(column.name) else lru_cache(_REMEMBERED)(column.parse)
    return lambda cells, _n, _rate: parse(cells[index])


def _plain(text: str, mapping: Mapping) -> str:
    """A prompt as it is sent: HTML is refused until the mapping says whether to remove it."""
    found = markup(text) if mapping.markup != "keep" else None
    if found and mapping.markup is None:
        raise CellError(
            "html-markup",
            f"holds HTML: {found[:40]}",
            "run `callsheet import` to remove or keep it; or type plain text",
            plain(text),
        )
    return plain(text) if found else text


def _no_date(text: str, mapping: Mapping) -> str:
    """An id that no spreadsheet turned into a date."""
    if mapping.dates is None and is_date(text):
        fix = "format the column as text and type the id again; `callsheet import` asks if it is meant that way"
        raise CellError("spreadsheet-date", "is a date, which spreadsheets make from ids such as 3-1", fix)
    return text


def _with_decimal_mark(field: Field, rows: Sequence[Row], fields: Sequence[Field], *, semicolons: bool) -> Field:
    """The field, refusing 1.500 if the table's numbers have decimal commas, or nothing shows which mark they have."""
    if field.column.stored not in ("seconds", "usd") or len(field.indexes) != 1:
        return field
    [index] = field.indexes
    if not any(_THOUSANDS.search(row.cells[index]) for row in rows):
        return field
    numbers = [row.cells[at] for other in fields if other.column.stored in ("seconds", "usd") for at in other.indexes for row in rows]
    commas, points = any(map(_COMMA.search, numbers)), any(map(_POINT.search, numbers))
    if not commas and (points or not semicolons):
        return field

    def value(cells: Sequence[str], n: int, rate: Fps | None) -> Any:
        if found := _THOUSANDS.search(cells[index]):
            plain, comma = found[0].replace(".", ""), found[0].replace(".", ",").rstrip("0").rstrip(",")
            raise CellError(
                "ambiguous-number", "may have a thousands mark, because this table uses decimal commas", f"write {plain} or {comma}"
            )
        return field.value(cells, n, rate)

    return Field(field.column, field.indexes, field.header, value)


def _unknown(text: str, wrong: list[Problem], notes: list[str], decides: Problem | None) -> None:
    """A header that is not one of ours: an error if it could be one, or if its cells decide what is bought; otherwise a note."""
    if key(text) == "size":
        message = "'size' could be the picture's resolution or the framing"
        wrong.append(
            Problem(code="ambiguous-column", message=message, help="name it resolution (1280x720) or shot_size (wide, close)", column=text)
        )
        return
    if decides:
        wrong.append(decides)
    elif (near := like_ours(text)) and (unit_ := other_unit(text, BY_NAME[near].stored)):
        message = f"the header '{text}' says {unit_}, but {near} has another unit"
        fix = f"convert its cells and name it {near}; or {OWN_PREFIX}{key(text)}, which is not read"
        wrong.append(Problem(code="header-unit", message=message, help=fix, column=text))
    elif near:
        fix = f"did you mean {near}? If it is your own, name it {OWN_PREFIX}{key(text)}"
        wrong.append(Problem(code="unknown-column", message=f"there is no column '{text}'", help=fix, column=text, mended=near))
    else:
        notes.append(f"column '{text}' is not read" if text else "a column without a name is not read")


def like_ours(text: str) -> str | None:
    """Our column with almost the same name as a header; None if there is none."""
    similar = {column.name: SequenceMatcher(None, key(text), key(column.name)).ratio() for column in COLUMNS}
    near = max(similar, key=similar.__getitem__)
    return near if similar[near] >= SIMILAR else None


def _own_only(clips: Sequence[int], rows: Sequence[Row]) -> bool:
    """Whether every row names a clip of its own, and none needs a prompt. `clips`: the columns that hold them."""
    return len(clips) > 0 < len(rows) and all(any("".join(row.cells[index : index + 1]) for index in clips) for row in rows)


def _missing(header: Row, names: Sequence[str], wrong: list[Problem], file: str) -> list[Problem]:
    """Needed columns that nothing stands for, less those that a misspelt header explains."""
    have = ", ".join(text for text in header.cells if text)
    explained = " ".join(problem.help for problem in wrong)
    help = f"add it, or run `{typed('import', file)}` to match columns; the file has {have[:300]}"
    return [
        Problem(code="missing-column", message=f"no column {name}", help=help, column=name)
        for name in names
        if f"mean {name}?" not in explained
    ]
