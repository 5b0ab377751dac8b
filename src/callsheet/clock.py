"""Time, in one place, so that a test can hold it still."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

#: Linux's name for the start of a machine: another one each time
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Clock:
    """The real clock. Times are aware UTC; text is ISO 8601 with milliseconds."""

    def now(self) -> datetime:
        """The time of day."""
        return datetime.now(UTC)

    def text(self) -> str:
        """Now, as the ledger writes it."""
        return stamp(self.now())

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    def since_boot(self) -> tuple[str, float] | None:
        """Which start of this machine this is, and the seconds since then: they never jump, and go on while it sleeps. None if the system can't tell."""
        boot = _boot()
        return (boot, time.clock_gettime(time.CLOCK_BOOTTIME)) if boot else None

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio  # noqa: PLC0415  # who sleeps has it; who only asks the time needn't load it

        await asyncio.sleep(seconds)

    def day(self, zone: ZoneInfo, starts_at: time_of_day = time_of_day()) -> str:
        """The project's day, `2026-11-21`, which starts at `starts_at` in its time zone."""
        return day_of(self.now(), zone, starts_at).isoformat()


@cache
def _boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def stamp(at: datetime) -> str:
    """ISO 8601 UTC, `2026-11-21T09:30:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def age_s(since: str, now: datetime) -> float:
    """Seconds from a written time until now."""
    return (now - datetime.fromisoformat(since)).total_seconds()


def day_of(now: datetime, zone: ZoneInfo, starts_at: time_of_day = time_of_day()) -> date:
    """The project's day at an instant. It starts when clocks in its zone first read `starts_at`; on 2026-03-29 in Berlin it has 23 hours."""
    near = now.astimezone(zone).date()
    return max(
        day
        for day in (near - timedelta(days=1), near, near + timedelta(days=1))
        if datetime.combine(day, starts_at, zone).astimezone(UTC) <= now
    )
