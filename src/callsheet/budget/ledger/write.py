"""The only writer of money. Every function is one transaction: an event and the money it moves, or nothing. Raises `CapRefused` if a hold
would exceed a cap, and `Raced` if another process wrote the attempt's next event first.
"""

from __future__ import annotations

import hashlib
import json
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
from callsheet.domain.attempt import SPENDS, Attempt, Event, Kind, Reason, SentFile, made, moved
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

#: by a hexadecimal digit, the one of its lower two bits that stands in its place in a UUID of version 4 (RFC 9562, 4.1)
_VARIANT = {f"{digit:x}": "89ab"[digit & 3] for digit in range(16)}
_words, _read = json.JSONEncoder(sort_keys=True).encode, json.JSONDecoder().raw_decode


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
        request = request_for(key)
        try:
            number = int(_ATTEMPT.rows(connection, _row(bid, n, key, request, at))[0][0])
        except IntegrityError as error:  # on a server, two may have read the same number
            raise _raced(bid.take) from error
        if in_force != [limit.amount for limit in wanted]:
            limits_in_force.put(connection, bid.project, wanted, at)
        if instead_of is not None:
            freed = entries(instead_of, Kind.CLOSED, reason=Reason.CANCELLED)
            _next(connection, instead_of, Kind.CLOSED, {"reason": Reason.CANCELLED.value}, at, freed)
        _EVENT.write(connection, (number, 0, "hold", at, _words(bid.body)))
        _count(connection, number, 0, [Entry("hold", d_held=bid.quote)], bid.quote)
        return _held(bid, number, n, key, request, at)


def _held(bid: Bid, number: int, n: int, key: str, request: bytes, at: str) -> Attempt:
    """The attempt as it will be read: what `fold` makes of its row and its hold."""
    names = bid.names
    return made(
        id=str(number),
        project=bid.project,
        run=names.run,
        take=bid.take,
        n=n,
        sequence=names.sequence,
        service=names.service,
        model=names.model,
        account=bid.account,
        author_print=bid.author_print,
        request_print=bid.request_print,
        ordinal=bid.ordinal,
        key=key,
        credential=bid.credential,
        quote=bid.quote,
        price_ref=bid.price_ref,
        request=request,
        made_at=at,
        held=bid.quote,
        files=bid.files,
        draft=bid.draft,
        final_of=bid.final_of,
    )


def _looked(connection: Connection, bid: Bid, wanted: Sequence[Limit]) -> tuple[int, list[Micros | None]]:
    """The number of this bid's attempt at its take, and the amounts that are in force of what is wanted. ModelFrozen, PriceMoved or Raced if the bidder knew
    an older state of the ledger.
    """
    take, model = bid.take, bid.names.model
    known = (bid.project, take.list, take.shot, take.n, bid.account, model, *limits_in_force.places(bid.project, wanted))
    [(newest, priced, *in_force)] = _look(len(wanted)).rows(connection, known)
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
    told = ("project", "list", "shot", "take", "account", "model", *limits_in_force.place_names(limits))
    return Direct(select(_NEWEST, _PRICED, *map(limits_in_force.amount_at, range(limits))), told)


def _raced(take: TakeId) -> Raced:
    return Raced(f"another process has just bought {take}", help="only one run may buy in a project at a time; run again")


def key_of(ledger_id: str, bid: Bid, n: int) -> str:
    """The key by which the service will know an attempt: a version-4-shaped UUID, always the same for an attempt of a ledger and what it asks for. So two copies
    of a ledger, one restored from a backup for example, buy the same thing once, and never take one thing's clip for another's.
    """
    take = bid.take
    name = "\0".join((ledger_id, bid.project, take.list, take.shot, str(take.n), str(n), bid.request_print))
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"


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
        corrected = _next(connection, attempt, Kind.LATE, {**body}, at, [Entry("correction", d_settled=amount, ref=ref)] if amount else [])
        prices.learn(connection, attempt, corrected, at)
        return corrected


def _next(connection: Connection, attempt: Attempt, kind: Kind, body: dict[str, Any], at: str, lines: Sequence[Entry]) -> Attempt:
    """Write an attempt's next event with the money that it moves, and return the attempt with it. It is not read back: whoever writes event
    n + 1 knew the first n, which never change, and nobody else can have written event n + 1.
    """
    words = _words(body)
    event = Event(attempt.seq + 1, kind, at, _read(words)[0])  # as it will be read
    held = doubt = settled = 0
    for line in lines:
        held, doubt, settled = held + line.d_held, doubt + line.d_doubt, settled + line.d_settled
    now, number = moved(attempt, event, held=held, doubt=doubt, settled=settled), int(attempt.id)
    _next_event(connection, attempt, kind, (number, event.seq, str(kind), at, words))
    _count(connection, number, event.seq, lines, 0)
    return now


def _next_event(connection: Connection, attempt: Attempt, kind: Kind, row: tuple[Any, ...]) -> None:
    """The compare-and-swap: of all who read the same last event, only one can write the next. The right to send is refused from the same
    state of the ledger.
    """
    spends = kind in SPENDS
    try:
        (_EVENT.try_write if spends else _EVENT.write)(connection, row)
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
        row = (attempt, seq, line.kind, line.ref, line.d_held, line.d_doubt, line.d_settled)
        try:
            # the transaction stays usable after a refused hold, so that the refusal can be explained from the same state of the ledger
            (_ENTRY.try_write if line.kind == "hold" else _ENTRY.write)(connection, row)
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


def _row(bid: Bid, n: int, key: str, request: bytes, at: str) -> tuple[Any, ...]:
    """The attempt's row, in the order of its columns."""
    take, names = bid.take, bid.names
    return (
        *(bid.project, names.run, take.list, take.shot, take.n, n, names.sequence, names.service, names.model),
        *(bid.account, bid.credential, int(bid.rehearsal), bid.author_print, bid.request_print, bid.ordinal),
        *(key, bid.quote, bid.price_ref, request, names.day, names.of("month"), at, bid.canary, bid.prices_read),
    )
