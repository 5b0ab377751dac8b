"""How a list of the user's own form is read, kept beside it in `NAME.mapping.toml`, so that every command reads it alike. `callsheet import` writes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from callsheet.domain.errors import InputError, Problem, UsageError
from callsheet.domain.foreign_text import faults
from callsheet.domain.shot import Status
from callsheet.domain.timebase import Fps, parse_fps
from callsheet.domain.wording import did_you_mean, listed
from callsheet.regular_file import read_regular
from callsheet.shotlist.columns import BY_NAME, is_open, key
from callsheet.shotlist.encoding import canonical, decode
from callsheet.shotlist.no_shot import KINDS

#: what the cells of a length column may hold
UNITS = ("seconds", "frames", "timecode", "m:ss", "minutes", "milliseconds", "hours")
#: what is said of a whole list in a word, and the words
_CHOICES = {
    "hidden": ("read", "leave out"),
    "merged": ("each",),
    "dates": ("ids",),
    "markup": ("take out", "keep"),
}
#: columns that may be composed of several cells
COMPOSED = ("shot_id", "sequence", "prompt", "negative_prompt", "note")
PART = re.compile(r"\{([^{}]*)\}")
_ENCODING = "name one that Python knows, such as cp1252, gbk, cp932, cp949 or mac_roman"
_PARTS = ("encoding", "sheet", "header_row", *_CHOICES, "leave_out", "columns", "compose", "length", "status")


@dataclass(frozen=True, slots=True)
class Length:
    """What a length means: the `unit` of bare cells, the `fps` of frames and timecode where the row has none; or a pair of cells and what the last one counts."""

    unit: str | None = None
    fps: Fps | None = None
    #: headers of the first and the last frame, or of start and end
    first: str | None = None
    last: str | None = None
    #: whether the last frame is a frame of the shot
    inclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What a mapping says; empty where a list has none. `columns` are the user's headers with our names, "" for what is not read."""

    encoding: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    #: whether the rows that a workbook hides are shots: "read" or "leave out"
    hidden: str | None = None
    #: "each": a length or a prompt in merged cells is that of each of their rows
    merged: str | None = None
    #: "ids": ids that look like dates are meant so
    dates: str | None = None
    #: what is done with HTML in prompts: "take out" or "keep"
    markup: str | None = None
    #: kinds of rows that are no shots and are left out
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
    """The mapping of the list at `path`; an empty one where there is none. InputError with all that is wrong with it."""
    return mapping_of(_read(path), mapping_file(path).name)


def document_of(path: Path) -> dict[str, Any]:
    """The mapping of the list at `path` as it stands in its file; empty where there is none. InputError where it can't be read."""
    return _read(path)


def mapping_of(document: dict[str, Any], file: str) -> Mapping:
    """The mapping that a TOML document holds. InputError with all that is wrong, each with the fix."""
    wrong: list[tuple[str, str]] = [
        (f"{name!r} is nothing that a mapping says", did_you_mean(name, _PARTS, f"it has {', '.join(_PARTS)}"))
        for name in document
        if name not in _PARTS
    ]
    wrong += [(f"{key} holds {what}", "delete it, or type it again") for key, what in faults(document)]
    encoding = document.get("encoding")
    known = canonical(str(encoding)) if encoding is not None else None
    if encoding is not None and known is None:
        wrong.append((f"{encoding!r} is no encoding", _ENCODING))
    header_row = document.get("header_row")
    if header_row is not None and (not isinstance(header_row, int) or header_row < 0):
        wrong.append((f"header_row = {header_row!r} is no row", "give its number, counted from 1; 0 where the list has no header"))
    for name, words_ in _CHOICES.items():
        if name in document and document[name] not in words_:
            wrong.append((f"{name} = {document[name]!r} can't be read", "write " + " or ".join(f'"{word}"' for word in words_)))
    kinds: Any = document.get("leave_out", [])
    if not isinstance(kinds, list) or not set(map(str, kinds)) <= set(KINDS):  # pyright: ignore[reportUnknownArgumentType]  # TOML's values have no types
        wrong.append((f"leave_out = {document['leave_out']!r} can't be read", f"a list of {', '.join(KINDS)}"))
    columns, compose, words = (_texts(document, name, wrong) for name in ("columns", "compose", "status"))
    for header, name in columns.items():
        if name and name not in BY_NAME and not is_open(name):
            fix = did_you_mean(key(name), BY_NAME, 'manifests/README.md lists the columns; "" is not read')
            wrong.append((f"{header!r} = {name!r}: there is no column {name}", fix))
    wrong += [(f"{name} can't be composed", f"these can: {', '.join(COMPOSED)}") for name in compose if name not in COMPOSED]
    wrong += [
        (f"{word!r} = {name!r}: is not a status", "write ready, hold or omit") for word, name in words.items() if name not in set(Status)
    ]
    length = _length(document, wrong)
    if wrong:
        raise InputError.of(Problem(code="mapping", message=f"{file}: {message}", help=help, file=file) for message, help in wrong)
    return Mapping(
        encoding=known,
        sheet=str(document["sheet"]) if "sheet" in document else None,
        header_row=header_row,
        hidden=document.get("hidden"),
        merged=document.get("merged"),
        dates=document.get("dates"),
        markup=document.get("markup"),
        leave_out=frozenset(str(kind) for kind in kinds),  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # TOML's values have no types
        columns=columns,
        compose=compose,
        length=length,
        status={word.casefold(): name for word, name in words.items()},
    )


