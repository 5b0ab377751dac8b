"""Jobs apart from any wire: how long they take, what they cost, which clips they are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.faults import Trouble
from callsheet.standin.jobs.job_book import Book
from callsheet.standin.jobs.jobs import Jobs, Order, latency
from callsheet.standin.jobs.sample_films import Films

ORDER = Order(
    key="k",
    service="runware",
    model="m",
    prompt="a lighthouse",
    width=128,
    height=128,
    fps=8,
    frames=8,
    sound=False,
    container="MP4",
    results=1,
    price=30_000,
    request={},
)


def desk(films: Path, **config: object) -> Jobs:
    """Jobs without a server."""
    settings = Config(**{"speed": 0, **config})  # type: ignore[arg-type]  # a test's own keywords
    return Jobs(settings, Book(None), Films(films), Trouble(settings.seed, settings.faults))


async def ended(jobs: Jobs) -> None:
    """Until all jobs have."""
    async with asyncio.timeout(20):
        await asyncio.gather(*jobs._running.values())


def test_a_clip_of_five_seconds_takes_about_twenty() -> None:
    """The median over 500 keys; a tenth is quicker than 14 s, a tenth slower than 28 s; the same again for the same seed."""
    orders = [replace(ORDER, key=f"key-{n}", frames=40) for n in range(500)]
    drawn = sorted(latency(order, Config(seed=5, speed=1)) for order in orders)
    assert 18.5 < median(drawn) < 21.5
    assert drawn[50] < 14
    assert drawn[450] > 28
    assert drawn == sorted(latency(order, Config(seed=5, speed=1)) for order in orders)


def test_speed_divides_the_time() -> None:
    """Ten times faster is a tenth of the time; 0 is at once."""
    slow, fast, none = (latency(ORDER, Config(speed=speed)) for speed in (1, 10, 0))
    assert fast == pytest.approx(slow / 10)
    assert none == 0


@pytest.mark.parametrize(
    ("discount", "over", "micros"), [("1", False, 30_000), ("0.75", False, 22_500), ("1", True, 45_000), ("0.33335", False, 10_001)]
)
async def test_charges_are_whole_micro_dollars(films: Path, discount: str, over: bool, micros: int) -> None:
    """A half goes up."""
    assert desk(films, discount=Decimal(discount)).charge(ORDER, over=over) == micros


async def test_clips_are_numbered_in_order_and_repeat_after_the_palette(films: Path) -> None:
    """Five clips of a palette of 4."""
    jobs = desk(films, palette=4)
    jobs.accept([replace(ORDER, key="a", results=3), replace(ORDER, key="b", results=2)])
    await ended(jobs)
    numbers = [clip.number for job in jobs.all() for clip in job.clips]
    assert numbers == [0, 1, 2, 3, 0]
    assert len({clip.asset for job in jobs.all() for clip in job.clips}) == 5
    await jobs.close()


async def test_a_film_that_cannot_be_made_fails_its_job_free_of_charge(tmp_path: Path) -> None:
    """A cache folder that is gone by the time of filming."""
    films = tmp_path / "films"
    jobs = desk(films)
    films.rename(tmp_path / "elsewhere")
    jobs.accept([ORDER])
    await ended(jobs)
    job = jobs.get("runware", "k")
    assert job is not None
    assert (job.state, job.charged, job.failure and job.failure[0]) == ("failed", 0, "providerError")
    await jobs.close()
