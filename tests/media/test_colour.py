"""Colours arrive as they were meant: bars of every matrix and range, wide gamuts, and high dynamic range as ITU-R BT.2408 has it.

What is expected is computed here from the standards' formulas, in steps of 8 bits; clips are encoded without loss, with large fields of one colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.fitting import Join, Transition
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.media.clip import colour
from callsheet.media.clip.normalize import normalize
from callsheet.media.ffmpeg import runner
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import probe
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.media.clips import Clips, delivery, luma, plane, shot
from tests.runners import ffmpeg

Colours = NDArray[np.float64]
#: red's and blue's part of luma; primaries in XYZ give the way from BT.709's to others' (ITU-R BT.2087 for BT.2020)
_LUMA = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}
_TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
_TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])
#: EBU bars, 100 % and 75 %, and greys
_BARS = np.array([(r, g, b) for high in (1.0, 0.75) for r in (0, high) for g in (0, high) for b in (0, high)] + [(0.2,) * 3, (0.5,) * 3])
#: bars whose every channel is lit: near black a rounded step is many of the other gamut's
_LIT = _BARS * 0.8 + 0.1
_FIELD = 32
_WHITE, _GREY = 203.0, 26.0


@dataclass(frozen=True, kw_only=True)
class _Form:
    """How a clip stores its colours and what its tags say."""

    matrix: str = "bt709"
    full: bool = False
    bits: int = 8
    tags: str = ""
    #: of another frame than the fields fill: HD or SD decides of untagged ones
    size: Size | None = None


def _stored(rgb: Colours, form: _Form) -> Colours:
    """Non-linear R'G'B', one colour a row, as Y'CbCr in the form's steps."""
    red, blue = _LUMA[form.matrix]
    y = rgb @ (red, 1 - red - blue, blue)
    cb, cr = (rgb[:, 2] - y) / 2 / (1 - blue), (rgb[:, 0] - y) / 2 / (1 - red)
    step = 1 << form.bits - 8
    low, high, spread = (0, 256 * step - 1, 256 * step - 1) if form.full else (16 * step, 219 * step, 224 * step)
    return np.stack([low + high * y, 128 * step + spread * cb, 128 * step + spread * cr], axis=1)


def _clip(path: Path, rgb: Colours, form: _Form) -> Path:
    """Ten pictures of fields in these colours, side by side."""
    wide = _FIELD * len(rgb)
    values = np.minimum(np.round(_stored(rgb, form)), (1 << form.bits) - 1).astype("<u2" if form.bits > 8 else "u1")
    planes = b"".join(np.repeat(np.repeat(values[None, :, n], _FIELD, axis=1), 64, axis=0).tobytes() for n in range(3))
    pixels = "yuv444p10le" if form.bits > 8 else "yuv444p"
    tagged = f"setparams=range={'pc' if form.full else 'tv'}{form.tags}"
    larger = f",pad={form.size.width}:{form.size.height}" if form.size else ""
    source = ("-f", "rawvideo", "-pix_fmt", pixels, "-s", f"{wide}x64", "-r", "24", "-i", "pipe:0")
    coded = ("-vf", f"{tagged}{larger}", "-pix_fmt", pixels, "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast")
    ffmpeg([*source, *coded, str(path)], stdin=planes * 10, what="making fields")
    return path


def _read(path: Path, count: int) -> Colours:
    """Each field's Y'CbCr in the middle, as the picture stores it."""
    with av.open(str(path)) as box:
        frame = next(box.decode(video=0))
    planes = [plane(frame, n) for n in range(3)]
    steps = [stored.shape[1] / frame.width for stored in planes]
    return np.array(
        [[stored[10, int((n + 0.5) * _FIELD * step)] for stored, step in zip(planes, steps, strict=True)] for n in range(count)]
    )


def _normalized(path: Path, count: int, folder: Path, size: Size | None = None) -> tuple[Colours, tuple[str, ...]]:
    """The fields' colours in a normalized clip of the same size, and what was said of it. Its quality loses next to nothing."""
    form = delivery(24, size or Size(_FIELD * count, 64), crf=1)
    made = normalize(path, digest(path), 4, form, folder / "store")
    told = read_packets(str(made.picture), "mov")
    assert (told.matrix, told.primaries, told.transfer, told.full_range) == ("bt709", "bt709", "bt709", False)
    return _read(made.picture, count), made.remarks