def _texts(document: dict[str, Any], name: str, wrong: list[tuple[str, str]]) -> dict[str, str]:
    """A table of texts of the document."""
    table: Any = document.get(name, {})
    if isinstance(table, dict) and all(isinstance(value, str) for value in table.values()):  # pyright: ignore[reportUnknownVariableType]  # TOML's values have no types
        return {str(key): str(value) for key, value in table.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # TOML's values have no types
    wrong.append((f"[{name}] can't be read", 'give each as "theirs" = "ours"'))
    return {}


def _length(document: dict[str, Any], wrong: list[tuple[str, str]]) -> Length:
    """What [length] says."""
    said = _texts(document, "length", wrong)
    names = sorted(set(said) - {"unit", "fps", "first", "last", "last_is"})
    wrong.extend((f"[length] {name} is nothing that a mapping says", "it has unit, fps, first, last, last_is") for name in names)
    rate = None
    if "fps" in said:
        try:
            rate = parse_fps(said["fps"])
        except ValueError as error:
            wrong.append((f"[length] fps: {error}", 'such as fps = "24"'))
    if said.get("unit", UNITS[0]) not in UNITS:
        wrong.append((f"[length] unit = {said['unit']!r} is no unit", f"one of {', '.join(UNITS)}"))
    if ("first" in said) != ("last" in said):
        wrong.append(("[length] first and last belong together", "name both columns, or neither"))
    if "first" in said and said.get("unit") != "seconds" and said.get("last_is") not in ("inclusive", "exclusive"):
        fix = 'last_is = "inclusive" where the last frame is a frame of the shot (0 to 71 are 72 frames), else "exclusive"'
        wrong.append(("[length] last_is can't be known", fix))
    return Length(said.get("unit"), rate, said.get("first"), said.get("last"), said.get("last_is") == "inclusive")


def keep_encoding(path: Path, shown_as: str, name: str) -> None:
    """Keep in the mapping that the list is in this encoding. UsageError where it is none, InputError where the list isn't in it."""
    encoding = canonical(name)
    if encoding is None:
        raise UsageError(f"--encoding: {name!r} is no encoding", help=_ENCODING)
    if path.suffix.lower() in (".parquet", ".xlsx", ".xlsm"):
        raise UsageError(f"--encoding: a {path.suffix.lower()} file says itself how its text is stored", help="leave it out")
    known = _read(path)
    try:
        decode(read_regular(path), shown_as, encoding)
        if known.get("encoding") != encoding:
            _set(path, {"encoding": encoding})
    except OSError as error:
        raise InputError(f"{mapping_file(path).name} can't be written: {error.strerror}", help="make the list's folder writable") from None


def save(path: Path, document: dict[str, Any]) -> Path:
    """Write the mapping of the list at `path`, in place of an earlier one; the file. InputError where it can't be written."""
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
    return tomlkit.dumps(made)  # pyright: ignore[reportUnknownMemberType]  # its stub leaves it untyped


def announced(mapping: Mapping, file: str) -> str:
    """In one line how a list is read by its mapping; "" where the mapping says nothing of columns."""
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


def _read(path: Path) -> dict[str, Any]:
    """What the mapping says; empty where there is none."""
    file = mapping_file(path)
    try:
        return tomllib.loads(read_regular(file).decode())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{file.name} can't be read: {error}", help="mend it, or delete it and run `callsheet import` again") from None


def _set(path: Path, values: dict[str, str]) -> None:
    """Set values of the mapping, whose comments and other values stay as they are."""
    import tomlkit  # noqa: PLC0415  # slow to import, and most lists have no mapping to write

    file = mapping_file(path)
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    for key_, value in values.items():
        document[key_] = value
    file.write_text(tomlkit.dumps(document), encoding="utf-8")  # pyright: ignore[reportUnknownMemberType]  # its stub leaves it untyped
