"""A card: what one model sells, as dated data in configs/cards/*.toml. A new model of a known service needs a new card and no code."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from math import inf
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.shot import Size
from callsheet.domain.wording import did_you_mean
from callsheet.regular_file import read_regular
from callsheet.services.cards.param import Always, Drop, File, Param, Sent
from callsheet.services.cards.param_offer import Offer, faults
from callsheet.services.cards.sold_ranges import Frozen, Numbers, Seconds, Sizes, Steps, UsdPerSecond
from callsheet.services.protocol.ask import Ask
from callsheet.toml_file.document import read
from callsheet.toml_file.faults import problems_of


class Prompt(Frozen):
    """The allowed length of a prompt, in characters; `max` None if the service gives no limit."""

    min: int = Field(default=1, ge=1)
    max: int | None = None


class FileRule(Frozen):
    """The allowed files of one kind. Without a published limit, there is none here."""

    #: MIME types; empty if the service gives none
    types: tuple[str, ...] = ()
    max_bytes: int | None = Field(default=None, gt=0)
    #: of a sound, seconds
    min_s: Seconds | None = None
    max_s: Seconds | None = None
    #: whether an address is accepted, which the service reads itself
    urls: bool = True
    #: whether the id of an earlier upload is accepted
    uploads: bool = False


class Inputs(Frozen):
    """A model's inputs in addition to a prompt. A last frame is used only with a first one, and never with a sound."""

    negative_prompt: bool = False
    seed: bool = False
    #: the largest seed, if the service gives it
    seed_max: int | None = None
    first_frame: bool = False
    last_frame: bool = False
    audio: bool = False
    #: whether a film driven by a sound is as long as the sound, to the next frame, whatever lengths are sold
    audio_sets_length: bool = False
    #: rules for the two frames
    image: FileRule = FileRule()
    #: rules for the sound
    sound: FileRule = FileRule()
    #: set if the documentation contradicts itself about sizes with a first frame
    size_beside_frame: PictureSize | None = None


class Sound(Frozen):
    """Whether a clip has sound: controlled by a `switch` (the parameter's dotted path), always, or never."""

    kind: Literal["switch", "always", "never"]
    switch: str | None = None

    @model_validator(mode="after")
    def _with_path(self) -> Self:
        if (self.kind == "switch") != (self.switch is not None):
            raise ValueError('a switch has a path, such as "settings.audio"; always and never have none')
        return self


class Tier(Frozen):
    """A price for pictures of up to `to_pixels` (width times height); None: for all larger ones."""

    to_pixels: int | None = Field(default=None, gt=0)
    usd_per_s: UsdPerSecond


class Price(Frozen):
    """List price in USD for a second of film: one for all sizes, one for each, or tiers by area. `extrapolated` if it is on no list, and
    `why`. `quote`: there is no list; only the service knows what a purchase costs.
    """

    usd_per_s: UsdPerSecond | None = None
    by_size: Mapping[str, UsdPerSecond] = Field(default_factory=dict)
    tiers: tuple[Tier, ...] = ()
    quote: bool = False
    extrapolated: bool = False
    why: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum((bool(self.by_size), self.usd_per_s is not None, bool(self.tiers), self.quote)) != 1:
            raise ValueError("give either usd_per_s, by_size, tiers or quote = true")
        limits = [tier.to_pixels or inf for tier in self.tiers]
        if limits and (limits[-1] != inf or limits != sorted(set(limits))):
            raise ValueError("write tiers in rising order, the last without to_pixels")
        if self.extrapolated != bool(self.why):
            raise ValueError("only an extrapolated price has `why`, and it must")
        return self

    def per_second(self, size: Size) -> Decimal:
        """USD for a second at `size`, which must be sold; ValueError if there is no list price."""
        if self.quote:
            raise ValueError("there is no list price: only the service knows what a purchase costs")
        if self.tiers:
            return next(tier.usd_per_s for tier in self.tiers if tier.to_pixels is None or size.pixels <= tier.to_pixels)
        return self.usd_per_s if self.usd_per_s is not None else self.by_size[str(size)]


