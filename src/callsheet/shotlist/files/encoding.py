"""From a file's bytes to its text: the encoding is known, or the user names it, or the file is refused with likely encodings."""

from __future__ import annotations

import codecs
import re
from importlib import import_module

from callsheet.domain.errors import InputError, Problem

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # its byte-order mark begins like that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
#: encodings that spreadsheets save other than UTF-8, the most common first
_COMMON = ("cp1252", "gbk", "cp932", "cp949", "cp1250", "cp1251", "mac_roman", "big5", "cp437")
_NO_LETTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_LINE_END = re.compile(rb"[\r\n]")
#: Python's text codecs that no spreadsheet writes
_ODD = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined", "mbcs", "oem"}
_SAVE = "save it as CSV UTF-8"
_SHOWN = 5
_SAMPLE = 48


def decode(data: bytes, file: str, named: str | None) -> tuple[str, list[str]]:
    """The text of `data`, and notes on it. `named` is the encoding given by the user, canonical. InputError if the encoding is neither
    known nor given, or the bytes don't fit it.
    """
    for bom, encoding, name in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, file), [f"read as {name}"]
    if b"\0" in data:
        return _wide(data, file)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if named is None:
            raise InputError.of([_unknown(data, error.start, file)]) from None
        text = _strict(data, named, file)
        return text, [f"read as {named}: {_sample(text)}"]
    if named not in (None, "utf-8") and not text.isascii():
        raise _refused(file, f"the file is UTF-8, but {named} was requested", "remove --encoding, or delete encoding from the mapping")
    return text, []


def stored_as(data: bytes, named: str | None) -> str | None:
    """The encoding that reproduces such bytes; None for UTF-16 and UTF-32 without a byte-order mark, or with the other byte order."""
    for bom, encoding, _ in _BOMS:
        if data.startswith(bom):
            return encoding if "a".encode(encoding).startswith(bom) else None
    if b"\0" in data:
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return named
    return "utf-8"


def canonical(name: str) -> str | None:
    """Python's name of the encoding; None if there is no such encoding of text."""
    try:
        "a".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError, TypeError):
        return None
    return None if found in _ODD else found


def _strict(data: bytes, encoding: str, file: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _refused(file, f"the byte at offset {error.start} is not {encoding}", _SAVE) from None
    if found := _NO_LETTERS.search(text):
        if encoding.startswith("utf"):
            return text  # the cell that contains it is reported
        at = f"U+{ord(found[0]):04X}"
        raise _refused(file, f"read as {encoding}, the text holds {at}, which is not a letter: the encoding must be wrong", _SAVE)
    return text


def _wide(data: bytes, file: str) -> tuple[str, list[str]]:
    """UTF-16 or UTF-32 without a byte-order mark: recognised if exactly one reading gives lines of text."""
    texts: dict[str, str] = {}
    for encoding in _WIDE:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_LETTERS.search(text) and re.search(r"[\r\n]", text) and re.search(r"[,;\t|]", text):
            texts[encoding] = text
    if len(texts) != 1:
        at = data.index(b"\0")
        line = data.count(b"\n", 0, at) + 1
        raise _refused(
            file,
            f"this is not text: it contains zero bytes (the first in line {line}, at offset {at}), but is neither UTF-16 nor UTF-32",
            _SAVE,
        )
    [(encoding, text)] = texts.items()
    return text, [f"read as {encoding.upper()} without a byte-order mark"]


def _unknown(data: bytes, start: int, file: str) -> Problem:
    """The problem of an unknown encoding, with the same words read in each likely one."""
    samples = [f"\n        --encoding {encoding:<10} {sample}" for encoding, sample in _likely(data, start)]
    asks = f"add the one that shows the right letters, or {_SAVE}:{''.join(samples)}" if samples else _SAVE
    return Problem(
        code="encoding", message=f"this is not UTF-8 (see the byte at offset {start}), and its encoding is unknown", help=asks, file=file
    )


def _likely(data: bytes, start: int) -> list[tuple[str, str]]:
    """At most five encodings, with the line at `start` read in each: the detector's guesses first, then the common ones. It never decides."""
    begin = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    end = _LINE_END.search(data, start)
    line = data[begin : end.start() if end else len(data)]
    adviser = import_module("charset_normalizer")  # only a refusal pays for it
    advice = [canonical(match.encoding) for match in list(adviser.from_bytes(data[max(0, start - 4096) : start + 4096]))[:3]]
    found: dict[str, str] = {}
    for encoding in (*(name for name in advice if name and not name.startswith("utf")), *_COMMON):
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = _sample(text)
        if not _NO_LETTERS.search(text) and sample not in found.values():
            found.setdefault(encoding, sample)
    return list(found.items())[:_SHOWN]


def _sample(text: str) -> str:
    """Some words around the first non-ASCII letter."""
    at = next((index for index, sign in enumerate(text) if not sign.isascii()), 0)
    begin = max(0, at - 8, text.rfind("\n", 0, at) + 1)
    return repr(text[begin : begin + _SAMPLE].splitlines()[0]) if text else "''"


def _refused(file: str, message: str, help: str) -> InputError:
    return InputError.of([Problem(code="encoding", message=message, help=help, file=file)])
