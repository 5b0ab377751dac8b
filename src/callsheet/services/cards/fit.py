"""What a model can do with a shot's values, field by field: pure, and before anything is spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Literal, NamedTuple, cast

from callsheet.domain.shots.params import Plain
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, fps_text, frames_in_cut
from callsheet.services.cards import file_rules
from callsheet.services.cards.card import Card
from callsheet.services.cards.file_rules import Given
from callsheet.services.cards.film_length import Wish, fit_length
from callsheet.services.cards.negotiation import expected_delivery
from callsheet.services.cards.param import Sent
from callsheet.services.cards.param_offer import Granted, Situation, grant, nested
from callsheet.services.cards.sold_ranges import Sizes
from callsheet.services.cards.verdict import Verdict, VerdictKind
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.media_ref import MediaRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A shot's values with all defaults. Lengths in seconds. Files are given as read (`MediaRef`)."""

    prompt: str
    duration_s: Decimal
    size: Size
    fps: Fps
    sound: bool = True
    negative_prompt: str | None = None
    seed: int | None = None
    #: a cell as text blocks the shot until its file is read
    first_frame: Given = None
    last_frame: Given = None
    audio: Given = None
    #: further parameters, by dotted name
    params: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    #: whether the row itself sets a size
    own_size: bool = False
    #: whether the size is sent along with a first frame
    sized: bool = True
    #: whether the row itself sets the length; otherwise a driving sound does
    own_length: bool = True
    #: how long a clip's address has to live, seconds: the project's patience and the download
    kept_s: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """What would be bought, None if something is unsupported; with a verdict for each value."""

    ask: Ask | None
    verdicts: tuple[Verdict, ...]

    def of(self, kind: VerdictKind) -> tuple[Verdict, ...]:
        """The verdicts of one kind."""
        return tuple([verdict for verdict in self.verdicts if verdict.kind is kind])


class _Kind(NamedTuple):
    """What decides at a model, apart from a row's words, seed and files: rows that are alike in it are worked out once. Values whose text counts stand as text, too."""

    size: Size
    fps: Fps
    duration_s: Decimal
    length: str
    sound: bool
    negative: bool
    params: str
    own_size: bool
    sized: bool
    own_length: bool
    kept_s: int


@dataclass(frozen=True, slots=True)
class _Common:
    """What all rows of a kind get: the verdicts before the prompt's, between it and those of the further words, and behind these; `ask` makes the purchase from
    the row's words and its seed, None where something is unsupported; `idle`: why a negative prompt would be ignored.
    """

    first: tuple[Verdict, ...]
    middle: tuple[Verdict, ...]
    last: tuple[Verdict, ...]
    ask: Callable[..., Ask] | None
    idle: str


#: what is known of kinds of rows at a card; the card is kept along with it, so that no other one has its id. Begun anew where a list has too many
_KNOWN: dict[tuple[int, _Kind, bool], tuple[Card, _Common]] = {}
_MOST_KINDS = 1024


def fit(wanted: Wanted, card: Card, *, quotes: bool = False) -> Fit:
    """Make the values legal for the card: the next length up, the nearest frame rate, the smallest picture that covers. `quotes` says that
    the service can be asked for its price if it has no list; otherwise such a model is not for sale.
    """
    common = _common_once(wanted, card, quotes=quotes)
    words = (_fit_prompt(wanted.prompt, card), *_fit_words(wanted, card, common.idle))
    verdicts = (*common.first, words[0], *common.middle, *words[1:], *common.last)
    if common.ask is None or VerdictKind.UNSUPPORTED in [verdict.kind for verdict in words]:
        return Fit(None, verdicts)
    negative = wanted.negative_prompt if card.inputs.negative_prompt and not common.idle else None
    seed = wanted.seed if card.inputs.seed else None
    return Fit(common.ask(prompt=wanted.prompt, negative_prompt=negative, seed=seed), verdicts)


