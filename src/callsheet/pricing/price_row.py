"""From a row to a price: the values of a shot with its defaults, what its model makes of them, and what that costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import NamedTuple

from callsheet.assets.own_footage import OwnClip
from callsheet.assets.shot_files import Inputs
from callsheet.budget.rules.prices import LISTED, CurrentPrice, PriceHistory, Quoted
from callsheet.domain.delivery.title import card_ground, titles
from callsheet.domain.errors import Problem
from callsheet.domain.fingerprint import Print, digest
from callsheet.domain.money import usd_up
from callsheet.domain.shots.shot import Shot, Size, Status
from callsheet.domain.timebase import Fps
from callsheet.pricing import model_params, priced
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card, unknown_model
from callsheet.services.cards.file_rules import COLUMNS, Files
from callsheet.services.cards.fit import Fit, Verdict, VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import Quote, quote, quoted
from callsheet.services.protocol.abilities import Quotes
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import pack
from callsheet.services.protocol.wire import Wire
from callsheet.services.registry import SERVICES
from callsheet.settings.values import Settings
from callsheet.transport.account import Account

#: whether sizes are sent along with first frames, by account and model, if that was learned
Readings = Mapping[tuple[str, str], bool]
_UNREAD: Readings = {}
_AS_LISTED = PriceHistory()
_NO_FILES = Inputs()
_NOTHING = Decimal(0)


class InCut(NamedTuple):
    """What a shot's neighbours and its film ask of it: the seconds of its clip after its own end that the next shot's transition needs, and the frame rate at which
    its length is counted; None counts none.
    """

    handle_s: Decimal = _NOTHING
    fps: Fps | None = None


_UNPLACED = InCut()


def price(
    shot: Shot,
    settings: Settings,
    cards: Mapping[str, Card],
    accounts: Mapping[str, Account],
    prices: PriceHistory = _AS_LISTED,
    inputs: Inputs = _NO_FILES,
    cut: InCut = _UNPLACED,
    readings: Readings = _UNREAD,
) -> Priced:
    """Make a shot legal for its model and price it; what the model can't do is in its problems, placed at its cell. If only the
    handle that its `cut` asks for is unavailable, the shot is priced without it.
    """
    if shot.clip is not None:
        ground = card_ground(shot.clip)
        item = _title_card(shot, ground) if ground else _own_footage(shot, inputs.own.get(shot.clip), cut.handle_s)
    else:
        item = _priced(shot, settings, cards, accounts, prices, inputs, cut, readings)
    item = replace(item, cut_fps=cut.fps)
    return _titled(item, inputs) if shot.title else item


def _priced(
    shot: Shot,
    settings: Settings,
    cards: Mapping[str, Card],
    accounts: Mapping[str, Account],
    prices: PriceHistory,
    inputs: Inputs,
    cut: InCut,
    readings: Readings,
) -> Priced:
    """A shot that is bought, without what is written over it."""
    model = shot.model or settings.model.value
    card = cards.get(model)
    files, unread = inputs.of(shot), inputs.problems(shot)
    seconds = _seconds(shot, settings, files)
    wrong = [_placed(problem, shot, column) for column, problem in unread.items()]
    if card is None or card.service not in accounts:
        return _unsold(shot, model, seconds, [_placed(unknown_model(model, cards), shot), *wrong])
    place = accounts[card.service]
    wanted = _wanted(shot, settings, card, (shot.in_s or _NOTHING) + seconds, files)
    open_size = card.inputs.size_beside_frame
    if open_size and files.first_frame is not None:
        wanted = replace(wanted, sized=readings.get((place.label, card.name), open_size.first == "sent"))
    fits = _fits(wanted, card, cut.handle_s, inputs)
    refused = fits.best.of(VerdictKind.UNSUPPORTED) if fits.best.ask is None else ()
    unsold = [_unsupported(shot, verdict) for verdict in refused if verdict.field not in unread]
    problems = [*wrong, *unsold] if shot.status is not Status.OMIT else []
    problems += _forbidden(shot, card, settings)
    now = prices.current(place.label, card.name, card.as_of)
    essence = SERVICES[card.service].wire.essence(fits.best.ask) if fits.best.ask else b""
    request = digest(essence)
    agreed = _as_agreed(fits.best.ask, SERVICES[card.service].wire)
    used_s = _used_s(shot, files, fits.best.ask) or seconds
    item = Priced(
        shot=shot,
        model=model,
        service=card.service,
        account=place.label,
        fit=fits.best,
        quote=_today(card, fits.best.ask, now, place, prices),
        handle_s=cut.handle_s,
        without_handle=_today(card, fits.bare.ask, now, place, prices) if fits.lengthened else None,
        no_handle=fits.no_handle,
        author=Print(lambda: priced.print_of(_given(shot, settings, card, files))),
        request_print=request,
        agreed_print=digest(agreed) if agreed else request,
        used_s=used_s,
        problems=tuple(problems),
        frozen=now.frozen,
        gone=_gone(shot, card, place) if shot.status is not Status.OMIT else None,
        offer=card.offer,
    )
    if not (open_size and item.ask and item.ask.first_frame):
        return item
    return replace(item, other_reading=_other_reading(item, card, place, prices))


@lru_cache
def _tells_prices(wire: Wire) -> bool:
    """Whether a wire can ask for prices; checking all methods of a protocol for each row would be slow."""
    return isinstance(wire, Quotes)


@dataclass(frozen=True, slots=True)
class _Fits:
    """What a model makes of a shot: `bare` without its handle, `best` with it if available; otherwise why not."""

    bare: Fit
    best: Fit
    #: whether the handle changes the purchase
    lengthened: bool = False
    no_handle: str = ""


def _fits(wanted: Wanted, card: Card, handle_s: Decimal, inputs: Inputs) -> _Fits:
    quotes = _tells_prices(SERVICES[card.service].wire)
    bare = fit(wanted, card, quotes=quotes)
    longer = fit(replace(wanted, duration_s=wanted.duration_s + handle_s), card, quotes=quotes) if handle_s and bare.ask else bare
    best = longer if longer.ask else bare
    if best.ask and best.ask.audio and best.ask.audio_s is not None:  # only its beginning is sent
        best = replace(best, ask=replace(best.ask, audio=inputs.beginning(best.ask.audio, best.ask.audio_s)))
    refused = longer.of(VerdictKind.UNSUPPORTED) if bare.ask and longer.ask is None else ()
    lengthened = bool(bare.ask and longer.ask) and longer.ask != bare.ask
    return _Fits(bare, best, lengthened, next((verdict.why for verdict in refused), ""))


def _other_reading(item: Priced, card: Card, place: Account, prices: PriceHistory) -> Priced | None:
    """The same shot with its size omitted if this reading sends it, and the reverse."""
    assert item.ask is not None
    ask = replace(item.ask, sized=not item.ask.sized)
    wire, now = SERVICES[card.service].wire, prices.current(place.label, card.name, card.as_of)
    return replace(
        item,
        fit=replace(item.fit, ask=ask),
        quote=_today(card, ask, now, place, prices),
        request_print=digest(wire.essence(ask)),
        agreed_print=digest(_as_agreed(ask, wire) or wire.essence(ask)),
    )


def repriced(known: Priced, card: Card, place: Account, prices: PriceHistory) -> Priced:
    """A shot at today's prices: after what receipts taught or a person recorded since it was priced."""
    now = prices.current(place.label, card.name, card.as_of)
    ask = known.ask
    other = repriced(known.other_reading, card, place, prices) if known.other_reading else None
    return replace(known, quote=_today(card, ask, now, place, prices), frozen=now.frozen, other_reading=other)


