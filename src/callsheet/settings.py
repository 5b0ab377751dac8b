"""Settings: shipped defaults, then project.toml, then the environment, then the command line; each value knows where it came from."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.finding import Judgement
from callsheet.domain.hosts import loopback
from callsheet.domain.money import usd
from callsheet.domain.params import Params, flat
from callsheet.domain.rules import AttemptRules, CapRule, LaneRules
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, parse_fps

T = TypeVar("T")


class Environment(BaseSettings):
    """What is read from the environment, once. Keys are secrets and are handed on as such."""

    model_config = SettingsConfigDict(env_prefix="CALLSHEET_", extra="ignore", hide_input_in_errors=True)

    ledger: str | None = None
    ffmpeg: str | None = None
    model: str | None = None
    fps: str | None = None
    resolution: str | None = None
    duration_s: str | None = None
    timezone: str | None = None
    callback_url: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the library's signature
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment and nothing else: no file beside the project speaks for it."""
        return (env_settings,)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it was written, as a person would look it up."""

    value: T
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for a project, resolved. Sizes in pixels, money in micro-USD."""

    name: str
    model: Setting[str]
    duration_s: Setting[Decimal]
    fps: Setting[Fps] | None
    size: Setting[Size] | None
    timezone: Setting[ZoneInfo]
    #: services that anything may be sent to; None means every one that a shot names
    services: Setting[tuple[str, ...]] | None
    caps: tuple[CapRule, ...]
    #: where the `--cap` of the command line warns, percent
    warn_at: tuple[int, ...]
    #: when the project's day starts, in its time zone: a day's and a month's caps turn over then
    day_starts_at: time
    attempts: AttemptRules
    lanes: Mapping[str, LaneRules]
    lane_defaults: LaneRules
    deliver: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    #: the `[[bed]]` tables as they are written, in order
    beds: tuple[Mapping[str, object], ...] = ()
    #: who pays for it: client, job and purchase order, as far as they are named
    billing: Mapping[str, str] = field(default_factory=dict[str, str])
    #: the SQLAlchemy URL that the user named, if any
    ledger: str | None = None
    #: models that may be used, in this order, where a shot's own can't be had; None means none
    fallback: Setting[tuple[str, ...]] | None = None
    #: the public address of `callsheet hooks`, where services call when a job has news; None means nowhere
    callback_url: Setting[str] | None = None
    #: parameters that every shot of a model has unless its row says otherwise, by model
    params: Mapping[str, Setting[Params]] = field(default_factory=dict[str, Setting[Params]])
    #: what is done about each finding, by its code
    qc: Mapping[str, Judgement] = field(default_factory=dict[str, Judgement])

    def lane(self, service: str) -> LaneRules:
        """The rules of a service's lanes."""
        return self.lanes.get(service, self.lane_defaults)


def base_url(variable: str, default: str) -> str:
    """Where a service is: what the environment's `variable` says, else the vendor's."""
    return (os.environ.get(variable) or default).rstrip("/")


def api_key(variable: str) -> SecretStr | None:
    """A service's key from the environment, read where it is used and kept nowhere; None where it isn't set."""
    found = os.environ.get(variable, "").strip()
    return SecretStr(found) if found else None


def load(defaults: Path, project_file: Path) -> Settings:
    """Read all layers. InputError with every problem at once: file, key, what was read, and the fix."""
    shipped = tomllib.loads(defaults.read_text())
    own, problems = _own(project_file)
    reader = _Reader(project_file.name, own, shipped, Environment(), problems)
    settings = reader.settings(project_file.parent.resolve().name)
    if problems:
        raise InputError.of(problems)
    return settings


