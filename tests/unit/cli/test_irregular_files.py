"""What isn't a regular file is refused as input without being opened: a pipe would be waited for without end."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.regular_file import read_regular
from tests.unit.cli.calling import LIST, call, project


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


kinds = pytest.mark.parametrize(
    ("make", "what"),
    [(_pipe, "a pipe"), (_device, "a device"), (_socket, "a socket"), (Path.mkdir, "a folder")],
    ids=lambda one: str(one)[:9],
)


@kinds
def test_it_is_named_and_not_opened(make: Callable[[Path], None], what: str, tmp_path: Path) -> None:
    """The error says what it is; a regular file is read, also through a link, and as far as is wanted."""
    make(tmp_path / "odd")
    with pytest.raises(OSError, match=f"it is {what}, not a file"):
        read_regular(tmp_path / "odd")
    (tmp_path / "whole").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("whole")
    assert (read_regular(tmp_path / "link"), read_regular(tmp_path / "link", 2)) == (b"abc", b"ab")


@kinds
@pytest.mark.parametrize("name", ["odd.csv", "project.toml", "cards/own.toml", "spot.mapping.toml"])
def test_a_plan_refuses_it(name: str, make: Callable[[Path], None], what: str, tmp_path: Path) -> None:
    """As a list, as settings, as a card, as a list's mapping: refused at once, by name."""
    folder = project(tmp_path)
    (folder / name).parent.mkdir(exist_ok=True)
    make(folder / name)
    said = call("plan", "odd.csv" if name == "odd.csv" else "spot.csv", "-C", str(folder), "--json")
    assert said.code in (2, 3), said.out + said.err
    assert Path(name).name in said.out
    assert what in said.out or "no shot list" in said.out


@pytest.mark.parametrize("column", ["first_frame", "audio"])
@kinds
def test_a_shots_file_is_refused(column: str, make: Callable[[Path], None], what: str, tmp_path: Path) -> None:
    """What a cell names is looked at before it is opened."""
    del what
    head, row, *_ = LIST.splitlines()
    folder = project(tmp_path, f"{head},{column}\n{row},odd\n")
    make(folder / "odd")
    said = call("plan", "spot.csv", "-C", str(folder), "--json")
    assert said.code == 3, said.out + said.err
    assert json.loads(said.out)["errors"][0]["column"] == column
