"""The plan: every take with what is done about it, why, and for how much. Pure: it reads values and spends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Problem
from callsheet.domain.fingerprint import digest, print_of
from callsheet.domain.money import Micros
from callsheet.domain.shot import Shot
from callsheet.domain.take import TakeId
from callsheet.qc.clip import Asked
from callsheet.services.cards.fit import Fit
from callsheet.services.cards.list_price import Quote
from callsheet.services.cards.param_offer import Offer
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.request import pack
from callsheet.services.registry import SERVICES
from callsheet.services.request_notes import noted
from callsheet.transport.account import loopback_label


class Action(StrEnum):
    """What a run does about a take."""

    BUY = "buy"
    KEEP = "keep"  #: its clip is there
    WAIT = "wait"  #: bought before, not received yet: gone on with
    BLOCKED = "blocked"  #: a person has to change or decide something first


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A shot made legal and priced: what would be bought for it, or what is wrong. `given` are the author's values that reach a request."""

    shot: Shot
    model: str
    service: str
    account: str
    fit: Fit
    quote: Quote | None
    author_print: str
    request_print: str
    used_s: Decimal
    #: frames in the cut, at the first delivery's frame rate
    frames: int = 0
    problems: tuple[Problem, ...] = ()
    #: why the model's price is not known any more, where it isn't
    frozen: str = ""
    #: why nothing of the model is bought any more, where the vendor retired it; what was bought before is kept
    gone: Problem | None = None
    #: what the model sells of parameters
    offer: Offer | None = None
    #: the same shot at the models that may be used instead where this one can't be had, in the project's order
    fallbacks: tuple[Priced, ...] = ()

    @property
    def by_quote(self) -> bool:
        """Whether the vendor has no list price, so that only the service says what it costs."""
        return self.quote is None or bool(self.quote.quoted)

    @property
    def ask(self) -> Ask | None:
        """What is sent; None where something is unsupported."""
        return self.fit.ask


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTake:
    """One take's place in the plan. Money in micro-USD: `price` is the list price (held), `expected` what receipts taught."""

    take: TakeId
    priced: Priced
    action: Action
    reason: str
    #: rank in buying order
    order: int
    ordinal: int = 0
    expected: Micros = 0
    #: how many receipts taught `expected`; 0 where it is the list price
    receipts: int = 0
    #: the received attempt whose clip is kept, or the live one that is gone on with
    attempt: Attempt | None = None
    #: a person picked the clip that is kept: it is locked
    picked: bool = False
    #: it would be bought if it had a price: the vendor has no list, and the service has not said what it costs
    unpriced: bool = False

    @property
    def shot(self) -> Shot:
        """The row."""
        return self.priced.shot

    @property
    def model(self) -> str:
        """`runware/ltx-2`."""
        return self.priced.model

    @property
    def driven(self) -> bool:
        """Whether a run drives it: to be bought, or bought before and not received yet."""
        return self.action in (Action.BUY, Action.WAIT)

    @property
    def price(self) -> Micros:
        """List price of what would be bought; 0 where nothing is."""
        return self.priced.quote.micros if self.priced.quote and self.action is Action.BUY else 0

    @property
    def frames(self) -> int:
        """Frames in the cut."""
        return self.priced.frames

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid, 0 where nothing is bought."""
        return self.priced.ask.duration_s if self.priced.ask and self.action is Action.BUY else Decimal(0)

    @property
    def used_s(self) -> Decimal:
        """Seconds of them that stand in the cut."""
        return self.priced.used_s if self.action is Action.BUY else Decimal(0)

    @property
    def asked(self) -> Asked | None:
        """What the clip must be, for its check."""
        ask = self.priced.ask
        return Asked(size=ask.size, fps=ask.fps, frames=ask.frames, sound=ask.sound) if ask else None


@dataclass(frozen=True, slots=True)
class Fits:
    """What fits under the caps at list price, in buying order. `usd` in micro-USD; `first` is the first take that doesn't."""

    takes: int
    usd: Micros
    first: TakeId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All takes of a list, in the list's order."""

    list: str
    file: str
    takes: tuple[PlannedTake, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    fits: Fits = field(default=Fits(0, 0))

    @property
    def buys(self) -> tuple[PlannedTake, ...]:
        """What is bought, in buying order."""
        return tuple(sorted((take for take in self.takes if take.action is Action.BUY), key=lambda take: take.order))

    @property
    def keeps(self) -> tuple[PlannedTake, ...]:
        """What is there already."""
        return tuple(take for take in self.takes if take.action is Action.KEEP)

    @property
    def price(self) -> Micros:
        """List price of all that is bought."""
        return sum(take.price for take in self.takes)

    @property
    def expected(self) -> Micros:
        """What all of it is expected to cost."""
        return sum(take.expected for take in self.takes)

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid."""
        return sum((take.paid_s for take in self.takes), Decimal(0))

    @property
    def used_s(self) -> Decimal:
        """Seconds of them that stand in the cut."""
        return sum((take.used_s for take in self.takes), Decimal(0))


def prints(given: Mapping[str, object], essence: bytes) -> tuple[str, str]:
    """The two fingerprints: of what the author gave, and of the request as sent."""
    return print_of(given), digest(essence)


def matches(attempt: Attempt, item: Priced) -> bool:
    """Whether an attempt was made for what the row asks today: one of the two fingerprints is unchanged, and the account is today's or a fallback's."""
    if attempt.account == item.account and attempt.request_print == item.request_print:
        return True
    return attempt.author_print == item.author_print and _of_account(attempt, item)


def _of_account(attempt: Attempt, item: Priced) -> bool:
    return attempt.account == item.account or any(
        (attempt.account, attempt.model) == (other.account, other.model) for other in item.fallbacks
    )


def rehearsed(attempt: Attempt, item: Priced) -> bool:
    """Whether one is of this machine and the other is not: a rehearsal's facts decide nothing once it is for real."""
    return loopback_label(attempt.account) != loopback_label(item.account)


def locks(attempt: Attempt, item: Priced) -> bool:
    """Whether a picked clip locks its take today."""
    return attempt.state is State.RECEIVED and not rehearsed(attempt, item)


def today_of(item: Priced, attempt: Attempt) -> bytes:
    """The request that a row would make today under an attempt's key, as `pack` writes it down: what varies from attempt to attempt is the same in both."""
    return pack(SERVICES[item.service].wire.submit(noted(item.ask), attempt.key)) if item.ask else b""
