"""A delivery from the shipped defaults and a project's table."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import CONTAINERS, Codec, Container
from callsheet.domain.errors import InputError, SetupError
from callsheet.domain.shots.shot import Size
from callsheet.settings.deliveries import delivery_from
from callsheet.settings.delivery_tables import shipped
from callsheet.settings.tables.delivery import DeliveryTable

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
        ({"resolution": "1281x720"}, "has an odd side"),
        ({"resolution": "8x8"}, "is outside 16 to 8192"),
        ({"fps": "fast"}, "is not a frame rate"),
        ({"loudness_lufs": "-14 LUFS"}, "is not a number from -40 to -5"),
        ({"loudness_lufs": 3}, "is not a number"),
        ({"true_peak_dbtp": True}, "is not a number"),
        ({"crf": 18.5}, "is not a whole number from 1 to 51"),
        ({"crf": 0}, "is not a whole number"),
        ({"preset": "turbo"}, "is not one of"),
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
    assert helps["project.toml [deliver.web] has no setting loudness"] == "did you mean loudness_lufs?"
    assert helps["project.toml [deliver.web] has no setting zzz"].startswith("known here: like, resolution")
    assert len(helps) == 3


def test_an_odd_size_of_the_project_is_refused() -> None:
    """H.264 has even sides."""
    with pytest.raises(InputError, match="853x480 has an odd side"):
        _from({}, size=Size(853, 480))


@pytest.mark.parametrize("fps", ["23.97602", "24.5", "12.5", "60000/1001"])
def test_only_rates_that_films_have(fps: str) -> None:
    """Whole, half and NTSC rates; anything else is most likely a typing error."""
    if fps == "23.97602":
        with pytest.raises(InputError, match="is not a film or video frame rate"):
            _from({"fps": fps})
    else:
        assert _from({"fps": fps}).fps == Fraction(fps)


def test_a_house_without_defaults_is_an_error(tmp_path: Path) -> None:
    """Never a silent fallback."""
    with pytest.raises(SetupError, match="defaults can't be read"):
        delivery_from("web", {}, _HD, Fraction(24), house=tmp_path)


@pytest.mark.parametrize("name", shipped(_HOUSE))
def test_every_shipped_delivery_is_whole(name: str) -> None:
    """Each can be asked for by name alone, or by a table that is like it."""
    made = _from({}, name)
    assert made == replace(_from({"like": name}, "mine"), name=name)
    assert made.container in CONTAINERS[made.codec]
    assert made.codec.mastering == (made.profile is not None)
    assert made.chapters != made.codec.mastering, "chapters are a track of text, which desks don't ask for"


def test_a_delivery_is_like_another_and_says_what_differs() -> None:
    """Through as many tables as there are, down to a shipped one; a table of a shipped name may be like the shipped one."""
    tables: dict[str, dict[str, object]] = {
        "desk": {"like": "broadcast-ebu", "profile": "hqx"},
        "spot": {"like": "desk", "timecode": "11:00:00:00"},
        "web": {"like": "web", "crf": 20},
        "loud": {"like": "web", "loudness_lufs": -10},
    }
    made = {name: delivery_from(name, table, _HD, Fraction(24), house=_HOUSE, tables=tables) for name, table in tables.items()}
    spot = made["spot"]
    assert (spot.codec, spot.profile, spot.size, spot.fps) == (Codec.DNXHR, "hqx", Size(1920, 1080), Fraction(25))
    assert (spot.loudness_lufs, spot.timecode, spot.container) == (-23.0, "11:00:00:00", Container.MOV)
    assert (made["web"].crf, made["loud"].crf, made["loud"].loudness_lufs) == (20, 20, -10.0)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"a": {"like": "b"}, "b": {"like": "a"}}, "a is like b is like a: a circle"),
        ({"a": {"like": "vhs"}}, "no delivery 'vhs'; shipped are av1, broadcast-atsc"),
    ],
)
def test_a_circle_or_an_unknown_model_is_refused(tables: dict[str, dict[str, object]], said: str) -> None:
    """With the way that led there, or what there is."""
    with pytest.raises(InputError, match=re.escape(said)):
        delivery_from("a", tables["a"], _HD, Fraction(24), house=_HOUSE, tables=tables)


@pytest.mark.parametrize(
    ("size", "aspect", "shaped"),
    [
        (_HD, "9:16", Size(720, 1280)),
        (_HD, "1:1", Size(720, 720)),
        (_HD, "4:5", Size(720, 900)),
        (_HD, "16:9", _HD),
        (Size(1080, 1920), "16:9", Size(1920, 1080)),
        (Size(320, 192), "9:16", Size(192, 342)),
    ],
)
def test_a_shape_keeps_the_shorter_edge(size: Size, aspect: str, shaped: Size) -> None:
    """Even sides, nothing enlarged."""
    assert _from({"aspect": aspect}, size=size).size == shaped


def test_of_size_and_shape_the_nearer_table_decides() -> None:
    """A size over an inherited shape, and a shape over an inherited size."""
    assert _from({"like": "vertical", "resolution": "540x960"}, "mine").size == Size(540, 960)
    assert _from({"like": "broadcast-ebu", "aspect": "1:1"}, "mine").size == Size(720, 720)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"codec": "divx"}, "is not one of h264"),
        ({"codec": "prores", "container": "mp4"}, "prores is delivered in mov, not in mp4"),
        ({"container": "webm"}, "h264 is delivered in mp4 or mov, not in webm"),
        ({"profile": "hq"}, "h264 has no profiles"),
        ({"codec": "dnxhr", "profile": "lt"}, "dnxhr has hq, hqx"),
        ({"aspect": "wide"}, "is not a shape"),
        ({"max_mb": 0}, "is not a number from 0.01"),
        ({"timecode": "25:00:00:00"}, "is not a timecode at 24"),
        ({"timecode": "01:00:00;00"}, "drop-frame"),
        ({"beside": ["poster", "vhs"]}, "is not one of poster"),
        ({"chapters": "yes"}, "neither true nor false"),
        ({"file": "film"}, "must name {sequence} and {version}"),
        ({"file": "{sequence}_{version}_{secret}"}, "must name {sequence} and {version}"),
        ({"file": "{sequence}_{version!r}"}, "must name {sequence} and {version}"),
        ({"file": "../{sequence}_{version}"}, "file names can't have"),
        ({"file": "{sequence}_{version"}, "expected '}'"),
    ],
)
def test_what_a_file_cant_be_is_refused(table: dict[str, object], said: str) -> None:
    """Before anything is made."""
    with pytest.raises(InputError) as refused:
        _from(table, "master")
    assert said in refused.value.problems[0].message


def test_every_shipped_delivery_and_every_setting_stands_in_the_page() -> None:
    """docs/deliveries.md names them all, and nothing else as a setting."""
    page = (_HOUSE / "docs" / "deliveries.md").read_text(encoding="utf-8")
    first, second = page.split("| setting | meaning |")
    shipped_there = {name for row in re.findall(r"^\| (`.*?`) \|", first, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    settings = {name for row in re.findall(r"^\| (`.*?`) \|", second, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)}
    known = {field.alias or name for name, field in DeliveryTable.model_fields.items()}
    assert (shipped_there, settings) == (set(shipped(_HOUSE)), known)


def test_every_shipped_delivery_is_shown_in_the_page() -> None:
    """Its frames stand beside its description, and every picture that the page names is there, small enough for a page."""
    docs = _HOUSE / "docs"
    shown = set(re.findall(r"\]\((images/[^)]+)\)", (docs / "deliveries.md").read_text(encoding="utf-8")))
    assert {f"images/delivery-{name}.webp" for name in shipped(_HOUSE)} <= shown
    assert all((docs / image).stat().st_size < 400_000 for image in shown)
