"""An attempt: one try to buy a take. One hold, one key, one remote job, at most one clip.

Its state is never stored; it is the fold of its events, in the order of their sequence numbers:

    (none) ─hold→ held ─intent→ submitting ─accepted→ submitted ─ready→ ready ─received→ received
                   ↑ unsent ──────┘  │ lost                │ closed      │ closed
                   │ closed          ↓                     ↓             ↓
                   └→ closed      in doubt ─accepted→ submitted, or closed

`repost` (the same key and bytes again) stays in submitting; `late` is evidence of a charge, after the end or in doubt, and moves no state.
What was closed as expired or defective was paid: `received` follows where its clip can be had after all.
Writing event number n+1 is the compare-and-swap: two processes that both read n cannot both move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from operator import attrgetter
from typing import Any, cast

from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps


class State(StrEnum):
    """An attempt's state: five live ones and two ends."""

    HELD = "held"  #: money on hold, nothing can have been sent
    SUBMITTING = "submitting"  #: a byte may have been sent
    IN_DOUBT = "in_doubt"  #: sent, but its fate can't be determined now; its money stays on hold
    SUBMITTED = "submitted"  #: accepted, with a job id; poll, never send again
    READY = "ready"  #: the service has billed and offers the clip
    RECEIVED = "received"  #: the clip is stored
    CLOSED = "closed"  #: over, without a clip

    @property
    def live(self) -> bool:
        """Whether anything may still happen to it."""
        return self not in (State.RECEIVED, State.CLOSED)


class Kind(StrEnum):
    """What can happen to an attempt."""

    HOLD = "hold"
    INTENT = "intent"
    REPOST = "repost"
    UNSENT = "unsent"
    LOST = "lost"
    ACCEPTED = "accepted"
    CANCEL_ASKED = "cancel_asked"
    READY = "ready"
    RECEIVED = "received"
    CLOSED = "closed"
    LATE = "late"


#: events that give the right to send what may cost money
SPENDS = frozenset({Kind.INTENT, Kind.REPOST})


class Reason(StrEnum):
    """Why an attempt was closed without a clip."""

    REFUSED = "refused"  #: the service refused the request
    FAILED = "failed"  #: the service accepted it and failed
    EXPIRED = "expired"  #: the clip is no longer available
    CANCELLED = "cancelled"  #: never sent, and no longer wanted
    DEFECTIVE = "defective"  #: the same wrong bytes three times
    WRITTEN_OFF = "written_off"  #: a person gave up a doubt: it counts as paid
    RELEASED_UNSENT = "released_unsent"  #: a doubt proven never to have been charged


#: attempts closed for these reasons were paid, and are received after all if their clip becomes available
REVERSIBLE = frozenset({Reason.EXPIRED, Reason.DEFECTIVE})


class Cause(StrEnum):
    """What a refusal or failure requires."""

    RETRY = "retry"  #: the service failed: another attempt may succeed
    FIX_SHOT = "fix_shot"  #: the request is wrong: change the row
    CONTENT = "content"  #: refused content: a person decides
    STOP_LANE = "stop_lane"  #: key, balance or permission: nothing more from this account
    UNAVAILABLE = "unavailable"  #: the model is retired: use another
    UNKNOWN = "unknown"  #: unknown: never counted as success


@dataclass(frozen=True, slots=True)
class Event:
    """One event of an attempt. `body` is JSON."""

    seq: int
    kind: Kind
    at: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])


#: from which states an event may be written, and where it leads
MOVES: dict[Kind, tuple[frozenset[State | None], State | None]] = {
    Kind.HOLD: (frozenset({None}), State.HELD),
    Kind.INTENT: (frozenset({State.HELD}), State.SUBMITTING),
    Kind.REPOST: (frozenset({State.SUBMITTING}), State.SUBMITTING),
    Kind.UNSENT: (frozenset({State.SUBMITTING}), State.HELD),
    Kind.LOST: (frozenset({State.SUBMITTING}), State.IN_DOUBT),
    Kind.ACCEPTED: (frozenset({State.SUBMITTING, State.IN_DOUBT}), State.SUBMITTED),
    Kind.CANCEL_ASKED: (frozenset({State.SUBMITTED}), State.SUBMITTED),
    Kind.READY: (frozenset({State.SUBMITTED}), State.READY),
    Kind.RECEIVED: (frozenset({State.READY, State.CLOSED}), State.RECEIVED),
    Kind.CLOSED: (
        frozenset({State.HELD, State.SUBMITTING, State.IN_DOUBT, State.SUBMITTED, State.READY}),
        State.CLOSED,
    ),
    Kind.LATE: (frozenset({State.IN_DOUBT, State.READY, State.RECEIVED, State.CLOSED}), None),
}


