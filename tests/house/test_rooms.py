"""Rooms and their arrows: what the contracts in pyproject.toml can't say themselves."""

from __future__ import annotations

import ast

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
