"""Reads a project's settings from all their layers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.finding import Judgement
from callsheet.domain.rules import AttemptRules, CapRule, DoubtLimit, LaneRules
from callsheet.domain.shots.foreign_text import clean, faults
from callsheet.domain.shots.params import Params, flat
from callsheet.domain.wording import nearest
from callsheet.settings.environment import Environment
from callsheet.settings.layers import Layers
from callsheet.settings.tables.cuts import CutTable as CutKeys
from callsheet.settings.tables.cuts import SequenceTable
from callsheet.settings.tables.draft import DraftTable
from callsheet.settings.tables.file import ProjectFile, finding_table
from callsheet.settings.tables.money import CapTable
from callsheet.settings.tables.notices import NotifyTable
from callsheet.settings.tables.services import MOST_LINKS, AttemptsTable, ContinuityTable, DoubtsTable, LaneTable, NetworkTable
from callsheet.settings.values import CutTable, DraftRules, NotifyRules, Setting, Settings, missed
from callsheet.toml_file.document import Document, read, unclean
from callsheet.toml_file.faults import unknown_key

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_BILLING = ("client", "job", "purchase_order")


def load(defaults: Path, project_file: Path) -> Settings:
    """Read all layers. InputError with every problem at once: file, line, key, value and fix."""
    settings, problems = load_readable(defaults, project_file)
    if problems:
        raise InputError.of(problems)
    return settings


def load_readable(defaults: Path, project_file: Path) -> tuple[Settings, tuple[Problem, ...]]:
    """What can be read of all layers, and every problem; `unread` has the keys whose values aren't known. InputError if the shipped layer
    is wrong.
    """
    shipped, problems = read(defaults, "settings")
    if problems:
        raise InputError.of(problems)
    own, wrong = _own(project_file)
    layers = Layers(own, shipped, Environment.read(), wrong)
    if wrong and not own.tables:
        layers.unread.add(())
    layers.unread.update(tuple(key.split(".")) for key, _ in faults(own.tables))
    settings = _settings(layers, project_file.parent.resolve().name)
    if any(problem.file == shipped.file for problem in layers.problems):
        raise InputError.of(layers.problems)
    return settings, tuple(layers.problems)


def finding_codes(defaults: Path) -> tuple[str, ...]:
    """The codes of findings in the shipped `[qc]` table."""
    return tuple(read(defaults, "settings")[0].tables["qc"])


def _own(path: Path) -> tuple[Document, list[Problem]]:
    try:
        document, problems = read(path, "settings")
        return document, [*problems, *unclean(document)]
    except FileNotFoundError:
        return Document(file=path.name, tables={}), []


def _settings(layers: Layers, folder_name: str) -> Settings:
    tables = list(ProjectFile.model_fields)
    for name in layers.document.tables:
        if name not in tables:
            layers.problems.append(unknown_key(layers.document, (name,), tables))
            layers.unread.add((nearest(name, tables) or name,))
    project = layers.project()
    sequences = {name: layers.partly(SequenceTable, table, ("sequences", name)) for name, table in layers.tables_of("sequences").items()}
    file = layers.document.file
    capped = layers.several("cap", CapTable)
    warn_at = tuple(layers.shipped.tables["caps"]["warn_at"])
    lane = layers.default("lanes", LaneTable)
    return Settings(
        name=project.own.name or clean(folder_name),
        model=_always(project.value("model")),
        duration_s=_always(project.value("duration_s")),
        fps=project.value("fps"),
        size=project.value("resolution"),
        timezone=_always(project.value("timezone")),
        services=project.value("services"),
        fallback=project.value("fallback"),
        params=dict(_params(layers)),
        caps=tuple(_cap(f"{file} [[cap]] number {n}", cap, warn_at) for n, cap in capped),
        warn_at=warn_at,
        day_starts_at=_day_starts_at(layers, capped),
        attempts=AttemptRules(**layers.default("attempts", AttemptsTable).written | layers.table("attempts", AttemptsTable).written),
        lanes={name: _lane(lane, own) for name, own in layers.each("lanes", LaneTable).items()},
        lane_defaults=_lane(lane),
        deliver=layers.tables_of("deliver"),
        rounding=project.value("rounding"),
        also=project.value("also"),
        also_of={name: table.also for name, table in sequences.items() if table.also is not None},
        prompt=project.value("prompt"),
        prompts_of={
            name: Setting(table.prompt, f"{file} [sequences.{name}] prompt")
            for name, table in sequences.items()
            if table.prompt is not None
        },
        cuts=tuple(
            CutTable(name=name, shots=cut.shots, sequence=cut.sequence, origin=f"{file} [cuts.{name}]")
            for name, cut in layers.each("cuts", CutKeys).items()
        ),
        lengths={
            name: Setting(table.length, f"{file} [sequences.{name}] length")
            for name, table in sequences.items()
            if table.length is not None
        },
        beds=layers.list_of("bed"),
        network_allow=layers.table("network", NetworkTable).allow or (),
        qc=_policy(layers),
        max_links=_max_links(layers),
        billing={name: value for name in _BILLING if (value := getattr(project.own, name)) is not None},
        ledger=layers.environment.ledger,
        draft=_draft(layers),
        callback_url=project.value("callback_url"),
        document=layers.document,
        notify=_notify(layers),
        unread=frozenset(layers.unread),
    )


def _always(found: Setting[Any] | None) -> Setting[Any]:
    """A value that the shipped defaults have. If they are wrong, which is recorded and raised, it is None."""
    return found or Setting(None, "default")


def _draft(layers: Layers) -> DraftRules | None:
    """How drafts are bought; None if they are not. A table that says nothing is an error: its drafts would be the finals."""
    if "draft" not in layers.document.tables:
        return None
    own, file = layers.partly(DraftTable, layers.document.tables["draft"], ("draft",)), layers.document.file
    if own.model is None and own.resolution is None and not any(at[:1] == ("draft",) for at in layers.unread):
        help = 'write model = "runware/ltx-2" or resolution = "1280x720" in it, or remove the table'
        layers.problems.append(layers.document.problem(("draft",), "says neither a model nor a resolution", help))
        return None
    return DraftRules(
        model=Setting(own.model, f"{file} [draft] model") if own.model is not None else None,
        size=Setting(own.resolution, f"{file} [draft] resolution") if own.resolution is not None else None,
    )


def _max_links(layers: Layers) -> int:
    """The longest chain of shots; any, if the project's own can't be read."""
    own = layers.partly(ContinuityTable, layers.document.tables.get("continuity", {}), ("continuity",)).max_links
    if missed(layers.unread, "continuity", "max_links"):
        return MOST_LINKS
    return own or layers.default("continuity", ContinuityTable).max_links or 1


def _params(layers: Layers) -> Iterator[tuple[str, Setting[Params]]]:
    help = 'write a table for a model, such as [params."runware/ltx-2"] with steps = 30'
    for model, table in layers.tables_of("params", help).items():
        try:
            yield model, Setting(flat(table), f'{layers.document.file} [params."{model}"]')
        except ValueError as error:
            layers.problems.append(layers.document.problem(("params", model), str(error), help))


def _policy(layers: Layers) -> dict[str, Judgement]:
    """How each finding is judged: the shipped table, overridden by the project's."""
    shipped = {code: Judgement(word) for code, word in layers.shipped.tables["qc"].items()}
    if "qc" not in layers.document.tables:
        return shipped
    own = layers.table("qc", finding_table(tuple(shipped)))
    return shipped | {code.replace("_", "-"): word for code, word in own.written.items()}


