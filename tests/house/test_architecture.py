"""docs/architecture.md shows the house as it stands: its diagrams are the contracts', and the files and functions of its walks exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docs.draw_architecture import DIAGRAM, PAGE, ROOT, diagram, drawn

_STEP = re.compile(r"^\d+\. `(?P<file>[\w/]+\.py)` `(?P<name>[\w.]+)`", re.MULTILINE)
_WALKS = re.compile(r"^## Walk:.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def test_the_diagrams_are_the_contracts() -> None:
    """Drawn again, the page stays as it is; else run `python docs/draw_architecture.py`."""
    page = PAGE.read_text()
    assert drawn(page) == page
    assert diagram() == DIAGRAM.read_text()


def test_each_walk_enters_nine_files_at_most() -> None:
    """A row to a bought clip, a clip to frames in a film: a reader opens nine files for each."""
    walks = _WALKS.findall(PAGE.read_text())
    entered = [{step["file"] for step in _STEP.finditer(walk)} for walk in walks]
    assert len(walks) == 2
    assert all(6 <= len(files) <= 9 for files in entered), entered


def test_what_the_walks_enter_exists() -> None:
    """Each step names a function or method that the file has."""
    steps = [(step["file"], step["name"]) for step in _STEP.finditer(PAGE.read_text())]
    missing = [(file, name) for file, name in steps if name not in _names(ROOT / "src" / "callsheet" / file)]
    assert missing == []


def _names(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)}
    return found
