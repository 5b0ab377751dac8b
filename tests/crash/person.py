"""The person who looks in when all is calm: raises a cap that was passed, books the invoice of what nobody believed, records a price that went unknown,
and picks among drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet.accounting import reconcile
from callsheet.accounting.invoice import InvoiceLine
from callsheet.budget.ledger import prices, store
from callsheet.store.project_folder import Project
from tests.crash.edges import UNBELIEVED, USED
from tests.crash.process import SimClock

if TYPE_CHECKING:
    from tests.crash.world import World

_STUCK = "select a.account, a.model, a.quote from attempt a where (select kind from event e where e.attempt = a.attempt order by seq desc limit 1) in ('intent', 'repost')"
_FROZEN = "select count(*) from price where kind = 'frozen' and price > (select coalesce(max(price), 0) from price where kind = 'recorded')"


def decide(world: World) -> bool:
    """Decide on what waits for a person. Whether anything was decided."""
    return any([_raise_the_cap(world), _book_invoices(world), _record_a_price(world), world.drafts.pick()])


def _raise_the_cap(world: World) -> bool:
    [(used,)] = world.rows(USED)
    passed = used > world.cap
    world.cap = max(world.cap, used)
    return passed


def _book_invoices(world: World) -> bool:
    """The service's own bill for each attempt whose cost nobody believes."""
    jobs = {job.attempt: job for job in world.vendor.jobs}
    named = {
        int(number): job for number, job in world.rows("select attempt, json_extract(body, '$.job') from event where kind = 'accepted'")
    }
    lines = [
        InvoiceLine(named[int(number)], jobs[int(number)].bought, None, f"line {number}", n)
        for n, (number,) in enumerate(world.rows(UNBELIEVED))
    ]
    if not lines:
        return False
    project = Project(world.folder)
    ledger = store.open_ledger(project.ledger_file)
    compared = reconcile.compare(ledger, project.identity, lines, service=world.kind.service, account="")
    reconcile.book_differences(ledger, compared, at=SimClock(world).text())
    return any(one.news for one in compared)


def _record_a_price(world: World) -> bool:
    """What was sent without an answer is sent again only when its model has a price."""
    stuck = world.rows(_STUCK)
    [(frozen,)] = world.rows(_FROZEN)
    if not stuck or not frozen:
        return False
    account, model, quote = stuck[0]
    ledger = store.open_ledger(Project(world.folder).ledger_file)
    prices.record(ledger, account, model, quote // 3, source="the service's page", at=SimClock(world).text())
    return True
