"""`callsheet reconcile`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.accounting.balance import Balanced, ask, balance
from callsheet.accounting.invoice import read_invoice
from callsheet.accounting.reconcile import BOOKED, Compared, Verdict, book_differences, compare
from callsheet.budget.ledger import readings
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.project_ledger import open_existing
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents_compared import ReconciledAccount, ReconciledInvoice, ReconciledJob
from callsheet.cli.output.errors import problem_lines
from callsheet.cli.output.table import Column, table, width
from callsheet.clock import Clock
from callsheet.domain.errors import Exit, InputError, Problem, UsageError
from callsheet.domain.money import text
from callsheet.regular_file import read_regular
from callsheet.report.documents import optional
from callsheet.services.registry import SERVICES
from callsheet.settings.values import Settings
from callsheet.transport import account as accounts
from callsheet.transport.account import Account

_COLUMNS = (
    Column("finding"),
    Column("attempt"),
    Column("job", elastic=True, folds=1),
    Column("invoice $", right=True),
    Column("booked $", right=True),
    Column("to do", elastic=True),
)
_TO_DO = {
    Verdict.DIFFERS: "correct by {difference}",
    Verdict.TAKEN: "the doubt is cleared: the service accepted it; now run `callsheet recover`",
    Verdict.UNCHARGED: "release {doubt}: never charged",
    Verdict.EARLY: "still under way here: run `callsheet recover`, then reconcile again",
    Verdict.ELSEWHERE: "belongs to another project of this ledger: reconcile there",
    Verdict.UNKNOWN: "not in this ledger: ask the service what it was",
}


def reconcile(  # one parameter per option
    *,
    invoice: Annotated[
        Path | None,
        Parameter(
            help="Invoice as a CSV file with the columns job (the service's job id or the purchase id) and usd. The columns date and line are optional."
        ),
    ] = None,
    account: Annotated[
        bool,
        Parameter(
            name="--account", negative="", help="Compare with what the service itself reports as spent since the last saved reading."
        ),
    ] = False,
    service: Annotated[str, Parameter(help="Service whose invoice or account you compare with.")] = "runware",
    complete_until: Annotated[
        date | None,
        Parameter(
            help="Declare that the invoice lists every charge up to the end of this day (UTC). With --yes, purchases in doubt that were sent before this day and aren't on the invoice are booked as never charged; those sent on the day itself stay in doubt, because a charge can come a day late."
        ),
    ] = None,
    yes: Annotated[
        bool,
        Flag,
        Parameter(
            name=["-y", "--yes"],
            help="With --invoice: book the corrections. With --account: save the reading. Without --yes, nothing is written.",
        ),
    ] = False,
    demo: Annotated[bool, Flag, Parameter(help="Use the account of the demo's stand-in.")] = False,
    common: Common = HERE,
) -> Answer:
    """Compare the ledger with a bill."""
    if account == (invoice is not None):
        raise UsageError("what should the ledger be compared with?", help="give --invoice FILE.csv, or --account")
    if service not in SERVICES:
        raise UsageError(f"no service {service!r}", help=f"there are {', '.join(SERVICES)}")
    if complete_until and complete_until >= (today := Clock().now().date()):
        help = f"give the last day that the invoice covers in full, {today - timedelta(days=1)} at the latest"
        raise UsageError(f"no invoice lists every charge up to the end of {complete_until}, which isn't over in UTC", help=help)
    settings = common.settings
    ledger = open_existing(common.project, settings)
    if ledger is None:
        raise InputError("this project hasn't bought anything yet, so there is nothing to compare", help="name the project folder with -C")
    try:
        billed = accounts.account(service, demo=demo)
        if invoice is None:
            return _by_account(ledger, billed, settings, yes=yes)
        return _by_invoice(ledger, billed, common, invoice, complete_until, yes=yes)
    finally:
        ledger.close()


def _by_invoice(ledger: Ledger, account: Account, common: Common, invoice: Path, until: date | None, *, yes: bool) -> Answer:
    project = common.project
    try:
        content = read_regular(project.folder / invoice)
    except OSError as error:
        help = "give the invoice's path, relative to the project folder"
        raise InputError(f"{invoice.name} can't be read: {error.strerror}", help=help) from None
    lines = read_invoice(content, invoice.name)
    with project.lock() if yes else nullcontext():
        found = compare(ledger, project.identity, lines, service=account.service, account=account.label, complete_until=until)
        if yes:
            book_differences(ledger, found, at=Clock().text())
    differing = [one for one in found if one.verdict is not Verdict.AGREES]
    problems = tuple(_problems(differing, invoice.name, yes=yes))
    document: ReconciledInvoice = {
        "schema": "callsheet.reconcile/1",
        "invoice": invoice.name,
        "booked": yes,
        "counts": Counter(one.verdict.value for one in found),
        "invoiced": text(sum(one.invoiced for one in found)),
        "difference": text(sum(one.difference for one in found)),
        "jobs": [_document(one) for one in found],
    }
    body = [*table(_COLUMNS, [_row(one) for one in differing], width()), ""] if differing else []
    lines = [*body, _sum_line(found, yes=yes)]
    return Answer(
        document=document, lines=lines, exit=Exit.HUMAN if problems else Exit.DONE, problems=problems, notes=problem_lines(problems)
    )


def _sum_line(found: Sequence[Compared], *, yes: bool) -> str:
    counts = Counter(one.verdict for one in found)
    words = ", ".join(f"{n} {verdict.value}" for verdict, n in counts.items()) or "no charges"
    due = sum(one.verdict in BOOKED for one in found)
    rest = f"; {due} booked" if due and yes else f"; nothing was booked: --yes books {due}" if due else ""
    return f"invoice: {text(sum(one.invoiced for one in found))} USD: {words}{rest}"


def _row(one: Compared) -> list[str]:
    attempt = one.attempt
    to_do = _TO_DO[one.verdict].format(difference=text(one.difference), doubt=text(attempt.doubt) if attempt else "")
    return [one.verdict.value, attempt.full_name if attempt else "-", one.job, text(one.invoiced), text(one.booked), to_do]


def _document(one: Compared) -> ReconciledJob:
    return {
        "finding": one.verdict.value,
        "attempt": one.attempt.full_name if one.attempt else None,
        "job": one.job,
        "invoiced": text(one.invoiced),
        "booked": text(one.booked),
        "difference": text(one.difference),
        "lines": [line.line for line in one.news],
    }


def _problems(found: Iterable[Compared], file: str, *, yes: bool) -> Iterable[Problem]:
    """What is left for a person: charges that nobody here bought, attempts that have not ended, and differences that wait for --yes."""
    for one in found:
        if one.verdict is Verdict.UNKNOWN or one.verdict is Verdict.EARLY or (one.verdict in BOOKED and not yes):
            help = "--yes books it" if one.verdict in BOOKED else _TO_DO[one.verdict]
            message = f"{one.job}: {one.verdict.value}, invoice {text(one.invoiced)} USD, booked {text(one.booked)}"
            line = one.news[0].line if one.news else None
            yield Problem(
                code="reconcile", message=message, help=help, file=file, line=line, take=str(one.attempt.take) if one.attempt else None
            )


def _by_account(ledger: Ledger, account: Account, settings: Settings, *, yes: bool) -> Answer:
    reading = ask(account, settings.lane(account.service).read_timeout_s)
    found = balance(ledger, account, reading, at=Clock().text())
    if yes:
        readings.keep(ledger, account.service, account.label, found.now)
    problems = () if found.agrees else (_difference(found, account),)
    document: ReconciledAccount = {
        "schema": "callsheet.reconcile/1",
        "account": account.label,
        "booked": yes,
        "since": found.before.at if found.before else None,
        "balance": optional(found.now.balance),
        "spent": optional(found.spent),
        "ledger": text(found.booked),
        "agrees": found.agrees,
    }
    left = f"{text(found.now.balance)} USD left; " if found.now.balance is not None else ""
    if found.before is None:
        compared = "first reading; there is nothing to compare it with yet"
    else:
        spent = text(found.spent) if found.spent is not None else "an unknown sum (topped up)"
        compared = f"since {found.before.at}: {spent} USD according to the service, {text(found.booked)} according to the ledger"
    lines = [
        f"{account.label}: {left}{compared}",
        "this reading is saved; the next one is compared with it" if yes else "nothing was saved: --yes saves this reading",
    ]
    return Answer(
        document=document, lines=lines, exit=Exit.HUMAN if problems else Exit.DONE, problems=problems, notes=problem_lines(problems)
    )


def _difference(found: Balanced, account: Account) -> Problem:
    if found.spent is None:
        message = f"{account.label} was topped up since then, so its balance doesn't show what was spent"
        help = "use --invoice, or --yes to start from this reading"
    else:
        more = found.spent - found.booked
        message = f"{account.label}: the service says {text(abs(more))} USD {'more' if more > 0 else 'less'} than the ledger has booked"
        help = "jobs under way are billed before they are booked: run `callsheet recover`, then compare with --invoice"
    return Problem(code="reconcile", message=message, help=help)
