"""A picture on a film's pictures: in its place, within the safe area, as faint as asked, by its content, and refused before anything is made."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callsheet.assets.watermarks import with_watermarks
from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.fitting import Fitting, Join, Transition
from callsheet.domain.delivery.watermark import Stamp, Watermark, WatermarkPosition
from callsheet.domain.errors import InputError, MediaError
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.media.clip.watermark import placed
from callsheet.settings.deliveries import delivery_from
from callsheet.store.project_folder import Project
from tests.film_reader import read_film
from tests.media.clips import SMALL, Clips, delivery, luma, shot, slate
from tests.runners import ffmpeg

HOUSE = Path(__file__).parents[2]
#: luma of the logo's red and of its white half that is half transparent over black, in BT.709's video range
_RED, _HALF = 63, 126
_BLACK = "color=black:s={size}:r={fps},format=yuv420p"


def _logo(folder: Path, colour: str = "red", name: str = "logo.png") -> Path:
    """Twice as wide as high: the left half is of the colour, the right one is white and half transparent. Nothing is behind its edge, which is clear."""
    folder.mkdir(parents=True, exist_ok=True)
    halves = f"drawbox=x=4:y=4:w=60:h=56:color={colour}:t=fill:replace=1,drawbox=x=64:y=4:w=60:h=56:color=white@0.5:t=fill:replace=1"
    source = f"color=black@0.0:s=128x64,format=rgba,{halves}"
    ffmpeg(["-f", "lavfi", "-i", source, "-frames:v", "1", str(folder / name)])
    return folder / name


def _marked(project: Project, to: Delivery, **how: object) -> Delivery:
    if not (project.folder / "logo.png").exists():
        _logo(project.folder)
    return with_watermarks([replace(to, stamp=Stamp(name="logo.png", **how))], project)[0]  # type: ignore[arg-type]  # each test's own fields


def _dark(clips: Clips, size: Size = SMALL, fps: str = "24") -> Path:
    """Two seconds of black."""
    path = clips.folder / f"black-{size}-{fps.replace('/', '-')}.mp4"
    if not path.exists():
        source = _BLACK.format(size=size, fps=fps)
        ffmpeg(["-f", "lavfi", "-i", source, "-t", "2", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", str(path)])
    return path


def _shot(path: Path, form: Delivery, name: str = "A", frames: int = 12) -> CutShot:
    return replace(shot(name, path, frames), fitting=Fitting(watermark=form.fitting.watermark))


def _finished(form: Delivery, project: Project, *shots: CutShot) -> Path:
    return finish(Cut(sequence="SQ010", shots=shots), form, project).file


def _lumas(path: Path) -> list[Any]:
    """The luma of every picture as it is stored, as 8 bits of video range."""
    with av.open(str(path)) as box:
        return [luma(frame) for frame in box.decode(video=0)]


def _box(picture: Any) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what isn't black."""
    rows, columns = np.flatnonzero((picture > 30).any(axis=1)), np.flatnonzero((picture > 30).any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


_SHAPES = {"16:9": Size(640, 360), "9:16": Size(360, 640), "1:1": Size(360, 360), "4:5": Size(360, 450)}


@pytest.mark.parametrize("spot", list(WatermarkPosition))
@pytest.mark.parametrize("shape", _SHAPES)
def test_it_stands_in_its_place_inside_the_safe_area(clips: Clips, project: Project, shape: str, spot: WatermarkPosition) -> None:
    """A twentieth of each edge stays free, and at the bottom of a picture for phones a fifth; it is as wide as asked."""
    size = _SHAPES[shape]
    form = _marked(project, delivery(size=size), spot=spot, width=Fraction(1, 4))
    left, top, right, bottom = _box(_lumas(_finished(form, project, _shot(_dark(clips, size), form)))[0])
    low = 5 if shape == "9:16" and "bottom" in spot else 20
    assert left >= size.width / 20 and right <= size.width * 19 / 20 and top >= size.height / 20 and bottom <= size.height * (1 - 1 / low)
    assert abs(right - left - size.width / 4 * 120 / 128) <= 5 and abs((right - left) / (bottom - top) - 120 / 56) < 0.2
    middle = ((left + right) / 2 / size.width, (top + bottom) / 2 / size.height)
    wanted = {"left": 0, "right": 1, "top": 0, "bottom": 1}
    sides = [wanted[word] for word in spot.split("-") if word in wanted]
    assert (
        all(abs(at - 0.5) < 0.01 for at in middle) if spot is WatermarkPosition.CENTRE else [round(at) for at in reversed(middle)] == sides
    )


@pytest.mark.parametrize("frame", [Size(320, 192), Size(192, 342), Size(192, 192), Size(16, 16), Size(1080, 1350), Size(8192, 16)])
@pytest.mark.parametrize("aspect", [Fraction(1), Fraction(10), Fraction(1, 10), Fraction(997, 331)])
@pytest.mark.parametrize("spot", list(WatermarkPosition))
def test_it_is_never_outside_whatever_its_shape(frame: Size, aspect: Fraction, spot: WatermarkPosition) -> None:
    """A tall one is smaller than asked, a tiny picture has a tiny one; edges are even."""
    stamp = Stamp(name="x", spot=spot, width=Fraction(9, 10))  # type: ignore[arg-type]  # as exact as a decimal
    size, left, top = placed(Watermark(stamp=stamp, file=Path("x"), sha256="", mime="image/png", aspect=aspect), frame)
    assert not any(edge % 2 for edge in (size.width, size.height, left, top))
    assert 0 <= left <= frame.width - size.width and 0 <= top <= frame.height - size.height
    assert min(size.width, size.height) >= 2


@pytest.mark.parametrize(
    ("codec", "container", "profile"),
    [
        (Codec.H264, Container.MP4, None),
        (Codec.H265, Container.MP4, None),
        (Codec.AV1, Container.WEBM, None),
        (Codec.PRORES, Container.MOV, "hq"),
        (Codec.PRORES, Container.MOV, "4444"),
        (Codec.DNXHR, Container.MOV, "hq"),
    ],
)
def test_its_colours_and_transparency_are_right_in_every_codec(
    clips: Clips, project: Project, codec: Codec, container: Container, profile: str | None
) -> None:
    """Red is BT.709's red in video range, half transparent white over black is half way; on each frame, at a rate that no clock divides."""
    fps = "24000/1001"
    form = delivery(Fraction(fps), Size(640, 360), codec=codec, container=container, profile=profile)  # type: ignore[arg-type]  # a string is one, too
    form = _marked(project, form, width=Fraction(1, 4))
    pictures = _lumas(_finished(form, project, _shot(_dark(clips, Size(640, 360), fps), form)))
    left, top, right, bottom = _box(pictures[0])
    at = (top + bottom) // 2
    assert len(pictures) == 12
    for picture in pictures:
        assert abs(picture[at, left + 20] - _RED) <= 4 and abs(picture[at, right - 20] - _HALF) <= 5


@pytest.mark.parametrize(("opacity", "luma"), [("0", 16), ("0.5", 16 + (_RED - 16) // 2), ("1", _RED)])
def test_it_is_as_faint_as_asked(clips: Clips, project: Project, opacity: str, luma: int) -> None:
    """Its own transparency times the opacity."""
    plain = _marked(project, delivery(size=Size(640, 360)), width=Fraction(1, 4))
    left, top, _, bottom = _box(_lumas(_finished(plain, project, _shot(_dark(clips, Size(640, 360)), plain)))[0])
    form = _marked(project, delivery(size=Size(640, 360)), width=Fraction(1, 4), opacity=Fraction(opacity))
    picture = _lumas(_finished(form, project, _shot(_dark(clips, Size(640, 360)), form)))[0]
    assert abs(picture[(top + bottom) // 2, left + 20] - luma) <= 4


def test_its_edges_are_clean(clips: Clips, project: Project) -> None:
    """What stands behind its clear pixels, black, doesn't darken a white picture around it."""
    white = clips.folder / "white.mp4"
    ffmpeg(["-f", "lavfi", "-i", "color=white:s=640x360:r=24:d=1", "-c:v", "libx264", "-crf", "8", "-pix_fmt", "yuv420p", str(white)])
    _logo(project.folder, "white")
    form = _marked(project, delivery(size=Size(640, 360), crf=4))
    assert min(picture.min() for picture in _lumas(_finished(form, project, _shot(white, form)))) > 225


def test_the_rest_of_the_picture_is_as_without_it(clips: Clips, project: Project) -> None:
    """Before it is encoded not a pixel differs elsewhere; cells are read as ever."""
    form = _marked(project, delivery(crf=1))
    with_it = _lumas(_finished(form, project, _shot(clips.film(1), form)))
    without = _lumas(_finished(delivery(crf=1), project, shot("A", clips.film(1), 12)))
    assert max(abs(a[:128] - b[:128]).mean() for a, b in zip(with_it, without, strict=True)) < 0.2
    assert read_film(_finished(form, project, _shot(clips.film(1), form))) == [(1, n) for n in range(12)]


def test_a_clip_that_would_be_copied_is_encoded_with_it(clips: Clips, project: Project) -> None:
    """No picture of the film goes without."""
    fits = clips.folder / "fits-black.mp4"
    tags = ("-colorspace", "bt709", "-color_range", "tv")
    ffmpeg(["-i", str(_dark(clips)), "-c:v", "libx264", *tags, str(fits)])
    form = _marked(project, delivery())
    pictures = _lumas(_finished(form, project, _shot(fits, form, frames=48)))
    assert len(pictures) == 48 and all((picture > 30).any() for picture in pictures)


def test_it_stays_through_transitions_and_is_not_on_slates(clips: Clips, project: Project) -> None:
    """On every frame of a dissolve and no fainter there, on both of its clips; a slate says what it says."""
    form = _marked(project, delivery(), width=Fraction(1, 4))
    shots = (
        _shot(_dark(clips), form, "A"),
        replace(_shot(_dark(clips, fps="25"), form, "B"), transition=Transition(Join.DISSOLVE, 6)),
        slate("C", 4),
    )
    pictures = _lumas(_finished(form, project, *shots))
    left, top, _, bottom = _box(pictures[0])
    assert [abs(picture[(top + bottom) // 2, left + 10] - _RED) <= 5 for picture in pictures] == [True] * 24 + [False] * 4


def test_its_content_decides_and_not_its_name(clips: Clips, project: Project) -> None:
    """The same picture under another name is the same film; other bytes under the same name are another, and so is another place."""
    films = [_finished(form := _marked(project, delivery()), project, _shot(_dark(clips), form))]
    (project.folder / "art").mkdir()
    (project.folder / "logo.png").rename(project.folder / "art" / "other.png")
    moved, *_ = with_watermarks([replace(delivery(), stamp=Stamp(name="art/other.png"))], project)
    films.append(_finished(moved, project, _shot(_dark(clips), moved)))
    _logo(project.folder, "blue")
    blue = _marked(project, delivery())
    films.append(_finished(blue, project, _shot(_dark(clips), blue)))
    left = _marked(project, delivery(), spot=WatermarkPosition.TOP_LEFT)
    films.append(_finished(left, project, _shot(_dark(clips), left)))
    assert [film.name for film in films] == [f"SQ010_web_v{n}.mp4" for n in ("001", "001", "002", "003")]


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_changes_meanwhile_is_told(clips: Clips, project: Project, gone: bool) -> None:
    """What was looked at is what is laid on, or nothing is made."""
    form = _marked(project, delivery())
    if gone:
        (project.folder / "logo.png").unlink()
    else:
        _logo(project.folder, "blue")
    with pytest.raises(MediaError, match="no longer exists" if gone else "was changed"):
        _finished(form, project, _shot(_dark(clips), form))


def _nothing(_path: Path) -> None:
    """No file at all."""


def _page(path: Path) -> None:
    path.write_text("<html>404</html>")


def _cut_short(path: Path) -> None:
    path.write_bytes(_logo(path.parent).read_bytes()[:150])


def _bomb(path: Path) -> None:
    """A header that claims 30000x30000."""
    data = bytearray(_logo(path.parent).read_bytes())
    struct.pack_into(">II", data, 16, 30000, 30000)
    path.write_bytes(bytes(data))


def _drawing(path: Path) -> None:
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>')


def _folder(path: Path) -> None:
    path.mkdir()


def _outside(path: Path) -> None:
    path.symlink_to(_logo(path.parent.parent))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_nothing, "is not a file"),
        (_page, "is not a picture file that callsheet reads"),
        (_drawing, "is not a picture file"),
        (_cut_short, "can't be read as a picture"),
        (_bomb, "can't be read as a picture"),
        (_folder, "is not a file"),
        (_outside, "is outside the project's folder"),
    ],
)
def test_what_is_no_picture_is_refused_with_file_and_reason(project: Project, make: Callable[[Path], None], why: str) -> None:
    """Of every delivery at once, before anything is planned."""
    project.folder.mkdir(parents=True)
    make(project.folder / "brand.png")
    forms = [replace(delivery(), name=name, stamp=Stamp(name="brand.png")) for name in ("web", "phones")]
    with pytest.raises(InputError) as refused:
        with_watermarks(forms, project)
    assert [problem.message.split(": ")[0] for problem in refused.value.problems] == [
        f"[deliver.{n}] watermark_file" for n in ("web", "phones")
    ]
    assert all(f"brand.png {why}" in problem.message and problem.help for problem in refused.value.problems)


@pytest.mark.parametrize("name", ["logo.jpg", "logo.bmp", "logo.gif", "logo.webp"])
def test_other_kinds_of_pictures_are_taken(clips: Clips, project: Project, name: str) -> None:
    """By their first bytes, opaque where they have no transparency."""
    made = _logo(project.folder)
    still = ("-c:v", "libwebp") if name.endswith("webp") else ()
    ffmpeg(["-i", str(made), "-frames:v", "1", *still, str(project.folder / name)])
    form, *_ = with_watermarks([replace(delivery(), stamp=Stamp(name=name))], project)
    assert (_lumas(_finished(form, project, _shot(_dark(clips), form)))[0] > 40).any()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"watermark_width": 0.2}, "watermark_width: it needs a watermark_file"),
        ({"watermark_file": "x.png", "watermark_place": "left"}, "is not one of top-left, top-right, bottom-left, bottom-right, centre"),
        ({"watermark_file": "x.png", "watermark_opacity": 2}, "is not a number from 0 to 1"),
        ({"watermark_file": "x.png", "watermark_width": 1}, "1.0 with 0.05 free on either side is wider than the picture"),
        ({"watermark_file": ""}, "is not a text"),
    ],
)
def test_settings_that_mean_nothing_are_refused(table: dict[str, object], said: str) -> None:
    """Before any file is opened."""
    with pytest.raises(InputError) as refused:
        delivery_from("web", table, SMALL, Fraction(24), house=HOUSE)
    assert said in refused.value.problems[0].message


def test_a_table_gives_what_its_like_leaves_open() -> None:
    """A brand's delivery names the file once; another is like it and places it elsewhere."""
    tables: dict[str, dict[str, object]] = {
        "brand": {"watermark_file": "logo.png", "watermark_opacity": 0.6},
        "phones": {"like": "brand", "aspect": "9:16", "watermark_place": "top-left"},
    }
    stamp = delivery_from("phones", tables["phones"], SMALL, Fraction(24), house=HOUSE, tables=tables).stamp
    assert stamp is not None
    assert (stamp.name, stamp.spot, str(stamp.opacity), str(stamp.width)) == ("logo.png", WatermarkPosition.TOP_LEFT, "0.6", "0.12")
