"""Rooms and their arrows: what the contracts in pyproject.toml can't say themselves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import ROOT, sources

#: packages whose `__init__` holds more than a docstring, and why
_WITH_CODE = {
    "callsheet": "`__version__`, which tools ask a package for",
    "callsheet.cli": "`main`, which pyproject.toml names as the entry point",
}


def test_ci_checks_the_arrows() -> None:
    """No test repeats the contracts, so a change lands only where import-linter has run."""
    assert "uv run --no-sync lint-imports" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_a_package_imports_nothing_by_itself() -> None:
    """An `__init__` is a docstring: what needs one module of a package doesn't load the others."""
    packages = [source for source in sources() if source.where.startswith("src/") and source.where.endswith("/__init__.py")]
    assert len(packages) > 30
    more = {source.module for source in packages if len(source.tree.body) != 1 or ast.get_docstring(source.tree) is None}
    assert more == _WITH_CODE.keys()


#: words that name nothing: what was told, to whom, of what?
_EMPTY = {
    "told",
    "said",
    "tells",
    "there",
    "beside",
    "look",
    "looked",
    "heard",
    "hear",
    "says",
    "stood",
    "stray",
    "strays",
    "purser",
    "paper",
    "rails",
    "desk",
    "shelf",
}


def _names(tree: ast.Module) -> Iterator[str]:
    """The classes and functions of a module, and their methods."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef))


def test_a_public_name_says_what_it_names() -> None:
    """A reader who sees it alone can guess what it is."""
    found = set[str]()
    for source in sources():
        for name in (Path(source.where).stem, *_names(source.tree)):
            words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+", name)}
            if words & _EMPTY and not any(part.startswith("_") for part in name.split(".")):
                found.add(f"{source.module}.{name}")
    assert not found
