"""The `[[cap]]` tables of a project, as rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from callsheet.domain.money import usd
from callsheet.domain.rules import CapRule
from callsheet.settings.layers import Layers

#: what a cap can bind (contract)
SCOPES = ("run", "list", "shot", "sequence", "project", "day", "month", "service", "model", "ledger")
_KEYS = ("scope", "usd", "warn_at", "on_reach", "name", "starts_at")
_ON_REACH = ("drain", "cancel")


def caps(layers: Layers) -> tuple[CapRule, ...]:
    """Every cap that is written as it should be; what is wrong with the others is noted in the layers."""
    found = (_cap(layers, f"cap {n}", place, table) for n, (place, table) in enumerate(_tables(layers), start=1))
    return tuple(rule for rule in found if rule)


def day_starts_at(layers: Layers) -> time:
    """The hour that the tables of days and months give, midnight where none does; a project has one day."""
    found: dict[time, str] = {}
    for place, table in _tables(layers):
        if "starts_at" not in table:
            continue
        said = str(table["starts_at"])
        if str(table.get("scope")) not in ("day", "month"):
            layers.wrong(f"{place}: starts_at is for a cap of a day or a month", "leave it out", "starts_at")
        try:
            found.setdefault(time.fromisoformat(said), place)
        except ValueError:
            layers.wrong(f"{place}: {said!r} is not a time of day", 'write starts_at = "06:00"', "starts_at")
    if len(found) > 1:
        places = " and ".join(found.values())
        layers.wrong(f"{places} let the day start at different times", "a project has one day: write the same", "starts_at")
    return next(iter(found), time())


def _tables(layers: Layers) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each table with its place in words."""
    return ((f"{layers.file} [[cap]] number {n}", table) for n, table in enumerate(layers.tables("cap"), start=1))


def _cap(layers: Layers, name: str, place: str, table: Mapping[str, Any]) -> CapRule | None:
    layers.known(name, table, _KEYS)
    on_reach = table.get("on_reach", "drain")
    if on_reach not in _ON_REACH:
        layers.wrong(f"{place}: on_reach = {on_reach!r} is neither drain nor cancel", 'write on_reach = "drain" or "cancel"', "on_reach")
    scope, _, owner = str(table.get("scope", "")).partition(":")
    if scope not in SCOPES:
        layers.wrong(f"{place}: scope {scope!r} is not one of {', '.join(SCOPES)}", "write one of these", "scope")
        return None
    try:
        amount = usd(str(table.get("usd", "")))
        return CapRule(scope, str(table.get("name", owner)), amount, place, _warn_at(layers, place, scope, table), str(on_reach))
    except ValueError as error:
        layers.wrong(f"{place}: {error}", 'write usd = "25.00"', "usd")
        return None


def _warn_at(layers: Layers, place: str, scope: str, table: Mapping[str, Any]) -> tuple[int, ...]:
    """Percents, rising. A shot's own limit is used up in a few steps, so it is silent unless it is told to speak."""
    said = table.get("warn_at", () if scope == "shot" else layers.shipped["caps"]["warn_at"])
    percents: list[Any] = [*said] if isinstance(said, list | tuple) else [said]
    if all(isinstance(percent, int) and not isinstance(percent, bool) and 1 <= percent <= 100 for percent in percents):
        return tuple(sorted(set(percents)))
    layers.wrong(f"{place}: warn_at = {said!r} is not a list of whole percents from 1 to 100", "write warn_at = [50, 80, 95]", "warn_at")
    return ()
