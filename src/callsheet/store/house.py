"""callsheet's own flows and configs: where they are."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.errors import PlaceError


def house_root(folder: Path) -> Path:
    """Where flows and configs are: the nearest ancestor of the project folder that is a house, else the one in the wheel, else the source tree."""
    package = Path(__file__).resolve().parents[1]
    for place in (folder.resolve(), *folder.resolve().parents, package / "_project", package.parent.parent):
        if (place / "flows" / "render.py").is_file() and (place / "configs" / "cards").is_dir():
            return place
    raise PlaceError("callsheet's own flows and configs are missing", help="install callsheet again")
