"""What `status`, `costs` and a run's ending look like, at each width: the golden files are what was looked at. `python -m tests.unit.cli.screens` writes them anew."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from unittest.mock import patch

from rich.cells import cell_len

from callsheet.cli.app import run
from tests.unit.cli.screens import FOLDER, WIDTHS, screens, stage


class Terminal(io.StringIO):
    """stdout that is one."""

    def isatty(self) -> bool:
        return True


def on_terminal(folder: Path, columns: int, command: str) -> str:
    """What a terminal of so many columns shows."""
    with patch("shutil.get_terminal_size", lambda _: os.terminal_size((columns, 24))), contextlib.redirect_stdout(Terminal()) as out:
        run([command, "film.csv", "-C", str(folder)])
    return out.getvalue()


def test_screens_look_as_they_were_looked_at() -> None:
    """Byte for byte in 80, 100 and 120 columns and in a log, and the same on a terminal; no line is wider than there is room for, but for one to type."""
    with stage() as folder:
        found = screens(folder)
        for command in ("status", "costs"):
            assert on_terminal(folder, 100, command) == found[f"{command}-100.txt"]
    assert found == {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    for columns in filter(None, WIDTHS):
        lines = [line for name, text in found.items() if name.endswith(f"-{columns}.txt") for line in text.splitlines()]
        assert not [line for line in lines if cell_len(line) > int(columns) and not line.startswith("next: ")]
