"""Further parameters of models, from the row and from project.toml. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.params import Params, Plain
from callsheet.domain.shots.shot import Shot
from callsheet.services.cards.card import Card, unknown_model
from callsheet.services.cards.param_offer import wrong
from callsheet.settings.values import Setting, Settings


def wanted(shot: Shot, settings: Settings, model: str) -> dict[str, Plain]:
    """The project's parameters for the model, overridden by the row's."""
    project = settings.params.get(model) if "params" not in shot.cleared else None
    return {**dict(project.value if project else ()), **dict(shot.params)}


def given(shot: Shot, settings: Settings, card: Card) -> dict[str, Plain] | None:
    """Those of them that affect what is filmed; None if there are none."""
    found = {
        name: value for name, value in wanted(shot, settings, card.name).items() if not (name in card.params and card.params[name].delivery)
    }
    return dict(sorted(found.items())) or None


def kept_s(settings: Settings, service: str) -> int:
    """How long a clip's address has to be valid, whole seconds: as long as a job is waited for, plus its download."""
    lane = settings.lane(service)
    return ceil(lane.patience_s + lane.fetch_timeout_s)


def refuse_wrong(params: Mapping[str, Setting[Params]], cards: Mapping[str, Card]) -> None:
    """InputError with everything that no row could fix: models without a card, and parameters that their cards don't sell."""
    problems = [problem for model, setting in params.items() for problem in _wrong(model, setting, cards)]
    if problems:
        raise InputError.of(problems)


def _wrong(model: str, setting: Setting[Params], cards: Mapping[str, Card]) -> Iterator[Problem]:
    file = setting.origin.split()[0]
    if model not in cards:
        yield unknown_model(model, cards).at(file=file, column=f"params.{model}")
        return
    for name, value in setting.value:
        if why := wrong(name, value, cards[model].offer):
            place = f'params."{model}".{name}'
            yield Problem(code="unsupported", message=f"{setting.origin}: {name}: {why}", help="correct it there", file=file, column=place)
