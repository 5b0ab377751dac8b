"""Rows as they are bought to choose from, and the chosen ones as they are bought afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Shot
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card, unknown_model
from callsheet.settings.values import DraftRules

PriceAs = Callable[[Shot], Priced]
#: the longest seed that a service says and a row may have
_LARGEST_SEED = 2**63 - 1


def refuse(rules: DraftRules | None, cards: Mapping[str, Card], *, final: bool) -> None:
    """InputError if the drafts' model doesn't exist, or `final` is asked for where the project buys no drafts."""
    if rules is None and final:
        help = "without drafts, `callsheet render` buys every take in full quality"
        raise InputError("--final buys the takes that were picked among drafts, and project.toml has no [draft] table", help=help)
    if rules and rules.model and rules.model.value not in cards:
        raise InputError.of([unknown_model(rules.model.value, cards).at(file=rules.model.origin.split()[0], column="draft.model")])


def drafted(item: Priced, rules: DraftRules | None, price_as: PriceAs) -> Priced:
    """The row with its draft; without, where the project buys none, nothing is bought for the row, or the draft would be the same request.

    At another model than its own, a row's parameters and size rules are that model's: parameters of the row are left out.
    """
    if rules is None or item.shot.clip is not None or item.problems:
        return item
    model = rules.model.value if rules.model else item.model
    params = item.shot.params if model == item.model else ()
    shot = replace(item.shot, model=model, params=params)
    if rules.size:  # a further shape that is a size of its own keeps its proportions alone
        shot = replace(shot, size=rules.size.value, shape=shot.shape and replace(shot.shape, sized=False))
    draft = replace(price_as(shot), begins_s=item.begins_s)
    draft = replace(draft, problems=tuple(replace(one, message=f"as a draft: {one.message}", column="draft") for one in draft.problems))
    same = (draft.account, draft.model, draft.request_print) == (item.account, item.model, item.request_print)
    return item if same else replace(item, draft=draft)


def final(item: Priced, draft: Attempt, tried: Iterable[Attempt], price_as: PriceAs) -> Priced:
    """The row as it is bought after its draft was chosen: with the draft's seed, where the row has none, the service said it and the model
    takes one. Not with the seed of a clip that was bought so and isn't wanted. The author's fingerprint stays the row's.
    """
    seed = draft.told.get("seed")
    known = {one.told.get("seed") for one in tried if one.final_of and one.state is State.RECEIVED}
    if item.shot.seed is not None or not isinstance(seed, int) or not 0 <= seed <= _LARGEST_SEED or seed in known:
        return item
    seeded = price_as(replace(item.shot, seed=seed))
    if seeded.problems or seeded.ask is None or seeded.ask.seed != seed:
        return item
    return replace(
        item,
        shot=seeded.shot,
        fit=seeded.fit,
        quote=seeded.quote,
        request_print=seeded.request_print,
        agreed_print=seeded.agreed_print,
        other_reading=seeded.other_reading,
    )
