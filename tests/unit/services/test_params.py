"""Parameters of a model: what a card allows, and what becomes of what the author wants."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from callsheet.domain.shots.params import Plain
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Fit, VerdictKind, Wanted, fit
from callsheet.services.cards.param import Param
from callsheet.services.cards.param_offer import OURS
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.runware.wire import Runware
from callsheet.services.table import parameter
from callsheet.settings.load import load

ROOT = Path(__file__).parents[3]
CARDS = load_cards(ROOT / "configs" / "cards")
TOML = (ROOT / "configs" / "cards" / "runware-ltx-2.3.toml").read_text(encoding="utf-8")
V23, V2 = CARDS["runware/ltx-2.3"], CARDS["runware/ltx-2"]
BYTE, DEAPI = CARDS["bytecompute/ltx-2.3"], CARDS["deapi/ltx-2.3"]
PLAIN = Wanted(prompt="A pier at dusk", duration_s=Decimal(6), size=Size(1920, 1080), fps=Fraction(25))
VOICE = MediaRef.of_bytes("voice.wav", b"RIFF\x00\x00\x00\x00WAVE", seconds=Fraction(5))


def fitted(card: Card, params: dict[str, Plain], **more: Any) -> Fit:
    return fit(replace(PLAIN, params=params, **more), card, quotes=True)


def task(card: Card, params: dict[str, Plain], **more: Any) -> dict[str, Any]:
    """What leaves for Runware."""
    ask = fitted(card, params, **more).ask
    assert ask
    [found] = json.loads(Runware().submit(ask, "key").body)
    return found


def why(card: Card, params: dict[str, Plain], **more: Any) -> str:
    """Why a shot is refused, for its one wrong parameter."""
    found = fitted(card, params, **more)
    assert found.ask is None
    [verdict] = found.of(VerdictKind.UNSUPPORTED)
    assert verdict.field == "params"
    return f"{verdict.wanted}: {verdict.why}"


def test_parameters_stand_where_the_service_reads_them() -> None:
    """Nested by their dotted names, over what the card always sends, beside the sound's switch."""
    asked: dict[str, Plain] = {"steps": 30, "CFGScale": Decimal("4.5"), "settings.enhancePrompt": True, "safety.mode": "fast"}
    found = task(V2, {**asked, "safety.checkContent": True, "outputFormat": "webm", "outputQuality": 99})
    assert (found["steps"], found["CFGScale"], found["settings"]) == (30, 4.5, {"enhancePrompt": True})
    assert (found["safety"], found["outputFormat"], found["outputQuality"]) == ({"mode": "fast", "checkContent": True}, "WEBM", 99)
    assert task(V23, {"outputFormat": "MOV"}, sound=False)["settings"] == {"audio": False}


def test_nobodys_words_are_rewritten_unasked() -> None:
    """The vendor's default is to rewrite a prompt; ours is not to."""
    assert task(V2, {})["settings"] == {"enhancePrompt": False}


@pytest.mark.parametrize(
    ("card", "name", "value", "says"),
    [
        (V2, "steps", 0, "a whole number, 1 to 100"),
        (V2, "steps", 101, "a whole number, 1 to 100"),
        (V2, "steps", True, "a whole number"),
        (V2, "steps", "forty", "a whole number"),
        (V2, "CFGScale", Decimal("4.505"), "in steps of 0.01"),
        (V2, "CFGScale", Decimal("20.01"), "1 to 20"),
        (V2, "settings.enhancePrompt", "maybe", "on, off"),
        (V2, "settings.enhancePrompt", 1, "on, off"),
        (V23, "outputFormat", "AVI", "MP4, WEBM, MOV"),
        (V23, "outputQuality", 19, "20 to 99"),
        (V23, "outputQuality", 100, "20 to 99"),
        (V23, "safety.mode", "slow", "none, fast, full"),
        (V23, "ttl", 59, "60 or more"),
        (V23, "uploadEndpoint", "ftp://x/y", "an https address"),
        (V23, "uploadEndpoint", "http://example.com/y", "an https address"),
        (DEAPI, "enhance_prompt", True, "charged apart"),
        (BYTE, "aspect_ratio", "2:1", "16:9, 4:3"),
    ],
)
def test_values_that_are_not_sold(card: Card, name: str, value: Plain, says: str) -> None:
    """Refused with what is; nothing is clamped."""
    assert says in why(card, {name: value})


@pytest.mark.parametrize(
    ("card", "name", "says"),
    [
        (V2, "step", "did you mean steps?"),
        (V2, "cfgscale", "did you mean CFGScale?"),
        (V2, "enhancePrompt", "did you mean settings.enhancePrompt?"),
        (V2, "mode", "did you mean safety.mode?"),
        (V23, "steps", "has no parameter of this name"),
        (V23, "zzz", "there are outputFormat"),
        (CARDS["bytecompute/ltx-2.3"], "steps", "there are aspect_ratio"),
    ],
)
def test_names_that_are_not_sold(card: Card, name: str, says: str) -> None:
    """Refused with the name that was meant, by the whole or its last part."""
    assert says in why(card, {name: 1})


@pytest.mark.parametrize("name", [*sorted(OURS), "inputs.frameImages", "WIDTH", "settings.audio"])
@pytest.mark.parametrize("card", [V23])
def test_what_callsheet_sets_nobody_else_does(card: Card, name: str) -> None:
    """Neither what identifies and prices a purchase nor what has a column of its own."""
    said = why(card, {name: 1})
    assert "callsheet sets it" in said
    assert OURS.get(name, "") in said


