"""A delivery from the shipped defaults and a project's table."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, PlaceError
from callsheet.domain.shot import Size
from callsheet.media.deliver import delivery_from

_HOUSE = Path(__file__).parents[3]
_HD = Size(1280, 720)


def _from(table: dict[str, object], name: str = "web", size: Size = _HD) -> Delivery:
    return delivery_from(name, table, size, Fraction(24), house=_HOUSE)


def test_without_a_table_it_is_the_web_delivery() -> None:
    """-14 LUFS, -1 dBTP, at the size and rate that are handed in."""
    assert _from({}) == Delivery(name="web", size=_HD, fps=Fraction(24), loudness_lufs=-14.0, true_peak_dbtp=-1.0)


def test_a_table_overrides_what_it_names() -> None:
    """And only that."""
    made = _from({"resolution": "1920x1080", "fps": 23.976, "loudness_lufs": -23, "crf": 16}, "master")
    assert made == Delivery(name="master", size=Size(1920, 1080), fps=Fraction(24000, 1001), loudness_lufs=-23.0, crf=16)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"resolution": "wide"}, "is not a resolution"),
        ({"resolution": "1281x720"}, "is odd"),
        ({"resolution": "8x8"}, "is outside 16 to 8192"),
        ({"fps": "fast"}, "is not a frame rate"),
        ({"loudness_lufs": "-14 LUFS"}, "is not a number from -40 to -5"),
        ({"loudness_lufs": 3}, "is not a number"),
        ({"true_peak_dbtp": True}, "is not a number"),
        ({"crf": 18.5}, "is not a whole number from 1 to 51"),
        ({"crf": 0}, "is not a whole number"),
        ({"preset": "turbo"}, "is none of"),
        ({"gop_s": 0}, "is not a whole number"),
    ],
)
def test_a_bad_value_is_refused_with_its_bounds(table: dict[str, object], said: str) -> None:
    """The setting is named, with what it may be."""
    with pytest.raises(InputError) as refused:
        _from(table, "master")
    problem = refused.value.problems[0]
    assert f"[deliver.master] {next(iter(table))}" in problem.message and said in problem.message
    assert problem.file == "project.toml"


def test_all_problems_come_at_once_with_the_likely_meaning() -> None:
    """An unknown key isn't ignored: a misspelt loudness would be found out by the listener."""
    with pytest.raises(InputError) as refused:
        _from({"loudness": -23, "zzz": 1, "crf": 99})
    helps = {problem.message: problem.help for problem in refused.value.problems}
    assert helps["[deliver.web] has no setting 'loudness'"] == "did you mean loudness_lufs?"
    assert helps["[deliver.web] has no setting 'zzz'"].startswith("there are: resolution, fps")
    assert len(helps) == 3


def test_an_odd_size_of_the_project_is_refused() -> None:
    """H.264 has even sides."""
    with pytest.raises(InputError, match="853x480 is odd"):
        _from({}, size=Size(853, 480))


@pytest.mark.parametrize("fps", ["23.97602", "24.5", "12.5", "60000/1001"])
def test_only_rates_that_films_have(fps: str) -> None:
    """Whole, half and NTSC rates; anything else is most likely a typing error."""
    if fps == "23.97602":
        with pytest.raises(InputError, match="is no film's rate"):
            _from({"fps": fps})
    else:
        assert _from({"fps": fps}).fps == Fraction(fps)


def test_a_house_without_defaults_is_an_error(tmp_path: Path) -> None:
    """Never a silent fallback."""
    with pytest.raises(PlaceError, match="defaults can't be read"):
        delivery_from("web", {}, _HD, Fraction(24), house=tmp_path)
