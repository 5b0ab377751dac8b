"""XLSX: the cells as people see them. openpyxl is imported only here and only when needed. Limits are checked before anything is unpacked:
the number of members, their total size, and document types, which could include other files.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed
from callsheet.shotlist.files.kinds import refuse_named
from callsheet.shotlist.files.struck_words import Struck, struck_cells
from callsheet.shotlist.files.table import Grid, Row, index_of, letter
from callsheet.shotlist.files.workbook_cell import cell_text

#: most bytes after unpacking, most members of a workbook, and most columns of a sheet
MOST_BYTES = 128 << 20
MOST_MEMBERS = 2000
MOST_COLUMNS = 16_384
_DOCTYPE = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_HIDDEN = re.compile(
    rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,7})\"[^>]*?\bhidden=\"(?:1|true)\"|<(?:\w+:)?row\b[^>]*?\bhidden=\"(?:1|true)\"[^>]*?\br=\"(\d{1,7})\""
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")

_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_STRUCK = re.compile(rb"<(?:\w+:)?strike\b")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")


def load(data: bytes, file: str, sheet: str | None = None) -> Grid:
    """The rows of one sheet of a workbook. InputError if it isn't one, is too large, or doesn't say which sheet to read."""
    book = open_book(data, file)
    with readable(file):
        name = chosen_sheet(book, sheet, file)
        markup = _markup(data, book, name)
        values = [list(row) for row in book[name].iter_rows()]
        formulas = _formulas(data, name) if _FORMULA.search(markup) else {}
    rows = [Row(number, None, tuple(map(cell_text, row))) for number, row in enumerate(values, start=1)]
    problems = [
        Problem(
            code="formula",
            message=f"{formula[:60]!r} was never calculated, so it has no value",
            help="open the workbook in a spreadsheet program and save it, or type the value",
            file=file,
            row=row,
            cell=f"{letter(column)}{row}",
        )
        for (row, column), formula in formulas.items()
        if not rows[row - 1].cells[column]
    ]
    struck = _struck_words(data, markup, _part(book, name))
    problems += [
        Problem(
            code="struck-text",
            message=f"the words {cell.words[:60]!r} are struck through, and it is unclear whether to read them",
            help="delete these words, or remove their strikethrough",
            file=file,
            row=cell.row,
            cell=f"{letter(cell.column)}{cell.row}",
        )
        for cell in struck
        if not cell.whole
    ]
    notes = [f"read from the sheet {name!r}"] if len(book.sheetnames) > 1 else []
    rows, merged = _unmerged(rows, markup, notes)
    hidden = {int(found[1] or found[2]) for found in _HIDDEN.finditer(markup)}
    if unseen := [letter(index) for index in _hidden_columns(markup) if any(index < len(row.cells) and row.cells[index] for row in rows)]:
        notes.append(f"hidden in the workbook, and read like the others: column{'s' if len(unseen) > 1 else ''} {listed(unseen, 10)}")
    kept = tuple(row for row in rows if any(row.cells))
    return Grid(
        rows=kept,
        problems=tuple(problems),
        notes=tuple(notes),
        hidden=frozenset(row.number for row in kept if row.number in hidden),
        struck=_struck(data, values) | {cell.row for cell in struck if cell.whole},
        merged=merged,
    )


def open_book(data: bytes, file: str) -> Any:
    """openpyxl's workbook of these bytes, read-only, with formulas' values. InputError if it isn't one."""
    refuse_bombs(data, file)
    from openpyxl import load_workbook  # noqa: PLC0415 # takes a quarter of a second, which a CSV doesn't need

    with readable(file):
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True)


@contextmanager
def readable(file: str) -> Generator[None]:
    """Turn every error of openpyxl into an InputError."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 # a stranger's file, read by a library without errors of its own
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _refused(file, f"this workbook can't be read: {why[:120]}", "open it in a spreadsheet program and save it again") from None


def refuse_bombs(data: bytes, file: str) -> None:
    """Check, before anything is unpacked, the unpacked size and whether a part has a document type, which no workbook has."""
    if not data.startswith(b"PK\x03\x04"):
        refuse_named(data, file)
        raise _refused(file, "this is not a workbook", "rename the file to its real ending, or save it as XLSX")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if len(members) > MOST_MEMBERS or size > MOST_BYTES:
                raise _refused(
                    file,
                    f"it unpacks to {size >> 20} MB in {len(members)} parts",
                    f"save its sheet as CSV; a workbook may unpack to at most {MOST_BYTES >> 20} MB",
                )
            if not any(member.filename == "xl/workbook.xml" for member in members):
                refuse_named(data, file)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as part:
                        if _DOCTYPE.search(part.read(1 << 16)):
                            raise _refused(
                                file,
                                f"{member.filename} has a document type, which no real workbook has",
                                "get the list from a source that you trust, or save it as CSV",
                            )
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError) as error:
        raise _refused(file, f"this workbook is incomplete: {error}", "download or save it again") from None


def chosen_sheet(book: Any, sheet: str | None, file: str) -> str:
    """The named sheet, or the only visible one."""
    names = [str(name) for name in book.sheetnames]
    if sheet is not None:
        if sheet not in names:
            raise _refused(file, f"no sheet {sheet!r}", f"it has {listed(names, 10)}")
        return sheet
    visible = [name for name in names if getattr(book[name], "sheet_state", "visible") == "visible" and hasattr(book[name], "iter_rows")]
    if len(visible) != 1:
        raise _refused(
            file, f"it has several sheets: {listed(visible, 10)}", f"`{typed('import', file)} --sheet NAME` names the one with the shots"
        )
    return visible[0]


def _markup(data: bytes, book: Any, name: str) -> bytes:
    """The sheet's own XML, for what openpyxl ignores: hidden rows, merged cells, formulas."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(_part(book, name))


