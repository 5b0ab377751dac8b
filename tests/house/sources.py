"""The house's own sources, parsed, for tests that read them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One module: its path from the house's root, what it is called when imported, and its text."""

    where: str
    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file, parsed."""
        return ast.parse(self.text)


@lru_cache
def sources() -> tuple[Source, ...]:
    """Everything that is shipped as Python: src, flows and tasks."""
    found = [(path, ROOT / "src") for path in (ROOT / "src").rglob("*.py")]
    found += [(path, ROOT) for folder in ("flows", "tasks") for path in (ROOT / folder).glob("*.py")]
    return tuple(
        Source(path.relative_to(ROOT).as_posix(), _module(path.relative_to(base)), path.read_text(encoding="utf-8"))
        for path, base in sorted(found)
    )


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