class PictureSize(Frozen):
    """That the service's document says two things of width and height beside a first frame: both readings, which is tried first, and since when.

    `sent`: width and height go along. `left_out`: the picture alone says them, and so the price is that of the dearest size.
    """

    first: Literal["sent", "left_out"]
    as_of: date
    why: str = Field(min_length=1)


class Hint(Frozen):
    """What the service advises for rows of a kind: prompts outside of a number of words, films from a length on, shots that a sound drives."""

    about: Literal["prompt", "length", "sound"]
    #: of a prompt: how many words are right
    least_words: int | None = None
    most_words: int | None = None
    #: of a length: from how many seconds on; a film that a sound drives is meant only where `with_sound` is true
    from_s: Seconds | None = None
    with_sound: bool = True
    #: of a sound: meant only where less than so many seconds of silence stand before it
    silence_s: Seconds | None = None
    says: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if (self.about == "prompt") != (self.least_words is not None and self.most_words is not None):
            raise ValueError("only a hint about prompts has least_words and most_words, and it must")
        if (self.about == "length") != (self.from_s is not None):
            raise ValueError("only a hint about lengths has from_s, and it must")
        if self.silence_s is not None and self.about != "sound":
            raise ValueError("only a hint about sounds has silence_s")
        return self

    def meant(self, ask: Ask) -> bool:
        """Whether it is about this purchase."""
        if self.least_words is not None and self.most_words is not None:
            return not self.least_words <= len(ask.prompt.split()) <= self.most_words
        if self.from_s is not None:
            return ask.duration_s >= self.from_s and (self.with_sound or ask.audio is None)
        if ask.audio is None:
            return False
        silence = ask.audio.leading_silence
        return self.silence_s is None or silence is None or silence < Fraction(self.silence_s)


class Negotiation(Frozen):
    """The service reduces requests by itself instead of refusing them: first the frame rate, then the length, then the picture.
    `pixel_frames` is its machines' maximum, pixels of a picture times frames; None if that is not published, and nothing can be
    predicted.
    """

    pixel_frames: int | None = Field(default=None, gt=0)


class Moderation(Frozen):
    """How the service reports that it refused its own result, not the request: error codes of jobs that it had accepted. Another try may
    succeed.
    """

    output: tuple[str, ...] = ()
    #: where the service says so
    source: str


