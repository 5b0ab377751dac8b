"""What an attempt's clip must be, read back from its own request, and what is found on it for that."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.finding import Judgement, Severity
from callsheet.domain.shots.shot import Size
from callsheet.qc.acceptance import judge, ordered
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import inspect_file
from callsheet.services.cards.card import Card, load_cards
from tests.unit.report.made_up_project import attempt

_BOUGHT = b'[{"width":320,"height":192,"fps":24,"duration":3,"settings":{"audio":%s}}]'
_ASKED = Asked(size=Size(320, 192), fps=Fraction(24), frames=72, sound=True)


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return dict(load_cards(Path(__file__).parents[3] / "configs" / "cards"))


@pytest.mark.parametrize(
    ("model", "said", "sound"),
    [
        ("runware/ltx-2", b"false", True),
        ("runware/ltx-2.3", b"true", True),
        ("runware/ltx-2.3", b"false", False),
        ("runware/ltx-2-fast", b"true", False),
        ("runware/gone", b"true", False),
    ],
    ids=["always", "switched on", "switched off", "its switch not in the request", "no card"],
)
def test_a_request_tells_what_its_clip_must_be(cards: dict[str, Card], model: str, said: bytes, sound: bool) -> None:
    """Size, rate and frames; sound by the model's card. Without a card nothing is expected of the sound."""
    bought = replace(attempt(), service="runware", model=model, request=_BOUGHT % said)
    assert ordered(bought, cards.get(model)) == replace(_ASKED, sound=sound)


def test_a_request_that_does_not_tell_asks_for_nothing(cards: dict[str, Card]) -> None:
    """Its clip is looked at all the same."""
    assert ordered(replace(attempt(), service="runware", request=b"[{}]"), cards["runware/ltx-2"]) is None


def test_findings_name_shot_take_frame_and_price_under_the_policy(film: bytes, tmp_path: Path) -> None:
    """Of what was asked for, of the picture, and of what the service told."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(film)
    bought = replace(attempt(), service="runware", request=_BOUGHT % b"true", quote=90_000, told={"nsfw": True})
    found = judge(inspect_file(path), bought, replace(_ASKED, frames=96), {"nsfw": Judgement.PASS})
    assert [(one.code, one.severity) for one in found] == [("nsfw", Severity.NOTE), ("clip-short", Severity.FAIL)]
    assert {(one.shot, one.take, one.again) for one in found} == {(bought.take.shot, str(bought.take), 90_000)}
