"""A font of the author's choice, for what is burnt into a film's pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """A font file that was read: its name in project.toml, where it is, and its content."""

    name: str
    file: Path
    sha256: str
