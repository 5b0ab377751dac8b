"""Compares a clip that arrived with its order: what was requested, and what the checks find, judged by the project's policy."""

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
    """Everything that is wrong with an attempt's clip for what was `asked`, each with the take, its frame, and the price of another
    attempt. `same` are other attempts that delivered the same bytes before.
    """
    found = [
        *check_remarks(attempt.told, SERVICES[attempt.service].wire.sold(attempt.request)),
        *looked.findings(asked),
        *_same(attempt, same),
    ]
    place = {"shot": attempt.take.shot, "take": str(attempt.take), "again": attempt.quote}
    return [replace(one, clip_frame=one.frame, **place) for one in judged(found, policy)]


def _same(attempt: Attempt, same: Sequence[Attempt]) -> Iterator[Finding]:
    """The film would show one picture twice, and both were paid for."""
    if same:
        message = f"the same file as {same[0].take.full}; this take cost {text(attempt.settled)} USD nevertheless"
        yield Finding(code="clip-same", severity=Severity.FAIL, message=message)


def ordered(attempt: Attempt, card: Card | None) -> Asked | None:
    """The order for an attempt's clip, read back from its request if there is no row; None if its bytes don't tell. Whether sound was
    ordered depends on the model's card; without one, nothing is expected of the sound.
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
