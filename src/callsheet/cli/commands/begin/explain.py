"""`callsheet explain`."""

from __future__ import annotations

import re
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Explained as ExplainedDocument
from callsheet.cli.output.glossary import WORDS, Word
from callsheet.domain.errors import UsageError
from callsheet.domain.wording import did_you_mean
from callsheet.shotlist.explain import CODES, Explained


def explain(
    code: Annotated[
        str | None,
        Parameter(help="A problem's code, as `check` shows it, such as range; or a term, such as take. Default: all problems and terms."),
    ] = None,
    /,
    *,
    common: Common = HERE,  # noqa: ARG001  # it reads no folder, but takes the options that all commands take
) -> Answer:
    """What a term means; or why a list's problem is refused, and what to do."""
    codes, words = _asked(code)
    if len(codes) + len(words) > 1 and code is None:
        lines = [
            *(f"{name:<18} {found.what}" for name, found in codes.items()),
            "",
            *(f"{name:<18} {_plain(word.means)}" for name, word in words.items()),
        ]
    else:
        lines = [line for name, found in codes.items() for line in _problem(name, found)]
        lines += [line for name, word in words.items() for line in _word(name, word)]
    document: ExplainedDocument = {
        "schema": schema("explain"),
        "codes": [
            {"code": name, "what": found.what, "why": found.why, "fix": found.fix, "wrong": found.wrong, "right": found.right}
            for name, found in codes.items()
        ],
        "words": [{"word": name, "means": word.means, "see": word.see} for name, word in words.items()],
    }
    return Answer(document=document, lines=lines)


def _asked(name: str | None) -> tuple[dict[str, Explained], dict[str, Word]]:
    """The problems and terms that are asked for. UsageError if one doesn't exist."""
    if name is None:
        return CODES, WORDS
    codes = {name: CODES[name]} if name in CODES else {}
    word = name.strip().casefold().replace("-", " ") if name.casefold() not in WORDS else name.casefold()
    words = {word: WORDS[word]} if word in WORDS else {}
    if not codes and not words:
        raise UsageError(
            f"there is no problem or term {name!r}", help=did_you_mean(name, [*CODES, *WORDS], "`callsheet explain` lists them")
        )
    return codes, words


def _problem(name: str, found: Explained) -> list[str]:
    lines = [f"{name}: {found.what}", f"  why:   {found.why}", f"  do:    {found.fix}"]
    lines += [f"  wrong: {found.wrong}"] if found.wrong else []
    return [*lines, f"  right: {found.right}"] if found.right else lines


def _word(name: str, word: Word) -> list[str]:
    return [f"{name}: {_plain(word.means)}", *([f"  see: {_plain(word.see)}"] if word.see else [])]


def _plain(text: str) -> str:
    """A text without Markdown: a link becomes the page that it names."""
    return re.sub(r"\[([^]]+)\]\(([^)]+)\)", r"docs/\2", text).replace("`", "")
