"""Fits a clip's picture and pace: which filters that takes. Pure: a probe and the wanted format go in, a filter graph comes out."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

from callsheet.domain.delivery.fitting import Fitting, Focus, FpsFit, Frame, frames_of, retimed
from callsheet.domain.delivery.fitting import pace as domain_pace
from callsheet.domain.shots.picture_geometry import around, crop_at, even, inside
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import SAMPLE_RATE, Fps, fps_text, half_up
from callsheet.media.clip import colour
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.sound.limiter import SENSELESS

#: untagged pictures count as HD colour from this size on, smaller ones as SD
_HD = Size(1280, 720)
#: prefixes of pixel formats without a matrix
_RGB = ("gbr", "rgb", "bgr", "argb", "abgr", "pal8")
#: prefixes of decoders of floating-point sound
_FLOATS = "pcm_f"
#: sound is stretched to match its clock, and cut only beyond this, seconds
_HARD_S = 0.02
_BEHIND = "the picture has transparency; it is put on black"
#: the background of a blurred fill: reduced by this factor, which is most of the blur, then softened and darkened
_BLUR_SCALE, _BLUR_SIGMA, _BLUR_DIM = 8, 4, "(val-minval)*0.7+minval"
#: frame mixers need pictures after the last one to mix it with
_MIXER_TAIL = 2
_MIXERS = {
    FpsFit.BLEND: {"mi_mode": "blend", "scd": "none"},
    FpsFit.INTERPOLATE: {"mi_mode": "mci", "mc_mode": "aobmc", "me_mode": "bidir", "vsbmc": 1},
}


def pace(probed: Probe, fps: Fps, fitting: Fitting) -> Fraction:
    """How much faster than it was made the clip runs; see `domain.fitting`."""
    return domain_pace(probed.fps, fps, fitting)


def frames_at(probed: Probe, fps: Fps, fitting: Fitting) -> int:
    """How many frames the clip fills at `fps`, from the shot's first frame."""
    return frames_of(probed.duration, probed.fps, fps, fitting)


def remarks(probed: Probe, fps: Fps, fitting: Fitting) -> tuple[str, ...]:
    """Where the clip could not be fitted as requested, and what was done to its colours, in words."""
    seen = (*colour.remarks(probed), *([_BEHIND] if probed.clear else []))
    if fitting.fps is not FpsFit.RETIME or retimed(probed.fps, fps):
        return seen
    percent = float(abs(fps / probed.fps - 1) * 100)
    return (
        *seen,
        f"{fps_text(probed.fps)} at {fps_text(fps)} frames per second is {percent:.1f} % off, too far to retime; frames are dropped or repeated",
    )


def shown(source: filter_graph.Source, probed: Probe) -> filter_graph.Pad:
    """The clip's pictures as they are, all in the form of the first."""
    pad = source.stream(probed.index)
    if not probed.changes:
        return pad
    return pad.filter("scale", probed.size.width, probed.size.height).filter("format", probed.pix_fmt)


def sound_pad(source: filter_graph.Source, sound: Sound) -> filter_graph.Pad:
    """The clip's sound as it is: one stream, or the two that are its left and its right channel."""
    pad = numbers_only(source.stream(sound.index), sound)
    if sound.right is None:
        return pad
    right = numbers_only(source.stream(sound.right), sound)
    return pad.joined("join", right, inputs=2, channel_layout="stereo", map="0.0-FL|1.0-FR")


def pictures(pad: filter_graph.Pad, probed: Probe, size: Size, fps: Fps, fitting: Fitting) -> filter_graph.Pad:
    """The clip's pictures at `fps`, of exactly `size`, square pixels, BT.709 in video range."""
    paced = _begun(_paced(on_black(pad, probed), probed, fps, fitting), fitting.first)
    converted, as_converted = colour.brought_in(paced, probed)
    trimmed, as_trimmed = _trimmed(converted, as_converted, fitting)
    return _shaped(trimmed, as_trimmed, size, fitting).filter("setsar", 1)


def as_large(pad: filter_graph.Pad, probed: Probe, fps: Fps, fitting: Fitting) -> filter_graph.Pad:
    """The clip's pictures at `fps`, complete and at their own size, but even and with square pixels, BT.709 in video range: for editing
    elsewhere.
    """
    converted, as_converted = colour.brought_in(_paced(pad, probed, fps, fitting), probed)
    return _scaled(converted, whole(probed), as_converted).filter("setsar", 1)


def whole(probed: Probe) -> Size:
    """A clip's own picture size, but even and with square pixels."""
    height = even(Fraction(probed.size.height))
    return Size(even(height * probed.aspect), height)


def on_black(pad: filter_graph.Pad, probed: Probe) -> filter_graph.Pad:
    """The pictures on black where they are transparent, as in players and editing programs; the hidden colours are meaningless."""
    if not probed.clear:
        return pad
    full = probed.full_range or probed.pix_fmt.startswith(_RGB)
    return pad.filter("setparams", range="pc" if full else "tv").filter("premultiply", inplace=1)


