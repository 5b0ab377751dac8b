"""Wishes and what is granted, field by field."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Verdict, VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.protocol.ask import Ask

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")
V23, V2, FAST = CARDS["runware/ltx-2.3"], CARDS["runware/ltx-2"], CARDS["runware/ltx-2-fast"]
PLAIN = Wanted(prompt="A pier at dusk", duration_s=Decimal(6), size=Size(1920, 1080), fps=Fraction(25))


def granted(wanted: Wanted, card: Card) -> Ask:
    ask = fit(wanted, card).ask
    assert ask
    return ask


def verdict(wanted: Wanted, card: Card, field: str) -> Verdict:
    [found] = [verdict for verdict in fit(wanted, card).verdicts if verdict.field == field]
    return found


def test_what_is_sold_is_granted_exactly() -> None:
    """Nothing to say, and the ask is the wish in the vendor's words."""
    found = fit(PLAIN, V23)
    assert {verdict.kind for verdict in found.verdicts} == {VerdictKind.EXACT}
    assert found.ask == Ask(
        model="lightricks:ltx@2.3",
        prompt="A pier at dusk",
        size=Size(1920, 1080),
        fps=Fraction(25),
        duration_s=Decimal(6),
        frames=150,
        sound=True,
        params={"settings": {"audio": True}},
    )


@pytest.mark.parametrize(
    ("card", "wanted", "paid"),
    [(V23, "0.5", 6), (V23, "6", 6), (V23, "6.001", 8), (V23, "10", 10), (V2, "0.2", 1), (V2, "3.5", 4), (V2, "20", 20), (FAST, "9", 10)],
)
def test_a_length_is_snapped_up(card: Card, wanted: str, paid: int) -> None:
    """The next length that is sold, paid in full; the verdict says how much is used."""
    wish = replace(PLAIN, duration_s=Decimal(wanted))
    assert granted(wish, card).duration_s == paid
    assert granted(wish, card).frames == paid * 25
    found = verdict(wish, card, "duration_s")
    assert found.kind is (VerdictKind.EXACT if Decimal(wanted) == paid else VerdictKind.SNAPPED)
    assert found.kind is VerdictKind.EXACT or f"{paid} s are paid for, and the first {wanted} s are used" in found.why


@pytest.mark.parametrize(("card", "wanted"), [(V23, "10.001"), (V2, "20.5"), (FAST, "11")])
def test_longer_than_the_longest_is_refused(card: Card, wanted: str) -> None:
    """Nothing is bought, and the limit is named."""
    wish = replace(PLAIN, duration_s=Decimal(wanted))
    assert fit(wish, card).ask is None
    found = verdict(wish, card, "duration_s")
    assert found.kind is VerdictKind.UNSUPPORTED
    assert f"at most {card.duration_s.most} s" in found.why


@pytest.mark.parametrize(
    ("card", "wanted", "size"),
    [
        (V23, "1280x720", "1920x1080"),
        (V23, "720x1280", "1080x1920"),
        (V23, "1922x1080", "2560x1440"),
        (V23, "1920x1440", "2560x1440"),
        (V23, "4096x2160", "3840x2160"),
        (V23, "2160x4320", "2160x3840"),
        (V23, "1000x1000", "1920x1080"),
        (FAST, "720x1280", "1920x1080"),
        (V2, "1280x720", "1280x768"),
        (V2, "1920x1080", "1920x1088"),
        (V2, "3840x2160", "2048x1152"),
        (V2, "2160x3840", "1152x2048"),
        (V2, "16x16", "128x128"),
        (V2, "8192x16", "2048x128"),
    ],
)
def test_a_size_is_snapped_to_one_that_covers(card: Card, wanted: str, size: str) -> None:
    """The smallest of the same orientation that covers, else the largest; a grid keeps the shape."""
    wish = replace(PLAIN, size=Size.parse(wanted))
    assert str(granted(wish, card).size) == size
    found = verdict(wish, card, "resolution")
    assert (found.kind, found.wanted, found.granted) == (VerdictKind.SNAPPED, wanted, size)
    one, other = Size.parse(wanted), Size.parse(size)
    covers = other.width >= one.width and other.height >= one.height
    assert ("smallest that covers" in found.why) is covers


