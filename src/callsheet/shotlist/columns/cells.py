"""The meaning of a cell's text: one parser per kind of cell, and the fix if the text is invalid.

A parser takes the trimmed, non-empty text of a cell and returns its value, or raises `CellError` with the reason and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from callsheet.domain import money
from callsheet.domain.delivery import caption
from callsheet.domain.delivery.fitting import Focus, FpsFit, Frame, Join, Level
from callsheet.domain.delivery.title import titles
from callsheet.domain.shots.foreign_text import fault
from callsheet.domain.shots.shot import Size, Status
from callsheet.domain.timebase import Fps, fps_text, parse_fps
from callsheet.shotlist.columns.damage import decoded_twice, spreadsheet_error
from callsheet.shotlist.columns.dates import is_date
from callsheet.shotlist.columns.foreign_cell import linked, plain_text, seen
from callsheet.shotlist.columns.ranges import range_fault
from callsheet.shotlist.columns.unwritten import is_bare, refers_upwards, unwritten

MAX_ID = 64
_DATED = "a spreadsheet made it from a number: format the column as text and type the number again"
MAX_SECONDS = 3600
MAX_EDGE = 8192
#: longest text, in characters: more than any model accepts
MAX_TEXT = 100_000
#: the range of a signed 64-bit column
MAX_SEED = (1 << 63) - 1

#: device names that Windows reserves, with any ending
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+\d+")
_TAKE_END = re.compile(r"\.t[0-9]+$")
_MODEL = re.compile(r"[a-z0-9-]+/[A-Za-z0-9._-]+")
_PATH_SIGNS = re.compile(r'[\n\t/\\:*?"<>|]')
_DECIMAL = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[.,][0-9]+")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_UNITS = re.compile(
    r"(?:([0-9]+)\s*(?:m|min|mins|minutes?|'|’)\s*)?(?:([0-9]+(?:[.,][0-9]+)?)\s*(?:s|secs?|seconds?|sek|sekunden|秒|초|\"|″|”|'')\.?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d+)?)")
_TIMECODE = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})")
_FRAMES = re.compile(r"(\d+)\s*(?:f|fr|frames)", re.IGNORECASE)
_LINES = re.compile(r"(\d{3,4})p|([48])k", re.IGNORECASE)
#: also in the spelling of spreadsheets and other languages
_ON = {"on", "true", "yes", "1", "wahr", "ja", "vrai", "oui", "verdadero", "vero", "истина", "да", "是"}
_OFF = {"off", "false", "no", "0", "falsch", "nein", "faux", "non", "falso", "ложь", "нет", "否"}
_SWITCHES = _ON | _OFF
_NUMBER = re.compile(r"[\d.,:\s/%€$£-]*")
_LEVEL = re.compile(r"([+-]?[0-9]+(?:[.,][0-9]+)?)(?:\s*dB)?", re.IGNORECASE)
#: largest change of a shot's level, dB
MAX_LEVEL_DB = 60

Word = TypeVar("Word", bound=StrEnum)


class CellError(Exception):
    """An invalid cell: `code` names the fault, `why` follows the quoted text, `fix` says what to write; `mended` is the corrected text, if
    there is only one.
    """

    def __init__(self, code: str, why: str, fix: str, mended: str | None = None) -> None:
        super().__init__(why)
        self.code, self.why, self.fix, self.mended = code, why, fix, mended


def text(cell: str, most: int = MAX_TEXT) -> str:
    """Free text of at most `most` characters; line breaks are allowed, but not other control characters or a spreadsheet's error values."""
    if len(cell) > most and not cell.startswith("data:"):
        raise CellError("too-long", f"has {len(cell)} characters", f"write at most {most}")
    if spreadsheet_error(cell):
        raise CellError("spreadsheet-error", "is a spreadsheet's error value", "correct the formula, or type the value")
    if found := fault(cell):
        raise CellError("control-character", f"holds {found}", "delete it, or type the text again")
    if "\ufffd" in cell:
        raise CellError("damaged-text", "contains U+FFFD: letters were lost before the list was saved", "type the text again")
    if not cell.isascii() and (meant := decoded_twice(cell)):
        fix = f"export it again from its source; it should read {meant[:60]!r}"
        raise CellError("damaged-text", "was decoded twice", fix, meant)
    return cell


def prompt(cell: str) -> str:
    """What the shot shows: text, but not a word for nothing, a total or a bare number."""
    _refuse_bare(text(cell), "describe the picture; or delete the row, or set status = omit to leave it out")
    if why := unwritten(cell):
        raise CellError("unwritten", why, "describe the picture in words, or delete the row")
    if _NUMBER.fullmatch(cell) or is_date(cell):
        raise CellError("bare-word", "is a number, not a prompt", "check that the row's cells are under their headers")
    if cell.casefold() in _SWITCHES:
        raise CellError("bare-word", "is a switch, not a prompt", "check that the row's cells are under their headers")
    return cell


