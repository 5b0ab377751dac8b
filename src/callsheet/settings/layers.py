"""The layers of settings: the environment, project.toml and the shipped defaults, each read into the same models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from callsheet.domain.errors import Problem
from callsheet.settings.environment import Environment
from callsheet.settings.tables.project import ProjectTable
from callsheet.settings.values import Setting
from callsheet.toml_file.document import Document, Location
from callsheet.toml_file.faults import read_partly, read_table, toml_text
from callsheet.toml_file.table import Table

M = TypeVar("M", bound=Table)

_ENVIRONMENT = "CALLSHEET_{}"


@dataclass(frozen=True, slots=True)
class Layers:
    """project.toml, the shipped defaults and the environment. Errors are collected in `problems`."""

    document: Document
    shipped: Document
    environment: Environment
    problems: list[Problem] = field(default_factory=list[Problem])
    #: the keys of project.toml that can't be read, or may be meant by a misspelt one, with their tables
    unread: set[Location] = field(default_factory=set[Location])

    def partly(self, model: type[M], table: object, at: Location) -> M:
        """The valid keys of a table without required ones; the others are recorded."""
        found, unread = read_partly(model, table, self.document, at, self.problems)
        self.unread.update((*at, name) for name in unread)
        return found

    def table(self, name: str, model: type[M]) -> M:
        """One of the project's tables; an empty one if it is missing or wrong, which is recorded."""
        written = self.document.tables.get(name, {})
        return read_table(model, written, self.document, (name,), self.problems) or model()

    def default(self, name: str, model: type[M]) -> M:
        """One of the shipped tables."""
        return read_table(model, self.shipped.tables.get(name, {}), self.shipped, (name,), self.problems) or model()

    def tables_of(self, name: str, help: str = "") -> Mapping[str, Mapping[str, Any]]:
        """The tables in a table as written, by name, such as `[lanes.runware]`; `help` is the fix for what is not a table."""
        found = self.document.tables.get(name, {})
        if not isinstance(found, dict):
            self._no(name, (name,), found, "a table", f"write [{name}.NAME]")
            return {}
        inner = cast("dict[str, object]", found)
        for own, one in inner.items():
            if not isinstance(one, dict):
                self._no(own, (name, own), one, "a table", help or f"write [{name}.{own}]")
        return {own: cast("dict[str, Any]", one) for own, one in inner.items() if isinstance(one, dict)}

    def list_of(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """A list of tables as written, such as `[[cap]]`; empty if there is none."""
        found = self.document.tables.get(name, [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in cast("list[object]", found)):
            return tuple(cast("list[dict[str, Any]]", found))
        self._no(name, (name,), self.document.tables[name], "a list of tables", f"write [[{name}]], with two brackets, before each")
        return ()

    def each(self, name: str, model: type[M]) -> dict[str, M]:
        """The tables in a table by name; wrong ones are recorded and left out."""
        read = {
            inner: read_table(model, table, self.document, (name, inner), self.problems) for inner, table in self.tables_of(name).items()
        }
        return {inner: table for inner, table in read.items() if table is not None}

    def several(self, name: str, model: type[M]) -> list[tuple[int, M]]:
        """The tables of a list with their numbers, from 1; wrong ones are recorded and left out."""
        read = (read_table(model, table, self.document, (name, n), self.problems) for n, table in enumerate(self.list_of(name)))
        return [(number, table) for number, table in enumerate(read, start=1) if table is not None]

    def project(self) -> ProjectLayers:
        """The `[project]` tables of all layers."""
        shell = {name: value for name in ProjectTable.model_fields if (value := getattr(self.environment, name, None))}
        nowhere, wrong = Document(file="", tables={}), list[Problem]()
        exported, unread = read_partly(ProjectTable, shell, nowhere, (), wrong)
        self.unread.update(("project", name) for name in unread)
        self.problems.extend(_of_environment(problem) for problem in wrong)
        own = self.partly(ProjectTable, self.document.tables.get("project", {}), ("project",))
        return ProjectLayers(exported, own, self.default("project", ProjectTable), self.document.file)

    def _no(self, key: str, at: tuple[str, ...], value: object, what: str, help: str) -> None:
        self.unread.add(at)
        self.problems.append(self.document.problem(at, f"{key} = {toml_text(value)[:60]} is not {what}", help))


@dataclass(frozen=True, slots=True)
class ProjectLayers:
    """The `[project]` tables of the environment, of the project's own file, and of the shipped defaults."""

    exported: ProjectTable
    own: ProjectTable
    shipped: ProjectTable
    file: str

    def value(self, key: str) -> Setting[Any] | None:
        """The highest layer's value of a key, and its origin; None if no layer has it."""
        layers = (
            (self.exported, _ENVIRONMENT.format(key.upper())),
            (self.own, f"{self.file} [project] {key}"),
            (self.shipped, "default"),
        )
        return next((Setting(value, origin) for table, origin in layers if (value := getattr(table, key)) is not None), None)


def _of_environment(problem: Problem) -> Problem:
    """A problem of an environment value, named by its variable."""
    key = problem.column or ""
    variable = _ENVIRONMENT.format(key.upper())
    said = f"{variable}{problem.message.strip().removeprefix(key)}"
    return replace(problem, message=said, help=f"correct {variable}, or unset it", file=None)
