"""What a file holds, read without trusting it.

A bought file is first sniffed, then opened with a forced demuxer in a limited child process (see `worker_pool`), which reads all packets with
PyAV and answers in JSON. After that ffmpeg decodes every frame of it, limited too. Only then is it a clip.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any

from callsheet.domain.errors import MediaError, MediaFault
from callsheet.media.ffmpeg import runner, worker_pool
from callsheet.media.ffmpeg.command import ERRORS_ONLY, Command, film_guard
from callsheet.media.inspect.film_facts import Probe

_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_EBML = b"\x1a\x45\xdf\xa3"
#: how files begin that today's services don't send
_OLD = {b"RIFF": "avi", b"OggS": "ogg", b"\x00\x00\x01\xba": "mpeg", b"GIF8": "gif", b"\x06\x0e\x2b\x34\x02\x05\x01\x01": "mxf"}
#: each packet of a transport stream begins with this byte, and has so many; on a camera's card or a Blu-ray disc each stands behind its time
_TS_SYNC, _TS_STEP, _TIMED = b"\x47", 188, 4
#: decoded sound may differ from what the header says by a few codec frames, seconds
_SOUND_SLACK = Fraction(1, 10)
#: the limited children
workers = worker_pool.WorkerPool("callsheet.media.inspect.probe_worker")
#: what ffmpeg says, and no more, of Matroska that ends inside of something
_CUT_OFF = "File ended prematurely"
AGAIN = "the file is damaged or incomplete; fetch it again"
#: a framecrc line: stream, dts, pts, duration ...
_LINE = re.compile(rb"^(\d+),\s*-?\d+,\s*-?\d+,\s*(\d+),", re.MULTILINE)


def sniff(path: Path) -> str:
    """The demuxer for a file, by its first bytes. MediaError if it isn't a film."""
    with path.open("rb") as file:
        head = file.read((_TIMED + _TS_STEP) * 2 + _TIMED + 1)
    if head[4:8] in _MOV_BOXES:
        return "mov"
    if head.startswith(_EBML):
        return "matroska"
    if _TS_SYNC * 3 in (head[: _TS_STEP * 2 + 1 : _TS_STEP], head[_TIMED :: _TIMED + _TS_STEP]):
        return "mpegts"
    for beginning, demuxer in _OLD.items():
        if head.startswith(beginning) and (demuxer != "avi" or head[8:12] == b"AVI "):
            return demuxer
    text = "".join(letter if letter.isprintable() else "." for letter in head[:24].decode("latin-1"))
    says = f"it starts with {text!r}" if head else "it is empty"
    raise MediaError(f"not a film: {says}", help="the service sent something other than a clip; it is kept for you to inspect")


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the disk knows it: another name doesn't make it another, other bytes do."""

    device: int
    inode: int
    size: int
    written_ns: int
    path: Path = field(compare=False)


#: what was read in this process, the oldest forgotten first
_known: dict[_File, Probe] = {}
_MOST_KNOWN, _lock = 1024, Lock()


def probe(path: Path) -> Probe:
    """What a file holds, read in a limited child; once in this process, as long as the file stays as it is.

    MediaError if it is no film or can't be read.
    """
    file = _as_it_stands(path)
    return _known.get(file) or _remember(file, _read(path))


def recall(path: Path, told: Mapping[str, Any]) -> Probe:
    """What a file holds, by what was noted of its content; `probe` gives the same from now on."""
    return _remember(_as_it_stands(path), Probe.of(told))


def _as_it_stands(path: Path) -> _File:
    stands = path.stat()
    return _File(stands.st_dev, stands.st_ino, stands.st_size, stands.st_mtime_ns, path)


def _remember(file: _File, probed: Probe) -> Probe:
    with _lock:
        _known[file] = probed
        if len(_known) > _MOST_KNOWN:
            del _known[next(iter(_known))]
    return probed


