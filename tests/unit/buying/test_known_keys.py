"""How old a key is, by clocks that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from callsheet.buying.known_keys import proves_nothing

NOON, TTL_S, HOUR_S = datetime(2026, 11, 21, 12, tzinfo=UTC), 86_400.0, 3_600.0


def said(
    here_h: float,
    *,
    there_h: float | None = None,
    mine_h: float | None = None,
    up_h: float | None = None,
    boot: str = "",
    credential: str = "one",
) -> str | None:
    """What is said of a request that was sent at noon, so many hours later by this machine's clock, the service's, the run's own, and since the machine was started.
    It was sent within the start `boot`, empty if the system can't tell; this is the start "one".
    """
    attempt = SimpleNamespace(
        credential=credential,
        intent_at=NOON.isoformat(),
        made_at="",
        intent_there=there_h is not None and NOON.isoformat(),
        intent_up=(boot, 1000.0) if boot else None,
        sent_before_s=lambda up: up[1] - 1000.0 if up and up[0] == boot else None,
    )
    channels = SimpleNamespace(
        account=lambda _: SimpleNamespace(credential=lambda: "one"),
        time_at=lambda _: None if there_h is None else NOON + timedelta(hours=there_h),
        key_ttl_s=lambda _: TTL_S,
    )
    log = SimpleNamespace(
        clock=SimpleNamespace(
            now=lambda: NOON + timedelta(hours=here_h), since_boot=lambda: None if up_h is None else ("one", 1000.0 + up_h * HOUR_S)
        ),
        since_intent_s=lambda _: None if mine_h is None else mine_h * HOUR_S,
    )
    context: Any = SimpleNamespace(channels=channels, log=log)
    return proves_nothing(context, attempt)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("clocks", "why"),
    [
        ({"here_h": 1}, None),
        ({"here_h": -0.01}, None),  # machines that share a ledger
        ({"here_h": -2}, "put back"),
        ({"here_h": 25}, "older"),
        ({"here_h": -2, "there_h": 1}, None),
        ({"here_h": -2, "mine_h": 0.1}, None),
        ({"here_h": 2, "there_h": 26}, "older"),
        ({"here_h": 50, "mine_h": 0.1}, "older"),  # the machine slept, or its clock was put on
        ({"here_h": 0.1, "mine_h": 25}, "older"),
        ({"here_h": 1, "up_h": 1, "boot": "one"}, None),
        ({"here_h": -2, "up_h": 1, "boot": "one"}, None),  # put back, and the time since the start says that it is young
        ({"here_h": 1, "up_h": 25, "boot": "one"}, "older"),  # put back by a day, and asleep meanwhile
        ({"here_h": 1, "up_h": 0.1, "boot": "another"}, "isn't known"),  # started again: how wrong the clock was before, nobody knows
        ({"here_h": 1, "up_h": 0.1, "boot": "another", "there_h": 1}, None),
        ({"here_h": 1, "up_h": 0.1, "boot": "another", "there_h": 26}, "older"),
        ({"here_h": 1, "credential": "two"}, "another API key"),
    ],
)
def test_a_key_is_as_old_as_the_clock_that_says_most(clocks: dict[str, Any], why: str | None) -> None:
    """Where the only clock contradicts itself, nothing is proven."""
    found = said(**clocks)
    assert (found is None) if why is None else (found is not None and why in found), found
