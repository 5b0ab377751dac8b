"""Every key of the shipped cards, wrong: errors at its file and key, with a fix. Made from the cards."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any, cast

import pytest
import tomlkit

from callsheet.domain.errors import InputError, Problem
from callsheet.services.cards.card import load_cards
from callsheet.services.registry import SERVICES

CARDS = Path(__file__).parents[3] / "configs" / "cards"
#: tables whose keys are names of the vendor's
FREE = ("adds", "params", "send", "send_unless")


def _keys(table: dict[str, Any], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key, those of inner tables behind their table's."""
    for key, value in table.items():
        yield (*at, key)
        if isinstance(value, dict):
            yield from _keys(cast("dict[str, Any]", value), (*at, key))


def _wrong(card: dict[str, Any], folder: Path) -> list[Problem]:
    (folder / "one.toml").write_text(tomlkit.dumps(card), encoding="utf-8")
    try:
        load_cards(folder)
    except InputError as error:
        return [problem for problem in error.problems if problem.column]
    return []


@pytest.mark.parametrize("service", SERVICES)
def test_each_key_of_a_card_wrong(service: str, tmp_path: Path) -> None:
    """A value of another type is one error at its key, with what was read and a fix; so is a name that no card has. A card of each service."""
    card = tomllib.loads(next(CARDS.glob(f"{service}-*.toml")).read_text(encoding="utf-8"))
    for at in _keys(card):
        broken = copy.deepcopy(card)
        table = reduce(dict.__getitem__, at[:-1], broken)
        table[at[-1]] = never = [[]] if at[-1] == "as_of" else date(1, 1, 1)
        found = _wrong(broken, tmp_path)
        assert [(problem.file, problem.column) for problem in found] == [(f"{tmp_path.name}/one.toml", ".".join(at))], (at, found)
        assert str(never) in found[0].message and found[0].help, found
    for at in {at[:-1] for at in _keys(card)} - {at for at in _keys(card) if at[0] in FREE}:
        broken = copy.deepcopy(card)
        reduce(dict.__getitem__, at, broken)["zzqq"] = 1
        assert ".".join((*at, "zzqq")) in [problem.column for problem in _wrong(broken, tmp_path)], at
