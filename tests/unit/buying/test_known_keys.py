"""How old a key is, by clocks that are wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from callsheet.buying.known_keys import proves_nothing

NOON, TTL_S, HOUR_S = datetime(2026, 11, 21, 12, tzinfo=UTC), 86_400.0, 3_600.0


def said(here_h: float, *, there_h: float | None = None, mine_h: float | None = None, credential: str = "one") -> str | None:
    """What is said of a request that was sent at noon, so many hours later by this machine's clock, the service's, and the one that never jumps."""
    attempt = SimpleNamespace(
        credential=credential, intent_at=NOON.isoformat(), made_at="", intent_there=there_h is not None and NOON.isoformat()
    )
    channels = SimpleNamespace(
        account=lambda _: SimpleNamespace(credential=lambda: "one"),
        time_at=lambda _: None if there_h is None else NOON + timedelta(hours=there_h),
        key_ttl_s=lambda _: TTL_S,
    )
    log = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: NOON + timedelta(hours=here_h)),
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
        ({"here_h": 1, "credential": "two"}, "another API key"),
    ],
)
def test_a_key_is_as_old_as_the_clock_that_says_most(clocks: dict[str, Any], why: str | None) -> None:
    """Where the only clock contradicts itself, nothing is proven."""
    found = said(**clocks)
    assert (found is None) if why is None else (found is not None and why in found), found
