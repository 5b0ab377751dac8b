"""Every check finds its planted defect, in each recipe, and is silent on clean clips: a table of hits and false alarms."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.finding import Judgement, Severity
from callsheet.media.inspect.file_form import index_first
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import inspect_file
from callsheet.qc.policy import judged
from tests.media.clips import SMALL, Clips
from tests.media.defects import CLEAN, DEFECTIVE, DEFECTS, Recipe
from tests.runners import ffmpeg

#: the shipped policy
SHIPPED = {
    code: Judgement(word)
    for code, word in tomllib.loads((Path(__file__).parents[2] / "configs" / "defaults.toml").read_text())["qc"].items()
}


def _case(recipe: Recipe, *, slow: bool) -> Any:
    """A recipe as a test; where it is slow, of the slow ones of the night."""
    return pytest.param(recipe, id=recipe.name, marks=[pytest.mark.slow, pytest.mark.nightly] if slow else [])


def _first_of_each_code(recipes: Iterable[Recipe]) -> list[Any]:
    """The recipes, of which the quick tests take the first for whatever they find."""
    seen: set[tuple[str, ...]] = set()
    cases: list[Any] = []
    for recipe in recipes:
        codes = tuple(due.partition("@")[0] for due in recipe.finds)
        cases.append(_case(recipe, slow=codes in seen))
        seen.add(codes)
    return cases


@pytest.mark.parametrize("recipe", _first_of_each_code(DEFECTS))
def test_each_defect_is_found_and_nothing_else(tmp_path: Path, recipe: Recipe) -> None:
    """Its code, at its frame where that is exact, and as severe as the shipped policy has it."""
    found = [*recipe.look(tmp_path)]
    said = [f"{one.code}@{one.frame}" for one in found]
    assert len(said) == len(recipe.finds), said
    assert all(one in (due, f"{due}@{one.partition('@')[2]}") for one, due in zip(said, recipe.finds, strict=True)), said
    assert judged(found, SHIPPED) == found


@pytest.mark.parametrize("recipe", [_case(recipe, slow=n % 4 != 0) for n, recipe in enumerate(CLEAN)])
def test_what_is_clean_has_no_finding(tmp_path: Path, recipe: Recipe) -> None:
    """Clips of every kind that a service may make, cuts and films."""
    assert [(one.code, one.message) for one in recipe.look(tmp_path)] == []


def test_every_check_has_a_defect() -> None:
    """No code is in the shipped policy without a recipe that makes it."""
    planted = {due.partition("@")[0] for recipe in DEFECTS for due in recipe.finds}
    assert planted == {*SHIPPED, DEFECTIVE}


def test_silence_is_no_finding_where_no_sound_was_asked_for(clips: Clips) -> None:
    """What is heard matters only where it is wanted."""
    looked = inspect_file(clips.quirk("digital silence"))
    asked = Asked(size=SMALL, fps=looked.probe.fps, frames=48, sound=True)
    assert [one.code for one in looked.findings(asked)] == ["clip-silent"]
    assert looked.findings(replace(asked, sound=False)) == []


def test_a_policy_decides_what_a_finding_means(clips: Clips) -> None:
    """Reject, flag or pass, by code; what it doesn't name stays as it is."""
    [silent] = inspect_file(clips.quirk("digital silence")).heard
    for word, severity in ((Judgement.REJECT, Severity.FAIL), (Judgement.FLAG, Severity.WARN), (Judgement.PASS, Severity.NOTE)):
        assert [one.severity for one in judged([silent], {"clip-silent": word})] == [severity]
    assert judged([silent], {"clip-black": Judgement.REJECT}) == [silent]


def test_an_index_in_front_is_told_from_one_behind(clips: Clips, tmp_path: Path) -> None:
    """By the boxes' order."""
    behind = tmp_path / "behind.mp4"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", "-movflags", "-faststart", str(behind)])
    assert (index_first(clips.quirk("index in front")), index_first(behind)) == (True, False)
