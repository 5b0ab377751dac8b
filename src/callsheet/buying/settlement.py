"""What a finished job is settled at: the service's own word, else the list price of what the service says it made of the request."""

from __future__ import annotations

from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros
from callsheet.services.cards.card import Card
from callsheet.services.cards.list_price import list_price
from callsheet.services.cards.negotiation import adjustments, applied
from callsheet.services.protocol.answers import Succeeded
from callsheet.services.protocol.wire import Wire


def cost_of(wire: Wire, card: Card | None, attempt: Attempt, done: Succeeded) -> Micros | None:
    """What the job cost, micro-USD; None where the service said neither a cost nor an adjustment, which settles the hold in full."""
    if done.cost is not None:
        return done.cost
    changes = adjustments(done.told.get("adjustments", attempt.told.get("adjustments")))
    asked = wire.sold(attempt.request)
    if not changes or asked is None or card is None or card.price.quote:
        return None
    came = applied(asked, changes)
    listed = list_price(card, asked.size, asked.seconds)
    # a hold above the list (a recorded price, what overruns taught) keeps its proportion
    return -(-attempt.quote * list_price(card, came.size, came.seconds) // listed)
