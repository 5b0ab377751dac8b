"""The table of what each model does with each wish, made from the cards by the very function that decides: `python -m callsheet.services.table`.

It prints docs/reference/services.md; a test holds the page against it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from callsheet.domain.shots.params import Plain
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.cards.param import Param, written
from callsheet.services.cards.param_offer import Situation, grant
from callsheet.services.protocol.abilities import HandsOver, Quotes, ReportsSpending
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.registry import SERVICES
from callsheet.store.house import house_root

_HEAD = """# Services and models

Made from the cards in `configs/cards/` by `python -m callsheet.services.table > docs/reference/services.md`; don't edit it by hand.

*exact*: sent and made as asked. *snapped*: the nearest thing sold is bought, and finishing does the rest. *dropped*: not sent, and `plan` says so.
*unsupported*: nothing is bought until the cell is changed. Lengths in seconds, sizes in pixels, prices in USD for a second of film.
"""
_PICTURE = MediaRef.of_bytes("frame.png", b"\x89PNG\r\n\x1a\n", size=Size(1920, 1080))
_SOUND = MediaRef.of_bytes("voice.wav", b"RIFF....WAVE", seconds=Fraction(5))
_LINK = MediaRef.of_url("https://example.com/frame.png")

Change = Callable[[Wanted], Wanted]
#: a wish, the column whose verdict answers it, and how it changes a shot that the model makes exactly
WISHES: tuple[tuple[str, str, Change], ...] = (
    ("1280x720", "resolution", lambda wish: replace(wish, size=Size(1280, 720))),
    ("1920x1080", "resolution", lambda wish: replace(wish, size=Size(1920, 1080))),
    ("1080x1920", "resolution", lambda wish: replace(wish, size=Size(1080, 1920))),
    ("3840x2160", "resolution", lambda wish: replace(wish, size=Size(3840, 2160))),
    ("24 fps", "fps", lambda wish: replace(wish, fps=Fraction(24))),
    ("23.976 fps", "fps", lambda wish: replace(wish, fps=Fraction(24000, 1001))),
    ("25 fps", "fps", lambda wish: replace(wish, fps=Fraction(25))),
    ("50 fps", "fps", lambda wish: replace(wish, fps=Fraction(50))),
    ("2.5 s", "duration_s", lambda wish: replace(wish, duration_s=Decimal("2.5"))),
    ("8 s", "duration_s", lambda wish: replace(wish, duration_s=Decimal(8))),
    ("12 s", "duration_s", lambda wish: replace(wish, duration_s=Decimal(12))),
    ("sound on", "sound", lambda wish: wish),
    ("sound off", "sound", lambda wish: replace(wish, sound=False)),
    ("negative prompt", "negative_prompt", lambda wish: replace(wish, negative_prompt="rain")),
    ("seed", "seed", lambda wish: replace(wish, seed=42)),
    ("first frame, a file", "first_frame", lambda wish: replace(wish, first_frame=_PICTURE, size=Size(1920, 1080))),
    ("first frame, an address", "first_frame", lambda wish: replace(wish, first_frame=_LINK)),
    ("first and last frame", "last_frame", lambda wish: replace(wish, first_frame=_PICTURE, last_frame=_PICTURE, size=Size(1920, 1080))),
    ("last frame alone", "last_frame", lambda wish: replace(wish, last_frame=_PICTURE)),
    ("sound that drives the picture", "audio", lambda wish: replace(wish, audio=_SOUND)),
)
#: the shipped patience and download, seconds
_WAIT_S = 4500
#: what a service does besides
_RECOVERY = {
    "keyed": "looked up by the attempt's key",
    "tokened": "a callback names the job; else in doubt",
    "blind": "in doubt",
}


def page(cards: Mapping[str, Card]) -> str:
    """The whole page."""
    return "\n".join(
        (
            _HEAD,
            *_table("What is sold", cards, sold),
            *_table("How each column is handled", cards, wishes),
            *_parameters(cards),
            *_services(),
            *_notes(cards),
        )
    )


def verdict(card: Card, field: str, change: Change) -> str:
    """What the model says to one wish: its kind, with what is granted instead where that differs."""
    plain = Wanted(
        prompt="A pier at dusk", duration_s=Decimal(card.duration_s.default), size=card.size.default, fps=Fraction(card.fps.default)
    )
    [found] = [verdict for verdict in fit(change(plain), card, quotes=True).verdicts if verdict.field == field]
    return f"{found.kind.value} to {found.granted}" if found.kind.value == "snapped" and found.field != "sound" else found.kind.value


def _table(title: str, cards: Mapping[str, Card], rows: Callable[[Card], list[tuple[str, str]]]) -> Iterator[str]:
    columns = [rows(card) for card in cards.values()]
    yield f"## {title}\n"
    yield f"| | {' | '.join(cards)} |"
    yield f"|---|{'---|' * len(cards)}"
    for cells in zip(*columns, strict=True):
        yield f"| {cells[0][0]} | {' | '.join(text for _, text in cells)} |"
    yield ""


def sold(card: Card) -> list[tuple[str, str]]:
    """What a model sells, as pairs of what it is and the value in words."""
    return [
        ("status", card.status + (f", use {card.replaced_by}" if card.replaced_by else "")),
        ("as of", card.as_of.isoformat()),
        ("sizes", str(card.size)),
        (
            "lengths",
            f"{card.frames.min} to {card.frames.max} frames in steps of {card.frames.step}" if card.frames else str(card.duration_s),
        ),
        ("fps", str(card.fps)),
        ("price", _price(card)),
        ("prompt", f"{card.prompt.min} to {card.prompt.max} characters" if card.prompt.max else "no limit published"),
    ]


def _price(card: Card) -> str:
    price = card.price
    if price.quote:
        return "the service is asked"
    if price.tiers:
        tiers = [f"{tier.usd_per_s:f}" + (f" up to {tier.to_pixels} pixels" if tier.to_pixels else " above") for tier in price.tiers]
        return ", ".join(tiers)
    said = f"{price.usd_per_s:f}" if price.usd_per_s is not None else ", ".join(f"{size} {usd:f}" for size, usd in price.by_size.items())
    return f"{said} ({price.why})" if price.extrapolated else said


def wishes(card: Card) -> list[tuple[str, str]]:
    """What becomes of each wish at a model."""
    return [(name, verdict(card, field, change)) for name, field, change in WISHES]


def parameter(card: Card, name: str) -> str:
    """What becomes of a parameter at a model: what it takes, and what is sent or assumed where nobody writes it."""
    param = card.params.get(name)
    if param is None:
        return "unsupported"
    said = grant({name: _sample(param)}, card.offer, Situation(kept_s=_WAIT_S)).verdicts[0]
    kind = f"raised to at least {_WAIT_S}" if said.granted != said.wanted else said.kind.value
    path = param.path or name
    unless = (
        f"; {written(card.send[path])} is sent"
        if path in card.send
        else ""
        if param.default is None
        else f"; else {written(param.default)}"
    )
    return f"{kind}: {param.allowed}{'' if param.sizes else unless}"


def _sample(param: Param) -> Plain:
    """A value that the parameter takes."""
    if param.enum:
        return Decimal(str(value)) if isinstance(value := param.enum[0], float) else value
    if param.type in ("integer", "number"):
        return int(param.min if param.min is not None else param.max or 0)
    return {"boolean": True, "url": "https://example.com/clip"}.get(param.type, "text")


def _parameters(cards: Mapping[str, Card]) -> Iterator[str]:
    names = list(dict.fromkeys(name for card in cards.values() for name in card.params))
    yield from _table("Parameters", cards, lambda card: [(f"`{name}`", parameter(card, name)) for name in names])
    yield f"Written in a row's `params` cell, or for a whole project in `[params.\"MODEL\"]` of project.toml. Seconds that a clip's address lives are raised to\nthe lane's patience and the download's longest wait, {_WAIT_S} unless project.toml says otherwise.\n"


def _services() -> Iterator[str]:
    yield "## How a service is talked to\n"
    yield "| | key | base URL | a lost answer | clips | price asked | balance told |"
    yield "|---|---|---|---|---|---|---|"
    for service in SERVICES.values():
        wire = service.wire
        clips = "from the service, with the key" if isinstance(wire, HandsOver) else "from a public address"
        asked, told = ("yes" if isinstance(wire, kind) else "no" for kind in (Quotes, ReportsSpending))
        cells = (f"`{service.key_env}`", f"`{service.url_env}`, else {service.base_url}", _RECOVERY[wire.recovery], clips, asked, told)
        yield f"| {service.name} | {' | '.join(cells)} |"
    yield ""


def _notes(cards: Mapping[str, Card]) -> Iterator[str]:
    yield "## What the sources leave open, and how to write prompts"
    for card in cards.values():
        yield f"\n### {card.name}\n"
        yield f"{card.title}, `{card.model}`. Source: {card.source}\n"
        yield from (f"- {note}" for note in card.notes)
        yield from (f"- Sent beyond the service's own examples: `{name}` ({why})" for name, why in card.adds.items())
        yield from (f"- Prompts: {advice}" for advice in card.advice)
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page(load_cards(house_root() / "configs" / "cards")))
