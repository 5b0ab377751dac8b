"""Letters: what a font can show, how lines are broken, and that texts keep off the watermark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.assets.fonts import unshown, with_fonts
from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.delivery.fitting import Fitting
from callsheet.domain.delivery.watermark import Stamp, Watermark, WatermarkPosition
from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Origin, Shot, Size
from callsheet.media.clip import burn_in, burnt_titles, watermark
from callsheet.media.clip.font_file import read_font
from callsheet.media.clip.text_layout import Page, laid_out
from callsheet.media.ffmpeg import runner
from callsheet.store import atomic_files
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
    [laid] = laid_out((Caption(text, CaptionPosition.BOTTOM),), Page(Size(360, 640)))
    lines, face = laid.lines.split("\n"), read_font(runner.letters())
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(face.width(line) * laid.letters <= 360 - 2 * laid.aside for line in lines)


@pytest.mark.parametrize("size", [_WIDE, Size(720, 1280), Size(320, 192)])
@pytest.mark.parametrize("spot", [one for one in WatermarkPosition if one is not WatermarkPosition.CENTRE])
def test_texts_keep_off_the_watermark(size: Size, spot: WatermarkPosition) -> None:
    """In its corner, and at the bottom beside it, they stand below or above it, by their boxes; in the others where they always stand."""
    mark = Watermark(
        stamp=Stamp(name="logo.png", spot=spot, width=Decimal("0.2")),
        file=Path("logo.png"),
        sha256="0" * 64,
        mime="image/png",
        aspect=Fraction(2),
    )
    plain, marked = (burn_in._page(Fitting(watermark=one), delivery(size=size)) for one in (None, mark))
    area, _, top = watermark.placed(mark, size)
    moved = {CaptionPosition(spot), *([CaptionPosition.BOTTOM] if "bottom" in spot else [])}
    for place in CaptionPosition:
        [free], [off] = (laid_out((Caption("text", place),), page) for page in (plain, marked))
        if place in moved:
            assert off.away - off.box >= (size.height - top if "bottom" in place else top + area.height)
        else:
            assert off == free


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
    ("name", "why"), [("no.ttf", "not a TrueType or OpenType font"), ("gone.ttf", "is not a file"), ("../x.ttf", "outside")]
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
    found = list(unshown([shot], with_fonts(forms, _project(tmp_path)), {}))
    assert [(one.code, one.column, one.shot, one.file) for one in found] == [
        ("letters", None, None, "project.toml"),
        ("letters", "dialogue", "S1", "l.csv"),
        ("letters", "subtitle.de", "S1", "l.csv"),
    ]
    assert "DejaVu Sans can't show 🎬 (U+1F3AC)" in found[1].message and "own.ttf can't show ő (U+0151), ű (U+0171)" in found[2].message


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"other words"), Path.unlink])
def test_what_is_drawn_is_what_was_asked_whatever_stands_in_the_folder(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """Words, fonts and logos are copied to where ffmpeg reads them; a copy that was cut off is written again, as a film would show it."""
    (tmp_path / "own.ttf").write_bytes(runner.font().read_bytes())
    [form] = with_fonts([replace(delivery(), font="own.ttf")], Project(tmp_path))
    page, folder = Page(_WIDE, form.fitting.font), tmp_path / "kept"
    logo = Watermark(
        stamp=Stamp(name="own.ttf"),
        file=tmp_path / "own.ttf",
        sha256=atomic_files.digest(tmp_path / "own.ttf"),
        mime="image/png",
        aspect=Fraction(1),
    )

    def write() -> dict[str, bytes]:
        burnt_titles.written((Caption("The Harbour", CaptionPosition.TOP),), page, folder)
        watermark.written(logo, folder)
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    first = write()
    assert len(first) == 3  # words, font and logo
    for path in first:
        damage(Path(path))
    assert write() == first
