"""docs/benchmarks.md shows the figures that the benchmarks wrote."""

from __future__ import annotations

from docs.draw_benchmarks import PAGE, drawn


def test_the_page_has_the_results_as_they_are() -> None:
    """Drawn again, the page stays as it is; else run `uv run --group figures python docs/draw_benchmarks.py`."""
    page = PAGE.read_text(encoding="utf-8")
    assert drawn(page) == page
    assert "<!-- drawn:" in page
