"""CSV as people write it: any of four separators, known encodings, Excel's habits; missing cells are noted, the rest is strict."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.columns.header_words import meaning
from callsheet.shotlist.files.encoding import decode
from callsheet.shotlist.files.kinds import refuse_named, refuse_other_text
from callsheet.shotlist.files.table import Grid, Row, clean, letter

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: cells may contain data URIs; csv's own limit is 131072
_FIELD_LIMIT = 64 << 20
#: lines from the top in which the header is searched
_TOP = 30
_COMMENT = re.compile(r"^(?:#+ |//).*$", re.MULTILINE)
#: quotes that CSV doesn't know, each with those that end it
_QUOTES = {"“": "”“", "„": "“”", "«": "»", "‘": "’", "'": "'"}
_SPACES = re.compile(r"\s{2,}")
_BREAK = re.compile(r"\r\n|\r|\n")
_SEP = re.compile(r'"?sep=([,;\t|])"?[,;\t| ]*(?:\r\n|\r|\n)', re.IGNORECASE)


def load(data: bytes, file: str, encoding: str | None = None, *, prose: bool = False) -> Grid:
    """The rows of a CSV file's bytes, in the encoding named by the user if it isn't Unicode. InputError if they aren't a list. `prose`: a
    file without a known header has a prompt on each line, including commas.
    """
    refuse_named(data, file)
    text, notes = decode(data, file, encoding)
    refuse_other_text(text, file)
    sep_line = _SEP.match(text)  # Excel's own line, which isn't a row of the sheet
    text = text[sep_line.end() :] if sep_line else text
    delimiter, known = (sep_line[1], 1) if sep_line else _delimiter(_COMMENT.sub("", text) if prose else text)
    if not known:
        _refuse_spaced(text, file)
    if prose and not known:
        lines = enumerate(_BREAK.split(text), start=1)
        return Grid(rows=tuple(Row(number, number, (clean(line),)) for number, line in lines if line.strip()), notes=tuple(notes))
    if delimiter != ",":
        notes.append(f"separated by {_DELIMITERS[delimiter]}")
    problems: list[Problem] = []
    skipped = 1 if sep_line else 0
    rows = tuple(row for row in _records(text, delimiter, skipped, problems) if any(row.cells))
    if problems and delimiter == "\t" and (plain := _unquoted(text, skipped)):
        rows, problems = plain, []
        notes.append("quotation marks are part of the text: its cells are parted by tabs alone")
    if any(quote in text for quote in _QUOTES):
        problems.extend(filter(None, map(_parted_quote, rows)))
    return Grid(rows=rows, problems=tuple(problem.at(file=file) for problem in problems), notes=tuple(notes), semicolons=delimiter == ";")


def delimiter_of(text: str) -> tuple[str, int]:
    """The separator of a table's text, and how many characters before its first row don't belong to the sheet."""
    sep_line = _SEP.match(text)
    return (sep_line[1], sep_line.end()) if sep_line else (_delimiter(text)[0], 0)


def _delimiter(text: str) -> tuple[str, int]:
    """The separator, and the number of headers known with it: the one with which a line near the top has the most known headers; otherwise
    the one that splits most lines; otherwise a comma.
    """
    lines = [line for line in _BREAK.split(text[: 1 << 16])[:_TOP] if line.strip()]

    def likely(delimiter: str) -> tuple[int, bool, int]:
        rows: list[list[str]] = [next(csv.reader([line], delimiter=delimiter)) for line in lines]
        known = max((sum(meaning(clean(name)) is not None for name in names) for names in rows), default=0)
        return known, delimiter == "," and known > 0, sum(len(names) > 1 for names in rows)

    best = max(_DELIMITERS, key=likely)
    return best, likely(best)[0]


def _records(text: str, delimiter: str, skipped: int, problems: list[Problem]) -> Iterator[Row]:
    """Every record with its row and line; a record that csv can't read ends the table, because the rows after it can't be told apart."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        line = reader.line_num + skipped + 1
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"the quotes of this row don't match ({error}); the rows after it were not read"
            help = 'in a cell in quotes, double each mark, inch marks too: "a 5"" lens, close"'
            problems.append(Problem(code="csv-syntax", message=message, help=help, row=number, line=line))
            return
        yield Row(number, line, tuple(clean(cell) for cell in cells), _lines(cells, line))


def _refuse_spaced(text: str, file: str) -> None:
    """InputError for a table whose columns are parted by spaces, as terminals and printers have it: its lines would be taken for prompts."""
    for number, line in enumerate(_BREAK.split(text[: 1 << 16])[:_TOP], start=1):
        if sum(meaning(clean(part)) is not None for part in _SPACES.split(line.strip())) > 1:
            message, help = (
                "its columns are parted by spaces",
                "open it in a spreadsheet program as text of fixed width, and save it as CSV UTF-8",
            )
            raise InputError.of([Problem(code="not-a-list", message=message, help=help, file=file, line=number)])


def _parted_quote(row: Row) -> Problem | None:
    """The problem of a text that was parted at its comma, because its quotes are not those of CSV: one begins in a cell and ends in a later one."""
    begin = next((at for at, cell in enumerate(row.cells) if cell[:1] in _QUOTES and cell[-1:] not in _QUOTES[cell[0]]), None)
    if begin is None:
        return None
    first = row.cells[begin]
    end = next((at for at, cell in enumerate(row.cells[begin + 1 :], start=begin + 1) if cell[-1:] and cell[-1] in _QUOTES[first[0]]), None)
    if end is None or row.cells[end][:1] in _QUOTES or any(sign in first[1:] for sign in _QUOTES[first[0]]):
        return None
    return Problem(
        code="csv-syntax",
        message=f"the quote that begins in {letter(begin)}{row.number} ends in {letter(end)}{row.number}: the text was parted in between, because {first[0]} is no quotation mark of CSV",
        help='put straight double quotes around the whole cell: "like, this"',
        row=row.number,
        line=row.line,
        cell=f"{letter(begin)}{row.number}",
    )


def _unquoted(text: str, skipped: int) -> tuple[Row, ...]:
    """The rows of a text parted by tabs alone, as most programs write them: each line is a row, and all have as many cells. Nothing where it is another."""
    parted = [(number, line.split("\t")) for number, line in enumerate(_BREAK.split(text), start=1) if line.strip()]
    if len({len(cells) for _, cells in parted}) != 1:
        return ()
    return tuple(Row(number, number + skipped, tuple(map(clean, cells))) for number, cells in parted)


def _lines(cells: list[str], line: int) -> tuple[int, ...]:
    """The line of each cell; empty if all are on the row's own."""
    if not any("\n" in cell or "\r" in cell for cell in cells):
        return ()
    lines: list[int] = []
    for cell in cells:
        lines.append(line)
        line += len(_BREAK.findall(cell))
    return tuple(lines)
