"""A clip of another shape or rate is fitted as its shot or delivery says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import Fitting, Focus, FpsFit, Frame, Trim
from callsheet.domain.shots.picture_geometry import around, crop_at
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.media.clip.fitting import frames_at, pace, remarks
from callsheet.media.clip.normalize import normalize
from callsheet.media.clip.normalized import Normalized
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import probe
from callsheet.store.atomic_files import digest
from tests.film_reader import beeps, flashes, pictures, read_film
from tests.media.clips import Clips, delivery
from tests.runners import ffmpeg

_HALVES = "color=red:s=320x192:r=24:d=0.5,drawbox=x=160:w=160:color=blue:t=fill"


def _made(clip: Path, frames: int, to: Delivery, folder: Path, fit: Fitting) -> Normalized:
    return normalize(clip, digest(clip), frames, to, folder, fit=fit)


def _luma(path: Path) -> np.ndarray:
    """The first picture's luma as it is stored: red is 63 in BT.709, blue 32, black 16."""
    with av.open(str(path)) as box:
        frame = next(box.decode(video=0))
        return frame.to_ndarray()[: frame.height].astype(int)


def _halves(folder: Path) -> Path:
    """A picture whose left half is red and right half blue."""
    path = folder / "halves.mp4"
    ffmpeg(["-f", "lavfi", "-i", _HALVES, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)])
    return path


@pytest.mark.parametrize(("x", "luma"), [("0", 63), ("1", 32)])
def test_a_crop_keeps_its_focus(tmp_path: Path, x: str, luma: int) -> None:
    """Cropped to a square around the left or the right edge, only red or only blue is left, and no black."""
    fit = Fitting(frame=Frame.CROP, focus=Focus(Decimal(x), Decimal("0.5")))
    made = _made(_halves(tmp_path), 6, delivery(24, Size(160, 192)), tmp_path, fit)
    picture = _luma(made.picture)
    assert picture.shape == (192, 160)
    assert abs(picture - luma).max() < 5


def test_a_blurred_fill_has_the_whole_picture_and_no_black(tmp_path: Path) -> None:
    """The clip stands in the middle, whole; beside it is neither black nor a sharp copy."""
    made = _made(_halves(tmp_path), 6, delivery(24, Size(320, 384)), tmp_path, Fitting(frame=Frame.BLUR))
    picture = _luma(made.picture)
    middle, above = picture[96:288], picture[:90]
    assert abs(middle[:, 20:140] - 63).max() < 5 and abs(middle[:, 180:300] - 32).max() < 5
    assert 16 < above.mean() < middle.mean()
    assert abs(np.diff(above[40])).max() < abs(np.diff(middle[90])).max()


@pytest.mark.parametrize("frame", list(Frame))
def test_a_clip_of_the_same_shape_is_the_same_however_it_would_be_fitted(clips: Clips, tmp_path: Path, frame: Frame) -> None:
    """Where nothing hangs over, nothing is cut off and nothing is blurred."""
    plain, other = (_made(clips.film(1), 6, delivery(), tmp_path, Fitting(frame=one)) for one in (Frame.PAD, frame))
    assert plain.picture.read_bytes() == other.picture.read_bytes()


def test_a_crop_stays_inside() -> None:
    """However far out the focus is, the part lies inside, at even pixels."""
    whole = around(Fraction(16, 9), Size(720, 1280))
    assert whole == Size(2276, 1280)
    assert [crop_at(whole, Size(720, 1280), Focus(Decimal(x), Decimal(0)))[0] for x in ("0", "0.5", "0.71", "1")] == [0, 778, 1256, 1556]


def test_a_retimed_clip_has_every_frame_once_and_its_sound_with_it(clips: Clips, tmp_path: Path) -> None:
    """24 at 25 frames a second: nothing repeated or left out, a 25th shorter, flashes and beeps still together."""
    made = _made(clips.film(7), 48, delivery(25), tmp_path, Fitting(fps=FpsFit.RETIME))
    assert read_film(made.picture) == [(7, n) for n in range(48)]
    assert made.padded_frames == 0
    _assert_in_sync(made, tmp_path, Fraction(25))


def test_a_retimed_clip_is_shorter_and_that_is_counted(clips: Clips, tmp_path: Path) -> None:
    """Two seconds of it at 25 frames a second are two frames more than it has."""
    assert _made(clips.film(7), 50, delivery(25), tmp_path, Fitting(fps=FpsFit.RETIME)).padded_frames == 2
    assert _made(clips.film(7), 50, delivery(25), tmp_path, Fitting(fps=FpsFit.DROP)).padded_frames == 0


def test_too_far_to_retime_is_said_and_done_by_the_nearest_frame(clips: Clips, tmp_path: Path) -> None:
    """24 at 30 frames a second would be a quarter too fast."""
    asked, plain = (_made(clips.film(1), 40, delivery(30), tmp_path, Fitting(fps=one)) for one in (FpsFit.RETIME, FpsFit.DROP))
    assert asked.picture.read_bytes() == plain.picture.read_bytes()
    assert (len(asked.remarks), plain.remarks) == (1, ())
    assert "24 at 30 frames per second is 25.0 % off" in asked.remarks[0]


@pytest.mark.parametrize(
    ("source", "fps", "within"),
    [
        ("24", "25", True),
        ("25", "24", True),
        ("24000/1001", "24", True),
        ("24000/1001", "25", False),
        ("24", "30", False),
        ("16", "25", False),
    ],
)
def test_how_far_a_clip_is_retimed(clips: Clips, source: str, fps: str, within: bool) -> None:
    """Up to 4.2 %, sound included; beyond, the pace stays."""
    probed, fit = replace(probe(clips.film(1)), fps=Fps(source)), Fitting(fps=FpsFit.RETIME)
    assert pace(probed, Fps(fps), fit) == (Fps(fps) / Fps(source) if within else 1)
    assert bool(remarks(probed, Fps(fps), fit)) is not within


