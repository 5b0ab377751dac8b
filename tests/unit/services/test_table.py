"""The page on services and models is what the cards say."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.services.cards.card import load_cards
from callsheet.services.table import WISHES, page, verdict

ROOT = Path(__file__).parents[3]
CARDS = load_cards(ROOT / "configs" / "cards")


def test_the_page_is_up_to_date() -> None:
    """If this fails: python -m callsheet.services.table > docs/reference/services.md"""
    assert (ROOT / "docs" / "reference" / "services.md").read_text(encoding="utf-8") == page(CARDS)


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_wish_has_a_verdict(name: str) -> None:
    """One of four, with what is granted instead; no model does everything, none does nothing."""
    found = {wish: verdict(CARDS[name], field, change) for wish, field, change in WISHES}
    assert {text.split(" ")[0] for text in found.values()} <= {"exact", "snapped", "dropped", "unsupported"}
    assert "exact" in found.values()
    assert "unsupported" in found.values()


@pytest.mark.parametrize(
    ("model", "wish", "text"),
    [
        ("deapi/ltx-2.3", "sound that drives the picture", "exact"),
        ("deapi/ltx-2.3", "first frame, an address", "unsupported"),
        ("deapi/ltx-2.3", "8 s", "snapped to 193 frames"),
        ("bytecompute/ltx-2.3", "first and last frame", "exact"),
        ("bytecompute/ltx-2.3", "seed", "dropped"),
        ("runware/ltx-2", "1920x1080", "snapped to 1920x1088"),
        ("runware/ltx-2.3", "sound off", "exact"),
    ],
)
def test_cells_that_are_known(model: str, wish: str, text: str) -> None:
    """From the vendors' own pages."""
    [(field, change)] = [(field, change) for name, field, change in WISHES if name == wish]
    assert verdict(CARDS[model], field, change) == text
    assert f"| {wish} |" in page(CARDS)