@pytest.mark.parametrize(
    ("card", "wanted", "rate"),
    [
        (V23, "24000/1001", 24),
        (V23, "30", 25),
        (V23, "49", 50),
        (V23, "36.5", 48),
        (V23, "240", 50),
        (FAST, "24", 25),
        (FAST, "75/2", 50),
        (V2, "24000/1001", 24),
        (V2, "49/2", 25),
        (V2, "121", 120),
        (V2, "1/2", 1),
    ],
)
def test_a_frame_rate_is_snapped_to_the_nearest(card: Card, wanted: str, rate: int) -> None:
    """The nearest that is sold, a tie going up; finishing converts it."""
    wish = replace(PLAIN, fps=Fraction(wanted))
    assert granted(wish, card).fps == rate
    assert granted(wish, card).frames == rate * granted(wish, card).duration_s
    assert verdict(wish, card, "fps").kind is VerdictKind.SNAPPED


def test_prompts_have_limits() -> None:
    """Too short and too long are refused with the limit; where none is published there is none."""
    assert verdict(replace(PLAIN, prompt="x"), V23, "prompt").why == "runware/ltx-2.3 needs at least 2"
    assert verdict(replace(PLAIN, prompt="x" * 10_001), V23, "prompt").why == "runware/ltx-2.3 takes at most 10000"
    assert fit(replace(PLAIN, prompt="x" * 10_001), V23).ask is None
    assert fit(replace(PLAIN, prompt="x" * 10_000), V23).ask
    assert fit(replace(PLAIN, prompt="x" * 10_001), V2).ask


def test_what_a_model_does_not_take_is_dropped_with_a_warning() -> None:
    """A seed or a negative prompt that can't be sent doesn't block the shot, and isn't sent."""
    wish = replace(PLAIN, seed=42, negative_prompt="rain")
    found = fit(wish, V23)
    assert [verdict.field for verdict in found.of(VerdictKind.DROPPED)] == ["negative_prompt", "seed"]
    assert found.ask
    assert (found.ask.seed, found.ask.negative_prompt) == (None, None)
    assert granted(wish, V2).negative_prompt == "rain"
    assert verdict(wish, V2, "negative_prompt").kind is VerdictKind.EXACT
    assert "can't be reproduced" in verdict(wish, V2, "seed").why


def test_a_file_that_was_not_read_is_not_sent() -> None:
    """A first frame that is a mere cell blocks the shot: buying without it would buy another picture. Why differs by what the model takes."""
    found = fit(replace(PLAIN, first_frame="a.png", last_frame="b.png", audio="c.wav"), V23)
    assert found.ask is None
    assert [verdict.field for verdict in found.of(VerdictKind.UNSUPPORTED)] == ["first_frame", "last_frame", "audio"]
    first, last, audio = found.of(VerdictKind.UNSUPPORTED)
    assert "was not read" in first.why
    assert "accepts no last_frame" in last.why
    assert "accepts no audio" in audio.why


def test_sound_is_asked_for_explicitly() -> None:
    """Where there is a switch it is always sent; a model that always makes sound says what becomes of it."""
    silent = replace(PLAIN, sound=False)
    assert granted(silent, V23).params == {"settings": {"audio": False}}
    assert granted(PLAIN, FAST).params == {"providerSettings": {"lightricks": {"generateAudio": True}}}
    assert granted(silent, V2).sound is True
    assert verdict(silent, V2, "sound") == Verdict(
        "sound", VerdictKind.SNAPPED, "off", "on", "runware/ltx-2 always makes sound, which is left out of the cut"
    )
    mute = V2.model_copy(update={"sound": V2.sound.model_copy(update={"kind": "never"})})
    assert granted(PLAIN, mute).sound is False
    assert verdict(PLAIN, mute, "sound").kind is VerdictKind.DROPPED


