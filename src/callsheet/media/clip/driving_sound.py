"""The author's own sound under a clip that it drove: sample for sample from the clip's first picture on."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Voice
from callsheet.domain.timebase import SAMPLE_RATE, half_up
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.ffmpeg.command import GUARD
from callsheet.media.inspect.measure_inputs import DEMUXERS

#: the sound used with a clip: its own, none, or the author's
ClipSound = bool | Voice


def keyed(sound: ClipSound) -> tuple[ClipSound, tuple[str, ...]]:
    """The sound's part in a content key: its recipe, without paths of this machine, and the hash of the author's sound, if used."""
    return (replace(sound, file=Path("voice"), name=""), (sound.sha256,)) if isinstance(sound, Voice) else (sound, ())


def pad(voice: Voice, faster: Fraction) -> filter_graph.Pad:
    """The decoded sound; if the pictures are sped up, so is the sound. It may come from anywhere: the demuxer is forced."""
    source = filter_graph.source(voice.file, {"f": DEMUXERS[voice.mime], **GUARD, "threads": 1})
    own = source.sound().filter("asetpts", "PTS-STARTPTS").filter("aresample", SAMPLE_RATE)
    return own if faster == 1 else own.filter("asetrate", half_up(SAMPLE_RATE * faster)).filter("aresample", SAMPLE_RATE)