def _as_agreed(ask: Ask | None, wire: Wire) -> bytes:
    """The essence of a purchase as a person agrees to it, with references in place of other shots' frames; "" if there are none."""
    if ask is None or not (ask.first_frame or ask.last_frame):
        return b""
    frames = {name: file.awaited() for name in ("first_frame", "last_frame") if (file := getattr(ask, name)) and file.reference}
    return wire.essence(replace(ask, **frames)) if frames else b""


def question(service: str, ask: Ask) -> str | None:
    """The digest of the request that asks a service for the price: equal requests have one answer. None if it has no such request."""
    wire = SERVICES[service].wire
    return digest(pack(wire.quote_request(ask))) if isinstance(wire, Quotes) else None


def _told(card: Card, ask: Ask, place: Account, prices: PriceHistory) -> Quoted | None:
    """The service's own recent quote for this purchase, if the card has no list price."""
    asked = question(card.service, ask) if card.price.quote else None
    return prices.quotes.get((place.label, asked)) if asked else None


def _today(card: Card, ask: Ask | None, now: CurrentPrice, place: Account, prices: PriceHistory) -> Quote | None:
    """The card's price, the service's quote, or the price that a person recorded since, raised by what overruns taught. Sizes keep the
    card's proportions. None if nothing can be bought, or the service has no list price and gave no quote.
    """
    if ask is None:
        return None
    told = _told(card, ask, place, prices)
    if card.price.quote and told is None:
        return None
    listed = quoted(card, told.micros, told.at) if told else quote(card, ask)
    if now == CurrentPrice():
        return listed
    basis, ref, micros = listed.basis, listed.price_ref, listed.micros
    if now.recorded is not None and not told:
        per_second = card.price.per_second(ask.size) * now.recorded / usd_up(card.price.per_second(card.size.default))
        micros, ref = usd_up(per_second * ask.duration_s), f"{card.name} recorded from {now.origin}"
        basis = f"{ask.duration_s:f} s x {per_second.normalize():f} USD/s at {ask.size}, recorded from {now.origin}"
    if now.ppm > LISTED:
        basis += f", and {(now.ppm - LISTED) / 10_000:g} % that was charged beyond it"
    return replace(listed, micros=now.hold(micros), price_ref=ref, basis=basis)


