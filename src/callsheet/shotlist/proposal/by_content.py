"""What a column's cells reveal about it if its header doesn't, or is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.columns import BY_NAME, key
from callsheet.shotlist.unread import decided_by

#: shortest sentence, in characters
LONG = 15
#: headers that contain a word for prompt: `motion_prompt`, 出图提示词
_PROMPT = re.compile(r"prompt|提示词|プロンプト|프롬프트", re.IGNORECASE)
_FILE = re.compile(r"\.\w{2,4}$|://|^data:|^@")
_NESTED = re.compile(r"\[\s*[\[{\"].*\]|\{\s*\".*\}", re.DOTALL)
_NEGATIVE = re.compile(r"neg|负|反向|負|ネガ|네거|부정", re.IGNORECASE)


def by_content(text: str, means: str | None, cells: Sequence[str]) -> str | None:
    """A column's meaning if its cells contradict its header, or the header says nothing."""
    if not cells:
        return means
    if (
        means is None
        and _PROMPT.search(text)
        and not _NEGATIVE.search(text)
        and any(parses("prompt", cells))
        and not all(map(_FILE.search, cells))
    ):
        return "prompt"
    if means == "audio" and not any(map(_FILE.search, cells)):
        return None  # what is to be heard, not a file that drives the picture
    if key(text) == "size":
        return "resolution" if all(map(re.compile(r"\d+\s*[x×]\s*\d+").fullmatch, cells)) else "shot_size"
    if means == "sound" and not any(parses("sound", cells)):
        return "dialogue"
    if means == "duration_s" and not any(any(map(str.isdigit, cell)) for cell in cells):
        return None  # `Time`: day, night
    if means in ("priority", "shot_size", "note") and not all(parses(means, cells)):
        return None
    return means or decided_by(text, cells)


def parses(name: str, cells: Sequence[str]) -> Iterator[bool]:
    """For each cell, whether our column could read it."""
    parse: Callable[[str], Any] = BY_NAME[name].parse
    for cell in cells:
        try:
            parse(cell)
        except CellError:
            yield False
        else:
            yield True


def is_text(cells: Sequence[str]) -> bool:
    """Whether cells are sentences rather than words and numbers."""
    long = bool(cells) and sum(map(len, cells)) / len(cells) >= LONG
    return long and not nested(cells) and any(" " in cell or not cell.isascii() for cell in cells)


def nested(cells: Sequence[str]) -> bool:
    """Whether cells are lists and objects of JSON, which are written for a program."""
    return all(map(_NESTED.fullmatch, cells))