def negative(cell: str) -> str:
    """What the shot must not show: text, but not a word for nothing."""
    _refuse_bare(text(cell), "leave the cell empty")
    return cell


def spoken(cell: str) -> str:
    """What is said: one text, or lines with times in front, such as `[0.5-2.1] Who's there?`."""
    try:
        caption.lines(text(cell))
    except ValueError as error:
        raise CellError(
            "bad-dialogue",
            f"can't be timed: {error}",
            "write [0.5-2.1] before each line, in seconds from the shot's start; or remove all times",
        ) from None
    return text(cell)


def title(cell: str) -> str:
    """Text over a shot, with optional times, position and font in front: `[0.5-2; bottom-left] Jane Doe`."""
    try:
        titles(text(cell))
    except ValueError as error:
        raise CellError(
            "bad-title", f"is no title: {error}", "write the text, or [0.5-2; bottom-left; fonts/Serif.ttf] before it"
        ) from None
    return text(cell)


def shot_id(cell: str) -> str:
    """A name that is also a file name on every system: letters, digits, `.`, `_` and `-`, at most 64."""
    if _TAKE_END.search(cell):
        raise CellError("bad-id", "ends like a take (.t1, .t2 ...)", "remove the ending; set the number of clips in `takes`")
    if _ROUNDED.fullmatch(cell):
        raise CellError("bad-id", "was rounded by a spreadsheet", "format the column as text and type the id again")
    if not _ID.fullmatch(text(cell)):
        sign = next((sign for sign in cell if not re.fullmatch(r"[A-Za-z0-9._-]", sign)), None)
        fault = f"it can't contain {seen(sign)}" if sign else "it must begin with a letter or a digit"
        fault = f"it has {len(cell)} characters; {MAX_ID} are allowed" if len(cell) > MAX_ID else fault
        name = plain_text(linked(cell) or cell)
        legal = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") if name.isascii() and len(name) <= MAX_ID else ""
        fix = f"use A-Z, a-z, 0-9, then also . _ -, such as {legal or 'SQ010_0020'}"
        raise CellError("bad-id", f"is not a shot id: {fault}", fix, legal or None)
    _refuse_bare(cell, "name the shot, such as SQ010_0020")
    return _safe_name(cell)


def sequence(cell: str) -> str:
    """A sequence's name, which becomes part of file names."""
    _refuse_bare(cell, "leave the cell empty, or name the sequence")
    if refers_upwards(cell):
        raise CellError("unwritten", "means the row above", "name the sequence in each row")
    if name := linked(cell):
        raise CellError("bad-name", "has a link behind the name, as Notion and Airtable export it", f"write {name}", name)
    if found := fault(cell, name=True):
        raise CellError("control-character", f"holds {found}", "delete it, or type the name again")
    if len(text(cell)) > MAX_ID or _PATH_SIGNS.search(cell):
        raise CellError(
            "bad-name", "can't be part of a file name", f'at most {MAX_ID} characters, without / \\ : * ? " < > | and line breaks'
        )
    return _safe_name(cell)


def model(cell: str) -> str:
    """A model's name in callsheet, `service/model`. Whether it is sold is checked by the cards."""
    if not _MODEL.fullmatch(cell):
        raise CellError("bad-model", "is not a model's name", "write service/model, such as runware/ltx-2.3")
    return cell


def duration(cell: str) -> Decimal:
    """Seconds, to the millisecond: `3.5`, `3,5`, `3.5s`, `5"`, `1m30s`. Frames and timecode need a frame rate: see `duration_at`."""
    if (meant := _not_seconds(cell)) is not None:
        raise CellError("timecode", *meant)
    if two := range_fault(cell):
        raise CellError("range", *two)
    found = _UNITS.fullmatch(cell)
    minutes, rest = (int(found[1] or 0), found[2] or "0") if found else (0, cell)
    seconds = minutes * 60 + decimal(rest, "seconds, such as 3.5")
    if not 0 < seconds <= MAX_SECONDS:
        raise CellError("out-of-range", "is not a valid length", f"write more than 0 and at most {MAX_SECONDS} seconds")
    if seconds != round(seconds, 3):
        raise CellError("out-of-range", "is finer than a millisecond", f"write {round(seconds, 3):f}", f"{round(seconds, 3):f}")
    return _plain(seconds)