class Card(Frozen):
    """What a model sells. Times in seconds, sizes in pixels, prices in USD; `as_of` is the date of the source."""

    name: str = Field(pattern=r"^[a-z0-9-]+/[A-Za-z0-9._-]+$")
    service: str
    #: the service's own name of the model
    model: str
    title: str
    status: Literal["live", "deprecated", "retired"]
    #: the card's name of what to use instead
    replaced_by: str | None = None
    source: str
    as_of: date
    size: Sizes
    duration_s: Numbers
    #: the numbers of frames, if lengths are sold in frames. `duration_s` then only gives the whole seconds among them
    frames: Steps | None = None
    fps: Numbers
    prompt: Prompt = Prompt()
    inputs: Inputs = Inputs()
    sound: Sound
    #: parameters that are always sent, by dotted path
    send: Mapping[str, Always] = Field(default_factory=dict)
    #: which of these are omitted with a file, by path: the service's own default then applies
    send_unless: Mapping[str, File] = Field(default_factory=dict)
    #: fields of requests beyond the service's own examples, and why
    adds: Mapping[str, str] = Field(default_factory=dict)
    #: parameters that a row or the project may set, by name
    params: Mapping[str, Param] = Field(default_factory=dict)
    #: fields that have no effect with a parameter's value
    drops: tuple[Drop, ...] = ()
    price: Price
    #: set if the service adjusts requests
    negotiation: Negotiation | None = None
    #: which refusals are of the result; None if the service doesn't distinguish them
    moderation: Moderation | None = None
    #: how long the service remembers a key
    key_ttl_s: int = Field(default=86_400, gt=0)
    #: how long after a job's end its clip may still be missing at its address; None if the settings decide
    settle_s: float | None = Field(default=None, gt=0)
    #: jobs at once that the service recommends; None if the settings decide
    slots: int | None = Field(default=None, gt=0)
    #: where clips may be fetched from
    hosts: tuple[str, ...] = Field(min_length=1)
    #: how long a clip's address is valid; None if that is not published
    url_lifetime_s: int | None = None
    #: how long a finished job is available; None if that is not published
    job_lifetime_s: int | None = None
    #: contradictions and gaps in the source
    notes: tuple[str, ...] = ()
    #: how to write prompts for it, as the service advises
    advice: tuple[str, ...] = ()
    #: what the service advises for rows of a kind, which `check` tells of them
    hints: tuple[Hint, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.name.startswith(f"{self.service}/"):
            raise ValueError(f"name {self.name} does not begin with {self.service}/")
        if self.status == "live" and self.replaced_by:
            raise ValueError("a live model is not replaced")
        if self.price.by_size and set(self.price.by_size) != {str(size) for size in self.size.exact}:
            raise ValueError("price.by_size names exactly the sizes of size.exact")
        if self.sound.switch in self.send:
            raise ValueError(f"{self.sound.switch} is the sound's switch and can't be in send")
        if any(size not in self.size for param in self.params.values() for size in param.sizes.values()):
            raise ValueError("a parameter's sizes must be sold")
        if unknown := next((rule.param for rule in self.drops if rule.param not in self.send), None):
            raise ValueError(f"drops names {unknown}, which is not always sent")
        if unknown := next((path for path in self.send_unless if path not in self.send), None):
            raise ValueError(f"send_unless names {unknown}, which is not in send")
        if wrong := next(faults(self.offer, self.send), None):
            raise ValueError(wrong)
        return self

    def sent_with(self, files: Collection[str]) -> dict[str, Sent]:
        """The constant parameters, by dotted path, for a shot with these files."""
        return {path: value for path, value in self.send.items() if self.send_unless.get(path) not in files}

    @cached_property
    def offer(self) -> Offer:
        """What it sells of parameters."""
        return Offer(self.name, self.params, self.sound.switch)

    @cached_property
    def price_ref(self) -> str:
        """What a quote refers to: the card and its day."""
        return f"{self.name}@{self.as_of.isoformat()}"


def load_cards(folder: Path, own: Path | None = None) -> dict[str, Card]:
    """All cards of a folder by name, sorted; a card in the project's `own` folder replaces one of the same name. InputError with every
    fault of every card, each with file and key.
    """
    problems: list[Problem] = []
    cards = _all(folder, problems) | (_all(own, problems) if own else {})
    for card in cards.values():
        if card.replaced_by and card.replaced_by not in cards:
            message = f"{card.name} is replaced by {card.replaced_by}, which has no card"
            problems.append(Problem(code="bad-card", message=message, help="name one that has"))
    if problems:
        raise InputError.of(problems)
    if not cards:
        raise InputError(f"there are no cards in {folder.name}/", help="reinstall callsheet, or put cards there")
    return dict(sorted(cards.items()))


def _all(folder: Path, problems: list[Problem]) -> dict[str, Card]:
    cards: dict[str, Card] = {}
    for path in sorted(folder.glob("*.toml")):
        card = _load(path, problems)
        if card and card.name in cards:
            problems.append(_problem(path, "name", f"{card.name} already has a card", "keep one of them"))
        elif card:
            cards[card.name] = card
    return cards


def unknown_model(name: str, cards: Mapping[str, Card]) -> Problem:
    """The problem of a model that no card sells, with the most similar name."""
    return Problem(
        code="unknown-model",
        message=f"no card sells {name!r}",
        help=did_you_mean(name, cards, f"there are {', '.join(cards)}"),
        column="model",
    )


def _load(path: Path, problems: list[Problem]) -> Card | None:
    try:
        return _card(read_regular(path).decode())
    except (ValueError, OSError) as error:  # not TOML, no text, no card
        document, wrong = read(path, "bad-card", f"{path.parent.name}/{path.name}")
        document = replace(document, dotted=True, fallback="see another card for the format")
        problems += wrong or (problems_of(error, Card, document) if isinstance(error, ValidationError) else ())
    return None


@lru_cache(maxsize=256)
def _card(text: str) -> Card:
    """A card from its file's text, which one command reads several times."""
    return Card.model_validate(tomllib.loads(text))


def _problem(path: Path, key: str | None, message: str, help: str) -> Problem:
    where = f"{path.parent.name}/{path.name}"
    return Problem(code="bad-card", message=f"{key}: {message}" if key else message, help=help, file=where, column=key)
