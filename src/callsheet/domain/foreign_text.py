"""Words of others, made clean once at the border, so that no page, terminal, XML or ledger trips over them later."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

#: lone surrogates, noncharacters, controls but for tab and line ends, and what turns the direction of writing
_UNCLEAN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)


def clean(text: str) -> str:
    """The text with a replacement character (U+FFFD) for each character that is none, or that only means to deceive."""
    return _UNCLEAN.sub("\ufffd", text)


def clean_all(value: object) -> object:
    """A value of JSON with every text in it cleaned, names too."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): clean_all(inner) for name, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list):
        return [clean_all(inner) for inner in cast("list[object]", value)]
    return value
