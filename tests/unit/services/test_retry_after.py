"""How long a service says to wait: seconds or a date, bounded before it is believed."""

from __future__ import annotations

import pytest

from callsheet.services.protocol.json_reading import retry_after
from callsheet.services.protocol.request import Response

YEAR_S = 366 * 86_400
NOW = "Sat, 28 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("12", 12),
        (" 7 ", 7),
        ("99999999", YEAR_S),
        ("9" * 400, YEAR_S),
        ("Sat, 28 Nov 2026 12:00:30 GMT", 30),
        ("Sat, 28 Nov 2026 11:59:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", YEAR_S),
        ("-5", None),
        ("1e9", None),
        ("٣", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_wait_is_read_and_bounded(text: str, seconds: int | None) -> None:
    """Never more than a year, never negative; what is neither a number nor a date says nothing."""
    headers = {"date": NOW, **({"retry-after": text} if text else {})}
    assert retry_after(Response(429, headers, b"")) == seconds


@pytest.mark.parametrize(("date", "seconds"), [({"date": NOW}, 30), ({}, 90)], ids=["its own time", "ours"])
def test_a_date_counts_from_the_service_s_own_time_and_else_from_ours(date: dict[str, str], seconds: int) -> None:
    """Until a date that is half a minute away by the service's clock, and a minute and a half by ours."""
    headers = {**date, "retry-after": "Sat, 28 Nov 2026 12:00:30 GMT"}
    assert retry_after(Response(429, headers, b"", came="Sat, 28 Nov 2026 11:59:00 GMT")) == seconds
