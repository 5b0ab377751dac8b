"""What a model can do of what is wanted, field by field: pure, and told before anything is spent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Literal, NamedTuple

from callsheet.domain.params import Plain
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, fps_text, frames_in_cut
from callsheet.services.cards import file_rules
from callsheet.services.cards.card import Card
from callsheet.services.cards.file_rules import Given
from callsheet.services.cards.negotiation import foretold
from callsheet.services.cards.param_offer import Granted, Situation, grant, nested
from callsheet.services.cards.sold_ranges import Sizes, Steps
from callsheet.services.cards.verdict import Verdict, VerdictKind
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.media_ref import MediaRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A shot's wishes with every default in place. Lengths in seconds. Files are given as read (`MediaRef`)."""

    prompt: str
    duration_s: Decimal
    size: Size
    fps: Fps
    sound: bool = True
    negative_prompt: str | None = None
    seed: int | None = None
    #: a cell as text blocks the shot until the file that it names was read
    first_frame: Given = None
    last_frame: Given = None
    audio: Given = None
    #: further parameters by their dotted names
    params: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    #: whether the row itself names a size
    own_size: bool = False
    #: how long a clip's address has to live, seconds: the project's patience and the download
    kept_s: int = 0


@dataclass(frozen=True, slots=True)
class Fit:
    """What would be bought, None where something is unsupported; with a verdict for each wish."""

    ask: Ask | None
    verdicts: tuple[Verdict, ...]

    def of(self, kind: VerdictKind) -> tuple[Verdict, ...]:
        """The verdicts of one kind."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind is kind)


def fit(wanted: Wanted, card: Card, *, quotes: bool = False) -> Fit:
    """Make the wishes legal for the card: the next length up, the nearest frame rate, the smallest picture that covers.

    `quotes` says that the service is asked for its price where the vendor has no list; else such a model is not for sale.
    """
    files = {"first_frame": wanted.first_frame, "last_frame": wanted.last_frame, "audio": wanted.audio}
    named = frozenset(name for name, given in files.items() if given is not None)
    extra = grant(wanted.params, card.offer, Situation(named, wanted.own_size, wanted.kept_s))
    wanted = replace(wanted, size=extra.size or wanted.size)
    idle = _idle(wanted, card, extra)
    size, size_verdict = _fit_size(wanted.size, card)
    rate, rate_verdict = _fit_fps(wanted.fps, card)
    (seconds, frames), length_verdict = _fit_length(wanted, card, rate)
    sound, sound_verdict = _fit_sound(wanted, card)
    asked = Sold(size, rate, Fraction(seconds))
    core = _negotiated([size_verdict, rate_verdict, length_verdict], asked, wanted, card)
    verdicts: list[Verdict] = []
    if card.price.quote and not quotes:
        why = f"{card.name} has no list price, and only {card.service} itself says what a shot costs; use another model"
        verdicts.append(Verdict("model", VerdictKind.UNSUPPORTED, card.name, "", why))
    verdicts += [
        _fit_prompt(wanted.prompt, card),
        *core,
        sound_verdict,
        *_fit_inputs(wanted, card, idle),
        *extra.verdicts,
    ]
    if any(verdict.kind is VerdictKind.UNSUPPORTED for verdict in verdicts):
        return Fit(None, tuple(verdicts))
    wanted = replace(wanted, negative_prompt=None) if idle else wanted
    coming = foretold(asked, card)
    if coming != asked:
        size, rate, seconds = coming.size, coming.fps, Decimal(int(coming.seconds))
        frames = frames_in_cut(seconds, rate)
    return Fit(_ask(wanted, card, extra, Bought(size, rate, seconds, frames, sound)), tuple(verdicts))


def _idle(wanted: Wanted, card: Card, extra: Granted) -> str:
    """Why the model would ignore the negative prompt, by the card's rules; "" where it wouldn't, or there is none."""
    if wanted.negative_prompt is None or not card.inputs.negative_prompt:
        return ""
    sent = {**card.send, **extra.sent}
    for rule in card.drops:
        value = sent.get(rule.param)
        if isinstance(value, int | float) and Decimal(str(value)) <= rule.at_most:
            return f"{card.name} {rule.why} ({rule.param} = {value}); it is not sent"
    return ""


class Bought(NamedTuple):
    """What is granted of picture and sound; seconds and the frames that they come to."""

    size: Size
    fps: Fps
    seconds: Decimal
    frames: int
    sound: bool


def _ask(wanted: Wanted, card: Card, extra: Granted, bought: Bought) -> Ask:
    switch = {} if card.sound.switch is None else {card.sound.switch: bought.sound}
    return Ask(
        model=card.model,
        prompt=wanted.prompt,
        size=bought.size,
        fps=bought.fps,
        duration_s=bought.seconds,
        frames=bought.frames,
        sound=bought.sound,
        negative_prompt=wanted.negative_prompt if card.inputs.negative_prompt else None,
        seed=wanted.seed if card.inputs.seed else None,
        first_frame=_file(wanted.first_frame),
        last_frame=_file(wanted.last_frame),
        audio=_file(wanted.audio),
        params=nested({**card.send, **extra.sent, **switch}),
        delivery=nested(extra.delivery),
    )


def _file(given: Given) -> MediaRef | None:
    """A file as read; a mere cell has its own verdict and never comes here."""
    return given if isinstance(given, MediaRef) else None


def _negotiated(verdicts: list[Verdict], asked: Sold, wanted: Wanted, card: Card) -> list[Verdict]:
    """The verdicts on size, frame rate and length, where the service is known to make such a request smaller."""
    coming = foretold(asked, card)
    if coming == asked:
        return verdicts
    size, rate, length = verdicts
    why = f"{card.service} makes {asked.size} at {fps_text(asked.fps)} fps for {asked.seconds} s smaller by itself"
    if coming.seconds < _film_s(wanted, card):
        cut = f"{why}: only {coming.seconds} s would come. Ask for a smaller picture, or split the shot"
        return [size, rate, Verdict("duration_s", VerdictKind.UNSUPPORTED, length.wanted, "", cut)]
    said = f"{why}; what will come is asked for, and finishing makes the rest"
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
    return Verdict("prompt", VerdictKind.EXACT, f"{length} characters", f"{length} characters")


def _fit_size(wanted: Size, card: Card) -> tuple[Size, Verdict]:
    granted = wanted if wanted in card.size else _near_size(wanted, card.size)
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


def _film_s(wanted: Wanted, card: Card) -> Fraction:
    """How long the film has to be: as long as the sound that drives it, else as the shot."""
    audio = _file(wanted.audio) if card.inputs.audio else None
    return audio.seconds if audio and audio.seconds is not None else Fraction(wanted.duration_s)


def _fit_length(wanted: Wanted, card: Card, rate: Fps) -> tuple[tuple[Decimal, int], Verdict]:
    """Seconds and frames that are bought, and what to say of them."""
    film = _film_s(wanted, card)
    text = f"{wanted.duration_s:f}"
    if Fraction(wanted.duration_s) - film >= Fraction(1, 2) / rate:
        why = f"the sound that drives the picture lasts {float(film):.2f} s, and no film is longer; shorten the shot, or use a longer sound"
        return (wanted.duration_s, 0), Verdict("duration_s", VerdictKind.UNSUPPORTED, text, "", why)
    if card.frames is not None:
        return _by_frames(wanted, film, card.frames, card, rate)
    if film > card.duration_s.most:
        way = _shorter_by(Fraction(wanted.duration_s) > card.duration_s.most)
        why = f"{card.name} makes at most {card.duration_s.most} s; {way}"
        return (wanted.duration_s, 0), Verdict("duration_s", VerdictKind.UNSUPPORTED, text, "", why)
    sold = card.duration_s
    granted = Decimal(sold.range.up(film) if sold.range else next(length for length in sold.exact if length >= film))
    follows = card.inputs.audio_sets_length and _file(wanted.audio) is not None
    bought = granted, ceil(film * rate) if follows else frames_in_cut(granted, rate)
    if granted == wanted.duration_s:
        return bought, Verdict("duration_s", VerdictKind.EXACT, text, f"{granted:f}")
    why = f"{card.name} sells {sold} s; {granted:f} s are paid, the first {text} used"
    return bought, Verdict("duration_s", VerdictKind.SNAPPED, text, f"{granted:f}", why)


def _shorter_by(shot: bool) -> str:
    """What to do about a film that is too long: whether the shot is, or only its sound."""
    return f"{'split the shot' if shot else 'the shot is short enough, its sound is not: cut the sound'} or use another model"


def _by_frames(wanted: Wanted, film: Fraction, sold: Steps, card: Card, rate: Fps) -> tuple[tuple[Decimal, int], Verdict]:
    """The next number of frames up, so that neither picture nor speech is cut. Seconds are rounded down to the microsecond."""
    needed, text = ceil(film * rate), f"{wanted.duration_s:f}"
    if needed > sold.max:
        why = f"{card.name} makes at most {sold.max} frames at {fps_text(rate)} fps ({float(sold.max / rate):.2f} s); {needed} are needed"
        return (wanted.duration_s, 0), Verdict(
            "duration_s", VerdictKind.UNSUPPORTED, text, "", f"{why}; {_shorter_by(ceil(Fraction(wanted.duration_s) * rate) > sold.max)}"
        )
    frames = sold.up(Fraction(needed))
    seconds = Decimal(int(frames * 1_000_000 / rate)).scaleb(-6)
    if frames == ceil(Fraction(wanted.duration_s) * rate):
        return (seconds, frames), Verdict("duration_s", VerdictKind.EXACT, text, f"{frames} frames")
    follows = "the sound sets the length; " if film != wanted.duration_s else ""
    silent = "; the sound ends before the film does" if wanted.audio and needed < sold.min else ""
    why = f"{follows}{card.name} makes {sold} frames at {fps_text(rate)} fps"
    return (seconds, frames), Verdict(
        "duration_s", VerdictKind.SNAPPED, text, f"{frames} frames", f"{why}; {frames} are paid, the first {text} s used{silent}"
    )


def _fit_sound(wanted: Wanted, card: Card) -> tuple[bool, Verdict]:
    """A model without a switch makes what it makes: its sound is left out of the cut, or the cut is silent."""
    granted = wanted.sound if card.sound.kind == "switch" else card.sound.kind == "always"
    if granted is wanted.sound:
        setting = "on" if granted else "off"
        return granted, Verdict("sound", VerdictKind.EXACT, setting, setting)
    if granted:
        return granted, Verdict("sound", VerdictKind.SNAPPED, "off", "on", f"{card.name} always makes sound; it is left out of the cut")
    return granted, Verdict("sound", VerdictKind.DROPPED, "on", "off", f"{card.name} makes no sound; the shot is silent in the cut")


def _fit_inputs(wanted: Wanted, card: Card, idle: str) -> list[Verdict]:
    verdicts: list[Verdict] = []
    if wanted.negative_prompt is not None:
        length = f"{len(wanted.negative_prompt)} characters"
        verdicts.append(
            Verdict("negative_prompt", VerdictKind.DROPPED, length, "", idle)
            if idle
            else _sent_or_dropped("negative_prompt", length, card, "it is not sent")
        )
    most = card.inputs.seed_max
    if wanted.seed is not None and card.inputs.seed and most is not None and not 0 <= wanted.seed <= most:
        verdicts.append(Verdict("seed", VerdictKind.UNSUPPORTED, str(wanted.seed), "", f"{card.name} takes seeds from 0 to {most}"))
    elif wanted.seed is not None:
        so = "it is noted, not sent: the clip can't be made again by its seed"
        verdicts.append(_sent_or_dropped("seed", str(wanted.seed), card, so))
    return [*verdicts, *file_rules.verdicts(file_rules.Files(wanted.first_frame, wanted.last_frame, wanted.audio), wanted.size, card)]


def _sent_or_dropped(name: Literal["negative_prompt", "seed"], text: str, card: Card, so: str) -> Verdict:
    if getattr(card.inputs, name):
        return Verdict(name, VerdictKind.EXACT, text, text)
    return Verdict(name, VerdictKind.DROPPED, text, "", f"{card.name} takes no {name}; {so}")