def _part(book: Any, name: str) -> str:
    """The sheet's part of the workbook."""
    return str(book[name]._worksheet_path).lstrip("/")  # noqa: SLF001  # nothing public has it


def _hidden_columns(markup: bytes) -> Iterator[int]:
    """The indexes of the columns that the sheet hides."""
    for found in _COLUMN.finditer(markup):
        words = dict(re.findall(rb"(\w+)=\"(\w+)\"", found[0]))
        if words.get(b"hidden") in (b"1", b"true") and words.get(b"min", b"").isdigit() and words.get(b"max", b"").isdigit():
            yield from range(int(words[b"min"]) - 1, min(int(words[b"max"]), MOST_COLUMNS))


def _struck(data: bytes, rows: Sequence[Sequence[Any]]) -> frozenset[int]:
    """The numbers of the rows that have a struck-through cell. Cells are only looked at if the workbook has such a font."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        fonts = [archive.read(name) for name in archive.namelist() if name.endswith("styles.xml")]
    if not any(map(_STRUCK.search, fonts)):
        return frozenset()
    return frozenset(number for number, row in enumerate(rows, start=1) if any(cell.value is not None and cell.font.strike for cell in row))


def _struck_words(data: bytes, markup: bytes, sheet: str) -> list[Struck]:
    """The cells with struck words, in part or as a whole. They are only looked for if the workbook has any."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = [archive.read(part) for part in archive.namelist() if part.endswith("sharedStrings.xml")]
    return list(struck_cells(data, sheet)) if any(map(_STRUCK.search, (markup, *texts))) else []


def _formulas(data: bytes, name: str) -> dict[tuple[int, int], str]:
    """Every formula of the sheet by row, counted from 1, and column, counted from 0."""
    from openpyxl import load_workbook  # noqa: PLC0415  # as above

    found: dict[tuple[int, int], str] = {}
    for number, row in enumerate(load_workbook(io.BytesIO(data), read_only=True)[name].iter_rows(), start=1):
        for index, cell in enumerate(row):
            if getattr(cell, "data_type", "") == "f":
                found[number, index] = str(getattr(cell.value, "text", cell.value))
    return found


def _unmerged(rows: list[Row], markup: bytes, notes: list[str]) -> tuple[list[Row], frozenset[tuple[int, int]]]:
    """Fill vertically merged cells with the text that people see; also returns row and column of the filled ones."""
    merged: set[tuple[int, int]] = set()
    filled = [list(row.cells) for row in rows]
    spans: list[str] = []
    for left, top, right, bottom in ((found[1], int(found[2]), found[3], int(found[4])) for found in _MERGED.finditer(markup)):
        if left != right or not 0 < top < bottom <= len(rows):
            continue
        index = index_of(left.decode())
        if index >= len(filled[top - 1]) or not filled[top - 1][index]:
            continue
        spans.append(f"{left.decode()}{top}:{right.decode()}{bottom}")
        for number in range(top, bottom):
            if index < len(filled[number]):
                filled[number][index] = filled[top - 1][index]
                merged.add((number + 1, index))
    if not spans:
        return rows, frozenset()
    notes.append(f"merged cells {listed(spans, 5)} are read as if each row had the value")
    return [Row(row.number, None, tuple(cells)) for row, cells in zip(rows, filled, strict=True)], frozenset(merged)


def _refused(file: str, message: str, help: str) -> InputError:
    return InputError.of([Problem(code="workbook", message=message, help=help, file=file)])


def store(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook's bytes with one sheet of texts and a frozen header. ValueError if a text is too long for a cell."""
    from openpyxl import Workbook  # noqa: PLC0415  # only where one is written
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  # as above

    book: Any = Workbook(write_only=True)
    sheet: Any = book.create_sheet("Shots")
    sheet.freeze_panes = "A2"

    def texts(cells: Sequence[str]) -> Iterator[Any]:
        for text in cells:
            if len(text) > 32_767:
                raise ValueError(f"{text[:40]!r} has {len(text)} characters, but a workbook's cell holds at most 32767")
            cell: Any = WriteOnlyCell(sheet, text or None)
            if text:
                cell.data_type = "s"  # a text that begins with = is not a formula here
                cell.number_format = "@"
            yield cell

    for row in (names, *rows):
        sheet.append(list(texts(row)))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