def _due(rgb: Colours) -> Colours:
    return _stored(rgb, _Form())


_FORMS = {
    "bt709, video range": _Form(tags=":colorspace=bt709"),
    "bt709, full range": _Form(full=True, tags=":colorspace=bt709"),
    "bt601, video range": _Form(matrix="bt601", tags=":colorspace=smpte170m"),
    "bt601, full range": _Form(matrix="bt601", full=True, tags=":colorspace=bt470bg"),
    "untagged SD": _Form(matrix="bt601", tags=":colorspace=unknown"),
    "untagged HD": _Form(tags=":colorspace=unknown", size=Size(1280, 720)),
    "bt709, 10 bit full range": _Form(full=True, bits=10, tags=":colorspace=bt709"),
}


@pytest.mark.parametrize("name", _FORMS)
def test_bars_of_every_matrix_and_range_are_the_same_colours(tmp_path: Path, name: str) -> None:
    """Mean error under half a step of 8 bits, and none beyond three."""
    form = _FORMS[name]
    path = _clip(tmp_path / "bars.mp4", _BARS, form)
    found, remarks = _normalized(path, len(_BARS), tmp_path, form.size)
    wrong = np.abs(found - _due(_BARS))
    print(f"{name}: mean {wrong.mean():.2f}, worst {wrong.max():.2f}")
    assert remarks == ()
    assert wrong.mean() < 0.5 and wrong.max() <= 3


def _pq(nits: Colours) -> Colours:
    """SMPTE ST 2084's inverse EOTF."""
    y = (np.maximum(nits, 0) / 10_000) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32)


def _hlg(nits: Colours) -> Colours:
    """ITU-R BT.2100's HLG at 1000 cd/m2: the display's gamma of 1.2 on luminance is taken back, then the camera's curve."""
    luminance = np.maximum(nits @ (0.2627, 0.6780, 0.0593), 1e-9)[:, None]
    scene = nits / 1000 * (luminance / 1000) ** (1 / 1.2 - 1)
    low, high = np.sqrt(3 * np.maximum(scene, 0)), 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, low, high)


_HDR = {"PQ": (_pq, "smpte2084"), "HLG": (_hlg, "arib-std-b67")}


def _high(path: Path, nits: Colours, kind: str, primaries: str = "bt2020", matrix: str = "bt2020nc") -> Path:
    """A clip of these colours, in cd/m2 of BT.709's primaries, as high dynamic range in BT.2020."""
    curve, transfer = _HDR[kind]
    tags = f":color_primaries={primaries}:color_trc={transfer}:colorspace={matrix}"
    return _clip(path, curve(nits @ _TO_2020.T), _Form(matrix="bt2020", bits=10, tags=tags))


def _sdr(nits: Colours) -> Colours:
    """What an SDR picture has there: reference white is its white, displayed by BT.1886."""
    return np.clip(nits / _WHITE, 0, 1) ** (1 / 2.4)


def _greys(*nits: float) -> Colours:
    return np.repeat(np.array(nits)[:, None], 3, axis=1)


@pytest.mark.parametrize("kind", _HDR)
def test_greys_of_high_dynamic_range_come_out_where_the_standards_have_them(tmp_path: Path, kind: str) -> None:
    """To two steps: black, 18 % grey at 42.5 % (BT.2408), half of white; white where BT.2390's roll-off has it, at 90 %; 1000 cd/m2 at full white."""
    found, remarks = _normalized(_high(tmp_path / "high.mp4", _greys(0, 1, _GREY, 100, _WHITE, 1000), kind), 6, tmp_path)
    due = [16, *(16 + 219 * (nits / _WHITE) ** (1 / 2.4) for nits in (1, _GREY, 100)), 16 + 219 * 0.90, 235]
    print(f"{kind}: found {found[:, 0]}, due {np.round(due, 1)}")
    assert round(due[2]) == round(16 + 219 * 0.425)
    assert np.abs(found[:, 0] - due).max() <= 2
    assert np.abs(found[:, 1:] - 128).max() <= 1
    assert remarks == (f"the picture is in high dynamic range ({kind}); it is converted to BT.709, with its brightest parts rolled off",)


