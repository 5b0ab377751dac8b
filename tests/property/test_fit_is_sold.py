"""Whatever is wished for, what is asked for is sold: by the card, and by a stand-in that knows nothing of our cards."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.domain.money import usd
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import Fit, VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.runware.wire import Runware
from callsheet.standin.app import create_app
from callsheet.standin.jobs.config import Config

CARDS = load_cards(Path(__file__).parents[2] / "configs" / "cards")
EDGES = st.integers(8, 4096).map(lambda half: half * 2)
RATES = st.sampled_from(["24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60", "12.5", "0.5", "240"]).map(Fraction)
WISHES = st.builds(
    Wanted,
    prompt=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=2, max_size=60),
    duration_s=st.decimals(min_value="0.001", max_value="20", places=3),
    size=st.builds(Size, EDGES, EDGES),
    fps=RATES,
    sound=st.booleans(),
    negative_prompt=st.none() | st.just("rain"),
    seed=st.none() | st.integers(0, 1 << 62),
)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(wanted=WISHES, name=st.sampled_from(sorted(CARDS)))
def test_what_is_granted_is_sold(wanted: Wanted, name: str) -> None:
    """An ask is legal by its card, never shorter than wished, whole in frames, and what differs is said; else the shot is blocked."""
    card = CARDS[name]
    found = fit(wanted, card, quotes=True)
    assert (found.ask is None) == bool(found.of(VerdictKind.UNSUPPORTED))
    assert all(verdict.why for verdict in found.verdicts if verdict.kind is not VerdictKind.EXACT)
    if found.ask is None:
        return
    ask = found.ask
    assert ask.size in card.size
    assert ask.fps in card.fps
    if card.frames:
        assert ask.frames in card.frames
        assert ask.frames >= Fraction(wanted.duration_s) * ask.fps
        assert 0 <= ask.frames / ask.fps - Fraction(ask.duration_s) < Fraction(1, 1_000_000)
        return
    assert ask.duration_s in card.duration_s
    assert ask.duration_s >= wanted.duration_s
    assert ask.frames == ask.duration_s * Decimal(ask.fps.numerator)
    _said(wanted, found)
    assert quote(card, ask).micros > 0


def _said(wanted: Wanted, found: Fit) -> None:
    assert found.ask
    exact = {verdict.field for verdict in found.of(VerdictKind.EXACT)}
    for field, wish, granted in (
        ("resolution", wanted.size, found.ask.size),
        ("fps", wanted.fps, found.ask.fps),
        ("duration_s", wanted.duration_s, found.ask.duration_s),
        ("sound", wanted.sound, found.ask.sound),
    ):
        assert (field in exact) == (wish == granted)


@settings(max_examples=150, deadline=None, print_blob=True)
@given(wanted=WISHES, name=st.sampled_from(sorted(CARDS)))
def test_what_is_granted_can_not_be_granted_better(wanted: Wanted, name: str) -> None:
    """What is granted, wished for, is granted exactly."""
    ask = fit(wanted, CARDS[name], quotes=True).ask
    if ask is None:
        return
    same = Wanted(prompt=ask.prompt, duration_s=ask.duration_s, size=ask.size, fps=ask.fps, sound=ask.sound)
    again = fit(same, CARDS[name], quotes=True)
    assert {verdict.kind for verdict in again.verdicts} == {VerdictKind.EXACT}


@pytest.mark.parametrize("name", sorted(name for name in CARDS if name.startswith("runware/")))
async def test_a_second_witness_takes_it_at_our_price(name: str) -> None:
    """The stand-in, written from the same pages by itself, finds nothing wrong with any ask, and its list price is our quote."""
    card = CARDS[name]
    sizes = card.size.exact or (Size(128, 128), Size(1280, 704), Size(768, 448), Size(2048, 2048))
    asks = [
        ask
        for size in sizes
        for seconds in ("0.5", "6", "9.5")
        for rate in ("24", "25", "50", "24000/1001")
        for sound in (True, False)
        if (ask := fit(Wanted(prompt="A pier", duration_s=Decimal(seconds), size=size, fps=Fraction(rate), sound=sound), card).ask)
    ]
    wire = Runware()
    transport = httpx.ASGITransport(create_app(Config()))
    async with httpx.AsyncClient(transport=transport, base_url="http://standin") as client:
        for number, ask in enumerate(asks):
            # the wire's keys are version 4 UUIDs; these are the same in every run
            key = str(uuid5(NAMESPACE_URL, f"{name} {number}"))
            key = f"{key[:14]}4{key[15:]}"
            body = wire.submit(ask, key).body
            answer = await client.post("/v1", content=body, headers={"Authorization": "Bearer test", "X-Runware-Dry-Run": "1"})
            assert answer.status_code == 200, (answer.text, json.loads(body))
            assert usd(str(answer.json()["data"][0]["cost"])) == quote(card, ask).micros
    assert len(asks) >= 24
