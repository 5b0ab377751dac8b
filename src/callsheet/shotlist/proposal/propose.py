"""A mapping for a list that callsheet has never seen: which row is the header, which column is what, what a length means. What can't be
determined is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.wording import counted, listed
from callsheet.shotlist.columns.columns import BY_NAME, key, meant_by
from callsheet.shotlist.columns.header_units import other_unit
from callsheet.shotlist.columns.header_words import DECIDES, meaning
from callsheet.shotlist.files.table import Grid, Row, letter, table_of
from callsheet.shotlist.header import like_ours
from callsheet.shotlist.mapping import PART, UNITS
from callsheet.shotlist.no_shot import no_shot
from callsheet.shotlist.proposal.by_content import LONG, by_content, is_text, nested, parses
from callsheet.shotlist.proposal.propose_doubts import doubts
from callsheet.shotlist.proposal.propose_lengths import lengths
from callsheet.shotlist.proposal.question import Question
from callsheet.shotlist.unread import TARGETS, TICKS

#: rows from the top in which the header is searched
_TOP = 30
#: other tools' words for a row's status; words for "done" are asked about
_STATUS = {
    "ready": "ready wtg rdy todo wip ip rtk retake wfa pndg pending new open active neu offen nouveau",
    "hold": "hold hld onhold standby stby paused wait waiting",
    "omit": "omit omt omitted cut deleted gestrichen",
}
_FREE = ("shot_id", "sequence", "scene", "episode", "panel", "number", "prompt", "note")
_LENGTHS = ("duration_s", "frames", "in", "out", "start", "end")
#: headers of times that may say where a shot begins
_MOMENTS = {key(word) for word in ("time", "timecode", "tc", "Zeit", "temps", "tiempo", "时间", "時間", "시간")}
_CLOCK = re.compile(r"\d{1,2}(?::\d{1,2}){1,2}(?:[:;.,]\d{1,3})?")


#: lists of these in a row's cell: the row may be a scene
_SHOTS = ("shots", "scenes", "panels", "clips", "takes")


@dataclass(frozen=True, slots=True)
class Proposal:
    """How to read a list: the mapping as far as it is known, the open questions, and for people each column with its use."""

    document: dict[str, Any]
    questions: tuple[Question, ...]
    #: header, our name or its use ("" for not read), and samples
    columns: tuple[tuple[str, str, str], ...]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Sheet:
    """The list during the analysis: headers with their meanings, and the filled cells of rows that may be shots."""

    headers: tuple[str, ...]
    rows: list[Row]
    means: list[str | None]
    columns: dict[str, str] = field(default_factory=dict[str, str])
    compose: dict[str, str] = field(default_factory=dict[str, str])
    status: dict[str, str] = field(default_factory=dict[str, str])
    questions: list[Question] = field(default_factory=list[Question])

    def cells(self, index: int) -> list[str]:
        """The filled cells of a column."""
        return [row.cells[index] for row in self.rows if row.cells[index]]

    def meaning(self, *names: str) -> list[int]:
        """The filled columns that have one of these meanings."""
        return [index for index, means in enumerate(self.means) if means in names and self.cells(index)]

    def take(self, name: str, indexes: Sequence[int]) -> None:
        """Assign one column to `name`; the others with that meaning are not read. If several qualify and it matters, it is asked."""
        exact = [index for index in indexes if key(self.headers[index]) == key(name)]
        alias = [index for index in indexes if meant_by(self.headers[index]) == name]
        best = exact or alias or list(indexes)
        if len(best) > 1 and name in ("prompt", "duration_s", "negative_prompt", "model"):
            choices = tuple((self.headers[index], f"such as {self.cells(index)[0][:40]!r}") for index in best)
            self.questions.append(
                Question(("columns",), name, f"which column is {name}?", choices, others=tuple(choice for choice, _ in choices))
            )
            return
        for index in indexes:
            self.columns[self.headers[index]] = name if index == best[0] else ""


def propose(grid: Grid, file: str, before: dict[str, Any], said: dict[str, Any]) -> Proposal:
    """The mapping that a list seems to need. `before` is its earlier mapping and `said` the user's answers, both in the mapping's own form:
    neither is asked again. Of the earlier one, only what fits the list's columns counts.
    """
    header_row, asked = _header_row(grid, before | said)
    table = table_of(grid, header_row, file)
    known = merged(_fitting(before, table.header.cells), said)
    means = [meaning(text) if table.header.number else None for text in table.header.cells]
    names = [name if name in BY_NAME else "" for name in (means_ or "" for means_ in means)]
    left_out = Counter(other.kind for row in table.rows if (other := no_shot(row, names, table.header.cells)))
    sheet = _Sheet(table.header.cells, [row for row in table.rows if not no_shot(row, names, table.header.cells)], list(means))
    _refuse_twice(sheet, table.header, file)
    if not sheet.rows and grid.problems:  # there is nothing to ask about
        raise InputError.of(grid.problems)
    sheet.means = [by_content(text, means[index], sheet.cells(index)) for index, text in enumerate(sheet.headers)]
    lengths_named = any(
        meant in ("duration_s", "frames", "in", "start") and meant == means[index] for index, meant in enumerate(sheet.means)
    )
    for index, text in enumerate(sheet.headers):
        if sheet.means[index] is not None and _other_unit(sheet, index):
            sheet.means[index] = None
        elif means[index] is None and sheet.means[index] == "duration_s" and known.get("columns", {}).get(text) != "duration_s":
            _ask_length(sheet, index, asked=not lengths_named)
        elif sheet.means[index] == "duration_s" and key(text) in _MOMENTS and not known.get("columns", {}).get(text):
            _ask_moment(sheet, index)
    _in_points(sheet)
    _prompt(sheet)
    _ids(sheet)
    length = lengths(sheet.headers, sheet.means, [sheet.cells(index) for index in range(len(sheet.headers))], sheet.questions)
    sheet.columns |= length.columns
    _others(sheet)
    asked += doubts(grid, sheet.headers, sheet.rows, merged({"columns": sheet.columns, "compose": sheet.compose}, known))
    first = grid.rows[0].number
    document: dict[str, Any] = {
        "encoding": known.get("encoding"),
        "sheet": known.get("sheet"),
        "header_row": header_row if header_row not in (None, first) else None,
        "leave_out": sorted(left_out),
        "columns": {text: sheet.columns.get(text, "") for text in sheet.headers if text},
        "compose": sheet.compose,
        "length": length.meant,
        "status": sheet.status,
    }
    document = merged({name: value for name, value in document.items() if value not in (None, {}, [])}, known)
    questions = tuple(question for question in (*asked, *sheet.questions) if not question.answered(known))
    shown = tuple(_shown(index, sheet, document) for index in range(len(sheet.headers)))
    kinds = tuple(f"{counted(count, 'row')} of {kind}" for kind, count in sorted(left_out.items()))
    return Proposal(document, questions, shown, kinds)


def merged(document: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """A mapping's document updated with other values; a column has one name, and a name one column."""
    made = dict(document)
    for name, value in said.items():
        if isinstance(value, dict) and isinstance(made.get(name), dict):
            table: dict[str, str] = {str(key): str(word) for key, word in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # TOML's values have no types
            kept: dict[str, str] = made[name]
            if name == "columns":
                given = {word for word in table.values() if word}
                kept = {header: "" if word in given else word for header, word in kept.items()}
                made["compose"] = {word: template for word, template in dict(made.get("compose", {})).items() if word not in given}
            made[name] = kept | table
        else:
            made[name] = value
    return {name: value for name, value in made.items() if value != {}}


def _fitting(before: dict[str, Any], headers: Sequence[str]) -> dict[str, Any]:
    """An earlier mapping without columns that the list no longer has."""
    kept = dict(before)
    columns: dict[str, str] = before.get("columns", {})
    kept["columns"] = {header: name for header, name in columns.items() if header in headers}
    compose: dict[str, str] = before.get("compose", {})
    kept["compose"] = {name: template for name, template in compose.items() if {*PART.findall(template)} - {"n"} <= set(headers)}
    length: dict[str, str] = before.get("length", {})
    if not {length.get("first", ""), length.get("last", "")} - {""} <= set(headers):
        kept["length"] = {name: value for name, value in length.items() if name not in ("first", "last", "last_is")}
    return {name: value for name, value in kept.items() if value != {}}


def _header_row(grid: Grid, known: dict[str, Any]) -> tuple[int | None, list[Question]]:
    """The row with the most known headers; none if the list is only prompts."""
    if isinstance(known.get("header_row"), int):
        return known["header_row"], []
    if not grid.rows or not grid.addressed:
        return None, []
    named = {row.number: {means for cell in row.cells if cell and (means := meaning(cell))} for row in grid.rows[:_TOP]}
    scores = {row.number: 0 if _is_comment(row) else len(named[row.number]) for row in grid.rows[:_TOP]}
    best = max(scores, key=scores.__getitem__)
    if scores[best] > 1 or (scores[best] == 1 and (best == grid.rows[0].number or sum(map(bool, grid.rows[0].cells)) == 1)):
        return best, []
    first, alone = grid.rows[0], all(sum(map(bool, row.cells)) == 1 for row in grid.rows[:_TOP])
    if alone and len(first.cells[0]) > LONG:
        return 0, []
    choices = (
        (str(first.number), f"its columns are {listed([cell[:20] for cell in first.cells if cell], 5)}"),
        ("0", "it is already a shot"),
    )
    return first.number, [Question((), "header_row", f"is row {first.number} the header?", choices, number=True)]


def _is_comment(row: Row) -> bool:
    """A line of a file of prompts that is not a prompt: `# night shots`."""
    filled = [cell for cell in row.cells if cell]
    return len(filled) == 1 and filled[0].startswith(("# ", "//"))


def _refuse_twice(sheet: _Sheet, header: Row, file: str) -> None:
    """InputError for two columns of one name, which a mapping can't tell apart."""
    for text, count in Counter(sheet.headers).items():
        if count > 1 and text and meaning(text):
            message, help = f"{count} columns are named '{text}'", "rename all but one"
            raise InputError.of(
                [Problem(code="duplicate-column", message=message, help=help, file=file, row=header.number, line=header.line)]
            )


def _ask_length(sheet: _Sheet, index: int, *, asked: bool) -> None:
    """Ask about cells that look like lengths under a header that doesn't say so."""
    sheet.means[index] = None
    if asked:
        text, sample = sheet.headers[index], sheet.cells(index)[0]
        choices = (("duration_s", f"the shot lasts {sample}"), ("", "it is something else"))
        sheet.questions.append(Question(("columns",), text, f"are {text!r} ({sample}) the lengths of the shots?", choices))


def _ask_moment(sheet: _Sheet, index: int) -> None:
    """Ask about a column of increasing times: they may be where each shot begins rather than its length. Lengths that increase by chance
    are asked about, too.
    """
    cells, others = sheet.cells(index), sheet.meaning("duration_s", "frames", "in", "start")
    clocks = [tuple(int(part) for part in re.split(r"\D+", cell)) for cell in cells if _CLOCK.fullmatch(cell)]
    if others != [index] or len(clocks) < len(cells) or any(one >= other for one, other in pairwise(clocks)):
        return
    text, sheet.means[index] = sheet.headers[index], None
    choices = (("duration_s", "how long each shot lasts"), ("", "where each shot begins, or something else: it is not read"))
    sheet.questions.append(Question(("columns",), text, f"what is {text!r} ({listed([repr(cell) for cell in cells], 3)})?", choices))


def _other_unit(sheet: _Sheet, index: int) -> bool:
    """Ask whether a column whose header has an impossible unit stays unread."""
    text, name = sheet.headers[index], TARGETS.get(sheet.means[index] or "", sheet.means[index] or "")
    unit = other_unit(text, BY_NAME[name].stored) if name in BY_NAME and sheet.cells(index) else None
    if unit is None or (name == "duration_s" and unit in UNITS):
        return False
    choices = (("", f"leave it unread, or convert it and name it {name}"),)
    sheet.questions.append(
        Question(
            ("columns",),
            text,
            f"{text!r} ({sheet.cells(index)[0][:20]}) counts {unit}, which {name} can't: what should be done with it?",
            choices,
        )
    )
    return True


def _in_points(sheet: _Sheet) -> None:
    """A bare `In` next to an `Out` is the first half of a length; if the list has lengths, it may be where the shot begins in its clip."""
    for index in sheet.meaning("in_s") if sheet.meaning("out") else ():
        text, sample = sheet.headers[index], sheet.cells(index)[0]
        if key(text) == key("in_s"):
            continue
        if not sheet.meaning("duration_s", "frames"):
            sheet.means[index] = "in"
            continue
        sheet.means[index] = None
        choices = (("in_s", f"it begins {sample} s into its clip"), ("", "it is something else"))
        sheet.questions.append(Question(("columns",), text, f"is {text!r} ({sample}) where in its clip the shot begins?", choices))


def _prompt(sheet: _Sheet) -> None:
    """The prompt's column: by its header, otherwise the one with long texts."""
    if indexes := sheet.meaning("prompt"):
        sheet.take("prompt", indexes)
        return
    texts = [index for index in range(len(sheet.headers)) if sheet.means[index] is None and is_text(sheet.cells(index))]
    words = [
        index
        for index, means in enumerate(sheet.means)
        if means is None and any(map(str.isalpha, "".join(sheet.cells(index)))) and not nested(sheet.cells(index))
    ]
    choices = tuple((sheet.headers[index], f"such as {sheet.cells(index)[0][:60]!r}") for index in texts or words)
    if len(texts) == 1 and len(sheet.cells(texts[0])) == len(sheet.rows):  # what some rows don't have may be somebody's name or remark
        sheet.columns[sheet.headers[texts[0]]] = "prompt"
    else:
        sheet.questions.append(Question(("columns",), "prompt", "which column describes the picture?", choices, others=sheet.headers))


def _ids(sheet: _Sheet) -> None:
    """Shot ids and sequences: their own column, otherwise composed from scene, sequence and episode, otherwise counted."""
    episodes, sequences, scenes = (sheet.meaning(name)[:1] for name in ("episode", "sequence", "scene"))
    named = sheet.meaning("shot_id")
    own = named or sheet.meaning("panel") or sheet.meaning("number")
    repeated = bool(episodes) and bool(sequences) and not _told_apart(sheet, episodes[0], sequences[0])
    if repeated:
        sheet.compose["sequence"] = _template(sheet, [*episodes, *sequences])
    elif group := sequences or scenes:
        sheet.columns[sheet.headers[group[0]]] = "sequence"
    unique = [index for index in own if _unique(sheet, [index]) and all(parses("shot_id", sheet.cells(index)))]
    parts = [*episodes, *sequences, *scenes, *own[:1]]
    if unique and (named or len(parts) == 1):
        sheet.take("shot_id", unique)
    elif own and len(parts) > 1 and _unique(sheet, parts):
        sheet.compose["shot_id"] = _template(sheet, parts)
    elif own:
        sheet.columns[sheet.headers[own[0]]] = "shot_id"
    else:
        sheet.compose["shot_id"] = "S{n}"


def _template(sheet: _Sheet, parts: Sequence[int]) -> str:
    return "_".join(f"{{{sheet.headers[index]}}}" for index in parts)


def _unique(sheet: _Sheet, parts: Sequence[int]) -> bool:
    """Whether these cells together distinguish all rows, and all are filled."""
    ids = [tuple(row.cells[index].casefold() for index in parts) for row in sheet.rows]
    return len(set(ids)) == len(ids) and all(all(row) for row in ids)


def _told_apart(sheet: _Sheet, outer: int, inner: int) -> bool:
    """Whether each value of the inner column occurs under only one of the outer."""
    pairs = {(row.cells[outer], row.cells[inner]) for row in sheet.rows}
    return len(pairs) == len({inner_ for _, inner_ in pairs})


def _others(sheet: _Sheet) -> None:
    """Every other column of ours, words of statuses, and questions about columns that decide what is bought but can't be read."""
    for index, text in enumerate(sheet.headers):
        if not sheet.cells(index) and key(text) == key(sheet.means[index] or "") and text not in sheet.columns:
            sheet.columns[text] = sheet.means[index] or ""  # ours, and empty so far
    for name in dict.fromkeys(means for means in sheet.means if means and means not in (*_FREE, *_LENGTHS)):
        indexes = [index for index in sheet.meaning(name) if sheet.headers[index] not in sheet.columns]
        if indexes:
            _other(sheet, name, indexes)
    if notes := sheet.meaning("note"):
        sheet.take("note", notes)
    for index, text in enumerate(sheet.headers):
        if key(text) in _SHOTS and sheet.cells(index) and nested(sheet.cells(index)):
            choices = (("", "yes: each row is one shot, and these are not read; else write a row for each of them"),)
            sheet.questions.append(Question(("columns",), text, f"{text!r} holds lists: is each row a shot all the same?", choices))
        asked = sheet.means[index] is None and text not in sheet.columns and sheet.cells(index) and not nested(sheet.cells(index))
        near = like_ours(text) if asked else None
        if near and near not in sheet.columns.values() and not any(question.name == text for question in sheet.questions):
            choices = ((near, "a slip of the pen"), ("", "something else, not read"))
            sheet.questions.append(Question(("columns",), text, f"is {text!r} ({sheet.cells(index)[0][:40]}) our {near}?", choices))


def _other(sheet: _Sheet, name: str, indexes: Sequence[int]) -> None:
    text, cells = sheet.headers[indexes[0]], sheet.cells(indexes[0])
    if name == "picture":
        choices = (("first_frame", "the clip begins with it"), ("", "it is not sent"))
        sheet.questions.append(
            Question(("columns",), text, f"is {text!r} ({cells[0][:40]}) the picture that the clip begins with?", choices)
        )
    elif name == "title" and not any(cell.startswith("[") for cell in cells):
        choices = (("title", "it is written over the picture"), ("", "it is the shot's name, or something else: it is not read"))
        sheet.questions.append(Question(("columns",), text, f"is {text!r} ({cells[0][:40]}) written over the picture?", choices))
    elif name == "status":
        sheet.columns[text] = "status"
        _status(sheet, cells)
    elif name not in BY_NAME:
        sheet.columns[text] = name  # the author's own, or subtitles
    elif name not in DECIDES or key(text) == key(name) or any(parses(name, cells)):
        sheet.take(name, indexes)
    else:
        choices = (("", "leave it unread and use the project's default"), (name, "read it, and correct its cells"))
        sheet.questions.append(Question(("columns",), text, f"{text!r} ({cells[0][:40]}) can't be read as {name}", choices))


def _status(sheet: _Sheet, cells: Sequence[str]) -> None:
    """The meaning of the words of a status column, as far as it is known."""
    for word in dict.fromkeys(cell.casefold() for cell in cells):
        plain = key(word)
        known = next((status for status, words in _STATUS.items() if plain in words.split()), None)
        if known is None and (plain or word[0] in TICKS) and plain not in ("none", "nan", "null", "na"):
            choices = (("ready", "buy and cut it"), ("hold", "cut existing clips, buy nothing"), ("omit", "leave it out"))
            sheet.questions.append(Question(("status",), word, f"what does the status {word!r} mean?", choices))
        elif known and known != word:
            sheet.status[word] = known


def _shown(index: int, sheet: _Sheet, document: dict[str, Any]) -> tuple[str, str, str]:
    """A column for people: its header, its use, samples."""
    text = sheet.headers[index]
    uses = [document.get("columns", {}).get(text, "")]
    parts = [name for name, template in document.get("compose", {}).items() if f"{{{text}}}" in template]
    uses += [f"part of {', '.join(parts)}"] if parts else []
    uses += [f"{end} frame of duration_s" for end in ("first", "last") if document.get("length", {}).get(end) == text]
    samples = listed([repr(cell[:30]) for cell in dict.fromkeys(sheet.cells(index))], 3) if sheet.cells(index) else "(empty)"
    if uses[0] == "duration_s":
        open_ = any(question.table == ("length",) and question.name == "unit" for question in sheet.questions)
        unit = document.get("length", {}).get("unit", "" if open_ else "seconds")
        uses[0] = f"duration_s in {unit}" if unit else "duration_s, see below"
    return text or f"(column {letter(index)})", ", ".join(filter(None, uses)), samples
