"""A project's resolved settings, and the origin of each value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
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

#: locations of keys and tables; () is the whole file
Unread = AbstractSet[tuple[str | int, ...]]


def missed(unread: Unread, *at: str) -> bool:
    """Whether a key, or the table or file that it stands in, is among what can't be read."""
    return any(at[:depth] in unread for depth in range(len(at) + 1))


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and its origin, as a person would look it up."""

    value: T
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutTable:
    """A `[cuts.NAME]` table: a shorter film from the shots that it names, as written (`S0010`, `S0020=1.5@0.5`); `sequence` None: the one
    that has them.
    """

    name: str
    shots: tuple[str, ...]
    sequence: str | None
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyRules:
    """Which variables hold the addresses of notifications, and what is told there."""

    variables: Setting[tuple[str, ...]]
    on: Setting[tuple[Cause, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRules:
    """How takes are bought to choose from; None: as each row says."""

    model: Setting[str] | None
    size: Setting[Size] | None


NOBODY = NotifyRules(variables=Setting((), "default"), on=Setting((), "default"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A project's resolved settings. Sizes in pixels, money in micro-USD."""

    name: str
    model: Setting[str]
    duration_s: Setting[Decimal]
    fps: Setting[Fps] | None
    size: Setting[Size] | None
    timezone: Setting[ZoneInfo]
    #: services to which requests may be sent; None means every one that a shot names
    services: Setting[tuple[str, ...]] | None
    caps: tuple[CapRule, ...]
    #: percentages at which the `--cap` of the command line warns
    warn_at: tuple[int, ...]
    #: when the project's day starts, in its time zone, for caps on a day or a month
    day_starts_at: time
    attempts: AttemptRules
    lanes: Mapping[str, LaneRules]
    lane_defaults: LaneRules
    deliver: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    #: how shots' lengths are rounded to frames: `even` spreads the rounding over a sequence; None: each by itself, half up
    rounding: Setting[str] | None = None
    #: further shapes for rows whose cell doesn't set them: the project's, and those of sequences
    also: Setting[tuple[Shape, ...]] | None = None
    also_of: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict[str, tuple[Shape, ...]])
    #: templates of prompts, with `{prompt}`: the project's, and those of sequences, which override it
    prompt: Setting[str] | None = None
    prompts_of: Mapping[str, Setting[str]] = field(default_factory=dict[str, Setting[str]])
    #: the `[cuts.NAME]` tables
    cuts: tuple[CutTable, ...] = ()
    #: the wanted lengths of sequences, as written: seconds, frames or timecode
    lengths: Mapping[str, Setting[str]] = field(default_factory=dict[str, Setting[str]])
    #: the `[[bed]]` tables as written, in order
    beds: tuple[Mapping[str, object], ...] = ()
    #: who pays: client, job and purchase order, if given
    billing: Mapping[str, str] = field(default_factory=dict[str, str])
    #: the SQLAlchemy URL that the user set, if any
    ledger: str | None = None
    #: models to use, in this order, if a shot's own is unavailable; None means none
    fallback: Setting[tuple[str, ...]] | None = None
    #: how takes are bought before one is chosen; None: as their rows say
    draft: DraftRules | None = None
    #: the public address of `callsheet hooks`, which services call about jobs; None means none
    callback_url: Setting[str] | None = None
    #: default parameters for every shot of a model, by model
    params: Mapping[str, Setting[Params]] = field(default_factory=dict[str, Setting[Params]])
    #: networks treated like the public one, from which clips may be fetched
    network_allow: tuple[IPv4Network | IPv6Network, ...] = ()
    #: the longest chain of shots that begin with a frame of the one before
    max_links: int = 3
    #: project.toml as written, for the lines of errors; None if there is none
    document: Document | None = None
    #: who is told of what happens in a run
    notify: NotifyRules = NOBODY
    #: the keys whose values aren't known, because they or their tables can't be read; () stands for all
    unread: frozenset[tuple[str | int, ...]] = frozenset()
    #: how each finding is judged, by its code
    qc: Mapping[str, Judgement] = field(default_factory=dict[str, Judgement])

    def missed(self, *at: str) -> bool:
        """Whether a key, or a whole table, can't be read."""
        return missed(self.unread, *at)

    def lane(self, service: str) -> LaneRules:
        """The rules of a service's lanes."""
        return self.lanes.get(service, self.lane_defaults)
