"""Text that was damaged before the list was saved: UTF-8 read in another encoding, and spreadsheets' error values."""

from __future__ import annotations

import re

#: encodings that UTF-8 is mistaken for
_MISTAKEN = ("cp1252", "cp1250", "cp1251", "mac_roman", "cp437", "cp850")
#: letters and signs that prompts have; what a chance pair would give lies outside
_LIKELY = re.compile(
    r"[\x20-\x7e\n\t\u00a0-\u017f\u0370-\u04ff\u0e00-\u0e7f\u2010-\u2044\u20ac\u2122\u2190-\u22ff\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uff60\U0001f300-\U0001faff]*"
)
#: a word that ends in a letter with an accent before closing signs: pairs by chance
_CHANCE = re.compile(r"(?<=[^\W\d_])[^\W\d_\x00-\x7f][…–—’”»™›\u00a0]{1,2}(?!\w)")

#: error values of Excel, LibreOffice, Numbers and Google Sheets, in any language: #BEZUG!, #¡REF!, #ИМЯ?; of a formula that has no result yet; of a column too narrow
_FAILED = re.compile(
    r"#[^\s#!?]{2,20}[!?]|#(?:N/[AD]|N\.?V\.?|ND|Н/Д|GETTING_DATA)|#{4,}|(?:Loading|Wird geladen|Chargement|Cargando)\s?(?:\.{3}|…)",
    re.IGNORECASE,
)


def spreadsheet_error(cell: str) -> bool:
    """Whether a cell is what a spreadsheet shows instead of a value."""
    return bool(_FAILED.fullmatch(cell))


def decoded_twice(text: str) -> str | None:
    """The original text, if all of it is UTF-8 read in another encoding; None if it isn't."""
    for encoding in _MISTAKEN:
        try:
            meant = text.encode(encoding).decode("utf-8")
            chance = _CHANCE.sub("", text).isascii()
        except UnicodeError:
            continue
        if _LIKELY.fullmatch(meant) and not chance:
            return meant
    return None
