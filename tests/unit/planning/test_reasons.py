"""Which column made another request: of every card's every wish, so that what a card or a wire newly sends is named by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.conformance.wishes import plain, sample
from callsheet.domain.shots.shot import Size
from callsheet.planning.reasons import changed
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.cards.param import Param
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import pack
from callsheet.services.registry import SERVICES
from callsheet.services.request_notes import noted
from tests.unit.services.asks import KEY

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")
PICTURES = (sample("image/png"), sample("image/jpeg"))
SOUND = sample("audio/wav")
LOUDER = MediaRef.of_bytes("louder.wav", b"RIFF\x00\x00\x00\x00WAVE louder", seconds=Fraction(5))


def written(card: Card, wanted: Wanted) -> bytes | None:
    """The purchase as it would stand in the book; None where the card does not sell it."""
    bought = fit(wanted, card, quotes=True).ask
    return pack(SERVICES[card.service].wire.submit(noted(bought), KEY)) if bought else None


def wishes(card: Card) -> Iterator[tuple[str, Wanted, Wanted]]:
    """Two wishes that differ in one column, for each column and each parameter."""
    base = plain(card)
    first, other = PICTURES
    two = replace(base, first_frame=first, last_frame=first)
    yield from _differing(base, "prompt", "A pier at dawn")
    yield from _differing(base, "negative_prompt", "people")
    yield from _differing(base, "seed", 7)
    yield "resolution", base, replace(base, size=another(card))
    yield "duration_s", base, replace(base, duration_s=Decimal(card.duration_s.least if base.duration_s != card.duration_s.least else 8))
    yield from _differing(base, "sound", False)
    yield from _differing(replace(base, first_frame=first), "first_frame", other)
    yield from _differing(replace(base, first_frame=first), "first_frame", None)
    yield from _differing(two, "last_frame", other)
    yield from _differing(replace(base, first_frame=first, audio=SOUND), "audio", LOUDER)
    for name, param in card.params.items():
        framed = replace(base, first_frame=first) if param.only_with else base
        here, there = (replace(framed, params={name: value}) for value in values(param))
        named = not (param.delivery or param.only_with)  # the same file under another name is no column of its own
        yield "resolution" if param.sizes else "params" if named else "", here, there


def _differing(base: Wanted, column: str, value: object) -> Iterator[tuple[str, Wanted, Wanted]]:
    yield column, base, replace(base, **{column: value})


def another(card: Card) -> Size:
    """A size that is sold and isn't the default; the default where it alone is sold."""
    if card.size.edge is None:
        return next((size for size in card.size.exact if size != card.size.default), card.size.default)
    return Size(card.size.edge.down(card.size.default.width - 1), card.size.default.height)


def values(param: Param) -> tuple[Any, Any]:
    """Two values that are sold; twice the same where only one is."""
    if param.enum:
        return param.enum[0], param.enum[-1]
    kinds: Mapping[str, tuple[Any, Any]] = {
        "boolean": (True, False),
        "url": ("https://a.example/1", "https://a.example/2"),
        "text": ("a", "b"),
    }
    if param.type in kinds:
        return kinds[param.type]
    least = int(param.min or 0) + 9000 * param.outlasts_queue
    return least, least + 1


@pytest.mark.parametrize("name", CARDS)
def test_each_change_is_named_by_its_column(name: str) -> None:
    """One column changed, that one is named, and no other; what only says how a clip is delivered is none."""
    card = CARDS[name]
    told: set[str] = set()
    for column, here, there in wishes(card):
        before, today = written(card, here), written(card, there)
        if before is None or today is None or before == today:
            continue
        assert changed(before, today, card.offer) == ((column,) if column else ()), (here, there)
        told.add(column)
    assert {"prompt", "duration_s", "first_frame"} <= told
    assert "resolution" in told or card.size.exact == (card.size.default,)
    assert "sound" in told or card.sound.kind != "switch"
    assert "params" in told or all(param.sizes or param.delivery or param.only_with for param in card.params.values())