@pytest.mark.parametrize("kind", _HDR)
def test_colours_below_half_of_white_are_those_of_the_sdr_twin(tmp_path: Path, kind: str) -> None:
    """The same colours as an SDR clip: mean error under one step, none beyond four."""
    nits = _LIT**2.4 * 0.6 * _WHITE
    high, _ = _normalized(_high(tmp_path / "high.mp4", nits, kind), len(nits), tmp_path)
    twin, said = _normalized(_clip(tmp_path / "twin.mp4", _sdr(nits), _Form(tags=":colorspace=bt709")), len(nits), tmp_path)
    wrong = np.abs(high - twin)
    print(f"{kind}: mean {wrong.mean():.2f}, worst {wrong.max():.2f}")
    assert said == ()
    assert wrong.mean() < 1 and wrong.max() <= 4


def test_what_is_brighter_than_white_keeps_its_order_and_its_hue(tmp_path: Path) -> None:
    """Rolled off, not cut off: 203, 400, 600 and 1000 differ by two steps at least, nothing is beyond what EBU R 103 lets pass; red stays red."""
    reds = np.array([(nits, 0.1 * nits, 0.1 * nits) for nits in (203.0, 400.0, 600.0, 1000.0, 4000.0)])
    found, _ = _normalized(_high(tmp_path / "bright.mp4", np.vstack([_greys(203, 400, 600, 1000, 4000), reds]), "PQ"), 10, tmp_path)
    grey, red = found[:5, 0], found[5:, 0]
    assert all(np.diff(grey)[:3] >= 2) and all(np.diff(red)[:3] >= 1) and grey.max() <= 246
    assert (found[5:, 2] > 180).all() and (found[5:, 1] < 120).all()


@pytest.mark.parametrize(("primaries", "matrix"), [("unknown", "bt2020nc"), ("bt2020", "unknown"), ("unknown", "unknown")])
def test_tags_that_are_missing_are_those_of_bt2020(tmp_path: Path, primaries: str, matrix: str) -> None:
    """A transfer of high dynamic range says enough."""
    nits = _BARS * 95
    whole, part = (_high(tmp_path / f"{n}.mp4", nits, "PQ", *tags) for n, tags in enumerate((("bt2020", "bt2020nc"), (primaries, matrix))))
    assert (_normalized(whole, len(nits), tmp_path)[0] == _normalized(part, len(nits), tmp_path)[0]).all()


@pytest.mark.parametrize(
    ("to", "form", "called"),
    [
        (_TO_2020, _Form(matrix="bt2020", bits=10, tags=":color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020nc"), "BT.2020"),
        (_TO_2020, _Form(matrix="bt2020", bits=10, full=True, tags=":colorspace=bt2020nc"), "BT.2020"),
        (_TO_P3, _Form(bits=10, tags=":color_primaries=smpte432:color_trc=bt709:colorspace=bt709"), "Display P3"),
        (_TO_P3, _Form(bits=10, tags=":color_primaries=smpte432:colorspace=unknown"), "Display P3"),
    ],
)
def test_wide_gamuts_become_the_same_colours(tmp_path: Path, to: Colours, form: _Form, called: str) -> None:
    """Mean error under one step, none beyond three. Said, since what BT.709 doesn't have is clipped."""
    wide = (_LIT**2.4 @ to.T) ** (1 / 2.4)
    found, remarks = _normalized(_clip(tmp_path / "wide.mp4", wide, form), len(_BARS), tmp_path)
    wrong = np.abs(found - _due(_LIT))
    print(f"{called}: mean {wrong.mean():.2f}, worst {wrong.max():.2f}")
    assert wrong.mean() < 1 and wrong.max() <= 3
    assert remarks == (f"the picture is in {called}; colours outside BT.709 are clipped",)


