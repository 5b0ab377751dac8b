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

#: what is heard with a clip: its own sound, nothing, or the author's
ClipSound = bool | Voice


def plain(sound: ClipSound) -> ClipSound:
    """What a content key holds of it, with no place on this machine: the recipe alone, for the sound's own hash stands beside it."""
    return replace(sound, file=Path("voice"), name="") if isinstance(sound, Voice) else sound


def digests(sound: ClipSound) -> tuple[str, ...]:
    """The hash of the author's sound, for a content key."""
    return (sound.sha256,) if isinstance(sound, Voice) else ()


def pad(voice: Voice, faster: Fraction) -> filter_graph.Pad:
    """The sound as it is decoded; where the pictures run faster than they were made, so does it. It may come from anywhere: the demuxer is forced."""
    source = filter_graph.source(voice.file, {"f": DEMUXERS[voice.mime], **GUARD, "threads": 1})
    own = source.sound().filter("asetpts", "PTS-STARTPTS").filter("aresample", SAMPLE_RATE)
    return own if faster == 1 else own.filter("asetrate", half_up(SAMPLE_RATE * faster)).filter("aresample", SAMPLE_RATE)
