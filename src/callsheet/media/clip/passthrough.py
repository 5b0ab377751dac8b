"""A clip that already is what the delivery asks for: its pictures are taken from it, bit for bit, and only its sound is made anew.

Whether one fits is decided by its content alone, so that the same clips always give the same film. Copied pictures stand in a film only where
all of it is copied and of one encoder's settings; what else a film holds has to be encoded in one way.
"""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Codec
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import FILM_GUARD, PLAIN_FILE, Command
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.picture_index import Pictures
from callsheet.media.inspect.probe import probe

#: tags that are missing are written, the pictures stay as they are
_TAGS = "h264_metadata=video_full_range_flag=0:colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"


def pictures(probed: Probe, clip: Path, frames: int, delivery: Delivery) -> Pictures | None:
    """The clip's first `frames`, if they can be in the delivery unchanged."""
    return Pictures(clip, probed.stored, probed.settings).first(frames) if fits(probed, frames, delivery) else None


def fits(probed: Probe, frames: int, delivery: Delivery) -> bool:
    """Whether pictures of this form match the delivery: what `copyable` says, size, rate, and complete groups up to the last used frame."""
    unlimited = delivery.codec is Codec.H264 and not delivery.max_bytes and not delivery.max_bitrate
    same = probed.size == delivery.size and probed.fps == delivery.fps
    return unlimited and same and copyable(probed) and frames in probed.cuts


def copyable(probed: Probe) -> bool:
    """Whether there may be a delivery whose pictures these are: codec, colour and its tags, and closed groups of exactly timed pictures."""
    like = (probed.codec, probed.pix_fmt, probed.matrix, probed.full_range, probed.sar, probed.rotation, probed.hidden)
    right = like == ("h264", "yuv420p", "bt709", False, 1, 0, 0) and probed.container == "mov" and probed.exact
    return right and not (probed.interlaced or probed.mirrored) and {probed.primaries, probed.transfer} <= {"bt709", None}


def header(clip: Path, to: Path) -> None:
    """The clip's first picture into a file of ours, whose header is what a film of such clips has to have. MediaError where ffmpeg fails."""
    copied = {"map": f"0:{probe(clip).index}", "c": "copy", "bsf:v": _TAGS, "frames:v": 1, "map_chapters": -1, **PLAIN_FILE, "f": "mp4"}
    command = Command().input(clip, {**FILM_GUARD, "nofind_stream_info": None, "f": "mov"}).output(to, copied)
    runner.run(command, limits=runner.SUSPECT, what=f"reading the header of {clip.name}")
