"""Reading a project's settings from all their layers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.finding import Judgement
from callsheet.domain.foreign_text import clean, faults
from callsheet.domain.money import usd_up
from callsheet.domain.params import Params, flat
from callsheet.domain.prompt_text import template
from callsheet.domain.rules import AttemptRules, DoubtLimit, LaneRules
from callsheet.domain.shot import Shape, Size, shapes
from callsheet.domain.timebase import parse_fps
from callsheet.regular_file import read_regular
from callsheet.settings.caps import caps, day_starts_at
from callsheet.settings.environment import Environment
from callsheet.settings.layers import Layers
from callsheet.settings.parse import callback_address, film_length, rounding, seconds, zone
from callsheet.settings.values import CutTable, Setting, Settings

_TABLES = ("project", "cap", "lanes", "attempts", "deliver", "params", "qc", "bed", "network", "sequences", "cuts", "continuity")
_BILLING = ("client", "job", "purchase_order")
_PROJECT = (
    "name",
    "fps",
    "resolution",
    "model",
    "services",
    "fallback",
    "timezone",
    "duration_s",
    "rounding",
    "also",
    "prompt",
    "callback_url",
    *_BILLING,
)
_MOST_PER_RUN = 3  # a law of the house: no setting tries a take more often


def load(defaults: Path, project_file: Path) -> Settings:
    """Read all layers. InputError with every problem at once: file, key, what was read, and the fix."""
    shipped = tomllib.loads(defaults.read_text())
    own, problems = _own(project_file)
    layers = Layers(project_file.name, own, shipped, Environment(), problems)
    settings = _settings(layers, project_file.parent.resolve().name)
    if problems:
        raise InputError.of(problems)
    return settings


def _own(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        found = tomllib.loads(read_regular(path).decode())
    except FileNotFoundError:
        return {}, []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(code="settings", message=f"{path.name} is not TOML: {error}", help="correct it there", file=path.name)]
    except OSError as error:
        return {}, [Problem(code="settings", message=f"{path.name} can't be read: {error.strerror}", help="mend it", file=path.name)]
    help = "delete it, or type it again"
    return found, [
        Problem(code="settings", message=f"{key} holds {what}", help=help, file=path.name, column=key) for key, what in faults(found)
    ]


def _settings(layers: Layers, folder_name: str) -> Settings:
    project, shipped = layers.table("project"), layers.shipped
    layers.known("", layers.own, _TABLES)
    layers.known("project", project, _PROJECT)
    return Settings(
        name=str(project.get("name", clean(folder_name))),
        model=layers.required("model", str),
        duration_s=layers.required("duration_s", seconds),
        fps=layers.value("fps", parse_fps),
        size=layers.value("resolution", Size.parse),
        timezone=layers.value("timezone", zone) or Setting(ZoneInfo("UTC"), "default"),
        services=layers.names("services", "services", "runware"),
        fallback=layers.names("fallback", "models", "runware/ltx-2"),
        params=dict(_params(layers)),
        caps=caps(layers),
        warn_at=tuple(shipped["caps"]["warn_at"]),
        day_starts_at=day_starts_at(layers),
        attempts=_attempts(layers),
        lanes={name: _lane(layers.numbers(f"lanes.{name}", table, shipped["lanes"])) for name, table in layers.tables_of("lanes").items()},
        lane_defaults=_lane(shipped["lanes"]),
        deliver=layers.tables_of("deliver"),
        rounding=layers.value("rounding", rounding),
        also=layers.value("also", shapes),
        also_of=dict(_shapes(layers)),
        prompt=layers.value("prompt", template),
        prompts_of=dict(_prompts(layers)),
        cuts=tuple(_cuts(layers)),
        lengths=dict(_lengths(layers)),
        beds=layers.tables("bed"),
        network_allow=tuple(_allowed_networks(layers)),
        qc=_policy(layers),
        max_links=layers.numbers("continuity", layers.table("continuity"), shipped["continuity"])["max_links"],
        billing={name: str(value) for name, value in project.items() if name in _BILLING},
        ledger=layers.environment.ledger,
        callback_url=layers.value("callback_url", callback_address),
    )


def _lengths(layers: Layers) -> Iterator[tuple[str, Setting[str]]]:
    for name, table in layers.tables_of("sequences").items():
        layers.known(f"sequences.{name}", table, ("length", "also", "prompt"))
        place = f"{layers.file} [sequences.{name}] length"
        if "length" in table:
            try:
                yield name, Setting(film_length(str(table["length"])), place)
            except ValueError as error:
                layers.wrong(f"{place}: {error}", "correct it there", "length")


def _shapes(layers: Layers) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    for name, table in layers.tables_of("sequences").items():
        try:
            if "also" in table:
                yield name, shapes(str(table["also"]))
        except ValueError as error:
            layers.wrong(f"{layers.file} [sequences.{name}] also: {error}", "correct it there", "also")


def _prompts(layers: Layers) -> Iterator[tuple[str, Setting[str]]]:
    for name, table in layers.tables_of("sequences").items():
        place = f"{layers.file} [sequences.{name}] prompt"
        try:
            if "prompt" in table:
                yield name, Setting(template(str(table["prompt"])), place)
        except ValueError as error:
            layers.wrong(f"{place}: {error}", "correct it there", "prompt")


def _cuts(layers: Layers) -> Iterator[CutTable]:
    for name, table in layers.tables_of("cuts").items():
        place = f"{layers.file} [cuts.{name}]"
        layers.known(f"cuts.{name}", table, ("sequence", "shots"))
        shots, sequence = table.get("shots"), table.get("sequence")
        if not isinstance(shots, list) or not shots or not all(isinstance(one, str) for one in cast("list[object]", shots)):
            layers.wrong(f"{place} shots must be a list of shots", 'write shots = ["S0010", "S0020=1.5@0.5"]', "shots")
        elif sequence is not None and not isinstance(sequence, str):
            layers.wrong(f"{place} sequence = {sequence!r} is no name", 'write sequence = "spot"', "sequence")
        else:
            yield CutTable(name=name, shots=tuple(cast("list[str]", shots)), sequence=sequence, origin=place)


def _params(layers: Layers) -> Iterator[tuple[str, Setting[Params]]]:
    for model, table in layers.table("params").items():
        place = f'{layers.file} [params."{model}"]'
        try:
            yield model, Setting(flat(cast("dict[str, object]", table) if isinstance(table, dict) else {model: None}), place)
        except ValueError as error:
            layers.wrong(f"{place}: {error}", 'write a table for a model, such as [params."runware/ltx-2"] with steps = 30', "params")


def _allowed_networks(layers: Layers) -> Iterator[IPv4Network | IPv6Network]:
    table = layers.table("network")
    layers.known("network", table, ("allow",))
    written: object = table.get("allow", [])
    for text in cast("list[object]", written) if isinstance(written, list) else [written]:
        try:
            yield ip_network(text if isinstance(text, str) else "")
        except ValueError:
            layers.wrong(f"{layers.file} [network] allow = {text!r} is no network", 'write allow = ["198.18.0.0/15"]', "allow")


def _policy(layers: Layers) -> dict[str, Judgement]:
    """What is done about each finding: the shipped table, and the project's over it."""
    own, shipped = layers.table("qc"), layers.shipped["qc"]
    layers.known("qc", own, tuple(shipped))
    verdicts = {code: Judgement(word) for code, word in shipped.items()}
    for code, word in own.items():
        if word in list(Judgement):
            verdicts[code] = Judgement(word)
        else:
            layers.wrong(f"{layers.file} [qc] {code} = {word!r} is none of {', '.join(Judgement)}", "write reject, flag or pass", code)
    return verdicts


def _lane(numbers: Mapping[str, Any]) -> LaneRules:
    doubts: Mapping[str, Any] = numbers["doubts"]
    rules: dict[str, Any] = {**numbers, "doubts": DoubtLimit(doubts["count"], usd_up(str(doubts["usd"])))}
    return LaneRules(**rules)


def _attempts(layers: Layers) -> AttemptRules:
    rules = AttemptRules(**layers.numbers("attempts", layers.table("attempts"), layers.shipped["attempts"]))
    if rules.per_run > _MOST_PER_RUN:
        too_many = f"{layers.file} [attempts] per_run = {rules.per_run} is more than {_MOST_PER_RUN}"
        layers.wrong(too_many, f"write at most {_MOST_PER_RUN}", "per_run")
    return rules
