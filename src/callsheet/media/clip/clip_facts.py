"""What a clip is, found once and kept by its content: at receipt, or when it is first needed.

It is kept beside the conformed clips and may be deleted with them: what is missing, or was kept by another version, is found again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path

from callsheet.domain.errors import MediaError
from callsheet.media.clip import fitting, normalized, passthrough
from callsheet.media.clip.content_key import LIBRARY, key_of
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.inspect.probe import AGAIN, decode_sound, probe, recall
from callsheet.media.sound import loudness
from callsheet.media.sound.loudness import Measured
from callsheet.media.sound.reading import Reading
from callsheet.store import atomic_files

#: increased whenever the same clip is to be described differently
_EDITION = [1, *(one.name for kind in (Probe, Sound) for one in fields(kind))]


@dataclass(frozen=True, slots=True)
class ClipSound:
    """A clip's own sound in the normalized form, from its first picture to its last: `samples` of each channel, and what they read."""

    file: Path
    samples: int
    measured: Measured

    def first(self, samples: int) -> Measured:
        """What so many samples from the first on read. MediaError if the sound can't be read."""
        return self.measured if samples == self.samples else loudness.measured_first(self.file, samples)


def keep(clip: Path, sha256: str, folder: Path) -> None:
    """Keep what finishing asks of a clip: its probe, and where its pictures may be copied, its sound. What fails is left to finishing, which
    finds it again or reports why it can't.
    """
    with suppress(MediaError, OSError):
        found = probed(clip, sha256, folder)
        if passthrough.copyable(found) and single_sound(found):
            sound(clip, sha256, folder)


def single_sound(found: Probe) -> bool:
    """Whether a clip's sound is one stream."""
    return found.sound is not None and found.sound.right is None


def probed(clip: Path, sha256: str, folder: Path) -> Probe:
    """What the clip with this content holds. MediaError if it can't be read."""
    note = _note(folder, "probe", sha256)
    if told := atomic_files.read_note(note):
        return recall(clip, told)
    found = probe(clip)
    atomic_files.write(note, found.text())
    return found


def sound(clip: Path, sha256: str, folder: Path) -> ClipSound:
    """The sound of a clip that is `single_sound`. MediaError if it can't be read."""
    note = _note(folder, "sound", sha256)
    with normalized.making(note.stem):
        return _kept(note) or _decoded(clip, probed(clip, sha256, folder), note)


def even_sound(clip: Path, sha256: str, folder: Path) -> Path | None:
    """The file with a clip's sound in one form, if its own form changes, which no filter takes. MediaError if it can't be read."""
    heard = probe(clip).sound
    return sound(clip, sha256, folder).file if heard and heard.changes else None


def even_pad(even: Path, faster: Fraction) -> filter_graph.Pad:
    """The sound in the file of `even_sound`, at the clip's pace."""
    return fitting.sound_in_time(filter_graph.source(even, filter_graph.RAW_SOURCE).stream(0), Fraction(0), faster)


def _note(folder: Path, what: str, sha256: str) -> Path:
    key = key_of(what, LIBRARY, _EDITION, sha256)
    return folder / key[:2] / f"{key}.json"


def _kept(note: Path) -> ClipSound | None:
    told, file = atomic_files.read_note(note), note.with_suffix(".f32")
    if told is None or not file.exists() or atomic_files.digest(file) != told["sha256"]:
        return None
    return ClipSound(file, told["samples"], Measured(Reading(told["lufs"], told["peak_db"]), tuple(told["moments"])))


def _decoded(clip: Path, found: Probe, note: Path) -> ClipSound:
    """The sound, decoded by the limited child that read the clip's packets, and kept."""
    file, samples = note.with_suffix(".f32"), normalized.samples_for(found.frames, found.fps)
    part = atomic_files.part_path(file)
    try:
        read = decode_whole(clip, found, part)
        read = normalized.silenced(part) or read
        if part.stat().st_size != samples * normalized.FRAME_BYTES:
            raise MediaError(f"the sound of {clip.name} gave {part.stat().st_size} bytes of {samples} samples", help=AGAIN)
        told = {"sha256": atomic_files.digest(part), "samples": samples, **asdict(read.reading), "moments": read.moments}
        atomic_files.replace(part, file)
    finally:
        part.unlink(missing_ok=True)
    atomic_files.write(note, json.dumps(told))
    return ClipSound(file, samples, read)


def decode_whole(clip: Path, found: Probe, to: Path) -> Measured:
    """Write a clip's sound in the normalized form, from its first picture to its last. MediaError if it can't be read."""
    assert found.sound is not None
    samples = normalized.samples_for(found.frames, found.fps)
    own = filter_graph.source(clip, {}).stream(found.sound.index)
    stream = fitting.numbers_only(own, found.sound).filter("asetpts", f"PTS-({float(found.start):.6f})/TB")
    steps = filter_graph.steps(
        loudness.metered(normalized.exact(fitting.sound_in_time(stream, found.offset, Fraction(1)), samples), peak=None)
    )
    told = decode_sound(clip, found, steps, to)
    return loudness.measured_in_passing(to, told["lufs"], told["moments"])
