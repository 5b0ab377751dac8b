"""A legal, priced shot at its model, and which clips match it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from callsheet.assets.own_footage import OwnClip
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.delivery.fitting import Trim
from callsheet.domain.delivery.font import Font
from callsheet.domain.delivery.title import Title
from callsheet.domain.errors import Problem
from callsheet.domain.fingerprint import Print, canonical, digest
from callsheet.domain.shots.shot import Shot, Size
from callsheet.domain.timebase import Fps, frames_in_cut, seconds
from callsheet.pricing.longer_clips import bought_longer
from callsheet.services.cards.fit import Fit
from callsheet.services.cards.list_price import Quote
from callsheet.services.cards.param_offer import Offer
from callsheet.services.cards.verdict import VerdictKind
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.request import pack
from callsheet.services.registry import SERVICES
from callsheet.services.request_notes import noted
from callsheet.transport.account import loopback_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A legal, priced shot: what would be bought for it, or what is wrong. `given` are the author's values that reach a request."""

    shot: Shot
    model: str
    service: str
    account: str
    fit: Fit
    quote: Quote | None
    author: Print
    request_print: str
    used_s: Decimal
    #: the request as a person agrees to it: it has references instead of other shots' frames, so it is the same before and after they arrive
    agreed_print: str = ""
    #: seconds of its clip that the next shot's transition covers
    handle_s: Decimal = Decimal(0)
    #: its cost without them, if they change the purchase; and why they are unavailable, if they are
    without_handle: Quote | None = None
    no_handle: str = ""
    #: the author's own clip, used in the cut: nothing is bought
    own: OwnClip | None = None
    #: the colour of the title card that is used instead of a clip
    ground: str | None = None
    #: its titles, each with its font if it names one
    titles: tuple[tuple[Title, Font | None], ...] = ()
    #: seconds of its sequence before it, if the rounding is spread over the sequence; None: its length is rounded by itself
    begins_s: Decimal | None = None
    #: the first delivery's frame rate, at which its length in the cut is counted
    cut_fps: Fps | None = None
    problems: tuple[Problem, ...] = ()
    #: why the model's price is no longer known, if so
    frozen: str = ""
    #: why the model is no longer bought, if the service retired it; earlier purchases are kept
    gone: Problem | None = None
    #: the parameters that the model sells
    offer: Offer | None = None
    #: the same shot at its fallback models, in the project's order
    fallbacks: tuple[Priced, ...] = ()
    #: the same row as it is bought to choose from, if the project buys drafts and this one differs
    draft: Priced | None = None
    #: the same row in the further shapes that it is bought in
    also: tuple[Priced, ...] = ()
    #: the same shot in the other reading of contradictory documentation, tried once if this one is refused
    other_reading: Priced | None = None

    @property
    def author_print(self) -> str:
        """The fingerprint of the author's values that reach a request."""
        return str(self.author)

    def frames_at(self, fps: Fps) -> int:
        """Frames in the cut at a rate."""
        if self.begins_s is None:
            return frames_in_cut(self.used_s, fps)
        return frames_in_cut(self.begins_s + self.used_s, fps) - frames_in_cut(self.begins_s, fps)

    @property
    def frames(self) -> int:
        """Frames in the cut, at the first delivery's frame rate; 0 without one."""
        return self.frames_at(self.cut_fps) if self.cut_fps else 0

    @property
    def in_cut_s(self) -> Fraction:
        """Seconds in the cut: whole frames at the first delivery's frame rate."""
        return Fraction(self.used_s) if self.cut_fps is None else seconds(self.frames_at(self.cut_fps), self.cut_fps)

    @property
    def in_each_shape(self) -> tuple[Priced, ...]:
        """The row, followed by the same row in each further shape."""
        return (self, *self.also)

    def shown_in(self, size: Size) -> tuple[Priced, ...]:
        """The shapes that may be used in a picture of this size, the one made for it first."""
        return (*(other for other in self.also if other.shot.shape and other.shot.shape.like(size)), self)

    def as_bought(self, attempt: Attempt) -> Priced:
        """What an attempt was bought as: the row's draft, or the row itself."""
        if self.draft is None or matches(attempt, self):
            return self
        return self.draft if attempt.draft or matches(attempt, self.draft) else self

    @property
    def by_quote(self) -> bool:
        """Whether the service has no list price, so that only the service knows the cost."""
        return self.quote is None or bool(self.quote.quoted)

    @property
    def trim(self) -> Trim | None:
        """The part of the bought picture beyond the wanted shape, because the model sells no size of that shape."""
        snapped = next((verdict for verdict in self.fit.of(VerdictKind.SNAPPED) if verdict.field == "resolution"), None)
        return _trimmed(snapped.wanted, snapped.granted) if snapped else None

    @property
    def to_come(self) -> bool:
        """Whether it needs a frame of another shot that is not received yet, so that it can't be sent."""
        return self.ask is not None and any(file.to_come for file in (self.ask.first_frame, self.ask.last_frame) if file)

    @property
    def ask(self) -> Ask | None:
        """What is sent; None if something is unsupported."""
        return self.fit.ask


@lru_cache(maxsize=256)
def _trimmed(wanted: str, granted: str) -> Trim | None:
    asked, bought = Size.parse(wanted), Size.parse(granted)
    trim = Trim((bought.width, bought.height), Fraction(asked.width, asked.height))
    return trim if trim.lost else None


def print_of(given: Mapping[str, object]) -> str:
    """The fingerprint of the author's values, where None was not given and doesn't count."""
    return digest(canonical({name: value for name, value in given.items() if value is not None}))


def matches(attempt: Attempt, item: Priced) -> bool:
    """Whether an attempt is what the row asks for today: one of the two fingerprints is unchanged, and the account is today's or a
    fallback's; or it was the same request for a longer film.
    """
    if attempt.account == item.account and attempt.request_print == item.request_print:
        return True
    return (attempt.author_print == item.author_print and _of_account(attempt, item)) or longer_s(attempt, item) is not None


def longer_s(attempt: Attempt, item: Priced) -> Fraction | None:
    """Seconds of an attempt with the same request except for a greater length; None if it wasn't."""
    if item.ask is None or (attempt.account, attempt.model) != (item.account, item.model):
        return None
    return bought_longer(attempt, item.ask, item.service)


def _of_account(attempt: Attempt, item: Priced) -> bool:
    return attempt.account == item.account or any(
        (attempt.account, attempt.model) == (other.account, other.model) for other in item.fallbacks
    )


def rehearsed(attempt: Attempt, item: Priced) -> bool:
    """Whether one is on this machine and the other is not: a rehearsal's facts decide nothing once it is live."""
    return loopback_label(attempt.account) != loopback_label(item.account)


def locks(attempt: Attempt, item: Priced) -> bool:
    """Whether a picked clip locks its take today: one from a rehearsal does only as long as that account is used."""
    own = _of_account(attempt, item) or not loopback_label(attempt.account)
    return attempt.state is State.RECEIVED and own and not rehearsed(attempt, item)


def today_of(item: Priced, attempt: Attempt) -> bytes:
    """The request that a row would make today under an attempt's key, as `pack` writes it: what varies between attempts is the same in
    both.
    """
    return pack(SERVICES[item.service].wire.submit(noted(item.ask), attempt.key)) if item.ask else b""