def test_rgb_and_ictcp_are_read_as_what_they_are(tmp_path: Path) -> None:
    """Grey is grey in each; none is read by another's matrix."""
    rgb = tmp_path / "rgb.mp4"
    tags = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=gbr:range=pc"
    coded = ("-vf", f"format=gbrp,{tags}", "-c:v", "libx264rgb", "-qp", "0")
    ffmpeg(["-f", "lavfi", "-i", "color=0x616161:s=128x64:r=24:d=0.5", *coded, str(rgb)])
    ictcp = _high(tmp_path / "ictcp.mp4", _greys(_GREY, 100), "PQ", "bt2020", "ictcp")
    assert (probe(rgb).matrix, probe(ictcp).matrix) == (None, "ictcp")
    due = 16 + 219 * (_GREY / _WHITE) ** (1 / 2.4)
    for path, size in ((rgb, Size(128, 64)), (ictcp, Size(64, 64))):
        found, _ = _normalized(path, 2, tmp_path, size)
        assert abs(found[0, 0] - due) <= 3 and np.abs(found[0, 1:] - 128).max() <= 1


def test_a_film_of_it_says_so_and_has_one_look_through_a_dissolve(clips: Clips, project: Project, tmp_path: Path) -> None:
    """A finding at the shot; the frames that are encoded anew for the transition are converted, too, and ProRes has them in ten bits."""
    high = _high(tmp_path / "high.mp4", _greys(_GREY, _GREY), "HLG")
    shots = tuple(shot(name, path, 4) for name, path in (("A", high), ("B", _high(tmp_path / "two.mp4", _greys(_GREY, _GREY), "PQ"))))
    dissolved = (shots[0], replace(shots[1], transition=Transition(Join.DISSOLVE, 3)))
    web = Delivery(name="web", size=Size(64, 64), fps=Fraction(24))
    for form in (web, replace(web, codec=Codec.PRORES, container=Container.MOV, profile="hq")):
        film = finish(Cut(sequence=f"S{form.codec}", shots=dissolved), form, project)
        assert [(one.code, one.shot) for one in film.findings if one.code == "unfitted"] == [("unfitted", "A"), ("unfitted", "B")]
        with av.open(str(film.file)) as box:
            assert all(abs(luma(frame)[32, 32] - 109) <= 2 for frame in box.decode(video=0))


def test_an_ffmpeg_that_can_not_convert_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never wrong colours: which filter is missing, in which ffmpeg. Other clips don't need it."""
    high, plain = (
        _high(tmp_path / "high.mp4", _greys(_GREY, 100), "PQ"),
        _clip(tmp_path / "plain.mp4", _BARS, _Form(tags=":colorspace=bt709")),
    )
    assert runner.has_filter("zscale") and runner.has_filter("tonemap") and not runner.has_filter("nosuch")
    monkeypatch.setattr(runner, "has_filter", {"tonemap": True}.get)
    with pytest.raises(MediaError, match=r"its colours \(bt2020, smpte2084\) need the filter zscale") as refused:
        _normalized(high, 2, tmp_path)
    assert "libzimg" in refused.value.problems[0].help
    assert len(_normalized(plain, len(_BARS), tmp_path)[0]) == len(_BARS)


def test_constant_luminance_is_refused(tmp_path: Path) -> None:
    """No filter reads it rightly, and nearly nothing is in it."""
    path = _clip(
        tmp_path / "constant.mp4",
        _LIT,
        _Form(matrix="bt2020", bits=10, tags=":color_primaries=bt2020:color_trc=bt2020-10:colorspace=bt2020c"),
    )
    with pytest.raises(MediaError, match="constant luminance"):
        _normalized(path, len(_LIT), tmp_path)


def test_an_sdr_picture_is_left_alone(clips: Clips) -> None:
    """No filter more for what is BT.709 or untagged."""
    for path in (clips.film(1), clips.quirk("full range"), clips.quirk("ten bit")):
        assert not colour.beyond(probe(path)) and colour.remarks(probe(path)) == ()


def test_what_is_read_of_the_tags(tmp_path: Path) -> None:
    """Primaries, transfer and matrix as the packets tell them."""
    said: Sequence[tuple[str, str | None, str | None]] = [("PQ", "bt2020", "smpte2084"), ("HLG", "bt2020", "arib-std-b67")]
    for kind, primaries, transfer in said:
        told = probe(_high(tmp_path / f"{kind}.mp4", _greys(1, 2), kind))
        assert (told.primaries, told.transfer, told.matrix, told.full_range) == (primaries, transfer, "bt2020", False)
