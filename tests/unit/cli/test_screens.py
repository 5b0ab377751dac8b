"""What commands look like, at each width, on a terminal and in a log: the golden files are what was looked at. `python -m tests.unit.cli.screens` writes them anew."""

from __future__ import annotations

from rich.cells import cell_len

from callsheet.cli.output.table import TO_TYPE
from tests.unit.cli.screens import FOLDER, WIDTHS, every, screens, stage, terminal


def test_screens_look_as_they_were_looked_at() -> None:
    """Byte for byte in 80, 100 and 120 columns and in a log, and the same on terminals of these widths; no line is wider than there is room
    for, but for one to type.
    """
    widths = tuple(filter(None, WIDTHS))
    with stage() as folder:
        found = every(folder)
        on_terminals = screens(folder, terminal, widths)
    assert found == {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert on_terminals == {name: found[name] for name in on_terminals}
    for columns in widths:
        lines = [line for name, text in found.items() if name.endswith(f"-{columns}.txt") for line in text.splitlines()]
        assert not [line for line in lines if cell_len(line) > int(columns) and not line.startswith(TO_TYPE)]
