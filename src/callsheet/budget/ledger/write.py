"""The only writer of money. Every function is one transaction: an event and the money it moves, or nothing. Raises `CapRefused` if a hold
would exceed a cap, and `Raced` if another process wrote the attempt's next event first.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import limits as limits_in_force
from callsheet.budget.ledger import prices, read, tables
from callsheet.budget.ledger.direct import Direct
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import CapState, Limit, Names, applied, tightest
from callsheet.budget.rules.money_moves import Entry, entries, hold_of, implausible
from callsheet.budget.rules.prices import PriceMoved
from callsheet.domain.attempt import Attempt, Event, Kind, Reason, SentFile, moved
from callsheet.domain.errors import LedgerError, MoneyError
from callsheet.domain.money import Micros, text
from callsheet.domain.take import TakeId

_A, _P = tables.attempt.c, tables.price.c
#: events with which a service says what was charged
_TELLS_COST = frozenset({Kind.READY, Kind.RECEIVED, Kind.CLOSED})
_ATTEMPT = Direct(tables.attempt.insert().returning(_A.attempt), [column.name for column in _A if column is not _A.attempt])
_EVENT = Direct(tables.event.insert(), [column.name for column in tables.event.c])
_ENTRY = Direct(tables.entry.insert(), [column.name for column in tables.entry.c if column is not tables.entry.c.entry])

_NEWEST = (
    select(func.max(_A.n))
    .where(_A.project == bindparam("project"), _A.list == bindparam("list"), _A.shot == bindparam("shot"), _A.take == bindparam("take"))
    .scalar_subquery()
)
_PRICED = select(func.max(_P.price)).where(_P.account == bindparam("account"), _P.model == bindparam("model")).scalar_subquery()

_words = json.JSONEncoder(sort_keys=True).encode


class CapRefused(MoneyError):
    """A hold would exceed a cap."""

    code = "cap"

    def __init__(self, cap: CapState, asked: Micros) -> None:
        super().__init__(
            f"the next take needs {text(asked)} USD, and {cap.summary()}",
            help=cap.remedy(cap.used + asked),
        )
        self.cap = cap


class CapPassed(MoneyError):
    """A cap has been exceeded: nothing more is sent until it is raised, or money is released."""

    code = "cap"

    def __init__(self, cap: CapState) -> None:
        super().__init__(f"{cap.summary()}, so nothing more is sent", help=cap.remedy(cap.used))
        self.cap = cap


class LaneStopped(MoneyError):
    """The attempt's lane was stopped and sends nothing more."""

    code = "lane_stopped"


class CanaryBusy(MoneyError):
    """Another attempt of the same kind goes first, because no good clip of the kind has arrived yet."""

    code = "canary"


class Raced(LedgerError):
    """Another process wrote this attempt's next event first: read it again and continue from there."""

    code = "raced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """Everything that makes an attempt, before it has a number and a key. Prints are hex digests, `quote` is micro-USD."""

    project: str
    take: TakeId
    names: Names
    account: str
    credential: str
    rehearsal: bool
    author_print: str
    request_print: str
    ordinal: int
    quote: Micros
    price_ref: str
    #: the price is the service's quote: there is no list price
    quoted: bool = False
    #: the last row of the price table when the quote was made; a freeze since then refuses the hold. None: freezes are not checked
    prices_read: int | None = None
    #: the attempt's kind if no good clip of it is known: one at a time is sent. None if the kind is known
    canary: str | None = None
    #: the number of the newest attempt at the take that the buyer knows; a newer one refuses the hold. None: not checked
    known: int | None = None
    #: the files sent with the request
    files: tuple[SentFile, ...] = ()
    #: it is bought to choose from; or the number of the chosen draft that it is bought after
    draft: bool = False
    final_of: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What its hold says of it."""
        facts = {"files": [file.body() for file in self.files], "draft": self.draft, "final_of": self.final_of}
        return {name: value for name, value in facts.items() if value}


