"""What a service makes smaller by itself: foretold, read back, and priced as it came."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, Negotiation, load_cards
from callsheet.services.cards.fit import VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import list_price, quote
from callsheet.services.cards.negotiation import Adjustment, adjustments, applied, expected_delivery
from callsheet.services.protocol.ask import Sold

CARD = load_cards(Path(__file__).parents[3] / "configs" / "cards")["bytecompute/ltx-2.3"]
HD, SD = Size(1920, 1080), Size(1280, 720)


def holding(pixel_frames: int) -> Card:
    """The card of a service whose machines hold so much."""
    return CARD.model_copy(update={"negotiation": Negotiation(pixel_frames=pixel_frames)})


def sold(size: Size, fps: int, seconds: int) -> Sold:
    return Sold(size, Fraction(fps), Fraction(seconds))


def test_nothing_is_foretold_where_the_limit_is_not_published() -> None:
    """As on the page: what is asked is what is expected."""
    assert expected_delivery(sold(HD, 50, 10), CARD) == sold(HD, 50, 10)
    assert expected_delivery(sold(HD, 50, 10), CARD.model_copy(update={"negotiation": None})) == sold(HD, 50, 10)


@pytest.mark.parametrize(
    ("holds", "comes"),
    [
        (HD.pixels * 500, sold(HD, 50, 10)),
        (HD.pixels * 499, sold(HD, 25, 10)),
        (HD.pixels * 250, sold(HD, 25, 10)),
        (HD.pixels * 249, sold(HD, 25, 9)),
        (HD.pixels * 199, sold(HD, 25, 7)),
        (HD.pixels * 100, sold(HD, 25, 4)),
        (HD.pixels * 25, sold(Size(960, 540), 25, 4)),
        (1, sold(Size(512, 512), 25, 4)),
    ],
)
def test_first_the_rate_then_the_length_then_the_picture(holds: int, comes: Sold) -> None:
    """Each only when the one before is at its least."""
    assert expected_delivery(sold(HD, 50, 10), holding(holds)) == comes


def wanted(size: Size, fps: int, seconds: str) -> Wanted:
    return Wanted(prompt="A pier", duration_s=Decimal(seconds), size=size, fps=Fraction(fps))


def test_the_plan_says_what_will_come_and_pays_for_that() -> None:
    """A lower rate is snapped and said; what is asked for, and priced, is what will come."""
    card = holding(HD.pixels * 150)
    found = fit(wanted(HD, 50, "6"), card)
    assert found.ask
    assert (found.ask.fps, found.ask.duration_s, found.ask.frames) == (25, 6, 150)
    [rate] = found.of(VerdictKind.SNAPPED)
    assert (rate.field, rate.wanted, rate.granted) == ("fps", "50", "25")
    assert "makes 1920x1080 at 50 fps for 6 s smaller" in rate.why


def test_a_film_that_would_come_too_short_is_refused() -> None:
    """A hole in the cut is no bargain: the author chooses a smaller picture."""
    found = fit(wanted(HD, 25, "8"), holding(HD.pixels * 150))
    assert found.ask is None
    [verdict] = found.of(VerdictKind.UNSUPPORTED)
    assert (verdict.field, verdict.wanted) == ("duration_s", "8")
    assert "it would deliver only 6 s" in verdict.why


def test_a_picture_that_would_come_smaller_is_asked_for_smaller() -> None:
    """At the least length only the picture is left; finishing scales it up, and the price is that of the smaller one."""
    card = holding(SD.pixels * 100)
    found = fit(wanted(HD, 25, "3"), card)
    assert found.ask
    assert (found.ask.size, found.ask.duration_s) == (SD, 4)
    assert quote(card, found.ask).micros == 80_000
    assert {verdict.field for verdict in found.of(VerdictKind.SNAPPED)} == {"resolution", "duration_s"}


def test_the_length_shrinks_to_what_is_needed_without_a_word_too_many() -> None:
    """6 s are sold for 5.5 wished; that the service would make 9 of 10 s doesn't matter then."""
    assert not fit(wanted(HD, 25, "6"), holding(HD.pixels * 150)).of(VerdictKind.SNAPPED)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (None, ()),
        ([], ()),
        ("", ()),
        ([{"parameter": "fps", "requested": 50, "applied": 25, "reason": "GPU"}], (Adjustment("fps", "50", "25"),)),
        ([{"field": "duration", "from": 10, "to": 7}], (Adjustment("duration", "10", "7"),)),
        ({"fps": {"requested": 50, "applied": 25}, "duration": 7}, (Adjustment("fps", "50", "25"), Adjustment("duration", "", "7"))),
        ({"parameter": "fps", "applied": 25}, (Adjustment("fps", "", "25"),)),
        (["fps lowered to 25"], (Adjustment("fps lowered to 25", "", ""),)),
        ("fps lowered", (Adjustment("fps lowered", "", ""),)),
        ([7, {}], (Adjustment("7", "", ""), Adjustment("?", "", ""))),
    ],
)
def test_whatever_way_it_is_told(told: object, read: tuple[Adjustment, ...]) -> None:
    """The page shows no form for it: lists, objects and sentences are all kept."""
    assert adjustments(told) == read
    assert all(str(one) for one in read)


def test_what_was_bought_after_its_changes() -> None:
    """Rate, length and size as the service says; words that can't be read change nothing."""
    changes = (
        Adjustment("fps", "50", "25"),
        Adjustment("Duration", "10", "7.5"),
        Adjustment("resolution", "", "1280x720"),
        Adjustment("mood", "", "x"),
    )
    assert applied(sold(HD, 50, 10), changes) == Sold(SD, Fraction(25), Fraction("7.5"))
    odd = (Adjustment("fps", "", "slow"), Adjustment("duration", "", "1/0"), Adjustment("size", "", "HD"), Adjustment("fps", "", ""))
    assert applied(sold(HD, 50, 10), odd) == sold(HD, 50, 10)


@pytest.mark.parametrize(
    ("size", "seconds", "micros"), [(SD, "7", 140_000), (HD, "7", 280_000), (SD, "1/3", 6_667), (Size(1280, 722), "4", 160_000)]
)
def test_the_price_of_what_came(size: Size, seconds: str, micros: int) -> None:
    """By the list, rounded up, the tier by the picture that came."""
    assert list_price(CARD, size, Fraction(seconds)) == micros


def test_a_quote_is_never_below_what_adjusting_leaves() -> None:
    """The hold stands at the worst: a lower rate, a shorter film or a smaller picture never costs more."""
    asked = fit(wanted(HD, 50, "10"), CARD).ask
    assert asked
    held = quote(CARD, asked).micros
    assert held == 400_000
    for holds in range(1, HD.pixels * 600, HD.pixels * 7):
        came = expected_delivery(sold(HD, 50, 10), holding(holds))
        assert list_price(CARD, came.size, came.seconds) <= held
