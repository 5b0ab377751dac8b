"""Draw the rooms and their arrows from the contracts of pyproject.toml into docs/architecture.md: `python docs/draw_architecture.py`.

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


def _library() -> str:
    """The layers of the library as a Mermaid diagram: an arrow says that everything below may be imported."""
    lines = ["```mermaid", "flowchart TB", '  flows["flows/"] --> tasks["tasks/"] --> L0']
    layers = _contracts("callsheet")
    for depth, rooms in enumerate(layers):
        lines += [f'  subgraph L{depth}[" "]', "    direction LR", *(f'    {room}["{room}/"]' for room in rooms), "  end"]
    lines += [f"  L{depth} --> L{depth + 1}" for depth in range(len(layers) - 1)]
    return "\n".join([*lines, "```"])


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
    """What a room or module says of itself."""
    module = _package() / f"{room}.py"
    source = module if module.is_file() else _package() / room / "__init__.py"
    text = ast.get_docstring(ast.parse(source.read_text()))
    if not text:
        sys.exit(f"{source.relative_to(ROOT)} does not say what it is for: give it a docstring")
    return text.splitlines()[0]


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
