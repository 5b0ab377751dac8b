"""Which Prefect, SQLAlchemy, FastAPI and Python are known to work together, and that the lock and the bounds stay among them."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.house.sources import ROOT

#: what tests/flows has run on: a schedule fired, and the film was finished. Widen a line only together with such a run.
SUPPORTED = {
    "prefect": SpecifierSet(">=3.8.8,<3.9"),
    "sqlalchemy": SpecifierSet(">=2.0.44,<2.1"),  # under 2.1 the server's scheduler dies: "Can't evaluate bulk DML statement"
    "fastapi": SpecifierSet(">=0.139,<0.151"),
}
PYTHON = SpecifierSet(">=3.11")
#: as docs/how-to/nightly.md tells it
_PAGE = "docs/how-to/nightly.md"


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text())


@pytest.mark.parametrize("package", SUPPORTED)
def test_the_lock_is_within_what_is_supported(package: str) -> None:
    """A newer lock that leaves the matrix is seen here, before a schedule fails to fire somewhere."""
    (locked,) = [found["version"] for found in _toml("uv.lock")["package"] if found["name"] == package]
    assert Version(locked) in SUPPORTED[package]


@pytest.mark.parametrize("package", SUPPORTED)
def test_what_is_installed_from_the_wheel_is_bounded_alike(package: str) -> None:
    """pip, which knows no lock, chooses within the same bounds."""
    needed = [Requirement(line) for line in _toml("pyproject.toml")["project"]["dependencies"]]
    (found,) = [one.specifier for one in needed if one.name == package]
    assert found == SUPPORTED[package]


def test_the_python_is_the_one_that_is_promised() -> None:
    """pyproject.toml and the lock say the same."""
    assert SpecifierSet(_toml("pyproject.toml")["project"]["requires-python"]) == PYTHON
    assert SpecifierSet(_toml("uv.lock")["requires-python"]) == PYTHON


def test_the_page_tells_the_same_bounds() -> None:
    """Operators who bring a server of their own read the matrix in docs."""
    page = (ROOT / _PAGE).read_text()
    for package, bounds in SUPPORTED.items():
        low, high = sorted((f"{one.operator}{one.version}" for one in bounds), reverse=True)
        assert f"| {package} | `{low},{high}` |" in page
