"""A workbook's cell as people see it: text that only its number format adds is part of it, including units and currencies."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from callsheet.shotlist.files.table import clean

#: significant digits of a number in a workbook
_DIGITS = 15
#: number formats that write an id: zeros before a number, and letters in front of it
_ID_FORMAT = re.compile(r"(?:\"([^\"]*)\"|((?:\\.)*))(0+)(?:;.*)?")
#: literal text in a format: quoted text, a character after a backslash, a currency in brackets; padding and repetition
_LITERAL = re.compile(r"\"([^\"]*)\"|\\(.)|\[\$([^\]-]*)(?:-[0-9A-Fa-f]+)?\]|_.|\*.|\[[^\]]*\]|([€£¥₩₹$%])")
_PLACES = re.compile(r"[#0?][#0?.,/ Ee+-]*")
_US = ("$", "US$", "USD")


class _Drawn(NamedTuple):
    """What a format adds before and after the number, and whether it shows thousands as ones."""

    before: str
    after: str
    scaled: bool


def cell_text(cell: Any) -> str:
    """A cell as people see it: numbers in full, leading zeros of ids kept, `72 f` if the format adds the f, times as clock times."""
    value: object = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    number_format = str(cell.number_format or "General")
    if isinstance(value, timedelta):
        return _clock(round(value.total_seconds() * 1000), number_format)
    if isinstance(value, datetime):
        whole = value.time() == time() and "h" not in _bare(number_format)
        return value.date().isoformat() if whole else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return _clock(seconds * 1000 + round(value.microsecond / 1000), number_format)
    if isinstance(value, int | float):
        return _number(value, number_format)
    return clean(str(value))


def _bare(number_format: str) -> str:
    """A format without its literal text."""
    return re.sub(r"\"[^\"]*\"|\\.|\[\$[^\]]*\]", "", number_format).casefold()


def _clock(milliseconds: int, number_format: str) -> str:
    """A time as its format shows it: `0:05` if seconds aren't shown, because that is what was typed."""
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    seconds, thousandths = divmod(rest, 1000)
    bare = _bare(number_format)
    if "h" in bare and "s" not in bare and not seconds and not thousandths:
        return f"{hours}:{minutes:02}"
    return f"{hours}:{minutes:02}:{seconds:02}" + (f".{thousandths:03}" if thousandths else "")


def _number(value: float, number_format: str) -> str:
    """A number's digits with the text that its format adds; a number with more digits than a workbook holds keeps its exponent, so that
    nobody takes it for exact.
    """
    found = _ID_FORMAT.fullmatch(number_format)
    whole = float(value).is_integer()
    if whole and value >= 0 and found and number_format != "0" and len(str(int(value))) <= _DIGITS:
        prefix = found[1] if found[1] is not None else (found[2] or "").replace("\\", "")
        return prefix + str(int(value)).zfill(len(found[3]))
    drawn = _drawn(number_format)
    if "%" in drawn.after + drawn.before:
        value = value * 100
    if not float(value).is_integer():
        digits = f"{value:.{_DIGITS}g}"
    else:
        digits = str(int(value))
        digits = f"{value:.{_DIGITS - 1}E}" if len(digits.lstrip("-")) > _DIGITS else digits
    around = " ".join(filter(None, [drawn.before, digits, drawn.after]))
    return f"{around} (shown in thousands)" if drawn.scaled else around


@lru_cache(256)
def _drawn(number_format: str) -> _Drawn:
    """The text that a format adds to a number that isn't negative. US dollars add nothing: amounts are in dollars."""
    first = number_format.split(";", maxsplit=1)[0]
    if number_format in ("General", "@") or not _PLACES.search(_LITERAL.sub("", first)):
        return _Drawn("", "", scaled=False)
    marked = _LITERAL.sub(lambda found: "\0" + next(filter(None, found.groups()), "") + "\0", first)
    places = _PLACES.search(re.sub(r"\0[^\0]*\0", lambda found: "\0" * len(found[0]), marked))
    assert places is not None
    texts = [" ".join("".join(re.findall(r"\0([^\0]*)\0", part)).split()) for part in (marked[: places.start()], marked[places.end() :])]
    before, after = ("" if text in _US else text for text in texts)
    return _Drawn(before, after, scaled=places[0].rstrip(" ").endswith(","))
