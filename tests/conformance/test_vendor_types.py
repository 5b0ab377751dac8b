"""Callsheet sends nothing that the vendor's own client would refuse to type, for the models that its bundle knows; what differs stands in the card."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NotRequired, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from runware.types import task_map

from callsheet.domain.shots.params import Plain
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.runware.wire import Runware

CARDS = {name: card for name, card in load_cards(Path(__file__).parents[2] / "configs" / "cards").items() if card.service == "runware"}
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
#: the bundle's types by the vendor's name of the model
TYPES: dict[str, Any] = {
    get_args(hint)[0]: kind
    for kind in vars(task_map).values()
    if isinstance(kind, type) and kind.__name__.endswith("Params") and (hint := get_type_hints(kind).get("model")) and get_args(hint)
}
KNOWN = sorted(name for name, card in CARDS.items() if card.model in TYPES)
#: what callsheet never sends, though the client could: said in the card
NEVER = {"webhookURL"}


def checker(kind: Any) -> type[BaseModel]:
    """A strict model of a type of the bundle: what isn't marked as optional must be there, and nothing else may be."""
    fields: dict[str, Any] = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        fields[name] = (get_args(hint)[0], None) if optional else (hint, ...)
    return create_model(kind.__name__, __config__=ConfigDict(extra="forbid", strict=True, protected_namespaces=()), **fields)


CHECKERS = {name: checker(TYPES[CARDS[name].model]) for name in KNOWN}
PARAMS: st.SearchStrategy[dict[str, Plain]] = st.fixed_dictionaries(
    {},
    optional={
        "outputFormat": st.sampled_from(["MP4", "webm", "MOV"]),
        "outputQuality": st.integers(20, 99),
        "safety.mode": st.sampled_from(["none", "fast", "full"]),
        "safety.checkContent": st.booleans(),
        "ttl": st.integers(60, 100_000),
        "uploadEndpoint": st.just("https://bucket.example.com/clip.mp4?signature=x"),
        "steps": st.integers(1, 100),
        "CFGScale": st.decimals(1, 20, places=2),
        "settings.enhancePrompt": st.booleans(),
    },
)
PICTURE = MediaRef.of_bytes("a.png", b"\x89PNG\r\n\x1a\n", size=Size(1920, 1080))


def sent(card: Card, params: dict[str, Plain], **more: Any) -> dict[str, Any]:
    """The task that leaves for a shot of a model."""
    sold = {name: value for name, value in params.items() if name in card.params}
    wanted = Wanted(prompt="A pier at dusk", duration_s=Decimal(6), size=card.size.default, fps=Fraction(25), params=sold, **more)
    ask = fit(wanted, card).ask
    assert ask
    [task] = json.loads(Runware().submit(ask, KEY).body)
    return task


def test_the_bundle_knows_two_of_the_three() -> None:
    """The third was retired; if the client learns or forgets one, its card has to be looked at again."""
    assert KNOWN == ["runware/ltx-2", "runware/ltx-2.3"]
    assert task_map.SCHEMAS_VERSION in " ".join(note for card in CARDS.values() for note in card.notes)


@settings(max_examples=100, deadline=None, print_blob=True)
@given(name=st.sampled_from(KNOWN), params=PARAMS, frame=st.sampled_from([None, PICTURE]), sound=st.booleans())
def test_what_leaves_is_of_the_vendors_own_type(name: str, params: dict[str, Plain], frame: MediaRef | None, sound: bool) -> None:
    """Every field is one of the type's, of its type, and every field that must be there is."""
    CHECKERS[name].model_validate(sent(CARDS[name], params, first_frame=frame, sound=sound, negative_prompt="rain", seed=7))


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("change", [{"mood": "blue"}, {"width": "1920"}, {"duration": None}, {"outputFormat": "AVI"}, {"model": "other"}])
def test_the_check_finds_a_planted_fault(name: str, change: dict[str, Any]) -> None:
    """A field too many, of another type, missing, or of another value."""
    task = {key: value for key, value in {**sent(CARDS[name], {}), **change}.items() if value is not None}
    with pytest.raises(ValidationError):
        CHECKERS[name].model_validate(task)


@pytest.mark.parametrize("name", KNOWN)
def test_what_the_bundle_has_besides_stands_in_the_card(name: str) -> None:
    """Page and bundle differ; the card says in which fields, with both dates."""
    card = CARDS[name]
    ours = set(sent(card, {}, first_frame=PICTURE, negative_prompt="rain", seed=7)) | {path.partition(".")[0] for path in card.params}
    others = set(get_type_hints(TYPES[card.model])) - ours - NEVER
    [note] = [note for note in card.notes if task_map.SCHEMAS_VERSION in note]
    assert others
    assert not [field for field in others if field not in note], others
    assert card.as_of.isoformat() in note
    assert "2026-10-12" in note
