"""The layers that settings are read from, and all that is found wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from callsheet.domain.errors import Problem
from callsheet.domain.wording import did_you_mean
from callsheet.settings.environment import Environment
from callsheet.settings.values import Setting

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Layers:
    """The project's own tables (of the file that is called `file`), the shipped ones and the environment. What is wrong is collected in `problems`."""

    file: str
    own: Mapping[str, Any]
    shipped: Mapping[str, Any]
    environment: Environment
    problems: list[Problem] = field(default_factory=list[Problem])

    def value(self, key: str, parse: Callable[[str], T]) -> Setting[T] | None:
        """The highest layer's value of a `[project]` key, parsed; None where no layer has it or it is wrong (which is noted)."""
        written = (
            (getattr(self.environment, key, None) or None, f"CALLSHEET_{key.upper()}"),
            (self.table("project").get(key), f"{self.file} [project] {key}"),
            (self.shipped["project"].get(key), "default"),
        )
        for value, origin in written:
            if value is None:
                continue
            try:
                return Setting(parse(str(value)), origin)
            except ValueError as error:
                self.wrong(f"{origin}: {error}", f"correct {key} there", key)
                return None
        return None

    def required(self, key: str, parse: Callable[[str], T]) -> Setting[T]:
        """As `value`, falling back on the shipped default where the user's is wrong: the problem is noted, and nothing will run."""
        return self.value(key, parse) or Setting(parse(str(self.shipped["project"][key])), "default")

    def names(self, key: str, of: str, example: str) -> Setting[tuple[str, ...]] | None:
        """A list of names in `[project]`; None where there is none, or it is no such list (which is noted)."""
        named = self.table("project").get(key)
        if named is None:
            return None
        if isinstance(named, list) and all(isinstance(name, str) for name in cast("list[object]", named)):
            return Setting(tuple(cast("list[str]", named)), f"{self.file} [project] {key}")
        self.wrong(f"{self.file} [project] {key} must be a list of {of}", f'write {key} = ["{example}"]', key)
        return None

    def numbers(self, name: str, table: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
        """A table of positive numbers, and of such tables, over the shipped one; a whole number stays whole."""
        self.known(name, table, tuple(shipped))
        merged = dict(shipped)
        for key, value in table.items():
            if key not in shipped:
                continue
            inner = cast("dict[str, Any]", shipped[key]) if isinstance(shipped[key], dict) else None
            if inner is not None and isinstance(value, dict):
                merged[key] = self.numbers(f"{name}.{key}", cast("dict[str, Any]", value), inner)
                continue
            whole = isinstance(shipped[key], int)
            if (
                inner is not None
                or isinstance(value, bool)
                or not isinstance(value, int if whole else int | float)
                or value < 0
                or (not value and shipped[key])
            ):
                shape = ", ".join(f"{one} = {number}" for one, number in (inner or {}).items())
                kind = (
                    f"table such as {{ {shape} }}"
                    if inner
                    else f"{'whole ' if whole else ''}number {'above 0' if shipped[key] else 'from 0 on'}"
                )
                self.wrong(f"{self.file} [{name}] {key} = {value!r} is not a {kind}", "correct it there", key)
            else:
                merged[key] = value
        return merged

    def table(self, name: str) -> Mapping[str, Any]:
        """One of the project's tables, empty where it has none."""
        found = self.own.get(name, {})
        if isinstance(found, dict):
            return cast("dict[str, Any]", found)
        self.wrong(f"{self.file}: {name} must be a table", f"write [{name}]", name)
        return {}

    def tables(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """A list of tables, such as `[[cap]]`, empty where there is none."""
        found = self.own.get(name, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in cast("list[object]", found)):
            return tuple(cast("list[dict[str, Any]]", found))
        self.wrong(f"{self.file}: {name} must be a list of tables", f"write [[{name}]] with two brackets before each", name)
        return ()

    def tables_of(self, name: str) -> Mapping[str, Mapping[str, Any]]:
        """The tables in a table by their names, such as `[lanes.runware]`."""
        found = self.table(name)
        for inner, one in found.items():
            if not isinstance(one, dict):
                self.wrong(f"{self.file} [{name}] {inner} = {one!r} is no table", f"write [{name}.{inner}]", inner)
        return {inner: cast("dict[str, Any]", one) for inner, one in found.items() if isinstance(one, dict)}

    def known(self, table: str, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Note each key that isn't one of `names`, with the near one."""
        for key in values:
            if key not in names:
                hint = did_you_mean(key, names, f"known here: {', '.join(names)}")
                self.wrong(f"{self.file}: [{table}] has no setting {key}" if table else f"{self.file}: there is no table {key}", hint, key)

    def wrong(self, message: str, help: str, key: str) -> None:
        """Note what is wrong, and the fix; once, however often it is come upon."""
        problem = Problem(code="settings", message=message, help=help, file=self.file, column=key)
        if problem not in self.problems:
            self.problems.append(problem)