def numbers_only(pad: filter_graph.Pad, sound: Sound) -> filter_graph.Pad:
    """The sound with silence for each invalid sample, which only floating-point formats can contain: one would spoil everything that is
    filtered with it.
    """
    if not sound.codec.startswith(_FLOATS):
        return pad
    silenced = "|".join(f"if(lt(abs(val({n})),{SENSELESS:.0f}),val({n}),0)" for n in range(sound.channels))
    return pad.filter("aeval", exprs=silenced, c="same")


def sound_in_time(pad: filter_graph.Pad, offset: Fraction, faster: Fraction) -> filter_graph.Pad:
    """Sound at 48 kHz. Time zero is the first picture: earlier sound is dropped, later sound starts late."""
    even = pad.filter("asetpts", f"PTS-({float(offset):.6f})/TB").filter(
        "aresample", SAMPLE_RATE, **{"async": 1, "min_hard_comp": _HARD_S, "first_pts": 0}
    )
    if faster == 1:
        return even
    return even.filter("asetrate", half_up(SAMPLE_RATE * faster)).filter("aresample", SAMPLE_RATE)


def sound_from(pad: filter_graph.Pad, sample: int) -> filter_graph.Pad:
    """Sound from a sample on; silence after its end."""
    if not sample:
        return pad
    shaped = pad.filter("aformat", sample_rates=SAMPLE_RATE).filter("apad")
    return shaped.filter("atrim", start_sample=sample).filter("asetpts", "PTS-STARTPTS")


def _paced(pad: filter_graph.Pad, probed: Probe, fps: Fps, fitting: Fitting) -> filter_graph.Pad:
    faster = pace(probed, fps, fitting)
    if probed.interlaced:  # a picture for each two fields, at its time; one that is whole stays as it is
        pad = pad.filter("bwdif", mode="send_frame", deint="interlaced")
    if probed.late:
        pad = pad.filter("setpts", f"round(max(0,PTS-STARTPTS-({probed.late})/TB))")
    zeroed = pad.filter("setpts", "PTS-STARTPTS" if faster == 1 else f"(PTS-STARTPTS)*{faster.denominator}/{faster.numerator}")
    mixer = _MIXERS.get(fitting.fps)
    if mixer and (probed.fps != fps or probed.vfr):
        ended = zeroed.filter("tpad", stop_mode="clone", stop=_MIXER_TAIL)
        return ended.filter("minterpolate", fps=fps_text(fps), **mixer)
    return zeroed.filter("fps", fps_text(fps), start_time=0, round="near")


def _begun(pad: filter_graph.Pad, first: int) -> filter_graph.Pad:
    """The pictures from a frame on; for a clip that ends earlier, the last one."""
    if not first:
        return pad
    longer = pad.filter("tpad", stop_mode="clone", stop=first)
    return longer.filter("trim", start_frame=first).filter("setpts", "PTS-STARTPTS")


def _trimmed(pad: filter_graph.Pad, probed: Probe, fitting: Fitting) -> tuple[filter_graph.Pad, Probe]:
    """The picture in the wanted shape, if it was bought in another one."""
    if fitting.trim is None or (probed.width, probed.height) != fitting.trim.bought or probed.rotation or probed.sar != 1:
        return pad, probed
    kept = Size(*fitting.trim.kept)
    left, top = crop_at(probed.size, kept, fitting.focus)
    return pad.filter("crop", kept.width, kept.height, left, top, exact=1), replace(probed, width=kept.width, height=kept.height)


def _shaped(pad: filter_graph.Pad, probed: Probe, size: Size, fitting: Fitting) -> filter_graph.Pad:
    whole, cover = inside(probed.aspect, size), around(probed.aspect, size)
    if whole == size or fitting.frame is Frame.PAD:
        return _scaled(pad, whole, probed).filter("pad", size.width, size.height, -1, -1)
    if fitting.frame is Frame.CROP:
        left, top = crop_at(cover, size, fitting.focus)
        return _scaled(pad, cover, probed).filter("crop", size.width, size.height, left, top, exact=1)
    return _on_itself(pad, probed, size)


def _on_itself(pad: filter_graph.Pad, probed: Probe, size: Size) -> filter_graph.Pad:
    """All of the picture on a blurred, darkened copy that fills the rest."""
    whole, cover = inside(probed.aspect, size), around(probed.aspect, size)
    front, back = pad.split()
    small = Size(ceil(cover.width / _BLUR_SCALE), ceil(cover.height / _BLUR_SCALE))
    soft = _scaled(back, small, probed).filter("gblur", _BLUR_SIGMA).filter("lutyuv", y=_BLUR_DIM)
    left, top = crop_at(cover, size, Focus())
    filled = soft.filter("scale", cover.width, cover.height, flags="bicubic").filter("crop", size.width, size.height, left, top, exact=1)
    return filled.joined(
        "overlay", _scaled(front, whole, probed), (size.width - whole.width) // 2, (size.height - whole.height) // 2, format="auto"
    )


def _scaled(pad: filter_graph.Pad, size: Size, probed: Probe) -> filter_graph.Pad:
    untagged = "bt709" if probed.width >= _HD.width or probed.height >= _HD.height else "bt601"
    colour = {} if probed.pix_fmt.startswith(_RGB) else {"in_color_matrix": probed.matrix or untagged}
    return pad.filter("scale", size.width, size.height, flags="bicubic", out_color_matrix="bt709", out_range="tv", **colour)
