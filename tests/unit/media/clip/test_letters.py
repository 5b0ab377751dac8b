"""Letters: what a font can show, how lines are broken, and that texts keep off the watermark."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.assets.fonts import unshown, with_fonts
from callsheet.domain.caption import Caption, CaptionPosition
from callsheet.domain.errors import InputError
from callsheet.domain.fitting import Fitting
from callsheet.domain.shot import Origin, Shot, Size
from callsheet.domain.watermark import Stamp, Watermark, WatermarkPosition
from callsheet.media.clip import burn_in, burnt_titles, watermark
from callsheet.media.clip.burnt_titles import Page
from callsheet.media.clip.font_file import read_font
from callsheet.media.ffmpeg import runner
from callsheet.store.project_folder import Project
from tests.media.clips import delivery

_WIDE = Size(1280, 720)


@pytest.mark.parametrize("file", [runner.letters(), runner.table_letters()], ids=lambda file: file.stem)
@pytest.mark.parametrize("text", ["„Łódź“ őű", "Ελληνικά", "Привет, їжак", "naïve — “fi” … €"])
def test_both_fonts_show_latin_greek_and_cyrillic(file: Path, text: str) -> None:
    """Cards and burnt-in texts."""
    assert read_font(file).lacking(text) == ""


def test_what_a_font_lacks_is_told_once_and_steering_signs_are_no_letters() -> None:
    """Line ends, joiners, direction marks and variation selectors are never drawn."""
    own = read_font(runner.letters())
    assert own.lacking("谁 is 谁? 🎬") == "谁🎬"
    assert own.lacking("a\n\u200d\u200fb\ufe0f \u05e9\u05c1") == ""
    assert read_font(runner.font()).lacking("ő") == "ő"


def test_widths_are_the_fonts_own() -> None:
    """Monospaced letters are all as wide, others are not; a combining mark adds nothing."""
    mono, own = read_font(runner.table_letters()), read_font(runner.letters())
    assert mono.width("iiii") == pytest.approx(mono.width("MMMM")) == pytest.approx(4 * 0.602, abs=0.01)
    assert own.width("iiii") < own.width("MMMM") / 2
    assert own.width("e\u0301") == own.width("e")


@pytest.mark.parametrize(
    "text", ["a line of many words that has no room on one line of the picture, and goes on and on", "W" * 90, "谁" * 50]
)
def test_lines_fit_the_picture(text: str) -> None:
    """Broken between words, and within one that is wider than a line; no letter is lost."""
    page, caption = Page(Size(360, 640)), Caption(text, CaptionPosition.BOTTOM)
    lines = burnt_titles._wrapped(caption, page).split("\n")
    room = 360 - 2 * burnt_titles._margins(caption, page)[0]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(page.face.width(line) * burnt_titles._letters(caption, page.size) <= room for line in lines)


@pytest.mark.parametrize("size", [_WIDE, Size(720, 1280), Size(320, 192)])
@pytest.mark.parametrize("spot", [one for one in WatermarkPosition if one is not WatermarkPosition.CENTRE])
def test_texts_keep_off_the_watermark(size: Size, spot: WatermarkPosition) -> None:
    """In its corner they stand below or above it, by their boxes; in the others where they always stand."""
    mark = Watermark(
        stamp=Stamp(name="logo.png", spot=spot, width=Decimal("0.2")),
        file=Path("logo.png"),
        sha256="0" * 64,
        mime="image/png",
        aspect=Fraction(2),
    )
    plain, marked = (burn_in._page(Fitting(watermark=one), delivery(size=size)) for one in (None, mark))
    area, _, top = watermark.placed(mark, size)
    own = {WatermarkPosition.TOP_LEFT: CaptionPosition.TOP_LEFT, WatermarkPosition.TOP_RIGHT: CaptionPosition.TOP_RIGHT}.get(
        spot, CaptionPosition.BOTTOM
    )
    for place in CaptionPosition:
        caption = Caption("text", place)
        box = burnt_titles._letters(caption, size) // 3
        free = burnt_titles._margins(caption, marked)[1] - box
        if place is own:
            assert free >= (size.height - top if place is CaptionPosition.BOTTOM else top + area.height)
        else:
            assert free == burnt_titles._margins(caption, plain)[1] - box


def test_another_font_is_another_clip_and_film(tmp_path: Path) -> None:
    """By its content; without texts it decides nothing."""
    [form] = with_fonts([replace(delivery(), font="own.ttf")], _project(tmp_path))
    said = (Caption("a", CaptionPosition.BOTTOM),)
    bare, plain, own = Fitting(), Fitting(captions=said), Fitting(captions=said, font=form.fitting.font)
    assert own.decides != plain.decides and replace(bare, font=form.fitting.font).decides == bare.decides


def _project(folder: Path) -> Project:
    (folder / "own.ttf").write_bytes(runner.font().read_bytes())
    (folder / "no.ttf").write_bytes(b"no font")
    return Project(folder)


@pytest.mark.parametrize(
    ("name", "why"), [("no.ttf", "no TrueType or OpenType font"), ("gone.ttf", "is not a file"), ("../x.ttf", "outside")]
)
def test_a_font_that_can_not_be_read_is_refused(tmp_path: Path, name: str, why: str) -> None:
    """With its delivery, before anything is planned."""
    with pytest.raises(InputError, match=f"deliver.web. font: .*{why}"):
        with_fonts([replace(delivery(), font=name)], _project(tmp_path))


def test_texts_that_would_be_boxes_are_errors(tmp_path: Path) -> None:
    """Only what a delivery burns in, in the font that it burns it with, each with its shot and column."""
    forms = [
        replace(delivery(), name="plain"),
        replace(delivery(), name="dialogue", burn_subtitles="dialogue", watermark="谁"),
        replace(delivery(), name="german", burn_subtitles="de", font="own.ttf"),
    ]
    shot = Shot(
        shot_id="S1",
        list="l",
        sequence="SQ",
        prompt="p",
        origin=Origin("l.csv", 2, 2),
        dialogue="őű 🎬",
        subtitles=(("de", "őű"), ("fr", "🎬")),
    )
    found = list(unshown([shot], with_fonts(forms, _project(tmp_path))))
    assert [(one.code, one.column, one.shot, one.file) for one in found] == [
        ("letters", None, None, "project.toml"),
        ("letters", "dialogue", "S1", "l.csv"),
        ("letters", "subtitle.de", "S1", "l.csv"),
    ]
    assert "DejaVu Sans can't show 🎬 (U+1F3AC)" in found[1].message and "own.ttf can't show ő (U+0151), ű (U+0171)" in found[2].message
