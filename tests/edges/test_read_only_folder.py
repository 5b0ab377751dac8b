"""A project that may only be looked at: another's folder, a backup, a read-only mount."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edges.conftest import Desk


@pytest.fixture
def looked_at(desk: Desk) -> Iterator[Desk]:
    """A project with a clip and a film, in a folder in which nothing can be written, not even by root."""
    assert desk.render().code == 0
    places = [desk.folder, *desk.folder.rglob("*")]
    for place in places:
        place.chmod(place.stat().st_mode & ~0o222)
    yield desk
    for place in places:
        place.chmod(place.stat().st_mode | 0o200)


@pytest.mark.parametrize("command", [("status",), ("plan", "spot.csv"), ("costs",), ("report",)], ids=lambda words: words[0])
def test_a_read_only_folder_is_read(looked_at: Desk, command: tuple[str, ...]) -> None:
    """All that tells how things stand does so, and changes nothing; what is written stands elsewhere, and where is said."""
    before = {path: path.stat().st_mtime_ns for path in looked_at.folder.rglob("*")}
    said = looked_at.run(*command, bound=True)
    assert said.code == 0, said.stderr
    assert said.document["money"]["settled"] == "0.06" if command != ("plan", "spot.csv") else True
    assert {path: path.stat().st_mtime_ns for path in looked_at.folder.rglob("*")} == before
    if command == ("report",):
        page = Path(said.document["report"])
        assert "S0" in page.read_text()
        shutil.rmtree(page.parent)
