"""Films are made once for all tests of the stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.standin.plain_client import Desk, desk


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache that outlives each stand-in."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def service(films: Path) -> Iterator[Desk]:
    """A stand-in without trouble."""
    with desk(films) as made:
        yield made