def begin_run(ledger: Ledger, *, run: str, project: str, list: str, at: str) -> None:
    """Record the start of a run."""
    with ledger.writing() as connection:
        connection.execute(tables.run.insert().values(run=run, project=project, list=list, at=at))


def limit(ledger: Ledger, project: str, wanted: Limit, *, at: str) -> list[limits_in_force.Change]:
    """Put a limit in force. If it is unchanged, nothing is written; a change is recorded with its origin, and returned."""
    with ledger.writing() as connection:
        return limits_in_force.put(connection, project, [wanted], at)


def lift(ledger: Ledger, project: str, *, source: str, keep: Sequence[Limit], at: str, list: str = "") -> None:
    """Lift the limits of `source` (and of one `list`) that are no longer among `keep`; their counters continue."""
    with ledger.writing() as connection:
        limits_in_force.lift(connection, project, source=source, keep=keep, at=at, list=list)


def hold(
    ledger: Ledger,
    bid: Bid,
    request_for: Callable[[str], bytes],
    limits: Sequence[Limit],
    *,
    at: str,
    instead_of: Attempt | None = None,
) -> Attempt:
    """Put the quote on hold and create the attempt: its number, its key and its request as written (`request_for(key)`) become durable with
    it. `instead_of` is a held attempt at the take, whose hold is released in the same transaction, so that nobody else can take its
    money. CapRefused if a cap is too tight, ModelFrozen or PriceMoved if the price is no longer the one that the bidder knew, Raced if
    another process created an attempt at the take first; nothing is written then.
    """
    wanted = [*filter(None, (applied(limit, bid.names) for limit in limits))]
    with ledger.writing() as connection:
        n, in_force = _looked(connection, bid, wanted)
        key = key_of(ledger.id, bid, n)
        row = {**_row(bid), "n": n, "wire_key": key, "request": request_for(key), "made_at": at}
        try:
            number = int(_ATTEMPT.rows(connection, **row)[0][0])
        except IntegrityError as error:  # on a server, two may have read the same number
            raise _raced(bid.take) from error
        if in_force != [limit.amount for limit in wanted]:
            limits_in_force.put(connection, bid.project, wanted, at)
        if instead_of is not None:
            freed = entries(instead_of, Kind.CLOSED, reason=Reason.CANCELLED)
            _next(connection, instead_of, Kind.CLOSED, {"reason": Reason.CANCELLED.value}, at, freed)
        made = Event(0, Kind.HOLD, at, bid.body)
        _EVENT.write(connection, **_event_row(number, made, _words(made.body)))
        _count(connection, number, 0, [Entry("hold", d_held=bid.quote)], bid.quote)
        return _held(bid, row, number)


def _held(bid: Bid, row: Mapping[str, Any], number: int) -> Attempt:
    """The attempt as it will be read: what `fold` makes of its row and its hold."""
    return Attempt(
        id=str(number),
        project=bid.project,
        run=row["run"],
        take=bid.take,
        n=row["n"],
        sequence=row["sequence"],
        service=row["service"],
        model=row["model"],
        account=bid.account,
        author_print=bid.author_print,
        request_print=bid.request_print,
        ordinal=bid.ordinal,
        key=row["wire_key"],
        credential=bid.credential,
        quote=bid.quote,
        price_ref=bid.price_ref,
        request=row["request"],
        made_at=row["made_at"],
        held=bid.quote,
        files=bid.files,
        draft=bid.draft,
        final_of=bid.final_of,
    )


def _looked(connection: Connection, bid: Bid, wanted: Sequence[Limit]) -> tuple[int, list[Micros | None]]:
    """The number of this bid's attempt at its take, and the amounts that are in force of what is wanted. ModelFrozen, PriceMoved or Raced if the bidder knew
    an older state of the ledger.
    """
    take, model, places = bid.take, bid.names.model, limits_in_force.places(bid.project, wanted)
    [(newest, priced, *in_force)] = _look(len(wanted)).rows(
        connection, project=bid.project, list=take.list, shot=take.shot, take=take.n, account=bid.account, model=model, **places
    )
    if bid.prices_read is not None and (priced or 0) > bid.prices_read:
        prices.refuse_frozen(connection, bid.account, model, bid.prices_read, quoted=bid.quoted)
        prices.refuse_moved(connection, bid.account, model, bid.prices_read)
    n = 1 + (newest or 0)
    if bid.known is not None and n != bid.known + 1:
        raise _raced(bid.take)
    return n, in_force


