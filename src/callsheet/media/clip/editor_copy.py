"""A clip as an editing program likes it: a QuickTime file with timecode and reel, at the edit's rate, every frame of the clip in it.

Packets are copied where the clip runs at the edit's rate already; else it is encoded anew, at a quality that is for cutting and grading, not for delivery.
"""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Voice
from callsheet.domain.timebase import SAMPLE_RATE, fps_text, half_up
from callsheet.domain.timecode import Timecode
from callsheet.media.ffmpeg import runner
from callsheet.media.inspect.measure_inputs import DEMUXERS
from callsheet.media.inspect.probe import Probe, probe
from callsheet.store import atomic_files

#: what QuickTime holds and every editing program opens
_COPIED = ("h264", "hevc", "prores")
_COPIED_SOUND = ("aac", "mp3", "pcm_s16le", "pcm_s24le")
_CRF = 12


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
        arguments = _copied(clip, probed, voice) if _fits(probed, start) else _encoded(clip, probed, start, voice)
        named = ("-metadata:s:v:0", f"reel_name={reel}", "-timecode", str(start), "-map_chapters", "-1", "-fflags", "+bitexact")
        runner.run([*arguments, *named, "-f", "mov", str(part)], limits=runner.SUSPECT, what=f"copying {clip.name} for the editor")
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
        source = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", str(sound)]
        written = [
            "-af",
            f"apad=pad_len={SAMPLE_RATE}",
            "-c:a",
            "pcm_s24le",
            "-map_metadata",
            "-1",
            "-fflags",
            "+bitexact",
            "-f",
            "wav",
            str(part),
        ]
        runner.run([*source, *written], what=f"copying {to.name} for the editor")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


def _fits(probed: Probe, start: Timecode) -> bool:
    sound = probed.sound is None or probed.sound.codec in _COPIED_SOUND
    even = not (probed.vfr or probed.hidden or probed.offset)
    return probed.fps == start.fps and even and sound and probed.codec in _COPIED and probed.container == "mov"


def _copied(clip: Path, probed: Probe, voice: Voice | None) -> list[str]:
    sound = _spoken(probed) if voice else ["-c:a", "copy"]
    return [*_opened(clip, probed, voice), "-c:v", "copy", *sound, "-map_metadata", "-1"]


def _encoded(clip: Path, probed: Probe, start: Timecode, voice: Voice | None) -> list[str]:
    """`fps` keeps every picture at its time, as the cut does."""
    filters = (
        f"setpts=PTS-STARTPTS,fps={fps_text(start.fps)}:start_time=0:round=near,trim=end_frame={frames_of(probed, start)},format=yuv420p"
    )
    heard = f"asetpts=PTS-({float(probed.offset):.6f})/TB,aresample={SAMPLE_RATE}:async=1:first_pts=0"
    own = ["-af", heard, "-c:a", "pcm_s16le", "-ac", "2"] if probed.sound else []
    sound = _spoken(probed) if voice else own
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(_CRF), "-threads", "1", "-map_metadata", "-1"]
    return [*_opened(clip, probed, voice), "-vf", filters, *sound, *encode]


def _spoken(probed: Probe) -> list[str]:
    """The author's sound from its first sample on, as long as the pictures."""
    end = half_up(probed.duration * SAMPLE_RATE)
    return ["-af", f"asetpts=PTS-STARTPTS,aresample={SAMPLE_RATE},apad,atrim=end_sample={end}", "-c:a", "pcm_s16le", "-ac", "2"]


def _opened(clip: Path, probed: Probe, voice: Voice | None) -> list[str]:
    film = [*runner.FILM_GUARD, "-f", probed.container, "-i", str(clip)]
    if voice:
        return [*film, *runner.GUARD, "-f", DEMUXERS[voice.mime], "-i", str(voice.file), "-map", f"0:{probed.index}", "-map", "1:a:0"]
    return [*film, "-map", f"0:{probed.index}", *(["-map", f"0:{probed.sound.index}"] if probed.sound else [])]
