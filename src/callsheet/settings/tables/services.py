"""How services are used: the `[lanes.SERVICE]`, `[attempts]`, `[continuity]`, `[network]` and `[params."MODEL"]` tables."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, cast

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from callsheet.domain.money import Micros, usd_up
from callsheet.toml_file.table import Expected, Table, key, plain_text

#: more shots in a row than any film has
MOST_LINKS = 1000
_DAY_S = 86_400
_MONTH_S = 31 * _DAY_S


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    try:
        return tuple(ip_network(text if isinstance(text, str) else "") for text in given)
    except ValueError:
        raise PydanticCustomError("type", "") from None


DoubtUsd = Annotated[
    Micros,
    BeforeValidator(lambda value: usd_up(plain_text(value))),
    Expected("an amount in USD above 0"),
    WithJsonSchema({"type": ["number", "string"]}),
]
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...],
    BeforeValidator(_networks),
    Expected("a list of networks such as 198.18.0.0/15"),
    WithJsonSchema({"type": "array", "items": {"type": "string"}}),
]


class DoubtsTable(Table):
    """How many purchases in doubt stop a lane for the rest of its run."""

    count: int | None = key("purchases in doubt", 2, ge=1, le=1000)
    usd: DoubtUsd | None = key("USD in doubt, or known to be paid for nothing", 2.0, gt=0)


class LaneTable(Table):
    """How a service is used. Unwritten keys keep their defaults."""

    slots: int | None = key("jobs at once at one model", 4, ge=1, le=1000)
    poll_first_s: float | None = key("delay of the first poll after a job was accepted", 1.0, unit="s", gt=0, le=_DAY_S)
    poll_factor: float | None = key("each further delay is this many times the last", 1.5, gt=0, le=1_000_000)
    poll_max_s: float | None = key("longest delay between two polls", 10.0, unit="s", gt=0, le=_DAY_S)
    patience_s: float | None = key(
        "a job that takes longer is left for the next run, its money on hold", 3600.0, unit="s", gt=0, le=_MONTH_S
    )
    submit_timeout_s: float | None = key("longest wait for the answer to a purchase", 120.0, unit="s", gt=0, le=_DAY_S)
    read_timeout_s: float | None = key("longest wait for any other answer", 30.0, unit="s", gt=0, le=_DAY_S)
    fetch_timeout_s: float | None = key("longest download of one clip", 900.0, unit="s", gt=0, le=_DAY_S)
    outage_s: float | None = key("how long to wait for an unreachable service before the lane stops", 1800.0, unit="s", gt=0, le=_MONTH_S)
    quarantine_s: float | None = key("wait after a refusal of a repeated request", 240.0, unit="s", gt=0, le=_DAY_S)
    charge_lag_s: float | None = key("how long a balance must stay unchanged to count as evidence", 60.0, unit="s", gt=0, le=_DAY_S)
    doubts: DoubtsTable | None = key("the doubts that stop the lane for the rest of its run", {"count": 2, "usd": 2.0})


class AttemptsTable(Table):
    """How often to try, and how long known facts stay valid."""

    per_run: int | None = key("attempts at one take in one run", 3, ge=1, le=3)
    rerolls: int | None = key("further attempts if a service refuses the result, not the prompt", 0, ge=0, le=100)
    unavailable_wait_s: float | None = key("first wait after a busy answer; it doubles, up to a minute", 2.0, unit="s", gt=0, le=_DAY_S)
    fetches: int | None = key("downloads of one clip before it counts as defective or is left for the next run", 3, ge=1, le=1000)
    key_ttl_s: int | None = key("how long a service remembers a key", 86_400, unit="s", ge=1, le=_MONTH_S)
    settle_s: float | None = key("how long to keep asking for a clip that is missing at its address", 900.0, unit="s", gt=0, le=_MONTH_S)
    quote_fresh_s: int | None = key("how long a service's quote is reused", 86_400, unit="s", ge=1, le=_MONTH_S)
    price_old_days: int | None = key("age from which a card's price gets a warning", 180, unit="days", ge=1, le=36_500)


class ContinuityTable(Table):
    """Shots that begin with a frame of another shot."""

    max_links: int | None = key("shots in a row that each begin with a frame of the one before", 3, ge=1, le=MOST_LINKS)


class NetworkTable(Table):
    """Networks treated like the public one."""

    allow: Networks | None = key("further networks from which clips may be downloaded", ["198.18.0.0/15"])
