"""A clip as an editing program likes it: a QuickTime file with timecode and reel, at the edit's rate, every frame of the clip in it.

Packets are copied where the clip runs at the edit's rate already; else it is encoded anew, whole, with the films' own colours and fitted to the rate as in
them, at a quality that is for cutting and grading, not for delivery: more than 8 bits and transparency stay. All of it is ProRes or DNxHR where that is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Voice
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.delivery.fitting import PLAIN, Fitting
from callsheet.domain.timebase import SAMPLE_RATE, half_up
from callsheet.domain.timecode import Timecode
from callsheet.media.clip import clip_facts, driving_sound, fitting
from callsheet.media.clip.normalize import opened
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.ffmpeg.command import PLAIN_FILE
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.probe import probe
from callsheet.store import atomic_files

#: codecs that QuickTime holds and every editing program opens
_COPIED = ("h264", "hevc", "prores")
_COPIED_SOUND = ("aac", "mp3", "pcm_s16le", "pcm_s24le")
_PCM: filter_graph.Options = {"c:a": "pcm_s16le", "ac": 2}
_TAGS: filter_graph.Options = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
#: DNxHR profiles by pixel format
_DNXHR = {"yuv422p": "dnxhr_hq", "yuv422p10le": "dnxhr_hqx", "yuv444p10le": "dnxhr_444"}


def frames_of(probed: Probe, start: Timecode, fit: Fitting = PLAIN) -> int:
    """The number of frames in a clip's copy, at the rate of `start`."""
    return max(1, fitting.frames_at(probed, start.fps, replace(fit, first=0)))


def editor_copy(
    clip: Path, to: Path, *, start: Timecode, reel: str, voice: Voice | None = None, codec: Codec | None = None, fit: Fitting = PLAIN
) -> Probe:
    """Write the copy to `to` (`.mov`) where it isn't there yet; its first frame has the timecode `start`. Returns what the clip holds.

    Of `fit` only the way to the edit's rate counts: it is all of the clip, whatever its shot begins with.
    Its sound is the clip's own, or the author's `voice` from the first picture to the last. With a `codec` for mastering nothing is copied: pictures are in
    that, sound is PCM. MediaError where something can't be read.
    """
    probed = probe(clip)
    if to.exists():
        return probed
    part, even = atomic_files.part_path(to), atomic_files.part_path(to.with_suffix(".f32"))
    named = {"metadata:s:v:0": f"reel_name={reel}", "timecode": str(start), "map_chapters": -1, **PLAIN_FILE, "f": "mov"}
    try:
        anew = _heard_anew(clip, probed, voice, even, fitting.pace(probed, start.fps, fit))
        command = filter_graph.command(_streams(clip, probed, start, anew, codec, fit, part, named))
        runner.run(command, limits=runner.SUSPECT, what=f"copying {clip.name} for the editor")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)
        even.unlink(missing_ok=True)
    return probed


def sound_copy(sound: Path, to: Path) -> None:
    """Write a decoded bed (f32 stereo 48 kHz) to `to` (`.wav`, 24 bits) unless it exists, because few editing programs open Ogg or FLAC. A
    second of silence follows it, so that its last frame is complete at any rate.
    """
    if to.exists():
        return
    part = atomic_files.part_path(to)
    try:
        own = filter_graph.source(sound, filter_graph.RAW_SOURCE).stream(0)
        longer = own.filter("apad", pad_len=SAMPLE_RATE).to(part, {"c:a": "pcm_s24le", **PLAIN_FILE, "f": "wav"})
        runner.run(filter_graph.command(longer), what=f"copying {to.name} for the editor")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


def _streams(
    clip: Path,
    probed: Probe,
    start: Timecode,
    anew: filter_graph.Pad | None,
    codec: Codec | None,
    fit: Fitting,
    to: Path,
    named: filter_graph.Options,
) -> filter_graph.Target:
    """The streams that are taken, copied or encoded: every picture at its time, as the cut has it; sound made `anew` is as long as the pictures."""
    source = opened(clip, probed)
    shown, heard = fitting.shown(source, probed), source.stream(probed.sound.index) if probed.sound else None
    pictures: filter_graph.Options = {"c:v": "copy"}
    faster = fitting.pace(probed, start.fps, fit)
    sound: filter_graph.Options = {"c:a": "copy"}
    if codec or not _fits(probed, start):
        shown, pictures = _encoded(shown, probed, start, codec, fit)
        if heard and probed.sound:
            heard, sound = fitting.sound_in_time(fitting.sound_pad(source, probed.sound), probed.offset, faster), _PCM
    if anew:
        end = half_up(probed.duration / faster * SAMPLE_RATE)
        heard, sound = anew.filter("apad").filter("atrim", end_sample=end), _PCM
    if heard is None:
        return shown.to(to, {**pictures, **named})
    return shown.to(to, {**pictures, **sound, **named}, heard)


def _heard_anew(clip: Path, probed: Probe, voice: Voice | None, even: Path, faster: Fraction) -> filter_graph.Pad | None:
    """The sound in place of the clip's stream: the author's, or the clip's own by way of the file `even`, where its form changes."""
    if voice:
        return driving_sound.pad(voice, faster)
    if probed.sound is None or not probed.sound.changes:
        return None
    clip_facts.decode_whole(clip, probed, even)
    return clip_facts.even_pad(even, faster)


def _encoded(
    pad: filter_graph.Pad, probed: Probe, start: Timecode, codec: Codec | None, fit: Fitting
) -> tuple[filter_graph.Pad, filter_graph.Options]:
    """The pictures at the edit's rate in BT.709, and their encoding. Only ProRes keeps transparency."""
    clear = probed.clear and codec is not Codec.DNXHR
    deep = any(depth in probed.pix_fmt for depth in ("p10", "p12", "p14", "p16", "48", "64"))
    fine = clear or ("444" in probed.pix_fmt and deep)
    plain = {None: "yuv420p", Codec.DNXHR: "yuv422p"}.get(codec, "yuv422p10le")
    pixels = "yuva444p10le" if clear else "yuv444p10le" if fine else "yuv422p10le" if deep else plain
    seen = pad if clear else fitting.on_black(pad, probed)
    even = fitting.as_large(seen, probed, start.fps, fit).filter("trim", end_frame=frames_of(probed, start, fit))
    tagged = even.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709").filter("format", pixels)
    if pixels == "yuv420p":
        return tagged, {"c:v": "libx264", "preset": "veryfast", "crf": 12, **_TAGS, "threads": 1}
    if codec is Codec.DNXHR:
        return tagged, {"c:v": "dnxhd", "profile:v": _DNXHR[pixels], **_TAGS, "threads": 1}
    return tagged, {"c:v": "prores_ks", "profile:v": 4 if fine else 3, "vendor": "apl0", **_TAGS, "threads": 1}


def _fits(probed: Probe, start: Timecode) -> bool:
    sound = probed.sound is None or (probed.sound.codec in _COPIED_SOUND and probed.sound.right is None)
    even = probed.shown == probed.size and not (probed.vfr or probed.hidden or probed.offset or probed.interlaced or probed.changes)
    return probed.fps == start.fps and even and sound and probed.codec in _COPIED and probed.container == "mov"
