"""status of a project that is too large to tell each take."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest

from tests.unit.cli.calling import call


@pytest.fixture
def told_in_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("callsheet.cli.commands.takes.status"), "_MANY", 0)


def test_a_large_project_is_told_list_by_list(copied: Path, told_in_figures: None) -> None:
    """Takes, clips, attempts and money of each list are those that the whole document has."""
    takes = call("status", "--json", "-C", str(copied)).json["takes"]
    states = Counter(take["state"] for take in takes)
    paid = sum(Decimal(take["settled"]) for take in takes)
    rows = [line.split() for line in call("status", "-C", str(copied)).out.splitlines() if line.split()[:1] == ["spot"]]
    tries = sum(len(take["attempts"]) for take in takes)
    assert rows == [["spot", str(len(takes)), str(states["received"]), "0", str(tries), "0.00", str(paid)]]


def test_a_large_project_is_told_with_its_caps_and_the_way_on(copied: Path, told_in_figures: None) -> None:
    """The money line and the caps stand there as ever, and how to see each take."""
    said = call("status", "-C", str(copied)).out
    assert "for each take: `callsheet status spot.csv`, or --json for everything" in said
    assert "cap project" in said
    assert "USD spent of" in said


def test_a_named_list_is_told_take_by_take(copied: Path, told_in_figures: None) -> None:
    """Whatever the size of the project."""
    assert "A010.t1" in call("status", "spot.csv", "-C", str(copied)).out