@pytest.mark.parametrize(
    ("name", "column"), [("width", "resolution"), ("numberResults", "takes"), ("duration", "duration_s"), ("settings.audio", "sound")]
)
def test_the_column_is_named(name: str, column: str) -> None:
    """What has a column says which."""
    assert f"from the column {column}" in why(V23, {name: 1})


def test_delivery_is_not_what_is_filmed() -> None:
    """Where a clip goes and how long it is kept reach the request, not its essence: changing them buys nothing anew."""
    ask = fitted(V23, {"ttl": 9000, "uploadEndpoint": "https://b.example/c?sig=1"}).ask
    plain = fitted(V23, {}).ask
    assert ask
    assert plain
    [sent] = json.loads(Runware().submit(ask, "key").body)
    assert (sent["ttl"], sent["uploadEndpoint"]) == (9000, "https://b.example/c?sig=1")
    assert Runware().essence(ask) == Runware().essence(plain)
    changed = fitted(V23, {"outputQuality": 99}).ask
    assert changed
    assert Runware().essence(changed) != Runware().essence(plain)


def test_a_short_life_is_raised_to_the_wait() -> None:
    """A clip's address has to live until it is fetched; a longer life stays as it is."""
    found = fitted(V23, {"ttl": 60}, kept_s=4500)
    [verdict] = [verdict for verdict in found.verdicts if verdict.field == "params"]
    assert (verdict.kind, verdict.granted) == (VerdictKind.SNAPPED, "ttl = 4500")
    assert found.ask
    assert found.ask.delivery == {"ttl": 4500}
    assert task(V23, {"ttl": 5000}, kept_s=4500)["ttl"] == 5000


def test_a_secret_in_an_address_is_not_shown() -> None:
    """What follows its `?` may be a signature."""
    found = fitted(V23, {"uploadEndpoint": "https://b.example/c?X-Amz-Signature=abc123"})
    assert "abc123" not in repr(found.verdicts)


def test_a_shape_stands_for_a_size() -> None:
    """ByteCompute's shapes: the size is sent, never both; a row that names a size, too, is refused."""
    found = fitted(BYTE, {"aspect_ratio": "4:3"})
    assert found.ask
    assert (str(found.ask.size), found.ask.params) == ("1104x828", {})
    assert all(size.pixels <= 921_600 for size in BYTE.params["aspect_ratio"].sizes.values())
    for name, size in BYTE.params["aspect_ratio"].sizes.items():
        width, height = map(int, name.split(":"))
        assert Fraction(size.width, size.height) == Fraction(width, height)
    assert "the row also sets a resolution" in why(BYTE, {"aspect_ratio": "4:3"}, own_size=True)


def test_what_a_sound_excludes() -> None:
    """deAPI's endpoint for sounds has no such field."""
    assert "together with audio" in why(
        DEAPI, {"enhance_prompt": False}, audio=VOICE, duration_s=Decimal(5), size=Size(1024, 576), fps=Fraction(24)
    )


def test_one_number_is_one_request() -> None:
    """Writing what is sent anyway makes the same request."""
    plain, written = fitted(DEAPI, {}).ask, fitted(DEAPI, {"guidance": 1, "steps": 8}).ask
    assert plain
    assert written
    assert json.loads(DeApi().essence(plain)) == json.loads(DeApi().essence(written))
    assert DeApi().essence(plain) == DeApi().essence(written)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"type": "text", "min": 1}, "only numbers"),
        ({"type": "integer", "default": "x"}, "not of type integer"),
        ({"type": "integer", "min": 1, "default": 0}, "not of type integer"),
        ({"type": "text", "enum": ["a"], "default": "b"}, "among its values"),
        ({"type": "number", "step": 0.01}, "in quotes"),
        ({"type": "text", "enum": ["a"], "sizes": {"b": "128x128"}}, "exactly the values"),
        ({"type": "whole"}, "boolean"),
    ],
)
def test_a_rule_that_is_none(rule: dict[str, Any], says: str) -> None:
    """A slip in a card is told when it is read."""
    with pytest.raises(ValidationError, match=says):
        Param.model_validate(rule)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"params": {"width": {"type": "integer"}}}, "from the column resolution"),
        ({"params": {"mood": {"type": "text", "path": "webhookURL"}}}, "callsheet sets it itself"),
        ({"params": {"settings.audio": {"type": "boolean"}}}, "from the column sound"),
        ({"params": {"a.b": {"type": "text", "delivery": True}}}, "at the top"),
        ({"params": {"steps": {"type": "integer", "max": 10}}, "send": {"steps": 40}}, "is not sold"),
        ({"params": {"shape": {"type": "text", "enum": ["x"], "sizes": {"x": "1x1"}}}}, "sizes must be sold"),
    ],
)
def test_a_card_whose_parameters_are_callsheets(more: dict[str, Any], says: str) -> None:
    """A card can't hand out what callsheet sets, nor always send what it doesn't sell."""
    with pytest.raises(ValidationError, match=says):
        Card.model_validate({**tomllib.loads(TOML), "params": {}, **more})


def test_the_pages_wait_is_the_shipped_one(tmp_path: Path) -> None:
    """The table says to how many seconds a short life is raised."""
    lane = load(ROOT / "configs" / "defaults.toml", tmp_path / "project.toml").lane("runware")
    assert f"raised to at least {lane.patience_s + lane.fetch_timeout_s:.0f}:" in parameter(V23, "ttl")
    assert parameter(V2, "steps") == "exact: a whole number, 1 to 100; 40 is sent"
    assert parameter(V23, "steps") == "unsupported"
