"""Every command that the sources print for somebody to type, found in their syntax: between backticks, made by `typed`, or written out with the name of a
command of ours.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from callsheet.cli.app import NAMES
from tests.house.sources import Source, sources

#: between backticks, or open in a text, which then runs to its end or to a semicolon
_COMMAND = re.compile(rf"`(callsheet [^`\n]+)`|(?<![\w`./-])(callsheet (?:{'|'.join(NAMES)})\b[^`;\n]*)")
#: what is put in when it is printed: something, or any number of words
_HOLE, _SOME = "{}", "{*}"
#: help, glossary and reference: they explain a command, with LIST and TAKE for a person to fill in, and answer no failure
_PAGES = frozenset(
    {"callsheet.cli.app", "callsheet.cli.output.glossary", "callsheet.shotlist.explain", "callsheet.shotlist.columns.columns"}
)


@cache
def printed_commands() -> dict[str, set[str]]:
    """Each command's skeleton (what is put in stands as `{}`) with the modules that print it. Docstrings, help pages and comments are none of them."""
    found: dict[str, set[str]] = {}
    for source in sources():
        if source.where.startswith("src/"):
            for skeleton in _skeletons(source):
                if source.module not in _PAGES:
                    found.setdefault(skeleton, set()).add(source.module)
    return found


def pattern(skeleton: str) -> re.Pattern[str]:
    """What a typed command must look like to be one of this skeleton."""
    escaped = re.escape(skeleton).replace(re.escape(f" {_SOME}"), "(?: .*)?")
    return re.compile(escaped.replace(re.escape(_HOLE), ".+?").replace(r"\*", r"'?\*'?"))


def _skeletons(source: Source) -> Iterator[str]:
    docs = {id(node.body[0].value) for node in ast.walk(source.tree) if _documented(node)}
    inside = {id(part) for node in ast.walk(source.tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in docs | inside):
            yield from ((quoted or bare).strip() for quoted, bare in _COMMAND.findall(_text(node)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "typed":
            yield " ".join(["callsheet", *map(_word, node.args)])


def _documented(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None


def _word(node: ast.AST) -> str:
    return _SOME if isinstance(node, ast.Starred) else _text(node) or _HOLE


def _text(node: ast.AST) -> str:
    """A string with its holes; a call of `typed` in it is found by itself."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else _HOLE for part in node.values)
    return ""