def _read(path: Path) -> Probe:
    said = json.loads(workers.ask("probe", str(path.absolute()), sniff(path), what=f"reading {path.name}"))
    if "fault" in said:
        raise MediaFault(f"reading {path.name} failed: {said['fault']}", help="free memory on this machine, then run again")
    if "unread" in said:
        raise MediaError(said["unread"], help="convert the file; one that a service sent is kept for you to inspect")
    if "error" in said:
        raise MediaError(f"not a complete film: {said['error']}", help=AGAIN)
    return Probe.of(said)


def decode_sound(path: Path, probed: Probe, steps: Sequence[tuple[str, str]], to: Path) -> Mapping[str, Any]:
    """Its first sound stream through `steps` into a file of 32-bit floats, decoded by a limited child; what the meter among them told.
    MediaError if it fails.
    """
    assert probed.sound is not None
    what, sound = f"reading the sound of {path.name}", probed.sound
    said = json.loads(
        workers.ask("sound", str(path.absolute()), probed.container, sound.index, steps, str(to.absolute()), sound.changes, what=what)
    )
    if "error" in said:
        raise MediaError(f"{what} failed: {said['error']}", help=AGAIN)
    return said


def whole(path: Path, probed: Probe) -> Command:
    """A film that came from outside as input: it must decode from end to end, with no picture or sound in error."""
    guard = film_guard(probed.container, probed.decoders)
    return Command().flagged(ERRORS_ONLY).input(path, {**guard, "xerror": None, "threads": 1, "f": probed.container})


def decoded(command: Command, path: Path, limits: runner.Limits) -> runner.Ran:
    """Have a film decoded that `whole` opened. MediaError where something is damaged, or the file was cut off."""
    try:
        ran = runner.run(command, limits=limits, what=f"decoding {path.name}")
    except MediaFault:
        raise
    except MediaError as error:
        raise MediaError(f"not a complete film: {error}", help=AGAIN) from None
    if _CUT_OFF in ran.stderr:
        raise MediaError("not a complete film: the file was cut off", help=AGAIN)
    return ran


def decodes(path: Path, probed: Probe, limits: runner.Limits = runner.SUSPECT) -> tuple[int, int]:
    """Decode everything in a limited child: (frames, samples per channel). MediaError where something is missing or damaged."""
    streams = (f"0:{probed.index}", *whole_streams(probed))
    counted = {"map": streams, "fps_mode": "passthrough", "c:a": "pcm_s16le", "f": "framecrc"}
    ran = decoded(whole(path, probed).output("-", counted), path, limits)
    lengths = _LINE.findall(ran.stdout)
    frames = sum(stream == b"0" for stream, _ in lengths)
    samples = sum(int(length) for stream, length in lengths if stream == b"1")
    compare(probed, frames, samples)
    if probed.sound and probed.sound.changes:
        decode_sound(path, probed, (), Path(os.devnull))
    return frames, samples


def inspect_clip(path: Path) -> Probe:
    """Whether a file that came from outside is a whole film: sniffed, probed, decoded to the last frame. MediaError says what is wrong."""
    probed = probe(path)
    decodes(path, probed)
    return probed


def whole_streams(probed: Probe) -> tuple[str, ...]:
    """The sound streams that ffmpeg decodes whole, as it names them: none whose form changes, which `decode_sound` takes."""
    return tuple(f"0:{index}" for index in probed.sound.streams) if probed.sound and not probed.sound.changes else ()


def compare(probed: Probe, frames: int, samples: int) -> None:
    """MediaError where less decoded than the packets promised."""
    if frames != probed.frames:
        raise MediaError(f"not a complete film: {frames} of {probed.frames} frames decode", help=AGAIN)
    sound = probed.sound
    if sound and not sound.changes and sound.samples is not None and abs(samples - sound.samples) > _SOUND_SLACK * sound.rate:
        raise MediaError(f"not a complete film: {samples} of {sound.samples} sound samples decode", help=AGAIN)
