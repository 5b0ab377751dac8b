"""Which services there are, and how they are reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.services.cards.card import load_cards
from callsheet.services.registry import SERVICES, WIRES, Service
from callsheet.services.runware.wire import Runware


def test_runware() -> None:
    """Its URL, its variables, and the header of its key."""
    service = SERVICES["runware"]
    assert (service.base_url, service.key_env, service.url_env) == ("https://api.runware.ai/v1", "RUNWARE_API_KEY", "RUNWARE_BASE_URL")
    assert service.credentials("k") == {"Authorization": "Bearer k"}
    assert WIRES["runware"] is service.wire


@pytest.mark.parametrize(
    ("name", "url", "key", "variable"),
    [
        ("bytecompute", "https://us-01.bytecompute.ai/v1", "BYTECOMPUTE_API_KEY", "BYTECOMPUTE_BASE_URL"),
        ("deapi", "https://api.deapi.ai", "DEAPI_API_KEY", "DEAPI_BASE_URL"),
        ("lightricks", "https://api.ltx.video", "LIGHTRICKS_API_KEY", "LIGHTRICKS_BASE_URL"),
    ],
)
def test_the_services_without_a_key_of_ours(name: str, url: str, key: str, variable: str) -> None:
    """Their URLs and variables as the contract has them; a lost answer of theirs is a doubt."""
    service = SERVICES[name]
    assert (service.name, service.base_url, service.key_env, service.url_env) == (name, url, key, variable)
    assert (service.wire.recovery, service.wire.jobs_per_poll) == ("blind", 1)


def test_a_wire_may_have_a_header_of_its_own() -> None:
    """The key goes into that header, and into no other."""

    class Other(Runware):
        def credentials(self, key: str) -> dict[str, str]:
            return {"X-Api-Key": key}

    assert Service(Other(), "https://x.test", "X_KEY", "X_URL").credentials("k") == {"X-Api-Key": "k"}


def test_every_card_has_its_service() -> None:
    """What is sold can be asked for."""
    cards = load_cards(Path(__file__).parents[3] / "configs" / "cards")
    assert {card.service for card in cards.values()} == set(SERVICES)