@cache
def _look(limits: int) -> Direct:
    """The number of the newest attempt at a take, that of the newest row of its model's prices, and the amounts of so many limits: every hold looks, once."""
    return Direct(select(_NEWEST, _PRICED, *map(limits_in_force.amount_at, range(limits))))


def _raced(take: TakeId) -> Raced:
    return Raced(f"another process has just bought {take}", help="only one run may buy in a project at a time; run again")


def key_of(ledger_id: str, bid: Bid, n: int) -> str:
    """The key by which the service will know an attempt: a version-4-shaped UUID, always the same for an attempt of a ledger and what it asks for. So two copies
    of a ledger, one restored from a backup for example, buy the same thing once, and never take one thing's clip for another's.
    """
    take = bid.take
    name = "\0".join((ledger_id, bid.project, take.list, take.shot, str(take.n), str(n), bid.request_print))
    return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))


def move(
    ledger: Ledger,
    attempt: Attempt,
    kind: Kind,
    body: Mapping[str, Any] | None = None,
    *,
    at: str,
    cost: Micros | None = None,
    reason: Reason | None = None,
) -> Attempt:
    """Write the attempt's next event with its money, and return the attempt with it. ValueError for a transition that must never happen;
    Raced if the attempt is not as the caller knew it. The right to send (`intent`, `repost`) is refused like a hold: CapPassed,
    ModelFrozen, PriceMoved, LaneStopped, CanaryBusy. An implausible cost stops the attempt's lane in the same transaction.
    """
    content = {**(body or {}), **({"reason": reason.value} if reason else {})}
    unbelieved = cost is not None and kind in _TELLS_COST and implausible(cost, hold_of(attempt))
    if unbelieved:
        content["implausible"] = cost
    with ledger.writing() as connection:
        now = _next(connection, attempt, kind, content, at, entries(attempt, kind, cost=cost, reason=reason))
        if unbelieved:
            lane_stops.put(connection, now, "implausible", unbelieved_cost(now), at)
        prices.learn(connection, attempt, now, at)
        return now


def correct(ledger: Ledger, attempt: Attempt, amount: Micros, *, ref: str, body: Mapping[str, Any], at: str) -> Attempt:
    """Book late evidence on an ended attempt: `amount` more (or less) was billed. The same `ref` is booked only once. Raced if the attempt
    is not as the caller knew it.
    """
    with ledger.writing() as connection:
        corrected = _next(connection, attempt, Kind.LATE, body, at, [Entry("correction", d_settled=amount, ref=ref)] if amount else [])
        prices.learn(connection, attempt, corrected, at)
        return corrected


def _next(connection: Connection, attempt: Attempt, kind: Kind, body: Mapping[str, Any], at: str, lines: Sequence[Entry]) -> Attempt:
    """Write an attempt's next event with the money that it moves, and return the attempt with it. It is not read back: whoever writes event
    n + 1 knew the first n, which never change, and nobody else can have written event n + 1.
    """
    words = _words(dict(body))
    event = Event(attempt.seq + 1, kind, at, json.loads(words))  # as it will be read
    held, doubt, settled = ([line.d_held for line in lines], [line.d_doubt for line in lines], [line.d_settled for line in lines])
    now = moved(attempt, event, held=sum(held), doubt=sum(doubt), settled=sum(settled))
    _next_event(connection, attempt, _event_row(int(attempt.id), event, words))
    _count(connection, int(attempt.id), event.seq, lines, 0)
    return now


def _event_row(attempt: int, event: Event, words: str) -> dict[str, Any]:
    return {"attempt": attempt, "seq": event.seq, "kind": event.kind.value, "at": event.at, "body": words}


