"""Looks that stay quick in a large ledger: around one list, and at the money alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.budget.ledger.store import open_ledger
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.status import project_view
from callsheet.status.project_view import purse, read_view
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tests.ledger_attempts import Book


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A book of two lists, with something under way in each."""
    made = Project(tmp_path)
    ledger = open_ledger(made.ledger_file)
    for name in ("spot", "trailer"):
        book = Book(ledger, made.identity, name)
        book.received("S1")
        book.submitted("S2")
        book.failed("S3")
    ledger.close()
    return made


def settings(project: Project) -> Settings:
    return load(house_root() / "configs" / "defaults.toml", project.settings_file)


def test_a_look_around_a_list_has_it_whole_and_of_others_what_is_open(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended long ago elsewhere is not read; the money is the whole project's all the same."""
    monkeypatch.setattr(project_view, "_RECENT", 0)
    near, all_of_it = read_view(project, settings(project), list="spot"), read_view(project, settings(project))
    assert [take.take.full for take in near.takes] == ["spot:S1.t1", "spot:S2.t1", "spot:S3.t1", "trailer:S2.t1"]
    assert len(all_of_it.takes) == 6
    assert near.money == all_of_it.money


def test_what_is_recent_is_seen_in_every_list(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest attempts of the project, whatever their list."""
    monkeypatch.setattr(project_view, "_RECENT", 1)
    assert "trailer:S3.t1" in [take.take.full for take in read_view(project, settings(project), list="spot").takes]


def test_the_money_alone(project: Project, tmp_path: Path) -> None:
    """The same sums as with every attempt read; none where nothing was ever held."""
    assert purse(project, settings(project)) == read_view(project, settings(project)).money
    empty = Project(tmp_path / "empty")
    assert purse(empty, settings(empty)) is None
