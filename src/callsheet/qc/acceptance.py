"""A clip that arrived, held against its purchase: what was asked for, and what checks find, as the project's policy takes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from callsheet.domain.attempt import Attempt
from callsheet.domain.finding import Finding, Judgement, Severity
from callsheet.domain.money import text
from callsheet.domain.timebase import half_up
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import Inspected
from callsheet.qc.policy import judged
from callsheet.qc.service_remarks import check_remarks
from callsheet.services.cards.card import Card
from callsheet.services.protocol.request import unpack
from callsheet.services.registry import SERVICES


def judge(
    looked: Inspected, attempt: Attempt, asked: Asked | None, policy: Mapping[str, Judgement], same: Sequence[Attempt] = ()
) -> list[Finding]:
    """All that is wrong with an attempt's clip for what was `asked`, each with the take, its frame, and what another attempt would cost.

    `same` are other attempts that delivered the very same bytes before.
    """
    found = [
        *check_remarks(attempt.told, SERVICES[attempt.service].wire.sold(attempt.request)),
        *looked.findings(asked),
        *_same(attempt, same),
    ]
    place = {"shot": attempt.take.shot, "take": str(attempt.take), "again": attempt.quote}
    return [replace(one, clip_frame=one.frame, **place) for one in judged(found, policy)]


def _same(attempt: Attempt, same: Sequence[Attempt]) -> Iterator[Finding]:
    """The film would show one picture twice, and both were paid."""
    if same:
        message = f"these are the very bytes of {same[0].take.full}; this take cost {text(attempt.settled)} USD all the same"
        yield Finding(code="clip-same", severity=Severity.FAIL, message=message)


def ordered(attempt: Attempt, card: Card | None) -> Asked | None:
    """What an attempt's clip must be, read back from its request where no row is at hand; None if its bytes don't tell.

    Whether sound was asked for is known by the model's card; without one nothing is expected of the sound.
    """
    sold = SERVICES[attempt.service].wire.sold(attempt.request)
    if sold is None:
        return None
    return Asked(
        size=sold.size, fps=sold.fps, frames=half_up(sold.seconds * sold.fps), sound=card is not None and _with_sound(attempt, card)
    )


def _with_sound(attempt: Attempt, card: Card) -> bool:
    if card.sound.switch is None:
        return card.sound.kind == "always"
    try:
        found: Any = json.loads(unpack(attempt.request).body)
        for name in (*([0] if isinstance(found, list) else []), *card.sound.switch.split(".")):
            found = cast("Any", found)[name]
    except (ValueError, LookupError, TypeError):
        return False
    return found is True