def _common_once(wanted: Wanted, card: Card, *, quotes: bool) -> _Common:
    """`_common`, from the cache if a row of the same kind was seen; rows with files differ in these."""
    if wanted.first_frame is not None or wanted.last_frame is not None or wanted.audio is not None:
        return _common(wanted, card, quotes=quotes)
    kind = _Kind(
        wanted.size,
        wanted.fps,
        wanted.duration_s,
        str(wanted.duration_s),
        wanted.sound,
        wanted.negative_prompt is not None,
        repr(sorted(wanted.params.items())) if wanted.params else "",
        wanted.own_size,
        wanted.sized,
        wanted.own_length,
        wanted.kept_s,
    )
    place = (id(card), kind, quotes)
    if place not in _KNOWN:
        if len(_KNOWN) >= _MOST_KINDS:
            _KNOWN.clear()
        _KNOWN[place] = (card, _common(wanted, card, quotes=quotes))
    return _KNOWN[place][1]


def _common(wanted: Wanted, card: Card, *, quotes: bool) -> _Common:
    """The verdicts on everything but prompt, negative prompt and seed."""
    files = {"first_frame": wanted.first_frame, "last_frame": wanted.last_frame, "audio": wanted.audio}
    named = frozenset(name for name, given in files.items() if given is not None)
    extra = grant(wanted.params, card.offer, Situation(named, wanted.own_size, wanted.kept_s))
    wanted = replace(wanted, size=extra.size) if extra.size else wanted
    always = card.sent_with(named)
    size, size_verdict = _fit_size(wanted.size, card)
    rate, rate_verdict = _fit_fps(wanted.fps, card)
    driving = _file(wanted.audio) if card.inputs.audio else None
    sound_s = driving.seconds if driving else None
    length = fit_length(Wish(shot=wanted.duration_s, own=wanted.own_length, sound=sound_s), card, rate)
    seconds, frames = length.seconds, length.frames
    sound, sound_verdict = _fit_sound(wanted, card)
    asked = Sold(size, rate, Fraction(seconds))
    film_s = Fraction(wanted.duration_s) if wanted.own_length or sound_s is None else sound_s
    first: list[Verdict] = []
    if card.price.quote and not quotes:
        why = f"{card.name} has no list price, and only {card.service} knows the price; use another model"
        first.append(Verdict("model", VerdictKind.UNSUPPORTED, card.name, "", why))
    middle = [*_negotiated([size_verdict, rate_verdict, length.verdict], asked, film_s, card), sound_verdict]
    given = file_rules.Files(wanted.first_frame, wanted.last_frame, wanted.audio)
    last = [*file_rules.verdicts(given, wanted.size, card, length), *extra.verdicts]
    ask = None
    if not any(verdict.kind is VerdictKind.UNSUPPORTED for verdict in (*first, *middle, *last)):
        coming = expected_delivery(asked, card)
        if coming != asked:
            size, rate, seconds = coming.size, coming.fps, Decimal(int(coming.seconds))
            frames = frames_in_cut(seconds, rate)
        ask = _ask(wanted, card, always, extra, Bought(size, rate, seconds, frames, sound, length.cut_s))
    idle = _idle(wanted, card, {**always, **extra.sent})
    return _Common(tuple(first), tuple(middle), tuple(last), ask, idle)


def _idle(wanted: Wanted, card: Card, sent: Mapping[str, Sent]) -> str:
    """Why the model would ignore the negative prompt, by the card's rules; "" if it wouldn't, or there is none."""
    if wanted.negative_prompt is None or not card.inputs.negative_prompt:
        return ""
    for rule in card.drops:
        value = sent.get(rule.param)
        if isinstance(value, int | float) and Decimal(str(value)) <= rule.at_most:
            return f"{card.name} {rule.why} ({rule.param} = {value}); it is not sent"
    return ""


class Bought(NamedTuple):
    """What is granted of picture and sound; seconds and the frames that they come to; how much of a driving sound is sent, None for all."""

    size: Size
    fps: Fps
    seconds: Decimal
    frames: int
    sound: bool
    audio_s: Fraction | None


