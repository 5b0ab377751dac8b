"""From a row to a price: what a shot wants with its defaults, what its model makes of it, and what that costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from callsheet.budget.ledger.prices import PriceBook
from callsheet.budget.prices import LISTED, Standing
from callsheet.domain.errors import Problem
from callsheet.domain.money import usd_up
from callsheet.domain.shot import Shot, Status
from callsheet.domain.timebase import Fps, frames_in_cut
from callsheet.engine import plan as planning
from callsheet.engine.accounts import Account
from callsheet.engine.plan import Priced
from callsheet.services.cards import Card, unknown_model
from callsheet.services.fit import Fit, Kind, Verdict, Wanted, fit
from callsheet.services.price import Quote, quote
from callsheet.services.registry import SERVICES
from callsheet.services.wire import Ask
from callsheet.settings import Settings

_AS_LISTED = PriceBook()


def price(
    shot: Shot, settings: Settings, cards: Mapping[str, Card], accounts: Mapping[str, Account], prices: PriceBook = _AS_LISTED
) -> Priced:
    """Make a shot legal for its model and price it; what can't be had is in its problems, placed at its cell."""
    model = shot.model or settings.model.value
    card = cards.get(model)
    seconds = shot.duration_s or settings.duration_s.value
    if card is None or card.service not in accounts:
        return _unsold(shot, model, seconds, [_placed(unknown_model(model, cards), shot)])
    wanted = _wanted(shot, settings, card, seconds)
    fitted = fit(wanted, card)
    problems = [_unsupported(shot, verdict) for verdict in fitted.of(Kind.UNSUPPORTED)] if shot.status is not Status.OMIT else []
    problems += _forbidden(shot, card, settings)
    place = accounts[card.service]
    now = prices.standing(place.label, card.name, card.as_of)
    essence = SERVICES[card.service].wire.essence(fitted.ask) if fitted.ask else b""
    author, request = planning.prints(_given(shot, settings, model), essence)
    return Priced(
        shot=shot,
        model=model,
        service=card.service,
        account=place.label,
        fit=fitted,
        quote=_today(card, fitted.ask, now) if fitted.ask else None,
        author_print=author,
        request_print=request,
        used_s=seconds,
        problems=tuple(problems),
        frozen=now.frozen,
    )


def _today(card: Card, ask: Ask, now: Standing) -> Quote:
    """The card's price, or the one that a person recorded since, raised by what overruns taught. Sizes keep the card's proportions."""
    listed = quote(card, ask)
    if now == Standing():
        return listed
    basis, ref, micros = listed.basis, listed.price_ref, listed.micros
    if now.recorded is not None:
        per_second = card.price.per_second(ask.size) * now.recorded / usd_up(card.price.per_second(card.size.default))
        micros, ref = usd_up(per_second * ask.duration_s), f"{card.name} recorded from {now.origin}"
        basis = f"{ask.duration_s:f} s x {per_second.normalize():f} USD/s at {ask.size}, recorded from {now.origin}"
    if now.ppm > LISTED:
        basis += f", and {(now.ppm - LISTED) / 10_000:g} % that was charged beyond it"
    return replace(listed, micros=now.hold(micros), price_ref=ref, basis=basis)


def framed(priced: Priced, fps: Fps) -> Priced:
    """The shot with its length in the cut counted at a delivery's frame rate."""
    return replace(priced, frames=frames_in_cut(priced.used_s, fps))


def _unsold(shot: Shot, model: str, seconds: Decimal, problems: list[Problem]) -> Priced:
    return Priced(
        shot=shot,
        model=model,
        service=model.partition("/")[0],
        account="",
        fit=Fit(None, ()),
        quote=None,
        author_print="",
        request_print="",
        used_s=seconds,
        problems=tuple(problems),
    )


def _wanted(shot: Shot, settings: Settings, card: Card, seconds: Decimal) -> Wanted:
    return Wanted(
        prompt=shot.prompt,
        negative_prompt=shot.negative_prompt,
        size=shot.size or (settings.size.value if settings.size else card.size.default),
        fps=shot.fps or (settings.fps.value if settings.fps else Fps(card.fps.default)),
        duration_s=seconds,
        sound=shot.sound,
        seed=shot.seed,
        first_frame=shot.first_frame,
        last_frame=shot.last_frame,
        audio=shot.audio,
    )


def _given(shot: Shot, settings: Settings, model: str) -> dict[str, object]:
    """What the author gave that reaches a request: cells and project.toml, no shipped default."""

    def own(value: object, origin: str) -> object:
        return value if origin != "default" else None

    return {
        "model": model if shot.model else own(model, settings.model.origin),
        "prompt": shot.prompt,
        "negative_prompt": shot.negative_prompt,
        "size": str(shot.size or (settings.size.value if settings.size else "")) or None,
        "fps": shot.fps or (settings.fps.value if settings.fps else None),
        "duration_s": shot.duration_s or own(settings.duration_s.value, settings.duration_s.origin),
        "sound": None if shot.sound else False,
        "seed": shot.seed,
        "first_frame": shot.first_frame,
        "last_frame": shot.last_frame,
        "audio": shot.audio,
    }


def _placed(problem: Problem, shot: Shot, column: str = "model") -> Problem:
    origin = shot.origin
    return problem.at(file=origin.file, row=origin.row, line=origin.line, column=column, shot=shot.shot_id)


def _unsupported(shot: Shot, verdict: Verdict) -> Problem:
    return _placed(
        Problem(code="unsupported", message=f"{verdict.wanted}: {verdict.why}", help="change the cell, or the model"), shot, verdict.field
    )


def _forbidden(shot: Shot, card: Card, settings: Settings) -> list[Problem]:
    """A service that the project does not list, or that callsheet can't buy from yet, is sent nothing."""
    not_yet = SERVICES[card.service].not_yet
    if not_yet:
        return [_placed(Problem(code="not-yet", message=f"{card.name}: {not_yet}", help="use a model of another service"), shot)]
    if settings.services is None or card.service in settings.services.value:
        return []
    message = f"{card.name} would be sent to {card.service}, which {settings.services.origin} does not list"
    return [_placed(Problem(code="service-not-listed", message=message, help=f"add {card.service!r} there, or use another model"), shot)]
