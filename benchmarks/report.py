"""Writing and showing what a benchmark found: JSON for machines, a table for people, both with the command that made them and nothing of the machine's names."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def write(name: str, command: str, results: object, text: str) -> None:
    """Write `results/NAME.json` and `results/NAME.md`, and print the table."""
    RESULTS.mkdir(exist_ok=True)
    made = {"command": command, "day": datetime.now(UTC).date().isoformat(), "on": place(), "results": results}
    (RESULTS / f"{name}.json").write_text(json.dumps(made, indent=2) + "\n")
    head = f"# {name}\n\n`{command}`, {made['day']}, on {place()}\n\n"
    (RESULTS / f"{name}.md").write_text(head + text + "\n")
    sys.stdout.write(f"{text}\n\nwritten to benchmarks/results/{name}.md and .json\n")


def place() -> str:
    """The kind of machine, not its name."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """A Markdown table: one column per key of the first row."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([_cell(row.get(name)) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return str(round(value, 3))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
