"""A clip that already is what the delivery asks for: its pictures are taken from it, bit for bit, and only its sound is made anew.

Whether one fits is decided by its content alone and noted, so that the same clips always give the same film. Copied pictures stand in a film only where
all of it is copied and of one encoder's settings; what else a film holds has to be encoded in one way.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.errors import MediaError
from callsheet.media.clip import fitting, normalized
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.ffmpeg.command import FILM_GUARD, PLAIN_FILE, Command
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.picture_index import Pictures
from callsheet.media.inspect.probe import AGAIN, probe, workers
from callsheet.media.sound import loudness
from callsheet.media.sound.loudness import Measured
from callsheet.store import atomic_files

#: tags that are missing are written, the pictures stay as they are
_TAGS = "h264_metadata=video_full_range_flag=0:colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"


def pictures(clip: Path, sha256: str, frames: int, delivery: Delivery, folder: Path) -> Pictures | None:
    """The clip's first `frames`, if they can be in the delivery unchanged. MediaError if it can't be read."""
    form = [str(delivery.size), delivery.fps, delivery.codec, delivery.max_bytes, delivery.max_bitrate]
    key = normalized.key_of("fits", sha256, frames, *form)
    note = folder / key[:2] / f"{key}.json"
    with normalized.making(key):
        if not note.is_file():
            part = atomic_files.beside(note)
            part.write_text(json.dumps(_told(clip, frames, delivery)))
            atomic_files.replace(part, note)
        told = json.loads(note.read_text())
    return Pictures(clip, bytes.fromhex(told["index"]), told["settings"]) if told["fits"] else None


def _told(clip: Path, frames: int, delivery: Delivery) -> dict[str, bool | str]:
    probed = probe(clip)
    if not fits(probed, frames, delivery):
        return {"fits": False}
    stored = Pictures(clip, probed.stored, probed.settings).first(frames)
    return {"fits": True, "index": stored.index.hex(), "settings": stored.settings}


def fits(probed: Probe, frames: int, delivery: Delivery) -> bool:
    """Whether pictures of this form match the delivery: size, rate, codec, colour and its tags, and complete groups up to the last used
    frame.
    """
    like = (probed.codec, probed.pix_fmt, probed.matrix, probed.full_range, probed.sar, probed.rotation, probed.hidden)
    unlimited = delivery.codec is Codec.H264 and not delivery.max_bytes and not delivery.max_bitrate
    right = like == ("h264", "yuv420p", "bt709", False, 1, 0, 0) and probed.container == "mov" and probed.exact
    right = right and not (probed.interlaced or probed.mirrored) and {probed.primaries, probed.transfer} <= {"bt709", None}
    return unlimited and right and probed.size == delivery.size and probed.fps == delivery.fps and frames in probed.cuts


def header(clip: Path, to: Path) -> None:
    """The clip's first picture into a file of ours, whose header is what a film of such clips has to have. MediaError where ffmpeg fails."""
    copied = {"map": f"0:{probe(clip).index}", "c": "copy", "bsf:v": _TAGS, "frames:v": 1, "map_chapters": -1, **PLAIN_FILE, "f": "mp4"}
    command = Command().input(clip, {**FILM_GUARD, "nofind_stream_info": None, "f": "mov"}).output(to, copied)
    runner.run(command, limits=runner.SUSPECT, what=f"reading the header of {clip.name}")


def decode_sound(clip: Path, probed: Probe, samples: int, to: Path) -> Measured:
    """The clip's own sound in the normalized form, decoded by the limited child that read its packets. MediaError if it fails."""
    assert probed.sound is not None
    own = filter_graph.source(clip, {}).stream(probed.sound.index)
    stream = fitting.numbers_only(own, probed.sound).filter("asetpts", f"PTS-({float(probed.start):.6f})/TB")
    steps = filter_graph.steps(
        loudness.metered(normalized.exact(fitting.sound_in_time(stream, probed.offset, Fraction(1)), samples), peak=None)
    )
    what = f"reading the sound of {clip.name}"
    said = json.loads(
        workers.ask("sound", str(clip.absolute()), probed.container, probed.sound.index, steps, str(to.absolute()), what=what)
    )
    if "error" in said:
        raise MediaError(f"{what} failed: {said['error']}", help=AGAIN)
    return loudness.measured_in_passing(to, said["lufs"], said["moments"])
