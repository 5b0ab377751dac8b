"""A clip as an editing program likes it: a QuickTime file with timecode and reel, at the edit's rate, every frame of the clip in it.

Packets are copied where the clip runs at the edit's rate already; else it is encoded anew, at a quality that is for cutting and grading, not for delivery.
"""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Voice
from callsheet.domain.timebase import SAMPLE_RATE, fps_text, half_up
from callsheet.domain.timecode import Timecode
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import FILM_GUARD, GUARD, PLAIN_FILE, Command, Options
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.measure_inputs import DEMUXERS
from callsheet.media.inspect.probe import probe
from callsheet.store import atomic_files

#: what QuickTime holds and every editing program opens
_COPIED = ("h264", "hevc", "prores")
_COPIED_SOUND = ("aac", "mp3", "pcm_s16le", "pcm_s24le")
_CRF = 12
_PCM: Options = {"c:a": "pcm_s16le", "ac": 2}


def frames_of(probed: Probe, start: Timecode) -> int:
    """How many frames a clip's copy has, at the rate of `start`."""
    return max(1, probed.frames_at(start.fps))


def editor_copy(clip: Path, to: Path, *, start: Timecode, reel: str, voice: Voice | None = None) -> Probe:
    """Write the copy to `to` (`.mov`) where it isn't there yet; its first frame has the timecode `start`. Returns what the clip holds.

    Its sound is the clip's own, or the author's `voice` from the first picture to the last. MediaError where something can't be read.
    """
    probed = probe(clip)
    if to.exists():
        return probed
    part = atomic_files.beside(to)
    try:
        named = {"metadata:s:v:0": f"reel_name={reel}", "timecode": str(start), "map_chapters": -1, **PLAIN_FILE, "f": "mov"}
        command = _opened(clip, probed, voice).output(part, {**_streams(probed, start, voice), **named})
        runner.run(command, limits=runner.SUSPECT, what=f"copying {clip.name} for the editor")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)
    return probed


def sound_copy(sound: Path, to: Path) -> None:
    """Write a decoded bed (f32 stereo 48 kHz) to `to` (`.wav`, 24 bits) where it isn't there yet, since few editing programs open Ogg or FLAC.

    A second of silence follows it, so that its last frame is whole at any rate.
    """
    if to.exists():
        return
    part = atomic_files.beside(to)
    try:
        longer = {"af": f"apad=pad_len={SAMPLE_RATE}", "c:a": "pcm_s24le", **PLAIN_FILE, "f": "wav"}
        command = Command().input(sound, {"f": "f32le", "ar": SAMPLE_RATE, "ac": 2}).output(part, longer)
        runner.run(command, what=f"copying {to.name} for the editor")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


def _opened(clip: Path, probed: Probe, voice: Voice | None) -> Command:
    film = Command().input(clip, {**FILM_GUARD, "f": probed.container})
    return film.input(voice.file, {**GUARD, "f": DEMUXERS[voice.mime]}) if voice else film


def _streams(probed: Probe, start: Timecode, voice: Voice | None) -> Options:
    """The streams that are taken, copied or encoded: `fps` keeps every picture at its time, as the cut does; the author's sound is as long as the pictures."""
    streams = [f"0:{probed.index}", *([f"0:{probed.sound.index}"] if probed.sound else [])]
    pictures: Options = {"c:v": "copy"}
    sound: Options = {"c:a": "copy"}
    if not _fits(probed, start):
        rate = f"fps={fps_text(start.fps)}:start_time=0:round=near"
        filters = f"setpts=PTS-STARTPTS,{rate},trim=end_frame={frames_of(probed, start)},format=yuv420p"
        pictures = {"vf": filters, "c:v": "libx264", "preset": "veryfast", "crf": _CRF, "threads": 1}
        in_time = f"asetpts=PTS-({float(probed.offset):.6f})/TB,aresample={SAMPLE_RATE}:async=1:first_pts=0"
        sound = {"af": in_time, **_PCM} if probed.sound else {}
    if voice:
        streams[1:] = ["1:a:0"]
        end = half_up(probed.duration * SAMPLE_RATE)
        sound = {"af": f"asetpts=PTS-STARTPTS,aresample={SAMPLE_RATE},apad,atrim=end_sample={end}", **_PCM}
    return {"map": tuple(streams), **pictures, **sound}


def _fits(probed: Probe, start: Timecode) -> bool:
    sound = probed.sound is None or probed.sound.codec in _COPIED_SOUND
    even = not (probed.vfr or probed.hidden or probed.offset)
    return probed.fps == start.fps and even and sound and probed.codec in _COPIED and probed.container == "mov"
