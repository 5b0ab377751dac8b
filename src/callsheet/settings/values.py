"""What holds for a project, resolved, and where each value was written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from callsheet.domain.finding import Judgement
from callsheet.domain.rules import AttemptRules, CapRule, LaneRules
from callsheet.domain.shots.params import Params
from callsheet.domain.shots.shot import Shape, Size
from callsheet.domain.timebase import Fps
from callsheet.settings.tables.notices import Cause
from callsheet.toml_file.document import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and where it was written, as a person would look it up."""

    value: T
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutTable:
    """A `[cuts.NAME]` table: a shorter film of the shots that it names, as they are written (`S0010`, `S0020=1.5@0.5`); `sequence` None: of whichever has them."""

    name: str
    shots: tuple[str, ...]
    sequence: str | None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyRules:
    """Which variables hold the addresses of notifications, and what is told there."""

    variables: Setting[tuple[str, ...]]
    on: Setting[tuple[Cause, ...]]


NOBODY = NotifyRules(variables=Setting((), "default"), on=Setting((), "default"))


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
    #: how shots' lengths become whole frames: `even` spreads the rounding over a sequence; None: each by itself, half up
    rounding: Setting[str] | None = None
    #: further shapes that rows are bought in whose cell doesn't say: the project's, and those of sequences
    also: Setting[tuple[Shape, ...]] | None = None
    also_of: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict[str, tuple[Shape, ...]])
    #: what stands around the rows' prompts, with `{prompt}` in it: the project's, and those of sequences, which go before it
    prompt: Setting[str] | None = None
    prompts_of: Mapping[str, Setting[str]] = field(default_factory=dict[str, Setting[str]])
    #: the `[cuts.NAME]` tables
    cuts: tuple[CutTable, ...] = ()
    #: how long sequences are wanted, as it is written: seconds, frames or timecode
    lengths: Mapping[str, Setting[str]] = field(default_factory=dict[str, Setting[str]])
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
    #: networks treated like the public one: clips may be fetched from there too
    network_allow: tuple[IPv4Network | IPv6Network, ...] = ()
    #: how many shots may hang on each other, each beginning with a frame of the one before
    max_links: int = 3
    #: project.toml as it is written, for the lines of errors; None if there is none
    document: Document | None = None
    #: who is told of what happens in a run
    notify: NotifyRules = NOBODY
    #: what is done about each finding, by its code
    qc: Mapping[str, Judgement] = field(default_factory=dict[str, Judgement])

    def lane(self, service: str) -> LaneRules:
        """The rules of a service's lanes."""
        return self.lanes.get(service, self.lane_defaults)