def in_point(cell: str) -> Decimal:
    """Seconds from a clip's first frame: a length, or 0."""
    return Decimal(0) if _DECIMAL.fullmatch(cell) and not decimal(cell, "seconds, such as 0.5") else duration(cell)


def duration_at(cell: str, rate: Fps) -> Decimal | None:
    """Seconds of a timecode or a number of frames at `rate`, to the millisecond; None if the cell is neither."""
    frames = counted(cell, rate)
    return None if frames is None else duration(short(Fraction(frames) / rate))


def in_point_at(cell: str, rate: Fps) -> Decimal | None:
    """The same from a clip's first frame, which is 0."""
    return Decimal(0) if counted(cell, rate) == 0 else duration_at(cell, rate)


def counted(cell: str, rate: Fps) -> int | None:
    """The number of frames in a cell such as `72f` or `00:00:03:12`; None if it is neither."""
    if found := _FRAMES.fullmatch(cell):
        return int(found[1])
    if not (found := _TIMECODE.fullmatch(cell)):
        return None
    hours, minutes, seconds, frames = (int(part) for part in found.groups())
    base = round(rate)
    if max(minutes, seconds) > 59 or frames >= base:
        raise CellError("timecode", f"is not a timecode at {fps_text(rate)} frames per second", f"frames count from 0 to {base - 1}")
    if ";" in cell and minutes + hours:
        raise CellError("timecode", "is drop-frame timecode", "write the length in seconds")
    return ((hours * 60 + minutes) * 60 + seconds) * base + frames


def size(cell: str) -> Size:
    """A picture's size, `1280x720`."""
    if found := _LINES.fullmatch(cell):
        height = int(found[1]) if found[1] else {"4": 2160, "8": 4320}[found[2]]
        wide = height * 16 // 9 // 2 * 2
        raise CellError("bad-resolution", "names only one edge", f"write {wide}x{height}, or upright {height}x{wide}")
    try:
        return checked_size(Size.parse(cell))
    except ValueError:
        raise CellError("bad-resolution", "is not a resolution", "write width x height in pixels, such as 1280x720") from None


def checked_size(value: Size) -> Size:
    """The same size, if it is valid for a film: even edges of 16 to 8192 pixels."""
    for edge in (value.width, value.height):
        if not 16 <= edge <= MAX_EDGE or edge % 2:
            raise CellError("bad-resolution", f"has an edge of {edge} pixels", f"use even numbers from 16 to {MAX_EDGE}")
    return value


def fps(cell: str) -> Fps:
    """Frames per second: `24`, `23.976`, `24000/1001`."""
    number = re.sub(r"\s*(?:fps|(?<=\d)p)$", "", cell, flags=re.IGNORECASE)  # 25p: progressive
    number = number.replace(",", ".") if _DECIMAL.fullmatch(number) else number
    try:
        rate = parse_fps(number)
    except ValueError:
        raise CellError("bad-fps", "is not a frame rate", "write 24, 25, 23.976 or 24000/1001 (at most 240)") from None
    if rate < 1:
        raise CellError("bad-fps", "is less than one frame a second", "write frames per second, such as 24, not seconds per frame")
    films = (
        Fraction(round(rate)),
        Fraction(round(rate) * 1000, 1001),
    )  # the rate that a float stands for: 23.976023976023978 is 24000/1001
    return next((film for film in films if abs(rate - film) < Fraction(1, 2000)), rate)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser for whole numbers from `low` to `high`."""

    def parse(cell: str) -> int:
        if is_date(cell):
            raise CellError("spreadsheet-date", "is a date, not a whole number", _DATED)
        if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", cell):
            raise CellError("not-a-number", "was rounded by a spreadsheet", "format the column as text and type all digits again")
        if not (cell.isascii() and cell.isdecimal()) or not low <= int(cell) <= high:
            found = re.fullmatch(r"([0-9]{1,15})(?:\.0+)?", plain_text(cell))
            meant = found[1] if found and low <= int(found[1]) <= high else None
            fix = f"write {meant}" if meant else "write only digits, within these limits"
            raise CellError("not-a-number", f"is not a whole number from {low} to {high}", fix, meant)
        return int(cell)

    return parse


def switch(cell: str) -> bool:
    """`on` or `off`; true, false, yes and no are understood."""
    word = cell.casefold()
    if word not in _SWITCHES:
        raise CellError("not-a-switch", "is neither on nor off", "write on or off")
    return word in _ON


def status(cell: str) -> Status:
    """The author's intention for the row."""
    try:
        return Status(cell.casefold())
    except ValueError:
        raise CellError("bad-status", "is not a status", "write ready, hold or omit; callsheet itself records what was bought") from None


