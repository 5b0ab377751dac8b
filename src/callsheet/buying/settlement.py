"""What a finished job is settled at: the service's reported cost, otherwise the list price of what the service says it delivered."""

from __future__ import annotations

from fractions import Fraction

from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Size
from callsheet.media.inspect.film_facts import Probe
from callsheet.services.cards.card import Card
from callsheet.services.cards.list_price import list_price
from callsheet.services.cards.negotiation import adjustments, applied
from callsheet.services.protocol.answers import Succeeded
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.wire import Wire


def cost_of(wire: Wire, card: Card | None, attempt: Attempt, done: Succeeded) -> Micros | None:
    """What the job cost, micro-USD; None if the service reported neither a cost nor an adjustment, which settles the hold in full."""
    if done.cost is not None:
        return done.cost
    changes = adjustments(done.told.get("adjustments", attempt.told.get("adjustments")))
    asked = wire.sold(attempt.request)
    if not changes or asked is None or card is None or card.price.quote:
        return None
    return _at_list(card, attempt, asked, applied(asked, changes))


def measured_cost(wire: Wire, card: Card | None, attempt: Attempt, clip: Probe) -> Micros | None:
    """What a clip cost by its own length and size, if the service reported an adjustment in words and no cost; None if that gives no lower
    amount. A clip is never counted as shorter than the shortest that is sold, nor as dearer than what was settled.
    """
    changes = adjustments(attempt.told.get("adjustments"))
    asked = wire.sold(attempt.request)
    in_words = any(not change.applied for change in changes)
    if not in_words or attempt.told.get("cost_reported") or asked is None or card is None or card.price.quote:
        return None
    seconds = max(Fraction(clip.frames) / clip.fps, Fraction(card.duration_s.least))
    size = Size(clip.width, clip.height) if card.price.tiers else asked.size
    cost = _at_list(card, attempt, asked, Sold(size, clip.fps, seconds))
    return cost if cost < attempt.settled else None


def _at_list(card: Card, attempt: Attempt, asked: Sold, came: Sold) -> Micros:
    listed = list_price(card, asked.size, asked.seconds)
    # a hold above the list price (recorded, or learned from overruns) keeps its proportion
    return -(-attempt.quote * list_price(card, came.size, came.seconds) // listed)
