"""Which machine this is, as far as that can be told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from callsheet.store import machine
from callsheet.store.machine import this_machine


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux whose files of that kind are in one folder."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(machine, "_IDS", (tmp_path / "machine-id", tmp_path / "dbus"))
    monkeypatch.setattr(machine, "_CONTAINER", (tmp_path / "dockerenv",))
    return tmp_path


def test_a_machine_is_known_by_its_system(system: Path) -> None:
    """The same each time, another with another id, and never the id itself."""
    assert this_machine() == ""
    (system / "machine-id").write_text("\n")  # not yet initialised
    assert this_machine() == ""
    (system / "dbus").write_text("0af1\n")
    first = this_machine()
    assert first == this_machine() != ""
    assert "0af1" not in first
    (system / "machine-id").write_text("0bf2\n")
    assert this_machine() not in (first, "")


def test_a_container_has_no_name_but_one_that_it_is_given(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its image says is the same in all its copies."""
    (system / "machine-id").write_text("0af1\n")
    (system / "dockerenv").touch()
    assert this_machine() == ""
    monkeypatch.setenv("CALLSHEET_MACHINE", "night")
    assert this_machine() != ""
