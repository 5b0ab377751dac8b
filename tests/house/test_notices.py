"""Whose software comes along, under which licences."""

from __future__ import annotations

import importlib.util
from email.message import Message
from importlib import metadata
from types import ModuleType

import pytest

from tests.house.sources import ROOT


@pytest.fixture
def notices() -> ModuleType:
    """`.ci/notices.py`, as CI runs it."""
    spec = importlib.util.spec_from_file_location("notices", ROOT / ".ci" / "notices.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_every_package_stands_in_the_notices_with_a_licence(notices: ModuleType) -> None:
    """All that an installation brings, and what wheels carry besides: the bundled ffmpeg is GPL."""
    page = notices.PAGE.read_text(encoding="utf-8")
    for name in notices.installed().keys() - {"callsheet"}:
        assert notices.licence(name), name
        assert f"| {name} | " in page
    assert "**imageio-ffmpeg** carries the program ffmpeg with x264 and x265, under GPL-3.0-or-later" in page


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("MIT AND AGPL-3.0-only", ""),
        ("SSPL-1.0", ""),
        ("", ""),
    ],
)
def test_a_licence_that_nobody_agreed_to_is_none(said: str, found: str, notices: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a package that names none: a person looks at it first."""
    facts = Message()
    facts["License-Expression"] = said
    monkeypatch.setattr(metadata, "metadata", lambda _name: facts)
    assert notices.licence("some-package") == found
