"""What is left out of the quick run is not lost: CI runs it, and its quick form stands beside it."""

from __future__ import annotations

import re

from tests.house.sources import ROOT

_SLOW = re.compile(r"mark\.slow\b")
_TEST = re.compile(r"^(?P<marks>(?:@.*\n(?:[ )].*\n)*)*)(?:async )?def test_", re.MULTILINE)


def test_ci_runs_the_quick_tests_and_the_slow_ones() -> None:
    """By the README's command, and by the marker that this command leaves out."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert "uv run pytest" in lines
    assert 'uv run --no-sync pytest -m "slow and not nightly" -n 3' in lines  # they wait more than they work
    assert "uv run --no-sync pytest -m nightly -n 2" in (ROOT / ".ci" / "nightly").read_text(encoding="utf-8").splitlines()


def test_a_file_with_slow_tests_has_quick_ones() -> None:
    """A test that is slow as a whole repeats what another one of its file shows."""
    alone = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if _SLOW.search(text) and all("@pytest.mark.slow\n" in test["marks"] for test in _TEST.finditer(text)):
            alone.append(path.relative_to(ROOT).as_posix())
    assert alone == []