def _notify(layers: Layers) -> NotifyRules:
    """Who is told of what: the project's keys over the shipped ones."""
    own, shipped, file = layers.table("notify", NotifyTable), layers.default("notify", NotifyTable), layers.document.file
    for number, name in enumerate(own.variables or (), start=1):
        if not _VARIABLE.fullmatch(name):  # not repeated: an address carries a token
            message = f"variables: entry {number} is not the name of an environment variable"
            help = 'export CALLSHEET_NOTIFY=ADDRESS, and write variables = ["CALLSHEET_NOTIFY"]: an address carries a token, so it never stands in this file'
            layers.problems.append(layers.document.problem(("notify", "variables"), message, help))
    variables = (
        Setting(shipped.variables or (), "default") if own.variables is None else Setting(own.variables, f"{file} [notify] variables")
    )
    causes = Setting(shipped.on or (), "default") if own.on is None else Setting(own.on, f"{file} [notify] on")
    return NotifyRules(variables=variables, on=causes)


def _cap(origin: str, table: CapTable, warn_at: tuple[int, ...]) -> CapRule:
    """A table as a rule. A shot's own limit is used up in a few steps, so it warns only if told to."""
    scope, _, owner = table.scope.partition(":")
    percents = table.warn_at if table.warn_at is not None else () if scope == "shot" else warn_at
    return CapRule(scope, table.name if table.name is not None else owner, table.usd, origin, percents, table.on_reach or "drain")


def _day_starts_at(layers: Layers, caps: list[tuple[int, CapTable]]) -> time:
    """The hour in the tables of days and months, midnight if there is none; a project has one day."""
    found: dict[time, int] = {}
    for number, cap in caps:
        if cap.starts_at is not None:
            found.setdefault(cap.starts_at, number)
    if len(found) > 1:
        *first, last = found.values()
        others = " and ".join(str(number) for number in first)
        message = f"starts_at differs from that of [[cap]] number {others}"
        layers.problems.append(
            layers.document.problem(
                ("cap", last - 1, "starts_at"), message, "a project has only one start of the day: write the same time in both"
            )
        )
    return next(iter(found), time())


def _lane(shipped: LaneTable, own: LaneTable | None = None) -> LaneRules:
    """The rules of a lane: its own keys over the shipped ones."""
    tables = (shipped, own or LaneTable())
    doubts = {key: value for table in tables for key, value in (table.doubts or DoubtsTable()).written.items()}
    rules: dict[str, Any] = {key: value for table in tables for key, value in table.written.items()}
    rules["doubts"] = DoubtLimit(doubts.get("count", 0), doubts.get("usd", 0))
    return LaneRules(**rules)
