"""Draws the packages and their import layers from the contracts in pyproject.toml into docs/architecture.md: `python docs/draw_architecture.py`.

Each room with its first line is read from the package itself, so that page, contracts and code can't differ; tests/house compares.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
DIAGRAM = ROOT / "docs" / "images" / "rooms.svg"
_BOX_HEIGHT, _GAP = 26, 18
_OPENING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" font-family="sans-serif" font-size="13"'
    ' text-anchor="middle" fill="#222"><style>rect{{fill:#eef2f7;stroke:#8a97a8}}path{{fill:none;stroke:#8a97a8}}</style>'
)
_BLOCK = re.compile(r"(<!-- drawn: (?P<what>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def drawn(page: str) -> str:
    """The page with its drawn blocks as the contracts have them today."""
    blocks = {"library": _library(), "rooms": _rooms(), "inside": _inside()}
    return _BLOCK.sub(lambda found: f"{found[1]}{blocks[found['what']]}\n{found[3]}", page)


def _contracts(container: str) -> list[list[str]]:
    """The layers inside a package, from the top: each the rooms that stand side by side."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("containers") == [container])
    return [re.split(r"\s*[|:]\s*", layer) for layer in layers]


def diagram() -> str:
    """The layers of the library as SVG, so that a page needs no script to show it. Everything below an arrow may be imported."""
    rows = [["flows"], ["tasks"], *_contracts("callsheet")]
    width = max(_row_width(row) for row in rows) + 2 * _GAP
    height = len(rows) * (_BOX_HEIGHT + _GAP) + _GAP
    marks = [mark for depth, row in enumerate(rows) for mark in _row(row, width, _GAP + depth * (_BOX_HEIGHT + _GAP), last=row is rows[-1])]
    return "\n".join([_OPENING.format(width=width, height=height), *marks, "</svg>", ""])


def _row(names: list[str], width: float, top: float, *, last: bool) -> list[str]:
    """The boxes of one layer, and the arrow to the next."""
    marks: list[str] = []
    left = (width - _row_width(names)) / 2
    for name in names:
        wide = _box_width(name)
        marks.append(f'<rect x="{left:g}" y="{top}" width="{wide:g}" height="{_BOX_HEIGHT}" rx="4"/>')
        marks.append(f'<text x="{left + wide / 2:g}" y="{top + 18}">{name}/</text>')
        left += wide + _GAP
    bottom = top + _BOX_HEIGHT
    return marks if last else [*marks, f'<path d="M{width / 2:g} {bottom}v{_GAP - 4}m-3 -4l3 4l3 -4"/>']


def _box_width(name: str) -> float:
    return 7.5 * len(name) + 24


def _row_width(names: list[str]) -> float:
    return sum(_box_width(name) for name in names) + _GAP * (len(names) - 1)


def _library() -> str:
    return "![The layers of the library from the top; each may import the ones below](images/rooms.svg)"


def _rooms() -> str:
    """A row for each room, from the top, and what it is for."""
    rows = [f"| `{room}` | {_first_line(room)} |" for layer in _contracts("callsheet") for room in layer]
    return "\n".join(["| room | what it is for |", "|---|---|", *rows])


def _inside() -> str:
    """The rooms that have rooms of their own, and how those stand above one another."""
    lines: list[str] = []
    for package in sorted(path.name for path in _package().iterdir() if any(path.glob("*/__init__.py"))):
        layers = [" · ".join(f"`{name}`" for name in layer) for layer in _contracts(f"callsheet.{package}")]
        lines.append(f"- **{package}/**: {' → '.join(layers)}")
        lines += [f"  - `{path.name}`: {_first_line(f'{package}/{path.name}')}" for path in _nested(package)]
    return "\n".join(lines)


def _nested(package: str) -> Iterator[Path]:
    return (found.parent for found in sorted((_package() / package).glob("*/__init__.py")))


def _package() -> Path:
    return ROOT / "src" / "callsheet"


def _first_line(room: str) -> str:
    """The first paragraph of a package's or module's docstring."""
    module = _package() / f"{room}.py"
    source = module if module.is_file() else _package() / room / "__init__.py"
    text = ast.get_docstring(ast.parse(source.read_text()))
    if not text:
        sys.exit(f"{source.relative_to(ROOT)} does not say what it is for: give it a docstring")
    return " ".join(text.split("\n\n")[0].split())


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
    DIAGRAM.write_text(diagram())
