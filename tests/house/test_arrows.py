"""The arrows between the parts, as pyproject.toml draws them: CI asks import-linter, which also sees the long ways round; here the direct ones."""

from __future__ import annotations

import tomllib

import pytest

from tests.house.sources import ROOT, Source, sources

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers" and contract.get("containers") == ["callsheet"])


def _parts(layer: str) -> list[str]:
    """`media | (review)` as names."""
    return [name.strip().strip("()") for name in layer.replace(":", "|").split("|")]


LEVEL = {name: depth for depth, layer in enumerate(LAYERS) for name in _parts(layer)}
SIBLINGS_APART = {name for layer in LAYERS if "|" in layer for name in _parts(layer)}


def _part(module: str) -> str | None:
    found = module.split(".")
    return found[1] if found[0] == "callsheet" and len(found) > 1 and found[1] in LEVEL else None


def _wrong_way(source: Source) -> list[str]:
    here = _part(source.module)
    if here is None:
        return []
    there = {(name, part) for name in source.imports if (part := _part(name)) and part != here}
    return [
        f"{source.where} imports {name}"
        for name, part in sorted(there)
        if LEVEL[part] < LEVEL[here] or (LEVEL[part] == LEVEL[here] and here in SIBLINGS_APART)
    ]


def test_arrows_inside_the_library_point_down() -> None:
    """No part imports one above it, nor one beside it."""
    assert [wrong for source in sources() for wrong in _wrong_way(source)] == []


def test_a_wrong_arrow_is_seen() -> None:
    """The check isn't blind: the same reading finds an arrow that points up."""
    up = Source("money.py", "callsheet.domain.money", "from callsheet.planning import plan")
    assert _wrong_way(up) == ["money.py imports callsheet.planning", "money.py imports callsheet.planning.plan"]


def test_every_part_of_the_library_has_its_place() -> None:
    """A new part must be put into the layers before it is used."""
    parts = {source.module.split(".")[1] for source in sources() if source.module.startswith("callsheet.")}
    assert parts - LEVEL.keys() - {"__main__"} == set()


@pytest.mark.parametrize(("folder", "below"), [("flows", {"tasks", "callsheet"}), ("tasks", {"callsheet"}), ("callsheet", set[str]())])
def test_flows_use_tasks_and_tasks_use_the_library(folder: str, below: set[str]) -> None:
    """flows -> tasks -> callsheet, never back."""
    others = {"flows", "tasks", "callsheet"} - below - {folder}
    wrong = [
        f"{source.where} imports {name}"
        for source in sources()
        for name in source.imports
        if source.module.split(".")[0] == folder and name.split(".")[0] in others
    ]
    assert wrong == []