def after(state: State | None, kind: Kind) -> State:
    """The state that follows; ValueError for a transition that must never happen."""
    allowed, to = MOVES[kind]
    if state not in allowed:
        raise ValueError(f"{kind.value} can't follow {state.value if state else 'nothing'}")
    if to is None:  # late evidence only moves money
        assert state is not None
        return state
    return to


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file sent with a purchase: `column` and `cell` are the author's; `sha256` and `size` (bytes) of what is sent, "" and 0 for an
    address. `source` identifies the clip and the frame for a frame of another shot's clip, "" for every other file.
    """

    column: str
    cell: str
    mime: str = ""
    sha256: str = ""
    size: int = 0
    source: str = ""

    def body(self) -> dict[str, str | int]:
        """As it stands in the book; `source` only where there is one."""
        return {name: value for name, value in asdict(self).items() if value or name != "source"}


@dataclass(frozen=True, slots=True)
class ClipLength:
    """A clip's length, and its frames per second."""

    seconds: Fraction
    fps: Fps

    @property
    def noted(self) -> dict[str, str]:
        """As in a received event."""
        return {"seconds": str(self.seconds), "fps": str(self.fps)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt according to its row and the fold of its events. Money is micro-USD, bodies are bytes as sent."""

    id: str
    project: str
    run: str
    take: TakeId
    #: number of the attempt at this take, from 1, over all runs
    n: int
    sequence: str
    service: str
    model: str
    #: service and base URL: `runware https://api.runware.ai/v1`
    account: str
    #: digest of the author's values that reach a request
    author_print: str
    #: digest of the request as sent, without what varies between attempts
    request_print: str
    #: index among equal requests of the list, from 0
    ordinal: int
    #: the service's key for the request: a UUID made from the ledger's id and the attempt's
    key: str
    quote: Micros
    price_ref: str
    #: the request as `services.request.pack` writes it down, the same bytes on every send
    request: bytes
    made_at: str
    state: State = State.HELD
    seq: int = 0
    job: str | None = None
    url: str | None = None
    sha256: str | None = None
    size: int | None = None
    settled: Micros = 0
    held: Micros = 0
    doubt: Micros = 0
    reason: Reason | None = None
    cause: Cause | None = None
    message: str | None = None
    #: facts that the service told on acceptance and with the clip (seed, nsfw, asset, adjustments, cost as reported)
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])
    findings: tuple[Mapping[str, Any], ...] = ()
    #: its clip's probed length; None if it was received before that was recorded
    length: ClipLength | None = None
    #: an implausible cost reported by the service, micro-USD; None once a person or an invoice has settled it
    implausible: Micros | None = None
    #: when the first byte may have been sent, and when the service accepted
    intent_at: str | None = None
    #: the same by the service's own clock, if it had told its time
    intent_there: str | None = None
    #: the same by the sending machine: which of its starts, and seconds since then; None if its system can't tell
    intent_up: tuple[str, float] | None = None
    #: which run of which process sends it, and a digest of the API key
    owner: str = ""
    credential: str = ""
    accepted_at: str | None = None
    ended_at: str | None = None
    reposts: int = 0
    #: the files sent with the request, which contains their digests
    files: tuple[SentFile, ...] = ()
    #: bought to choose from, at `[draft]`'s model or size; or the number of the draft that a person chose, which this is bought after
    draft: bool = False
    final_of: str | None = None

    @property
    def name(self) -> str:
        """`S0010.t1.a2`."""
        return f"{self.take}.a{self.n}"

    @property
    def full_name(self) -> str:
        """`spot:S0010.t1.a2`: unambiguous if another list has the shot."""
        return f"{self.take.full}.a{self.n}"

    @property
    def sent(self) -> bool:
        """Whether it was requested: an attempt that was only held or released doesn't count."""
        return self.state is not State.HELD and self.reason is not Reason.CANCELLED

    def sent_before_s(self, up: tuple[str, float] | None) -> float | None:
        """Seconds since it was first sent, if `up` (see `Clock.since_boot`) is of the same start of the same machine; None otherwise."""
        return up[1] - self.intent_up[1] if up and self.intent_up and up[0] == self.intent_up[0] else None

    @property
    def billed(self) -> bool:
        """Whether it cost anything, as far as is known."""
        return self.settled > 0

    @property
    def failing(self) -> bool:
        """Whether its clip has a finding that makes another clip preferable."""
        return bool(self.failures)

    @property
    def failures(self) -> tuple[str, ...]:
        """The codes of its clip's failing findings."""
        return tuple(dict.fromkeys(str(finding.get("code")) for finding in self.findings if finding.get("severity") == "fail"))


def fold(attempt: Attempt, events: Iterable[Event]) -> Attempt:
    """The attempt after its events, which must be all of them, in order. ValueError if the ledger contradicts itself."""
    state, reason, facts = None, None, dict[str, Any]()
    for expected, event in enumerate(events):
        state = _follows(attempt, state, reason, event, expected)
        facts |= {**_facts(event), "seq": event.seq}
        reason = facts.get("reason")
    if state is None:
        raise ValueError(f"attempt {attempt.id} has no events")
    return _changed(attempt, {"state": state, **facts})


def moved(attempt: Attempt, event: Event, *, held: Micros = 0, doubt: Micros = 0, settled: Micros = 0) -> Attempt:
    """The attempt after one more event, its next, with the money that moves with it into (or out of) each bucket: what `fold` makes of them all.

    ValueError for a move that must never happen.
    """
    state = _follows(attempt, attempt.state, attempt.reason, event, attempt.seq + 1)
    money = {"held": attempt.held + held, "doubt": attempt.doubt + doubt, "settled": attempt.settled + settled}
    return _changed(attempt, {"state": state, "seq": event.seq, **money, **_facts(event)})


_PUT = {field.name: getattr(Attempt, field.name).__set__ for field in fields(Attempt)}
_values = attrgetter(*_PUT)
_BLANK = Attempt(**{field.name: cast("Any", None) for field in fields(Attempt) if field.default is field.default_factory is MISSING})


def _made(**values: Any) -> Attempt:
    return _changed(_BLANK, values)


#: what `Attempt(...)` makes, in a third of its time: a ledger is read by the thousand
made = cast("type[Attempt]", _made)


def _changed(attempt: Attempt, changes: Mapping[str, Any]) -> Attempt:
    """What `dataclasses.replace` makes, in a quarter of its time: an attempt has forty fields and moves with every event, so this is done six times for a take."""
    new = object.__new__(Attempt)
    for put, value in zip(_PUT.values(), _values(attempt), strict=True):
        put(new, value)
    for name, value in changes.items():
        _PUT[name](new, value)
    return new


def _follows(attempt: Attempt, state: State | None, reason: Reason | None, event: Event, expected: int) -> State:
    """The state after an event, which has to be number `expected`."""
    if event.seq != expected:
        raise ValueError(f"attempt {attempt.id}: event {event.seq} instead of {expected}")
    if event.kind is Kind.RECEIVED and state is State.CLOSED and reason not in REVERSIBLE:
        raise ValueError(f"received can't follow closed as {reason.value if reason else 'nothing'}: no clip can be received for it")
    return after(state, event.kind)


def _facts(event: Event) -> dict[str, Any]:
    """The fields that an event sets."""
    body = event.body
    match event.kind:
        case Kind.HOLD:
            files = tuple(SentFile(**file) for file in body.get("files", ()))
            return {"files": files, "draft": bool(body.get("draft")), "final_of": body.get("final_of")}
        case Kind.INTENT:
            sender = {name: body[name] for name in ("owner", "credential") if name in body}
            up = (str(body["boot"]), float(body["up"])) if "boot" in body else None
            return {"intent_at": event.at, "intent_there": body.get("there"), "intent_up": up, **sender}
        case Kind.REPOST:
            return {"reposts": int(body["n"])}
        case Kind.ACCEPTED:
            return {"job": body["job"], "accepted_at": event.at, "told": dict(body.get("told", {}))}
        case Kind.READY:
            return {"url": body.get("url"), "told": dict(body.get("told", {})), "implausible": body.get("implausible")}
        case Kind.RECEIVED:
            return {
                "sha256": body["sha256"],
                "size": body["size"],
                "findings": tuple(body.get("findings", ())),
                "length": ClipLength(Fraction(body["seconds"]), Fraction(body["fps"])) if "seconds" in body else None,
                "ended_at": event.at,
                "reason": None,
                "cause": None,
                "message": None,
                **({"implausible": body["implausible"]} if "implausible" in body else {}),
            }
        case Kind.CLOSED:
            cause = body.get("cause")
            return {
                "reason": Reason(body["reason"]),
                "cause": Cause(cause) if cause else None,
                "message": body.get("message"),
                "ended_at": event.at,
                **({"implausible": body["implausible"]} if "implausible" in body else {}),
            }
        case Kind.LATE:
            said = "invoice" in body or "charged" in body
            return {**({"implausible": None} if said else {}), **({"message": body["message"]} if "balance" in body else {})}
        case _:
            return {}
