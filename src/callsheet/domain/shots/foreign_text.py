"""Text from others, cleaned once on input, so that no page, terminal, XML or ledger fails on it later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import cast
from unicodedata import category

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
#: marks between letters of two directions, which names need not have, and what turns all that follows
_MARKS, _TURNS = "\u061c\u200e\u200f", "\u202a-\u202e\u2066-\u2069"

#: lone surrogates, noncharacters, controls but for tab and line ends, and what turns the direction of writing
_UNCLEAN = re.compile(f"[{_CONTROLS}{_MARKS}{_TURNS}\ud800-\udfff{_NONCHARACTERS}]")
#: what no text of the user's own can hold either; marks, and turns that end again, belong to Arabic and Hebrew
_REFUSED = re.compile(f"[{_CONTROLS}\u202d\u202e\ud800-\udfff{_NONCHARACTERS}]")
_TURN = re.compile(f"[{_TURNS}]")
#: turns, each with what ends it
_ENDS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}


def clean(text: str) -> str:
    """The text with a replacement character (U+FFFD) for each invalid or deceptive character."""
    return _UNCLEAN.sub("\ufffd", text)


def clean_all(value: object) -> object:
    """A JSON value with every text in it cleaned, including names."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): clean_all(inner) for name, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list):
        return [clean_all(inner) for inner in cast("list[object]", value)]
    return value


def fault(text: str, *, name: bool = False) -> str | None:
    """What a text of the user's own can't hold, in words that follow "holds"; None if all is well.

    Embeddings and isolates are allowed in a text, each ended in its line; a `name` has neither these nor any mark of direction.
    """
    if text.isprintable():  # nothing that is refused is, and a list asks this of every cell
        return None
    found = (_UNCLEAN if name else _REFUSED).search(text)
    if found is None and _TURN.search(text) is None:
        return None
    sign = found[0] if found else next(filter(None, map(_open_turn, text.splitlines())), None)
    return None if sign is None else f"{_kind(sign)} U+{ord(sign):04X}"


def faults(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Every fault of the names and texts in a value of TOML or JSON: the key where it is, clean and dotted, and what it holds."""
    if isinstance(value, str) and (found := fault(value)):
        yield place, found
    if isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, object]", value).items():
            below = f"{place}.{clean(name)}".lstrip(".")
            if found := fault(name, name=True):
                yield below, found
            yield from faults(inner, below)
    if isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from faults(inner, place)


def _open_turn(line: str) -> str | None:
    """The first sign that turns the direction and isn't ended in the line, or that ends what never began."""
    open_turns: list[str] = []
    for sign in _TURN.findall(line):
        if sign in _ENDS:
            open_turns.append(sign)
        elif sign in _ENDS.values():
            if not open_turns or _ENDS[open_turns[-1]] != sign:
                return sign
            open_turns.pop()
    return open_turns[0] if open_turns else None


def _kind(sign: str) -> str:
    match category(sign):
        case "Cc":
            return "the control character"
        case "Cs":
            return "half a character,"
        case "Cf":
            return "a sign that turns the direction of writing,"
        case _:
            return "what is no character,"