def _next_event(connection: Connection, attempt: Attempt, row: dict[str, Any]) -> None:
    """The compare-and-swap: of all who read the same last event, only one can write the next. The right to send is refused from the same
    state of the ledger.
    """
    spends = row["kind"] in (Kind.INTENT.value, Kind.REPOST.value)
    try:
        (_EVENT.try_write if spends else _EVENT.write)(connection, **row)
    except IntegrityError as error:
        if spends:
            _refuse_to_send(connection, attempt, str(error.orig))
        raise Raced(f"another process has changed attempt {attempt.name}", help="it is read again") from error


def _refuse_to_send(connection: Connection, attempt: Attempt, said: str) -> None:
    """Raise the meaning of the schema's refusal of an intent; return if it was not refused but another process was first."""
    if "no_cap" in said:
        raise _no_cap()
    if "cap_passed" in said:
        raise CapPassed(max(read.caps_of(connection, int(attempt.id)), key=lambda cap: cap.passed))
    if "price_moved" in said:
        a = tables.attempt.c
        known = connection.execute(select(a.prices_read).where(a.attempt == int(attempt.id))).scalar_one()
        prices.refuse_frozen(connection, attempt.account, attempt.model, known)
        raise PriceMoved(attempt.model)
    if "lane_stopped" in said:
        why = lane_stops.reason(connection, attempt)
        raise LaneStopped(f"{attempt.model} sends nothing more: {why}", help="resolve what stopped it, then run again")
    if "canary_busy" in said:
        raise CanaryBusy(f"another attempt at {attempt.model} of the same kind goes first", help="run again when its clip has arrived")


def _no_cap() -> MoneyError:
    return MoneyError("no cap is in force for this project, so nothing is bought", help="give --cap USD, the most that it may ever cost")


def unbelieved_cost(attempt: Attempt) -> str:
    """The message about an implausible cost."""
    return (
        f"{attempt.service} reports {text(attempt.implausible or 0)} USD for {attempt.name}, which was quoted {text(attempt.quote)};"
        f" {text(attempt.settled)} counts until an invoice or a person gives the real cost"
    )


def _count(connection: Connection, attempt: int, seq: int, lines: Sequence[Entry], asked: Micros) -> None:
    for line in lines:
        values = {"kind": line.kind, "ref": line.ref, "d_held": line.d_held, "d_doubt": line.d_doubt, "d_settled": line.d_settled}
        try:
            # the transaction stays usable after a refused hold, so that the refusal can be explained from the same state of the ledger
            (_ENTRY.try_write if line.kind == "hold" else _ENTRY.write)(connection, attempt=attempt, seq=seq, **values)
        except IntegrityError as error:
            raise _refusal(connection, attempt, asked, error) from error


def _refusal(connection: Connection, attempt: int, asked: Micros, error: IntegrityError) -> Exception:
    """The schema's refusal as an error that explains it."""
    said = str(error.orig)
    if "no_cap" in said:
        return _no_cap()
    if "cap_refused" in said:
        tight = tightest(read.caps_of(connection, attempt))
        assert tight is not None, "the schema refused a hold, but no cap is exceeded"
        return CapRefused(tight, asked)
    return LedgerError(f"the ledger refused an entry: {said}", help="run `callsheet doctor`; if it finds nothing, this is a defect")


def _row(bid: Bid) -> dict[str, Any]:
    names = bid.names
    return {
        "project": bid.project,
        "run": names.run,
        "list": bid.take.list,
        "shot": bid.take.shot,
        "take": bid.take.n,
        "sequence": names.sequence,
        "service": names.service,
        "model": names.model,
        "account": bid.account,
        "credential": bid.credential,
        "rehearsal": int(bid.rehearsal),
        "author_print": bid.author_print,
        "request_print": bid.request_print,
        "ordinal": bid.ordinal,
        "quote": bid.quote,
        "price_ref": bid.price_ref,
        "day": names.day,
        "month": names.of("month"),
        "canary": bid.canary,
        "prices_read": bid.prices_read,
    }