def word(words: type[Word]) -> Callable[[str], Word]:
    """A parser for one word out of `words`."""

    def parse(cell: str) -> Word:
        try:
            return words(cell.casefold())
        except ValueError:
            raise CellError("bad-word", f"is not one of {', '.join(words)}", f"write one of {', '.join(words)}") from None

    return parse


fit, fps_fit, join = word(Frame), word(FpsFit), word(Join)


def focus(cell: str) -> Focus:
    """A point in the picture: `0.7 0.4`, from the left and from the top."""
    parts = re.split(r"[\s;/|]+|,\s+", cell)
    if len(parts) != 2:
        raise CellError("bad-focus", "is not a point in the picture", "write two numbers from 0 to 1, such as 0.7 0.4")
    x, y = (_plain(decimal(part, "a number from 0 to 1")) for part in parts)
    if max(x, y) > 1:
        raise CellError("bad-focus", "is outside the picture", "write numbers from 0 to 1: 0 0 is the upper left corner")
    return Focus(x, y)


def level(cell: str) -> Level:
    """`match`, `keep`, or dB above or below the others."""
    if cell.casefold() in ("match", "keep"):
        return Level(cell.casefold() == "match")
    found = _LEVEL.fullmatch(cell)
    if not found:
        raise CellError("bad-level", "is not a loudness", "write match, keep, or a level in dB such as -6")
    by_db = float(found[1].replace(",", "."))
    if abs(by_db) > MAX_LEVEL_DB:
        raise CellError("out-of-range", "is too large a change", f"write at most {MAX_LEVEL_DB} dB up or down")
    return Level(by_db=by_db)


def usd(cell: str) -> money.Micros:
    """An amount of US dollars, greater than 0."""
    amount = decimal(cell, "write an amount in USD, such as 1.50")
    if amount <= 0:
        raise CellError("out-of-range", "never allows a purchase", "write more than 0, or status = hold")
    try:
        return money.usd(amount)
    except ValueError:
        raise CellError("out-of-range", "is finer than a micro-dollar", "write at most six decimals") from None


def seconds_text(value: Decimal) -> str:
    """A length as it is written to a cell: `3.5`."""
    return f"{value:f}"


def decimal(cell: str, what: str) -> Decimal:
    """A plain number; a comma counts as the decimal mark only if it can't be a thousands mark."""
    if is_date(cell):
        raise CellError("spreadsheet-date", f"is a date, not {what}", _DATED)
    if _THOUSANDS.fullmatch(cell):
        plain, point = cell.replace(",", ""), cell.replace(",", ".")
        raise CellError("ambiguous-number", "may have a thousands mark or a decimal comma", f"write {plain} or {point}")
    if not (cell.isascii() and _DECIMAL.fullmatch(cell)):
        number = plain_text(cell)
        if number != cell and number.isascii() and _DECIMAL.fullmatch(number) and not _THOUSANDS.fullmatch(number):
            raise CellError("not-a-number", f"is not {what}", f"write {number}", number)
        raise CellError("not-a-number", f"is not {what}", "write a plain number, without unit, sign or thousands marks")
    return Decimal(cell.replace(",", "."))


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros or an exponent, so that 3.500 and 3.5 are one value and one text."""
    value = value.normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _not_seconds(cell: str) -> tuple[str, str] | None:
    """The message for timecode and frame counts, with their value in seconds; None if a cell is neither."""
    if found := _TIMECODE.fullmatch(cell):
        hours, minutes, seconds, frames = (int(part) for part in found.groups())
        total = Fraction((hours * 60 + minutes) * 60 + seconds) + Fraction(frames, 24)
        return "looks like a timecode, but this column is in seconds", f"write {short(total)} ({frames} frames at 24 fps)"
    if found := _CLOCK.fullmatch(cell):
        total = (int(found[1] or 0) * 60 + int(found[2])) * 60 + Fraction(found[3].replace(",", "."))
        return "looks like a clock time, but this column is in seconds", f"write {short(total)}"
    if found := _FRAMES.fullmatch(cell):
        return "counts frames, but this column is in seconds", f"write {short(Fraction(int(found[1]), 24))} (at 24 fps)"
    return None


def short(seconds: Fraction) -> str:
    """Seconds to the millisecond, as written in a cell."""
    return seconds_text(_plain(round(Decimal(seconds.numerator) / Decimal(seconds.denominator), 3)))


def _refuse_bare(cell: str, fix: str) -> None:
    if is_bare(cell):
        raise CellError("bare-word", "is a placeholder for nothing", fix)


def _safe_name(cell: str) -> str:
    if cell.endswith(".") or cell.partition(".")[0].upper() in _DEVICES:
        raise CellError("bad-name", "can't be a file name on Windows", "choose another name")
    return cell
