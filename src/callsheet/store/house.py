"""callsheet's own flows, cards and configs, and where they come from. They are never searched near a user's data: a folder above the film
would be run as code, with the key in the environment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from callsheet import __version__
from callsheet.domain.errors import SetupError

#: the variable with the folder to use instead of the installed one; `--house` sets it for one command
VARIABLE = "CALLSHEET_HOUSE"
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class House:
    """A folder with flows/ and configs/, and its origin: `installed`, `clone` (an editable install's source tree) or `named`."""

    root: Path
    origin: str

    def __str__(self) -> str:
        match self.origin:
            case "installed":
                return f"installed with callsheet {__version__}"
            case "clone":
                return f"the source tree {self.root}"
            case _:
                return f"{self.root}, named by {VARIABLE} or --house"


def house() -> House:
    """The house in use: the named one, otherwise the installed one, otherwise the source tree. SetupError if the named one doesn't exist."""
    named = os.environ.get(VARIABLE, "").strip()
    if named:
        return _named(Path(named).expanduser().resolve())
    installed = _PACKAGE / "_project"
    if is_house(installed):
        return House(installed, "installed")
    if is_house(_PACKAGE.parent.parent):
        return House(_PACKAGE.parent.parent, "clone")
    raise SetupError("callsheet's own flows and configs are missing", help="install callsheet again")


def docs_root() -> Path:
    """The folder of this version's documentation, whatever house is in use. SetupError if it is missing."""
    for root in (_PACKAGE / "_project" / "docs", _PACKAGE.parent.parent / "docs"):
        if (root / "tutorial.md").is_file():
            return root
    raise SetupError("the documentation is missing from this installation", help="install callsheet again")


def house_root() -> Path:
    """The folder of the house in use."""
    return house().root


def is_house(folder: Path) -> bool:
    """Whether a folder has the contents of a house."""
    return (folder / "flows" / "render.py").is_file() and (folder / "configs" / "cards").is_dir()


def passed_over(folder: Path) -> tuple[Path, ...]:
    """The project's folder and those above it that look like a house but are not in use: nothing in them is run or read."""
    used = house_root()
    return tuple(place for place in (folder.resolve(), *folder.resolve().parents) if is_house(place) and place != used)


def _named(root: Path) -> House:
    if not is_house(root):
        help = "name a checkout of callsheet, or a folder with flows/ and configs/ like its own; unset it to use the installed one"
        raise SetupError(f"{VARIABLE} or --house names {root}, which lacks flows/render.py or configs/cards/", help=help)
    return House(root, "named")
