"""Shots to try a card with: its own defaults, and every kind of file that it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef

_BYTES = {
    "image/jpeg": b"\xff\xd8\xff\xe0 a picture",
    "image/png": b"\x89PNG\r\n\x1a\n a picture",
    "audio/wav": b"RIFF\x00\x00\x00\x00WAVE a sound",
}
_LINK = "https://example.com/pier.png"
_SIZES = ("1x1", "320x240", "512x512", "1280x720", "1920x1080", "1080x1920", "3840x2160", "8192x4320", "10000x3")
_SECONDS = ("0.04", "1", "2.5", "4", "6", "9.99", "10.04", "13", "21", "100")
_RATES = ("1", "12", "24000/1001", "24", "25", "30", "50", "120", "240")


def sample(kind: str, seconds: str = "5") -> MediaRef:
    """A small file of a MIME type; a sound claims the given length in seconds."""
    sounds = kind.startswith("audio/")
    return MediaRef.of_bytes(f"sample{kind.replace('/', '.')}", _BYTES[kind], seconds=Fraction(seconds) if sounds else None)


def plain(card: Card, prompt: str = "A pier at dusk") -> Wanted:
    """What the card makes by default."""
    return Wanted(prompt=prompt, duration_s=Decimal(card.duration_s.default), size=card.size.default, fps=Fraction(card.fps.default))


def grid(card: Card) -> Iterator[Wanted]:
    """A wide range of values, most of which no card can grant as they are."""
    base = plain(card)
    for size, seconds, rate in product(_SIZES, _SECONDS, _RATES):
        yield replace(base, size=Size.parse(size), duration_s=Decimal(seconds), fps=Fraction(rate))
    for sound, seed, prompt in product((True, False), (None, 0, -1, 2**31, 2**63), ("", "x", "x" * 20_000)):
        yield replace(base, sound=sound, seed=seed, prompt=prompt, negative_prompt=prompt or None)
    pictures = sample("image/png"), MediaRef.of_url(_LINK)
    for first, last, voice in product((None, *pictures), (None, *pictures), (None, "0.5", "2", "5", "10.5", "60")):
        yield replace(base, first_frame=first, last_frame=last, audio=sample("audio/wav", voice) if voice else None)


def asks(card: Card) -> Mapping[str, Ask]:
    """One purchase for each mode of the card: by text, by pictures as files or addresses, by a sound."""
    base, voice = plain(card), sample("audio/wav", str(card.duration_s.default))
    ways: dict[str, Wanted] = {"text": base, "text, no sound": replace(base, sound=False), "seed": replace(base, seed=7)}
    for name, picture in {"file": sample("image/png"), "address": MediaRef.of_url(_LINK)}.items():
        ways |= {
            f"first frame, {name}": replace(base, first_frame=picture),
            f"two frames, {name}": replace(base, first_frame=picture, last_frame=picture),
            f"sound and {name}": replace(base, first_frame=picture, audio=voice),
        }
    ways["sound"] = replace(base, audio=voice)
    fitted = {name: fit(wanted, card, quotes=True).ask for name, wanted in ways.items()}
    return {name: ask for name, ask in fitted.items() if ask}
