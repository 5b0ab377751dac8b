"""Deliveries as tables: the shipped ones of configs/deliveries, overridden by the project's. `like = "NAME"` starts from another delivery,
of the project or shipped. Without `like`, a delivery starts from the shipped one of its name, otherwise from `web`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from callsheet.domain.errors import InputError, Problem, SetupError
from callsheet.settings.tables.delivery import DeliveryTable
from callsheet.toml_file.document import Document, read
from callsheet.toml_file.faults import read_table

_DEFAULT = "web"

#: a delivery's values, by the fields of its model
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DeliveryTables:
    """A project's `[deliver.NAME]` tables as written, their file, and the house with the shipped ones."""

    own: Mapping[str, Mapping[str, object]]
    document: Document
    house: Path

    def values(self, name: str, under: tuple[str, ...] = ()) -> Values:
        """A delivery's values over those of the one that it is like, down to a shipped one. InputError with everything that is wrong in its
        own table, or if `like` names nothing or forms a circle.
        """
        if name in under:
            raise InputError.of([self.wrong(under[0], "like", f"{' is like '.join((*under, name))}: a circle")])
        if name not in self.own:
            if _shipped(name, self.house) is None:
                known = f"no delivery {name!r}; shipped are {', '.join(shipped(self.house))}"
                raise InputError.of([self.wrong(under[0], "like", known)])
            return _whole_shipped(name, self.house)
        own = self._read(name)
        like = own.pop("like", name)
        return _over(_whole_shipped(name, self.house) if like == name else self.values(like, (*under, name)), own)

    def wrong(self, name: str, key: str, why: str) -> Problem:
        """The problem of a delivery's key with an invalid value."""
        return self.document.problem(("deliver", name, key), f"{key}: {why}", f"correct {key}")

    def _read(self, name: str) -> Values:
        problems: list[Problem] = []
        table = read_table(DeliveryTable, self.own[name], self.document, ("deliver", name), problems)
        if table is None:
            raise InputError.of(problems)
        return table.written


def shipped(house: Path) -> list[str]:
    """The deliveries that come with callsheet."""
    return sorted(path.stem for path in (house / "configs" / "deliveries").glob("*.toml"))


def _whole_shipped(name: str, house: Path) -> Values:
    """A shipped delivery over the one that it is like; `web` if none has the name."""
    own = {**(_shipped(name, house) or _shipped(_DEFAULT, house) or {})}
    like = own.pop("like", None)
    return _over(_whole_shipped(like, house), own) if like else own


def _over(base: Values, own: Values) -> Values:
    """Own values win; of a size and a shape, the later one counts."""
    hidden = "aspect" if "size" in own else "size" if "aspect" in own else None
    return {**{key: value for key, value in base.items() if key != hidden}, **own}


def _shipped(name: str, house: Path) -> Values | None:
    """A shipped delivery's values; None if none has the name."""
    path = house / "configs" / "deliveries" / f"{name}.toml"
    if name != _DEFAULT and ("/" in name or not path.is_file()):
        return None
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise SetupError(f"the delivery's defaults can't be read: {error}", help="install callsheet again") from None
    return _parsed(path, changed)


@lru_cache(maxsize=64)
def _parsed(path: Path, changed_ns: int) -> Values:
    """Parsed once for each state of the file, because a plan needs the same few again and again."""
    del changed_ns
    document, problems = read(path, "deliver-value")
    table = read_table(DeliveryTable, document.tables, document, (), problems)
    if table is None or problems:
        raise SetupError(f"the delivery's defaults can't be read: {problems[0].message}", help="install callsheet again")
    return table.written
