"""docs/reference/project.md is what the models say."""

from __future__ import annotations

from docs.draw_settings import PAGE, page


def test_the_reference_is_drawn_from_the_models() -> None:
    """Drawn again, the page stays as it is; else run `python docs/draw_settings.py`."""
    assert PAGE.read_text(encoding="utf-8") == page()
