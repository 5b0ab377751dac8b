"""Writes docs/reference/audit.md: each statement of each service's document, how it is expressed, checked and read. `python docs/draw_audit.py`.

The statements stand as data in docs/audit/, one file a document; tests/conformance/test_audit.py holds each worked example against the request that left, and each number against shots below, at and above it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE / "reference" / "audit.md"
_HEAD = """# The services' documents, statement by statement

Made from the data in `docs/audit/` by `python docs/draw_audit.py`; don't edit it by hand. *Expressed*: how an author, or callsheet itself, says it.
*Checked*: what holds it before anything is bought. *Read*: what is made of it in an answer. A dash: there is nothing of the kind. What is missing says why.
`tests/conformance/test_audit.py` sends the worked examples and compares the requests that leave, and tries every number one step below it, at it, and
one step above it.
"""


@dataclass(frozen=True)
class Statement:
    """One statement of a document. `cells` of `column` become what `come` says (or cost what `price` says); `held_by` names a test instead."""

    says: str
    expressed: str = ""
    checked: str = ""
    read: str = ""
    #: why it can't be said, or isn't read
    missing: str = ""
    column: str = ""
    cells: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    #: whose verdict is looked at, where it isn't the column's
    field: str = ""
    #: further cells of the rows, and cells that are left empty
    more: tuple[tuple[str, str], ...] = ()
    blank: tuple[str, ...] = ()
    #: words of a note of `check`
    hint: str = ""
    held_by: str = ""


@dataclass(frozen=True)
class Document:
    """A service's document. `shot` is a row that its model makes exactly; `examples` how many worked examples of a request and an answer it has."""

    name: str
    title: str
    source: str
    model: str
    shot: dict[str, str]
    statements: tuple[Statement, ...]
    examples: int = 0


def documents(folder: Path = HERE / "audit") -> list[Document]:
    """All documents, each with the statements that it shares with others."""
    found: dict[str, dict[str, Any]] = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml"))
    }
    return [_document(name, told, found) for name, told in found.items() if "model" in told]


def _document(name: str, told: dict[str, Any], all_of_them: dict[str, dict[str, Any]]) -> Document:
    shared = [one for other in told.get("includes", ()) for one in all_of_them[other]["statements"]]
    statements = tuple(Statement(**{key: _fixed(value) for key, value in one.items()}) for one in (*told["statements"], *shared))
    return Document(name, told["title"], told["source"], told["model"], told["shot"], statements, told.get("examples", 0))


def _fixed(value: Any) -> Any:
    return tuple(value.items()) if isinstance(value, dict) else tuple(value) if isinstance(value, list) else value


def page(all_of_them: list[Document]) -> str:
    """The whole page."""
    return "\n".join((_HEAD, *_sums(all_of_them), *(line for document in all_of_them for line in _table(document)), *_missing(all_of_them)))


def _sums(all_of_them: list[Document]) -> Iterator[str]:
    yield "| document | model | statements | tried below, at and above | missing |"
    yield "|---|---|---|---|---|"
    for one in all_of_them:
        tried = sum(1 for statement in one.statements if statement.cells)
        missing = sum(1 for statement in one.statements if statement.missing)
        yield f"| [{one.title}](#{_anchor(one.title)}) | `{one.model}` | {len(one.statements)} | {tried} | {missing} |"
    yield ""


def _table(document: Document) -> Iterator[str]:
    yield f"## {document.title}\n"
    yield f"Source: {document.source}\n"
    yield "| statement | expressed | checked | read |"
    yield "|---|---|---|---|"
    for one in document.statements:
        expressed = "; ".join(part for part in (one.expressed, f"**missing**: {one.missing}" if one.missing else "") if part)
        yield f"| {' | '.join(_cell(text) for text in (one.says, expressed, one.checked, one.read))} |"
    yield ""


def _missing(all_of_them: list[Document]) -> Iterator[str]:
    yield "## What is missing\n"
    for why, where in _grouped(all_of_them).items():
        yield f"- {why} ({', '.join(where)})"
    yield ""


def _grouped(all_of_them: list[Document]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for document in all_of_them:
        for one in document.statements:
            if one.missing:
                found.setdefault(f"{one.says}: {one.missing}", []).append(f"`{document.model}`")
    return found


def _anchor(title: str) -> str:
    return "".join(sign for sign in title.casefold().replace(" ", "-") if sign.isalnum() or sign == "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or "-"


if __name__ == "__main__":
    PAGE.write_text(page(documents()), encoding="utf-8")