def test_what_is_always_sent() -> None:
    """Parameters of the card stand nested by their dotted paths."""
    assert granted(PLAIN, V2).params == {"steps": 40, "CFGScale": 4, "settings": {"enhancePrompt": False}}


@pytest.mark.parametrize(
    ("card", "size", "seconds", "micros", "basis"),
    [
        (V23, "1920x1080", "8", 640_000, "8 s x 0.08 USD/s at 1920x1080"),
        (V23, "1440x2560", "6", 960_000, "6 s x 0.16 USD/s at 1440x2560"),
        (V23, "3840x2160", "10", 3_200_000, "10 s x 0.32 USD/s at 3840x2160"),
        (V2, "768x448", "3.5", 120_000, "4 s x 0.03 USD/s at 768x448"),
        (V2, "2048x2048", "5", 150_000, "5 s x 0.03 USD/s at 2048x2048"),
        (FAST, "1920x1080", "8", 320_000, "8 s x 0.04 USD/s at 1920x1080, from three examples of 8 s at 1920x1080, each billed 0.32"),
    ],
)
def test_the_quote_is_the_list_price_of_what_is_granted(card: Card, size: str, seconds: str, micros: int, basis: str) -> None:
    """Paid seconds times the list's price of a second, in micro-dollars, with the dated card and how it was reckoned."""
    found = quote(card, granted(replace(PLAIN, size=Size.parse(size), duration_s=Decimal(seconds)), card))
    assert (found.micros, found.basis, found.extrapolated) == (micros, basis, card is FAST)
    assert found.price_ref == f"{card.name}@{card.as_of}"


def test_a_quote_is_rounded_up() -> None:
    """A fraction of a micro-dollar is held as a whole one."""
    odd = V2.model_copy(update={"price": V2.price.model_copy(update={"usd_per_s": Decimal("0.0000001")})})
    assert quote(odd, granted(PLAIN, odd)).micros == 1


@pytest.mark.parametrize(("scale", "sent"), [(Decimal(1), None), (Decimal("1.01"), "rain"), (None, "rain")])
def test_a_negative_prompt_without_guidance_is_dropped(scale: Decimal | None, sent: str | None) -> None:
    """The card's rule between two fields is a verdict on the row: at CFGScale 1 the model ignores it, one step above it doesn't."""
    wish = replace(PLAIN, negative_prompt="rain", params={} if scale is None else {"CFGScale": scale})
    assert granted(wish, V2).negative_prompt == sent
    found = verdict(wish, V2, "negative_prompt")
    assert found.kind is (VerdictKind.EXACT if sent else VerdictKind.DROPPED)
    assert ("CFGScale = 1" in found.why) is (sent is None)


def test_rows_that_are_alike_differ_in_their_words_alone() -> None:
    """What a row of one kind got is given to the next one, which keeps its own words and seed; equal values that are written otherwise stay as they are written."""
    seeded = CARDS["deapi/ltx-2.3"]
    wishes = (
        replace(PLAIN, size=Size(768, 512), fps=Fraction(24), prompt=words, seed=seed) for words, seed in (("A pier", 1), ("A lamp", None))
    )
    first, second = (fit(wish, seeded, quotes=True).ask for wish in wishes)
    assert first
    assert second
    assert (first.prompt, first.seed, second.prompt, second.seed) == ("A pier", 1, "A lamp", None)
    assert first == replace(second, prompt="A pier", seed=1)
    assert [verdict(replace(PLAIN, duration_s=Decimal(text)), V2, "duration_s").wanted for text in ("4.0", "4")] == ["4.0", "4"]
    assert [fit(replace(PLAIN, params={"safety.checkContent": on}), V2).ask is None for on in (True, 1)] == [False, True]
    assert (fit(PLAIN, V23).ask is None, fit(replace(PLAIN, prompt="x" * 10_001), V23).ask is None) == (False, True)
    dearer = V2.model_copy(update={"model": "other"})
    assert (granted(PLAIN, dearer).model, granted(PLAIN, V2).model) == ("other", V2.model)
