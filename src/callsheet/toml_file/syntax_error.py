"""A file that isn't TOML: the line that is wrong, and what to write there."""

from __future__ import annotations

import re
import tomllib

from callsheet.domain.errors import Problem

#: tomllib's place of an error; it has no attributes for it before Python 3.14
_LINE = re.compile(r"\(at line (\d+), column \d+\)$")
#: a key with a value that has no quotes, or those of a word processor
_PAIR = re.compile(r"\s*(?P<key>[A-Za-z0-9_.-]+)\s*[=:]\s*(?P<value>[^\s\"'\[{#][^#]*?)\s*(?:#.*)?")
_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]{1,2})")
_THOUSANDS = re.compile(r"[0-9]+,[0-9]{3}")  #: or a decimal comma: nobody can know
_CURLED = "“”„«»‘’"


def syntax_problem(text: str, error: tomllib.TOMLDecodeError, name: str, code: str) -> Problem:
    """The error at its line. The help is that line as it should be, if only the quotes of its value or a decimal comma are wrong."""
    place = _LINE.search(str(error))
    at = int(place[1]) if place else text.count("\n") + 1
    meant = _meant(text.splitlines()[at - 1]) if at <= len(text.splitlines()) else ""
    return Problem(
        code=code,
        message=f"{name} is not TOML: {error}",
        help=f"write {meant}" if meant else "correct that line",
        file=name,
        line=at if place else None,
    )


def _meant(line: str) -> str:
    """The line with quotes around its value, or with a decimal point; "" if that doesn't make it TOML."""
    found = _PAIR.fullmatch(line)
    if found is None or _THOUSANDS.fullmatch(found["value"]):
        return ""
    number = _DECIMAL_COMMA.fullmatch(found["value"])
    value = f"{number[1]}.{number[2]}" if number else f'"{found["value"].strip(_CURLED)}"'
    meant = f"{found['key']} = {value}"
    return meant if _is_toml(meant) and not _is_toml(line) else ""  # a line that is right by itself suffers from one above


def _is_toml(line: str) -> bool:
    try:
        tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False
    return True
