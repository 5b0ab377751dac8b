"""Dates in cells that shouldn't have any: what a spreadsheet makes of `3.5`, `1-3` and `3/4`, in its own language."""

from __future__ import annotations

import re

_MONTHS = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october november december "
    "mrz mär mai okt dez januar februar märz juni juli oktober dezember janv févr fév mars avr avril juin juil juillet août aoû déc janvier février "
    "septembre octobre novembre décembre ene abr ago dic enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "gen mag giu lug set ott gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre fev out sty lut kwi maj cze lip sie wrz paź lis gru "
    "янв фев мар апр май июн июл авг сен окт ноя дек"
)
#: months as spreadsheets write them: `Mar`, `mars`; `MAR` is a person's own word
_MONTH = "(?:" + "|".join(sorted({word for month in _MONTHS.split() for word in (month, month.title())}, key=len, reverse=True)) + r")\.?"
_DATE = re.compile(
    rf"\d{{1,2}}[-./ ]{{1,2}}{_MONTH}(?:[-./ ]{{1,2}}\d{{2,4}})?|{_MONTH}[-./ ]\d{{1,2}}(?:[-/, ]{{1,2}}\d{{2,4}})?"
    r"|(?:19|20)\d{2}-\d{2}-\d{2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2}"
    r"|(?:(?:19|20)\d{2}年)?\d{1,2}月\d{1,2}日|(?:(?:19|20)\d{2}년 ?)?\d{1,2}월 ?\d{1,2}일"
)
#: numbers of days since 1900, as a date is stored: 2000 to 2099
_FIRST, _LAST = 36_526, 73_050


def is_date(cell: str) -> bool:
    """Whether a cell is a date as spreadsheets write them."""
    return not cell.isidentifier() and bool(_DATE.fullmatch(cell))  # the first answers for most ids, and sooner


def serials(ids: list[str]) -> list[int]:
    """The ids of a list that are the bare number of a date, while others are not: Excel turns 1-2 into 45293."""
    bare = [
        index for index, text in enumerate(ids) if text.isascii() and text.isdecimal() and _FIRST <= int(text) <= _LAST and len(text) == 5
    ]
    others = any(text and not text.isdecimal() for text in ids)
    return bare if others else []