def _ask(wanted: Wanted, card: Card, always: Mapping[str, Sent], extra: Granted, bought: Bought) -> Callable[..., Ask]:
    """Makes the purchase from the row's words and its seed."""
    first_frame = _file(wanted.first_frame)
    switch = {} if card.sound.switch is None else {card.sound.switch: bought.sound}
    return partial(
        Ask,
        model=card.model,
        size=bought.size,
        fps=bought.fps,
        duration_s=bought.seconds,
        frames=bought.frames,
        sound=bought.sound,
        first_frame=first_frame,
        last_frame=_file(wanted.last_frame),
        audio=_file(wanted.audio),
        params=nested({**always, **extra.sent, **switch}),
        delivery=nested(extra.delivery),
        audio_s=bought.audio_s,
        sized=wanted.sized or first_frame is None,
    )


def _file(given: Given) -> MediaRef | None:
    """A file as read; a mere cell has its own verdict and never comes here."""
    return given if isinstance(given, MediaRef) else None


def _negotiated(verdicts: list[Verdict], asked: Sold, film_s: Fraction, card: Card) -> list[Verdict]:
    """The verdicts on size, frame rate and length, if the service is known to reduce such a request."""
    coming = expected_delivery(asked, card)
    if coming == asked:
        return verdicts
    size, rate, length = verdicts
    why = f"{card.service} makes {asked.size} at {fps_text(asked.fps)} fps for {asked.seconds} s smaller"
    if coming.seconds < film_s:
        cut = f"{why}: it would deliver only {coming.seconds} s. Ask for a smaller picture, or split the shot"
        return [size, rate, Verdict("duration_s", VerdictKind.UNSUPPORTED, length.wanted, "", cut)]
    said = f"{why}; the reduced clip is requested, and finishing fits it"
    return [
        size if coming.size == asked.size else Verdict("resolution", VerdictKind.SNAPPED, size.wanted, str(coming.size), said),
        rate if coming.fps == asked.fps else Verdict("fps", VerdictKind.SNAPPED, rate.wanted, fps_text(coming.fps), said),
        length if coming.seconds == asked.seconds else Verdict("duration_s", VerdictKind.SNAPPED, length.wanted, str(coming.seconds), said),
    ]


def _fit_prompt(prompt: str, card: Card) -> Verdict:
    length, limits = len(prompt), card.prompt
    if length < limits.min:
        return Verdict("prompt", VerdictKind.UNSUPPORTED, f"{length} characters", "", f"{card.name} needs at least {limits.min}")
    if limits.max is not None and length > limits.max:
        return Verdict("prompt", VerdictKind.UNSUPPORTED, f"{length} characters", "", f"{card.name} takes at most {limits.max}")
    return _as_long(length)


@lru_cache(maxsize=4096)
def _as_long(characters: int) -> Verdict:
    """That a prompt is sent as it is: one for all that are as long."""
    return Verdict("prompt", VerdictKind.EXACT, f"{characters} characters", f"{characters} characters")


def _fit_size(wanted: Size, card: Card) -> tuple[Size, Verdict]:
    granted = wanted if wanted in card.size else _near_size_once(wanted, card.size)
    if granted == wanted:
        return granted, Verdict("resolution", VerdictKind.EXACT, str(wanted), str(granted))
    covers = granted.width >= wanted.width and granted.height >= wanted.height
    which = "the smallest that covers it" if covers else "nothing larger of its shape is sold"
    why = f"{card.name} sells {card.size}; {which}, and finishing scales it"
    return granted, Verdict("resolution", VerdictKind.SNAPPED, str(wanted), str(granted), why)


