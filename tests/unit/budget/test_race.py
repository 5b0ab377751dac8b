"""Many processes, one last dollar."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from multiprocessing.synchronize import Barrier

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.budget.rules.caps import Limit
from tests.ledger_bids import bid, cap, hold

PROCESSES = 16
TRIES = 6
QUOTE = 100_000
FITS = 30  # of 96 tries, under the narrower of two nested caps

_DAY = Limit(scope="day", name="", amount=FITS * QUOTE + QUOTE - 1, source="file", origin="project.toml")


def _buy(place: str, worker: int, start: Barrier, granted: multiprocessing.Queue[tuple[int, int]]) -> None:
    """Each process asks for takes of its own, all at the same moment."""
    with closing(open_ledger(place)) as ledger:
        start.wait(60)
        yes = no = 0
        for n in range(TRIES):
            try:
                hold(ledger, bid(f"S{worker}-{n}", quote=QUOTE), [_DAY])
                yes += 1
            except write.CapRefused as refused:
                assert refused.cap.scope == "day", refused
                no += 1
        granted.put((yes, no))


def test_sixteen_processes_race_for_the_last_dollar(place: str) -> None:
    """Exactly what fits under two nested caps is granted, whoever asks first; the counters are the sums."""
    with closing(open_ledger(place)) as ledger:
        cap(ledger, FITS * QUOTE * 2)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger_bids", "sqlalchemy.dialects.postgresql.psycopg"])  # imported once, not sixteen times
    start, granted = context.Barrier(PROCESSES), context.Queue()
    workers = [context.Process(target=_buy, args=(place, worker, start, granted)) for worker in range(PROCESSES)]
    for worker in workers:
        worker.start()
    counts = [granted.get(timeout=90) for _ in workers]
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    assert (sum(yes for yes, _ in counts), sum(no for _, no in counts)) == (FITS, PROCESSES * TRIES - FITS)
    with closing(open_ledger(place)) as ledger:
        assert read.totals(ledger, "p", rehearsal=False) == (FITS * QUOTE, 0, 0)
        assert audit(ledger) == []
