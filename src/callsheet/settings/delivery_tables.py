"""Deliveries as tables: the shipped ones of configs/deliveries, and a project's over them.

`like = "NAME"` begins with another delivery, of the project or shipped. What has no `like` begins with the shipped delivery of its name, else with `web`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from callsheet.domain.errors import InputError, Problem, SetupError

_DEFAULT = "web"

Table = Mapping[str, object]


def inherited(name: str, tables: Mapping[str, Table], house: Path, under: tuple[str, ...] = ()) -> Table:
    """A table over the one that it is like, over that one's own, down to a shipped one. InputError where that leads nowhere, or round."""
    if name in under:
        raise InputError.of([bad_value(under[0], "like", f"{' is like '.join((*under, name))}: a circle")])
    if name not in tables and _shipped(name, house) is None:
        raise InputError.of([bad_value(under[0], "like", f"there is no delivery {name!r}; shipped are {', '.join(shipped(house))}")])
    if name not in tables:
        return _whole_shipped(name, house)
    own = {**tables[name]}
    like = str(own.pop("like", name))
    return _over(_whole_shipped(name, house) if like == name else inherited(like, tables, house, (*under, name)), own)


def shipped(house: Path) -> list[str]:
    """The deliveries that callsheet brings along."""
    return sorted(path.stem for path in (house / "configs" / "deliveries").glob("*.toml"))


def bad_value(name: str, key: str, why: str) -> Problem:
    """That a key of a delivery has a value that it can't have."""
    return Problem(
        code="deliver-value", message=f"[deliver.{name}] {key}: {why}", help=f"correct {key} in project.toml", file="project.toml"
    )


def _whole_shipped(name: str, house: Path) -> Table:
    """A shipped delivery over the one that it is like; `web` where none has the name."""
    own = {**(_shipped(name, house) or _shipped(_DEFAULT, house) or {})}
    like = own.pop("like", None)
    return _over(_whole_shipped(str(like), house), own) if like else own


def _over(base: Table, own: Table) -> Table:
    """Own values win; of a size and a shape the later counts."""
    hidden = "aspect" if "resolution" in own else "resolution" if "aspect" in own else None
    return {**{key: value for key, value in base.items() if key != hidden}, **own}


def _shipped(name: str, house: Path) -> dict[str, object] | None:
    """A shipped delivery's table; None where there is none of the name."""
    folder = house / "configs" / "deliveries"
    path = folder / f"{name}.toml"
    if name != _DEFAULT and ("/" in name or not path.is_file()):
        return None
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"the delivery's defaults can't be read: {error}", help="install callsheet again") from None