def _own(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        return {}, []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, [Problem(code="settings", message=f"{path.name} is not TOML: {error}", help="correct it there", file=path.name)]


_TABLES = ("project", "cap", "lanes", "attempts", "deliver", "params", "qc", "bed")
_PROJECT = (
    "name",
    "fps",
    "resolution",
    "model",
    "services",
    "fallback",
    "timezone",
    "duration_s",
    "callback_url",
    "client",
    "job",
    "purchase_order",
)
_BILLING = ("client", "job", "purchase_order")
_LANE = tuple(one.name for one in fields(LaneRules))
_ATTEMPTS = ("per_run", "unavailable_wait_s", "fetches", "key_ttl_s", "quote_fresh_s", "price_old_days")
_MOST_PER_RUN = 3  # a law of the house: no setting tries a take more often
_CAP = ("scope", "usd", "warn_at", "on_reach", "name", "starts_at")
_ON_REACH = ("drain", "cancel")


class _Reader:
    """Reads the layers into Settings and collects what is wrong."""

    def __init__(
        self, file: str, own: Mapping[str, Any], shipped: Mapping[str, Any], environment: Environment, problems: list[Problem]
    ) -> None:
        self.file, self.own, self.shipped, self.environment, self.problems = file, own, shipped, environment, problems

    def settings(self, folder_name: str) -> Settings:
        self._known("", self.own, _TABLES)
        self._known("project", self._table(self.own, "project"), _PROJECT)
        zone = self._value("timezone", _zone)
        return Settings(
            name=str(self._table(self.own, "project").get("name", folder_name)),
            model=self._required("model", str),
            duration_s=self._required("duration_s", _seconds),
            fps=self._value("fps", parse_fps),
            size=self._value("resolution", Size.parse),
            timezone=zone or Setting(ZoneInfo("UTC"), "default"),
            services=self._services(),
            fallback=self._fallback(),
            params=dict(self._params()),
            caps=tuple(self._caps()),
            warn_at=tuple(self.shipped["caps"]["warn_at"]),
            day_starts_at=self._day_starts_at(),
            attempts=self._attempts(),
            lanes={name: self._lane(name, table) for name, table in self._table(self.own, "lanes").items()},
            lane_defaults=LaneRules(**self.shipped["lanes"]),
            deliver=self._table(self.own, "deliver"),
            beds=self._beds(),
            qc=self._policy(),
            billing={name: str(value) for name, value in self._table(self.own, "project").items() if name in _BILLING},
            ledger=self.environment.ledger,
            callback_url=self._value("callback_url", callback_address),
        )

    def _beds(self) -> tuple[Mapping[str, object], ...]:
        found = self.own.get("bed", [])
        if isinstance(found, list) and all(isinstance(one, dict) for one in cast("list[object]", found)):
            return tuple(cast("list[dict[str, object]]", found))
        self._wrong(f"{self.file}: bed must be a list of tables", "write [[bed]] with two brackets before each", "bed")
        return ()

    def _policy(self) -> dict[str, Judgement]:
        """What is done about each finding: the shipped table, and the project's over it."""
        own = self._table(self.own, "qc")
        self._known("qc", own, tuple(self.shipped["qc"]))
        verdicts = {code: Judgement(word) for code, word in self.shipped["qc"].items()}
        for code, word in own.items():
            if word in list(Judgement):
                verdicts[code] = Judgement(word)
            else:
                self._wrong(f"{self.file} [qc] {code} = {word!r} is none of {', '.join(Judgement)}", "write reject, flag or pass", code)
        return verdicts

    def _value(self, key: str, parse: Callable[[str], T]) -> Setting[T] | None:
        """The highest layer's value of a `[project]` key, parsed; None where no layer has it or it is wrong (which is noted)."""
        for value, origin in self._layers(key):
            try:
                return Setting(parse(str(value)), origin)
            except ValueError as error:
                self._wrong(f"{origin}: {error}", f"correct {key} there", key)
                return None
        return None

    def _required(self, key: str, parse: Callable[[str], T]) -> Setting[T]:
        """As `_value`, falling back on the shipped default where the user's is wrong: the problem is noted, and nothing will run."""
        return self._value(key, parse) or Setting(parse(str(self.shipped["project"][key])), "default")

    def _layers(self, key: str) -> Iterator[tuple[Any, str]]:
        from_environment = getattr(self.environment, key, None)
        if from_environment:
            yield from_environment, f"CALLSHEET_{key.upper()}"
        project = self._table(self.own, "project")
        if key in project:
            yield project[key], f"{self.file} [project] {key}"
        if key in self.shipped["project"]:
            yield self.shipped["project"][key], "default"

    def _services(self) -> Setting[tuple[str, ...]] | None:
        named = self._table(self.own, "project").get("services")
        if named is None:
            return None
        return Setting(tuple(str(service) for service in named), f"{self.file} [project] services")

    def _fallback(self) -> Setting[tuple[str, ...]] | None:
        named = self._table(self.own, "project").get("fallback")
        if named is None:
            return None
        if isinstance(named, list) and all(isinstance(model, str) for model in cast("list[object]", named)):
            return Setting(tuple(cast("list[str]", named)), f"{self.file} [project] fallback")
        self._wrong(f"{self.file} [project] fallback must be a list of models", 'write fallback = ["runware/ltx-2"]', "fallback")
        return None

    def _params(self) -> Iterator[tuple[str, Setting[Params]]]:
        for model, table in self._table(self.own, "params").items():
            place = f'{self.file} [params."{model}"]'
            try:
                yield model, Setting(flat(cast("dict[str, object]", table) if isinstance(table, dict) else {model: None}), place)
            except ValueError as error:
                self._wrong(f"{place}: {error}", 'write a table for a model, such as [params."runware/ltx-2"] with steps = 30', "params")

    def _caps(self) -> Iterator[CapRule]:
        for n, table in enumerate(self.own.get("cap", []), start=1):
            place = f"{self.file} [[cap]] number {n}"
            self._known(f"cap {n}", table, _CAP)
            on_reach = table.get("on_reach", "drain")
            if on_reach not in _ON_REACH:
                self._wrong(
                    f"{place}: on_reach = {on_reach!r} is neither drain nor cancel", 'write on_reach = "drain" or "cancel"', "on_reach"
                )
            scope, _, name = str(table.get("scope", "")).partition(":")
            if scope not in SCOPES:
                self._wrong(f"{place}: scope {scope!r} is not one of {', '.join(SCOPES)}", "write one of these", "scope")
                continue
            try:
                amount = usd(str(table.get("usd", "")))
                yield CapRule(scope, str(table.get("name", name)), amount, place, self._warn_at(place, scope, table), str(on_reach))
            except ValueError as error:
                self._wrong(f"{place}: {error}", 'write usd = "25.00"', "usd")

    def _warn_at(self, place: str, scope: str, table: Mapping[str, Any]) -> tuple[int, ...]:
        """Percents, rising. A shot's own limit is used up in a few steps, so it is silent unless it is told to speak."""
        said = table.get("warn_at", () if scope == "shot" else self.shipped["caps"]["warn_at"])
        percents: list[Any] = [*said] if isinstance(said, list | tuple) else [said]
        if all(isinstance(percent, int) and not isinstance(percent, bool) and 1 <= percent <= 100 for percent in percents):
            return tuple(sorted(set(percents)))
        self._wrong(f"{place}: warn_at = {said!r} is not a list of whole percents from 1 to 100", "write warn_at = [50, 80, 95]", "warn_at")
        return ()

    def _day_starts_at(self) -> time:
        """The hour that the `[[cap]]` tables of days and months give; a project has one day."""
        found: dict[time, str] = {}
        for n, table in enumerate(self.own.get("cap", []), start=1):
            if "starts_at" not in table:
                continue
            place, said = f"{self.file} [[cap]] number {n}", str(table["starts_at"])
            if str(table.get("scope")) not in ("day", "month"):
                self._wrong(f"{place}: starts_at is for a cap of a day or a month", "leave it out", "starts_at")
            try:
                found.setdefault(time.fromisoformat(said), place)
            except ValueError:
                self._wrong(f"{place}: {said!r} is not a time of day", 'write starts_at = "06:00"', "starts_at")
        if len(found) > 1:
            self._wrong(
                f"{' and '.join(found.values())} let the day start at different times", "a project has one day: write the same", "starts_at"
            )
        return next(iter(found), time())

    def _lane(self, name: str, table: Mapping[str, Any]) -> LaneRules:
        return LaneRules(**self._numbers(f"lanes.{name}", table, self.shipped["lanes"], _LANE))

    def _attempts(self) -> AttemptRules:
        rules = AttemptRules(**self._numbers("attempts", self._table(self.own, "attempts"), self.shipped["attempts"], _ATTEMPTS))
        if rules.per_run > _MOST_PER_RUN:
            self._wrong(
                f"{self.file} [attempts] per_run = {rules.per_run} is more than {_MOST_PER_RUN}",
                f"write at most {_MOST_PER_RUN}",
                "per_run",
            )
        return rules

    def _numbers(self, name: str, table: Mapping[str, Any], shipped: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
        """A table of positive numbers over the shipped one; a whole number stays whole."""
        self._known(name, table, known)
        merged = dict(shipped)
        for key, value in table.items():
            whole = isinstance(shipped.get(key), int)
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value <= 0:
                self._wrong(
                    f"{self.file} [{name}] {key} = {value!r} is not a {'whole ' if whole else ''}number above 0", "correct it there", key
                )
            elif key in shipped:
                merged[key] = value
        return merged

    def _table(self, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = tables.get(name, {})
        if isinstance(found, dict):
            return found  # pyright: ignore[reportUnknownVariableType]  # TOML tables have text keys
        self._wrong(f"{self.file}: {name} must be a table", f"write [{name}]", name)
        return {}

    def _known(self, table: str, values: Mapping[str, Any], names: tuple[str, ...]) -> None:
        for key in values:
            if key not in names:
                near = get_close_matches(key, names, n=1, cutoff=0.6)
                hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}"
                self._wrong(f"{self.file}: [{table}] has no setting {key}" if table else f"{self.file}: there is no table {key}", hint, key)

    def _wrong(self, message: str, help: str, key: str) -> None:
        self.problems.append(Problem(code="settings", message=message, help=help, file=self.file, column=key))


#: what a cap can bind (contract)
SCOPES = ("run", "list", "shot", "sequence", "project", "day", "month", "service", "model", "ledger")


#: what services take less what is added: the path to one attempt
_LONGEST_CALLBACK = 1800


def callback_address(text: str) -> str:
    """The address that services are told to call: https, or http on this machine for rehearsals. ValueError in words."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"callback_url {text[:80]!r} is no address") from None
    if not (parts.scheme == "https" and host) and not (parts.scheme == "http" and loopback(host)):
        raise ValueError(f"callback_url {text[:80]!r} is not called by any service: use https (http only to this machine)")
    if parts.query or parts.fragment or parts.username is not None or len(text) > _LONGEST_CALLBACK:
        raise ValueError(f"callback_url {text[:80]!r} is more than host and path: leave out ?, # and user names")
    return text.rstrip("/")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None


def _seconds(value: str) -> Decimal:
    try:
        length = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a length in seconds") from None
    if not (length.is_finite() and 0 < length <= 3600):
        raise ValueError(f"{value} s is outside 0 to 3600")
    return length
