"""How a prompt becomes what is sent: the project's template around it, and `@name` replaced by the text of that name. Pure. A name counts
only at the start of a word: the `@` in `press@example.com` has no meaning, and `@@name` is a literal `@name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

#: what stands for the row's own prompt in a template
PLACE = "{prompt}"
#: a letter, then letters, digits and low lines: what `@` may be followed by
NAME = re.compile(r"[^\W\d_]\w{0,63}")
_NAMED = re.compile(rf"(?<![\w@.+-])(@@|@)({NAME.pattern})")
_OTHER_PLACE = re.compile(r"\{\w*\}")


def template(text: str) -> str:
    """A template of prompts: any words with `{prompt}` once among them. ValueError in words."""
    if text.count(PLACE) != 1:
        raise ValueError(
            f"{text[:80]!r} has {PLACE} {text.count(PLACE) or 'nowhere'}{' times' if PLACE in text else ''}: write it once, where the row's prompt should go"
        )
    if other := _OTHER_PLACE.search(text.replace(PLACE, "")):
        raise ValueError(f"{other[0]} has no meaning here: a template may contain only {PLACE}")
    return text


def names(text: str) -> Iterator[str]:
    """The names that a text means, in their order, each as often as it stands there."""
    yield from (found[2] for found in _NAMED.finditer(text) if found[1] == "@")


def named(text: str, texts: Mapping[str, str]) -> str:
    """The text with the texts of its names, which are compared without case; an unknown name stays as it is."""

    def put(found: re.Match[str]) -> str:
        return f"@{found[2]}" if found[1] == "@@" else texts.get(found[2].casefold(), found[0])

    return _NAMED.sub(put, text)
