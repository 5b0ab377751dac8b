"""A file gets its name when it is whole, and takes nobody's place."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from callsheet.store import atomic_files


def _part(path: Path, text: str) -> Path:
    part = atomic_files.part_path(path)
    part.write_text(text)
    return part


def test_a_part_stands_beside_under_a_hidden_name(tmp_path: Path) -> None:
    """Same folder, so that the move is one step; the folder is made."""
    part = atomic_files.part_path(tmp_path / "new" / "film.mp4")
    assert part.parent == tmp_path / "new" and part.parent.is_dir()
    assert part.name.startswith(".film.mp4.") and part.name.endswith(".part")


def test_two_threads_that_make_one_file_are_not_in_each_others_way(tmp_path: Path) -> None:
    """Each writes a part of its own, both give it the name, and what stands there is whole."""
    path = tmp_path / "text.txt"
    both = Barrier(2)

    def make() -> None:
        part = _part(path, "whole")
        both.wait(10)
        atomic_files.replace(part, path)

    with ThreadPoolExecutor(2) as pool:
        for made in [pool.submit(make) for _ in range(2)]:
            made.result()
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_adding_never_overwrites(tmp_path: Path) -> None:
    """What stands there stays, and the part is kept for another name."""
    path = tmp_path / "film.mp4"
    atomic_files.add(_part(path, "first"), path)
    part = _part(path, "second")
    with pytest.raises(FileExistsError):
        atomic_files.add(part, path)
    assert (path.read_text(), part.read_text()) == ("first", "second")


@pytest.mark.parametrize("taken", [False, True])
def test_adding_works_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: bool) -> None:
    """On such a file system the name is claimed first, and still never taken from another."""

    def no_link(*_: object) -> None:
        raise OSError(errno.EPERM, "not here")

    monkeypatch.setattr(os, "link", no_link)
    path = tmp_path / "film.mp4"
    if taken:
        path.write_text("first")
        with pytest.raises(FileExistsError):
            atomic_files.add(_part(path, "second"), path)
        assert path.read_text() == "first"
    else:
        atomic_files.add(_part(path, "second"), path)
        assert path.read_text() == "second"


def test_replacing_leaves_no_part(tmp_path: Path) -> None:
    """For what is named by content, and records."""
    path = tmp_path / "record.json"
    for text in ("one", "two"):
        atomic_files.replace(_part(path, text), path)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("record.json", "two")]


def test_parts_of_killed_runs_are_swept_while_others_get_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of yesterday goes, one of today stays, and one that gets its name between the look and the removal stops nothing."""
    old, young, renamed = (atomic_files.part_path(tmp_path / name) for name in ("old.mp4", "young.mp4", "renamed.mp4"))
    for part in (old, young):
        part.write_bytes(b"x")
    os.utime(old, (0, 0))
    monkeypatch.setattr(Path, "rglob", lambda _folder, _pattern: iter([renamed, old, young]))
    atomic_files.sweep(tmp_path)
    assert [part.exists() for part in (old, young, renamed)] == [False, True, False]
