"""The page on adding a service is true: the files it names are there, and they are all that speaks of the service."""

from __future__ import annotations

import re
from pathlib import Path

from callsheet.services.protocol import abilities, wire
from callsheet.services.registry import SERVICES
from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "how-to" / "add-a-service.md"
TEXT = PAGE.read_text(encoding="utf-8")
#: its card, module, class, variables or address; its company's name alone also stands in other services' names of models
_NAMED = re.compile(r"lightricks/ltx-2\.3|(services|standin)\.lightricks|\bLightricks\(|LIGHTRICKS_|api\.ltx\.video")


def listed() -> set[str]:
    """The files of the page's first table."""
    table = TEXT.partition("## 1.")[0]
    return set(re.findall(r"^\| \[([^\]]+)\]\(\.\./\.\./\1\)", table, re.MULTILINE))


def speaking_of_it() -> set[str]:
    """The files of the house, less tests and pages, that name the service in code or data."""
    places = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "configs").rglob("*.*"),
        *(ROOT / "flows").glob("*.py"),
        *(ROOT / "tasks").glob("*.py"),
    ]
    return {
        path.relative_to(ROOT).as_posix() for path in [*places, ROOT / "pyproject.toml"] if _NAMED.search(path.read_text(encoding="utf-8"))
    }


def test_the_files_of_the_page_are_there() -> None:
    """Each can be opened."""
    assert len(listed()) == 7
    assert [name for name in listed() if not (ROOT / name).is_file()] == []


def test_the_page_names_every_function_of_the_protocol() -> None:
    """What a wire must have, and what it may; but for those that `NoArchive` and one line answer."""
    must = set(
        re.findall(
            r"def (\w+)\(self", Path(wire.__file__).read_text(encoding="utf-8").partition("class Wire(Protocol)")[2].partition("\n\n\n")[0]
        )
    )
    told = {"service", "jobs_per_poll", "recall", "read_recall"}
    assert [name for name in sorted(must - told) if f"{name}(" not in TEXT and f"`{name}`" not in TEXT] == []
    optional = set(re.findall(r"^class (\w+)\(Protocol\)", Path(abilities.__file__).read_text(encoding="utf-8"), re.MULTILINE))
    assert optional
    assert [name for name in sorted(optional) if f"`{name}`" not in TEXT] == []


def test_nothing_else_knows_the_service() -> None:
    """No command, no flow, nothing of the engine: the diff is the page's list."""
    assert "lightricks" in SERVICES
    assert speaking_of_it() == listed()
