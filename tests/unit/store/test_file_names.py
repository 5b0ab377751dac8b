"""Names of sequences as names of files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.store.file_names import safe


@pytest.mark.parametrize("name", ["SQ010", "light house", "Szene_ä-1", "v1.2", "日本"])
def test_plain_names_stay(name: str) -> None:
    """What every file system takes isn't touched."""
    assert safe(name) == name


@pytest.mark.parametrize("name", ["a/b", "../x", "con", "NUL.x", "", ".hidden", "a:b", "x" * 100, "tail.", " lead", "a\x00b"])
def test_other_names_are_changed_and_stay_apart(name: str) -> None:
    """Nothing leaves the folder or meets a reserved name, and the change carries the original's mark."""
    made = safe(name)
    assert made != name and "/" not in made and not made.startswith(".")
    assert made != safe(name.replace("/", "_") + "x")


@given(st.text(max_size=80), st.text(max_size=80))
def test_two_names_never_fall_together(one: str, other: str) -> None:
    """Except by Unicode's own equality."""
    if unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other):
        assert safe(one) != safe(other)