def _near_size(wanted: Size, sold: Sizes) -> Size:
    """Of the sold sizes whose shape is nearest, the smallest that covers `wanted`, else the largest: a picture of another shape gets bars."""
    choice = sold.exact
    if sold.edge is not None:
        edge, most = sold.edge, sold.bound(wanted, sold.edge)
        # each edge up to the next step; what is too small or too large is first scaled, so that it keeps its shape as far as it can
        least = max(Fraction(1), Fraction(edge.min, wanted.width), Fraction(edge.min, wanted.height))
        scale = min(least, Fraction(most.width, wanted.width), Fraction(most.height, wanted.height))
        choice = (Size(edge.up(wanted.width * scale), edge.up(wanted.height * scale)), *sold.listed)
    upright = wanted.height > wanted.width
    turned = [size for size in choice if (size.height > size.width) is upright] or list(choice)
    nearest = min(_bars(wanted, size) for size in turned)
    alike = [size for size in turned if _bars(wanted, size) == nearest]
    covering = [size for size in alike if size.width >= wanted.width and size.height >= wanted.height]
    return min(covering, key=lambda size: size.pixels) if covering else max(alike, key=lambda size: size.pixels)


#: `_near_size`, worked out once for all rows that are alike; a card's tables have a hash, which the type checker can't see
_near_size_once = cast("Callable[[Size, Sizes], Size]", lru_cache(maxsize=256)(_near_size))


def _bars(one: Size, other: Size) -> int:
    """How much two shapes differ, in tenths of the picture."""
    ratio = Fraction(one.width * other.height, one.height * other.width)
    return round((max(ratio, 1 / ratio) - 1) * 10)


def _fit_fps(wanted: Fps, card: Card) -> tuple[Fps, Verdict]:
    if wanted in card.fps:
        return wanted, Verdict("fps", VerdictKind.EXACT, fps_text(wanted), fps_text(wanted))
    steps = card.fps.range
    sold = (steps.up(wanted - steps.step), steps.up(wanted)) if steps else card.fps.exact
    granted = Fraction(min(sold, key=lambda rate: (abs(rate - wanted), -rate)))
    why = f"{card.name} sells {card.fps}; the nearest, and finishing converts it"
    return granted, Verdict("fps", VerdictKind.SNAPPED, fps_text(wanted), fps_text(granted), why)


def _fit_sound(wanted: Wanted, card: Card) -> tuple[bool, Verdict]:
    """A model without a switch makes what it makes: its sound is left out of the cut, or the cut is silent."""
    granted = wanted.sound if card.sound.kind == "switch" else card.sound.kind == "always"
    if granted is wanted.sound:
        setting = "on" if granted else "off"
        return granted, Verdict("sound", VerdictKind.EXACT, setting, setting)
    if granted:
        return granted, Verdict("sound", VerdictKind.SNAPPED, "off", "on", f"{card.name} always makes sound, which is left out of the cut")
    return granted, Verdict("sound", VerdictKind.DROPPED, "on", "off", f"{card.name} makes no sound; the shot is silent in the cut")


def _fit_words(wanted: Wanted, card: Card, idle: str) -> list[Verdict]:
    """The verdicts on negative prompt and seed."""
    verdicts: list[Verdict] = []
    if wanted.negative_prompt is not None:
        signs = f"{len(wanted.negative_prompt)} characters"
        verdicts.append(
            Verdict("negative_prompt", VerdictKind.DROPPED, signs, "", idle)
            if idle
            else _sent_or_dropped("negative_prompt", signs, card, "it is not sent")
        )
    most = card.inputs.seed_max
    if wanted.seed is not None and card.inputs.seed and most is not None and not 0 <= wanted.seed <= most:
        verdicts.append(Verdict("seed", VerdictKind.UNSUPPORTED, str(wanted.seed), "", f"{card.name} accepts seeds from 0 to {most}"))
    elif wanted.seed is not None:
        so = "it is recorded but not sent, so the clip can't be reproduced from it"
        verdicts.append(_sent_or_dropped("seed", str(wanted.seed), card, so))
    return verdicts


def _sent_or_dropped(name: Literal["negative_prompt", "seed"], text: str, card: Card, so: str) -> Verdict:
    if getattr(card.inputs, name):
        return Verdict(name, VerdictKind.EXACT, text, text)
    return Verdict(name, VerdictKind.DROPPED, text, "", f"{card.name} takes no {name}; {so}")