def _seconds(shot: Shot, settings: Settings, files: Files) -> Decimal:
    """The wanted length: the cell's, otherwise that of the sound that drives the picture, otherwise the project's."""
    if shot.duration_s is None and files.voice and files.voice.seconds is not None:
        return Decimal(ceil(files.voice.seconds * 1000)).scaleb(-3)
    return shot.duration_s or settings.duration_s.value


def _used_s(shot: Shot, files: Files, ask: Ask | None) -> Decimal | None:
    """The length in the cut if only a sound sets it: whole frames of the film, as many as there are. None if it doesn't."""
    voice = files.voice
    if ask is None or shot.duration_s is not None or voice is None or voice.seconds is None:
        return None
    frames = min(ceil(voice.seconds * ask.fps), ask.frames)
    return Decimal(round(frames / ask.fps * 1_000_000)).scaleb(-6)


def further_shape(row: Priced, other: Priced) -> Priced:
    """A row in a further shape, with the row's place in the cut. It is a problem if the model sells only the size that the row is already
    bought in.
    """
    placed = replace(other, begins_s=row.begins_s)
    if not (row.ask and other.ask and other.shot.shape) or other.problems:
        return placed
    if other.ask.size != row.ask.size:
        return placed
    why = f"also {other.shot.shape}: {other.model} sells {row.ask.size} for it, the size that the row is already bought in"
    problem = Problem(code="same-shape", message=why, help="remove it, or use another model")
    return replace(placed, problems=(_placed(problem, other.shot, "also"),))


def _unsold(shot: Shot, model: str, seconds: Decimal, problems: list[Problem]) -> Priced:
    return Priced(
        shot=shot,
        model=model,
        service=model.partition("/")[0],
        account="",
        fit=Fit(None, ()),
        quote=None,
        author=Print(""),
        request_print="",
        used_s=seconds,
        problems=tuple(problems),
    )


def _titled(item: Priced, inputs: Inputs) -> Priced:
    """The shot with its titles, each in its font; a font that can't be used is a problem of its row."""
    read = [(one, inputs.fonts.get(one.font) if one.font else None) for one in titles(item.shot.title or "")]
    wrong = [_placed(font, item.shot, "title") for _, font in read if isinstance(font, Problem) and not item.shot.shape]
    written = tuple((one, font) for one, font in read if not isinstance(font, Problem))
    return replace(item, titles=written, problems=(*item.problems, *dict.fromkeys(wrong)))


def _title_card(shot: Shot, ground: str) -> Priced:
    """A plain background for a title, as long as its row says, at no cost."""
    problems: list[Problem] = []
    if shot.duration_s is None:
        problems.append(
            _placed(Problem(code="card-length", message="a title card has no length", help="write its duration_s"), shot, "duration_s")
        )
    return replace(_unsold(shot, "", shot.duration_s or _NOTHING, problems), ground=ground)


