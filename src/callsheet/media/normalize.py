"""One clip, made to fit one delivery: size, rate, colour, length, and sound of the same length."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.shot import Size
from callsheet.domain.timebase import SAMPLE_RATE, fps_text
from callsheet.media import encode, ffmpeg, graph
from callsheet.media.encode import Normalized
from callsheet.media.probe import Probe, Sound, probe

#: untagged pictures from this size on are taken as HD colour, smaller ones as SD
_HD = Size(1280, 720)
#: sound is stretched to its clock, and moved hard only beyond this, seconds
_HARD_S = 0.02
_PLAIN = Probe(
    container="mov", index=0, codec="h264", width=640, height=360, sar=Fraction(1), rotation=0, pix_fmt="yuv420p", matrix=None, full_range=False,
    frames=48, hidden=0, fps=Fraction(24), duration=Fraction(2), vfr=False, offset=Fraction(1, 3),
    sound=Sound(index=1, codec="aac", rate=48000, channels=2, samples=96000),
)  # fmt: skip


def normalize(clip: Path, sha256: str, frames: int, delivery: Delivery, folder: Path, *, sound: bool = True) -> Normalized:
    """The clip with this content as exactly `frames` of the delivery, kept in `folder`. Of a longer clip the first frames; a shorter one's last is repeated.

    `sound=False` leaves the clip's sound out. Safe to call from many threads and again after any interruption: what is there is not made again.
    MediaError where the clip can't be read or ffmpeg fails.
    """
    key = _key(sha256, frames, delivery, sound=sound)
    with encode.making(key):
        return encode.kept(folder, key) or _make(clip, key, frames, delivery, folder, sound=sound)


def fitted(aspect: Fraction, size: Size) -> Size:
    """The largest even size of this aspect (width to height, as shown) inside `size`."""
    width = min(Fraction(size.width), size.height * aspect)
    return Size(_even(width), _even(width / aspect))


def _key(sha256: str, frames: int, delivery: Delivery, *, sound: bool) -> str:
    """Known without opening the clip: what the recipe does to a known clip stands for what it does to any."""
    plain = _arguments(Path("clip"), _PLAIN, frames, delivery, Path("picture"), Path("sound"), sound=sound)
    return encode.key_of("clip", sha256, plain)


def _make(clip: Path, key: str, frames: int, delivery: Delivery, folder: Path, *, sound: bool) -> Normalized:
    probed = probe(clip)
    return encode.make(
        folder,
        key,
        lambda picture_to, sound_to: _arguments(clip, probed, frames, delivery, picture_to, sound_to, sound=sound),
        frames=frames,
        delivery=delivery,
        padded_frames=max(0, frames - probed.frames_at(delivery.fps)),
        what=f"normalizing {clip.name}",
    )


def _arguments(
    clip: Path, probed: Probe, frames: int, delivery: Delivery, picture_to: Path, sound_to: Path, *, sound: bool
) -> tuple[str, ...]:
    guard = dict(zip(*[(argument.lstrip("-") for argument in ffmpeg.GUARD)] * 2, strict=True))
    source = graph.source(clip, {"f": probed.container, **guard, "threads": 1})
    pictures = _pictures(source.stream(probed.index), probed, delivery)
    heard = _heard(source, probed.sound, probed.offset) if sound and probed.sound else encode.silence()
    return graph.arguments(
        encode.picture(pictures, frames, delivery, picture_to), encode.sound(heard, encode.samples_for(frames, delivery.fps), sound_to)
    )


def _pictures(pad: graph.Pad, probed: Probe, delivery: Delivery) -> graph.Pad:
    size, inner = delivery.size, fitted(probed.aspect, delivery.size)
    colour = {} if probed.pix_fmt.startswith(("gbr", "rgb")) else {"in_color_matrix": probed.matrix or _untagged(probed)}
    return (
        pad.filter("setpts", "PTS-STARTPTS")
        .filter("fps", fps_text(delivery.fps), start_time=0, round="near")
        .filter("scale", inner.width, inner.height, flags="bicubic", out_color_matrix="bt709", out_range="tv", **colour)
        .filter("pad", size.width, size.height, -1, -1)
        .filter("setsar", 1)
    )


def _heard(source: graph.Source, sound: Sound, offset: Fraction) -> graph.Pad:
    """Time zero is the first picture: what sounds before it is left out, what starts after it starts late."""
    return (
        source.stream(sound.index)
        .filter("asetpts", f"PTS-({float(offset):.6f})/TB")
        .filter("aresample", SAMPLE_RATE, **{"async": 1, "min_hard_comp": _HARD_S, "first_pts": 0})
    )


def _untagged(probed: Probe) -> str:
    return "bt709" if probed.width >= _HD.width or probed.height >= _HD.height else "bt601"


def _even(length: Fraction) -> int:
    return max(2, 2 * floor(length / 2 + Fraction(1, 2)))