@pytest.mark.parametrize("how", [FpsFit.BLEND, FpsFit.INTERPOLATE])
def test_mixed_frames_stand_in_time_to_the_end(clips: Clips, tmp_path: Path, how: FpsFit) -> None:
    """At twice the rate every other frame is a frame of the clip, the one between is of both; the last is not lost and no length is."""
    made = _made(clips.film(9), 96, delivery(48), tmp_path, Fitting(fps=how))
    told = read_packets(str(made.picture), "mov")
    assert (told.frames, told.fps, told.vfr, made.padded_frames) == (96, 48, False, 0)
    assert read_film(made.picture)[::2] == [(9, n) for n in range(48)]
    shown = [picture.astype(int) for picture in pictures(made.picture)]
    assert any(0 < abs(shown[n] - shown[n - 1]).mean() < abs(shown[n + 1] - shown[n - 1]).mean() for n in range(11, 40, 2))


def test_a_variable_rate_is_made_constant_when_blended(clips: Clips, tmp_path: Path) -> None:
    """Dropped frames are mixed from their neighbours."""
    made = _made(clips.quirk("dropped frames"), 40, delivery(), tmp_path, Fitting(fps=FpsFit.BLEND))
    assert not read_packets(str(made.picture), "mov").vfr


def test_the_fitting_is_part_of_the_key(clips: Clips, tmp_path: Path) -> None:
    """Each way of fitting is a normalized clip of its own."""
    ways = [
        Fitting(),
        Fitting(frame=Frame.CROP),
        Fitting(frame=Frame.CROP, focus=Focus(Decimal(0), Decimal(0))),
        Fitting(fps=FpsFit.RETIME),
    ]
    assert len({_made(clips.film(1), 4, delivery(), tmp_path, fit).key for fit in ways}) == 4


def test_lengths_are_counted_at_the_pace(clips: Clips) -> None:
    """48 frames of 24 fill 50 of 25 by their time and 48 when retimed."""
    probed = probe(clips.film(1))
    assert [frames_at(probed, Fps(25), Fitting(fps=how)) for how in (FpsFit.DROP, FpsFit.RETIME)] == [50, 48]


def _assert_in_sync(made: Normalized, folder: Path, fps: Fps) -> None:
    film = folder / "both.mov"
    sound = ["-f", "f32le", "-ar", "48000", "-ac", "2", "-i", str(made.sound)]
    ffmpeg(["-i", str(made.picture), *sound, "-c:v", "copy", "-c:a", "pcm_s16le", str(film)])
    seen, heard = flashes(film), beeps(film)
    assert len(seen) == len(heard) >= 1
    assert max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < float(1 / fps / 2)


def test_an_rgb_clip_keeps_its_colours(tmp_path: Path) -> None:
    """What comes as RGB is converted by the delivery's own matrix."""
    path = tmp_path / "rgb.mp4"
    ffmpeg(["-f", "lavfi", "-i", _HALVES, "-vf", "scale=in_color_matrix=bt601,format=gbrp", "-c:v", "libx264rgb", "-crf", "5", str(path)])
    for frame in Frame:
        picture = _luma(_made(path, 4, delivery(24, Size(160, 192)), tmp_path, Fitting(frame=frame)).picture)
        assert abs(picture[96, 20] - 63) < 5 and abs(picture[96, 140] - 32) < 5


@pytest.mark.parametrize(
    ("bought", "asked"), [("640x384", "16:9"), ("1920x1088", "16:9"), ("640x360", "9:16"), ("512x512", "16:9"), ("704x480", "4:3")]
)
@pytest.mark.parametrize("frame", list(Frame))
def test_what_a_model_added_to_the_shape_is_cropped_and_never_padded(tmp_path: Path, bought: str, asked: str, frame: Frame) -> None:
    """A picture of the nearest sold shape fills the frame of the asked one, however other shapes would be fitted: no bar, no blur."""
    size, shape = Size.parse(bought), Fraction(*map(int, asked.split(":")))
    clip = tmp_path / "white.mp4"
    white = f"color=white:s={size}:r=24:d=0.25"
    ffmpeg(["-f", "lavfi", "-i", white, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(clip)])
    to = Size(2 * round(180 * min(shape, 1)), 2 * round(180 * min(shape, 1) / shape))
    trim = Trim((size.width, size.height), shape)
    picture = _luma(_made(clip, 6, delivery(24, to), tmp_path, Fitting(frame=frame, trim=trim)).picture)
    assert picture.min() > 200
    assert trim.lost < 1 and all(side % 2 == 0 for side in trim.kept)


def test_a_clip_of_another_size_than_was_bought_is_not_trimmed(tmp_path: Path) -> None:
    """An older clip that a person picked has a shape of its own: all of it is seen, as the delivery fits other shapes."""
    clip = _halves(tmp_path)
    plain, other = (
        _made(clip, 6, delivery(24, Size(320, 180)), tmp_path, Fitting(trim=trim)) for trim in (None, Trim((640, 384), Fraction(16, 9)))
    )
    assert (_luma(plain.picture) == _luma(other.picture)).all()


def test_trims_change_no_key_of_clips_that_have_none() -> None:
    """What was normalized before a trim was known stays valid."""
    assert "trim" not in Fitting().decides[0]
    assert "trim" in Fitting(trim=Trim((640, 384), Fraction(16, 9))).decides[0]