def _own_footage(shot: Shot, found: OwnClip | Problem | None, handle_s: Decimal) -> Priced:
    """A shot with the author's own clip: inspected, long enough, and free. Without a length of its own, it is as long as its clip."""
    begins = shot.in_s or _NOTHING
    problems: list[Problem] = [_placed(found, shot, "clip")] if isinstance(found, Problem) else []
    own = found if isinstance(found, OwnClip) else None
    seconds = shot.duration_s or _NOTHING
    if own:
        lasts = Decimal(int(own.seconds * 1000)).scaleb(-3)
        seconds = shot.duration_s or max(lasts - begins - handle_s, _NOTHING)
        needed = begins + seconds + handle_s
        if not seconds or Fraction(needed) - own.seconds >= Fraction(1, 2) / own.fps:
            message = f"{own.name} lasts {float(lasts):g} s, and the cut needs {needed:f} s of it"
            problems.append(
                _placed(Problem(code="own-clip", message=message, help="shorten the shot, or name a longer clip"), shot, "clip")
            )
    return replace(_unsold(shot, "", seconds, problems), own=own, handle_s=handle_s)


def size_given(shot: Shot, settings: Settings) -> Size | None:
    """The author's size: the row's, otherwise the project's unless the row clears it."""
    return shot.size or (settings.size.value if settings.size and "resolution" not in shot.cleared else None)


def fps_given(shot: Shot, settings: Settings) -> Fps | None:
    """The author's frame rate, likewise."""
    return shot.fps or (settings.fps.value if settings.fps and "fps" not in shot.cleared else None)


def _wanted(shot: Shot, settings: Settings, card: Card, seconds: Decimal, files: Files) -> Wanted:
    size = size_given(shot, settings) or card.size.default
    return Wanted(
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt,
        size=shot.shape.at(size) if shot.shape else size,
        fps=fps_given(shot, settings) or Fps(card.fps.default),
        duration_s=seconds,
        sound=shot.sound,
        seed=shot.seed,
        first_frame=files.first_frame,
        last_frame=files.last_frame,
        audio=files.audio,
        params=model_params.wanted(shot, settings, card.name),
        own_size=shot.size is not None or shot.shape is not None,
        own_length=shot.duration_s is not None,
        kept_s=model_params.kept_s(settings, card.service),
    )


def _given(shot: Shot, settings: Settings, card: Card, files: Files) -> dict[str, object]:
    """The author's values that reach a request: cells and project.toml, no shipped defaults. Files by content, whatever their names."""

    def own(value: object, origin: str) -> object:
        return value if origin != "default" else None

    return {
        "model": card.name if shot.model else own(card.name, settings.model.origin),
        "prompt": shot.prompt,
        "negative_prompt": shot.negative_prompt,
        "size": str(size_given(shot, settings) or "") or None,
        "also": str(shot.shape) if shot.shape else None,
        "fps": fps_given(shot, settings),
        "duration_s": _length_given(shot, own(settings.duration_s.value, settings.duration_s.origin), audio=bool(files.audio)),
        "sound": None if shot.sound else False,
        "seed": shot.seed,
        **{column: file.meant if isinstance(file, MediaRef) else file for column, file in zip(COLUMNS, files, strict=True)},
        "params": model_params.given(shot, settings, card),
    }


def _length_given(shot: Shot, default: object, *, audio: bool) -> object:
    """How much of a clip the author asked for: up to the end of its part in the cut. What its transition takes is not a value of the row."""
    given = shot.duration_s or (None if audio else default)
    return given + shot.in_s if isinstance(given, Decimal) and shot.in_s else given


def _placed(problem: Problem, shot: Shot, column: str = "model") -> Problem:
    origin = shot.origin
    return problem.at(file=origin.file, row=origin.row, line=origin.line, column=column, shot=shot.shot_id)


def _unsupported(shot: Shot, verdict: Verdict) -> Problem:
    return _placed(
        Problem(code="unsupported", message=f"{verdict.wanted}: {verdict.why}", help="change the cell, or the model"), shot, verdict.field
    )


def _forbidden(shot: Shot, card: Card, settings: Settings) -> list[Problem]:
    """Nothing is sent to a service that the project does not list."""
    if settings.services is None or card.service in settings.services.value:
        return []
    message = f"{card.name} would be sent to {card.service}, which is not listed in {settings.services.origin}"
    return [
        _placed(Problem(code="service-not-listed", message=message, help=f"add {card.service!r} to that list, or use another model"), shot)
    ]


def _gone(shot: Shot, card: Card, place: Account) -> Problem | None:
    """The problem that the service no longer sells the model. Another base URL, such as a stand-in's, may."""
    if card.status != "retired" or place.own_url:
        return None
    help = f"use {card.replaced_by}, or another model" if card.replaced_by else "use another model"
    return _placed(Problem(code="retired", message=f"{card.name} is retired: {card.service} no longer sells it", help=help), shot)
