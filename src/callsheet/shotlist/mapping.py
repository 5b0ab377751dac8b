"""How to read a list in the user's own format, saved next to it in `NAME.mapping.toml`, so that every command reads it in the same way.
`callsheet import` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from callsheet.domain.errors import InputError, Problem, UsageError
from callsheet.domain.timebase import Fps
from callsheet.domain.wording import listed
from callsheet.regular_file import read_regular
from callsheet.shotlist.files.encoding import canonical, decode
from callsheet.shotlist.mapping_table import ENCODING_HELP, LengthTable, MappingTable, Unit
from callsheet.toml_file.document import Document, unclean
from callsheet.toml_file.document import read as parsed
from callsheet.toml_file.faults import read_table

#: units of a length column
UNITS: tuple[str, ...] = get_args(Unit)
PART = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Length:
    """The meaning of a length: the `unit` of plain numbers, the `fps` of frames and timecode if the row has none; or a pair of cells and
    whether the last one counts.
    """

    unit: str | None = None
    fps: Fps | None = None
    #: headers of the first and the last frame, or of start and end
    first: str | None = None
    last: str | None = None
    #: whether the last frame belongs to the shot
    inclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """The content of a mapping; empty if a list has none. `columns` are the user's headers with our names, "" for columns that are not
    read.
    """

    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    #: what to do with a workbook's hidden rows: "read" or "leave out"
    hidden: str | None = None
    #: what to do with a workbook's rows that are struck through: "read" or "leave out"
    struck: str | None = None
    #: "each": a length or a prompt in merged cells counts for each of their rows
    merged: str | None = None
    #: "ids": ids that look like dates are meant so
    dates: str | None = None
    #: what to do with HTML in prompts: "take out" or "keep"
    markup: str | None = None
    #: kinds of rows that are not shots and are left out
    leave_out: frozenset[str] = frozenset()
    columns: Words[str, str] = field(default_factory=dict[str, str])
    #: our names with templates over the user's headers, such as "{Scene}_{Panel}"; {n} counts the shots
    compose: Words[str, str] = field(default_factory=dict[str, str])
    length: Length = Length()
    #: the user's words for our statuses, without case
    status: Words[str, str] = field(default_factory=dict[str, str])

    @property
    def headers(self) -> frozenset[str]:
        """The user's headers that the mapping reads."""
        parts = {part for template in self.compose.values() for part in PART.findall(template)} - {"n"}
        pair = {self.length.first or "", self.length.last or ""} - {""}
        return frozenset(header for header, name in self.columns.items() if name) | parts | pair


NO_MAPPING = Mapping()


def mapping_file(path: Path) -> Path:
    """Where a list's mapping is, if it has one."""
    return path.with_suffix(".mapping.toml")


def load_mapping(path: Path) -> Mapping:
    """The mapping of the list at `path`; an empty one if there is none. InputError with everything that is wrong with it."""
    document = _read(path)
    return _mapping(document, unclean(document))


def document_of(path: Path) -> dict[str, Any]:
    """The mapping of the list at `path` as written in its file; empty if there is none. InputError if it can't be read."""
    return dict(_read(path).tables)


def mapping_of(document: dict[str, Any], file: str) -> Mapping:
    """The mapping in a TOML document. InputError with everything that is wrong, each with the fix."""
    made = Document(file=file, tables=document, code="mapping")
    return _mapping(made, unclean(made))


def _mapping(document: Document, problems: list[Problem]) -> Mapping:
    table = read_table(MappingTable, document.tables, document, (), problems)
    if table is None or problems:
        raise InputError.of(problems)
    length = table.length or LengthTable()
    return Mapping(
        encoding=table.encoding,
        sheet=table.sheet,
        header_row=table.header_row,
        hidden=table.hidden,
        struck=table.struck,
        merged=table.merged,
        dates=table.dates,
        markup=table.markup,
        leave_out=table.leave_out or frozenset(),
        columns=table.columns or {},
        compose=table.compose.written if table.compose else {},
        length=Length(length.unit, length.fps, length.first, length.last, length.last_is == "inclusive"),
        status={word.casefold(): status.value for word, status in (table.status or {}).items()},
    )


def keep_encoding(path: Path, shown_as: str, name: str) -> None:
    """Save the list's encoding in its mapping. UsageError if it isn't an encoding, InputError if the list doesn't fit it."""
    encoding = canonical(name)
    if encoding is None:
        raise UsageError(f"--encoding: {name!r} is not an encoding", help=ENCODING_HELP)
    if path.suffix.lower() in (".parquet", ".xlsx", ".xlsm"):
        raise UsageError(f"--encoding: a {path.suffix.lower()} file already states its encoding", help="leave it out")
    known = _read(path).tables
    try:
        decode(read_regular(path), shown_as, encoding)
        if known.get("encoding") != encoding:
            _set(path, {"encoding": encoding})
    except OSError as error:
        raise InputError(f"{mapping_file(path).name} can't be written: {error.strerror}", help="make the list's folder writable") from None


def save(path: Path, document: dict[str, Any]) -> Path:
    """Write the mapping of the list at `path`, replacing an earlier one; returns the file. InputError if it can't be written."""
    file = mapping_file(path)
    try:
        file.write_text(toml(document, f"How callsheet reads {path.name}: made by `callsheet import`, yours to edit."), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file.name} can't be written: {error.strerror}", help="make the list's folder writable") from None
    return file


def toml(document: dict[str, Any], comment: str) -> str:
    """A mapping as TOML text."""
    import tomlkit  # noqa: PLC0415  # slow to import, and most commands write none

    made = tomlkit.document()
    made.add(tomlkit.comment(comment))
    for name, value in document.items():
        made.add(name, value)
    return tomlkit.dumps(made)  # pyright: ignore[reportUnknownMemberType] # untyped in its stub


def announced(mapping: Mapping, file: str) -> str:
    """One line that says how a list is read by its mapping; "" if the mapping has no columns."""
    read = [f"{name} = {header}" for header, name in mapping.columns.items() if name and name != header]
    read += [f"{name} = {template}" for name, template in mapping.compose.items()]
    if mapping.length.first:
        end = "" if mapping.length.unit == "seconds" else f", the last {'inclusive' if mapping.length.inclusive else 'exclusive'}"
        read.append(f"duration_s = {mapping.length.first} to {mapping.length.last}{end}")
    elif mapping.length.unit:
        read.append(f"lengths in {mapping.length.unit}")
    if mapping.length.fps:
        read.append(f"at {mapping.length.fps} fps")
    read += [f"status {word} = {name}" for word, name in mapping.status.items()]
    return f"read by {file}: {listed(read, 12)}" if read else ""


def _read(path: Path) -> Document:
    """The mapping as written; an empty one if there is none. InputError if it can't be read."""
    file = mapping_file(path)
    try:
        document, problems = parsed(file, "mapping")
    except FileNotFoundError:
        return Document(file=file.name, tables={}, code="mapping")
    if problems:
        help = "correct it, or delete it and run `callsheet import` again"
        raise InputError.of(problem.at(help=help) for problem in problems)
    return document


def _set(path: Path, values: dict[str, str]) -> None:
    """Set values of the mapping, and keep its comments and other values."""
    import tomlkit  # noqa: PLC0415  # slow to import, and most lists have no mapping to write

    file = mapping_file(path)
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    for key_, value in values.items():
        document[key_] = value
    file.write_text(tomlkit.dumps(document), encoding="utf-8")  # pyright: ignore[reportUnknownMemberType] # untyped in its stub
