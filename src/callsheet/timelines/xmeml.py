"""Elements of Final Cut Pro 7 XML (xmeml 5) that are used in many places. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree as ET

from callsheet.domain.delivery.fitting import Join
from callsheet.domain.edit import Levels
from callsheet.domain.timebase import Fps, half_up
from callsheet.domain.timecode import Timecode

_RATE = 48_000
_PICTURE = {Join.WIPE: ("Edge Wipe", "Edge Wipe", "Wipe")}
_DISSOLVE = ("Cross Dissolve", "Cross Dissolve", "Dissolve")
#: equal power, like the film's own
_CROSS_FADE = ("Cross Fade (+3dB)", "KGAudioTransCrossFade3dB", "Audio Transitions")
#: the format's highest level, as a factor: +12 dB
_LOUDEST = 3.98107


@dataclass(frozen=True, slots=True)
class Span:
    """A transition on a track: first frame, the frame after its last, and its alignment (`start`, `start-black`, `end-black`)."""

    start: int
    end: int
    alignment: str


def texts(parent: ET.Element, **children: str | int) -> None:
    """Add children with only text, without characters that XML doesn't allow."""
    for name, value in children.items():
        ET.SubElement(parent, name).text = clean(str(value))


def clean(words: str) -> str:
    """Without the characters that XML 1.0 doesn't allow: control characters, surrogates, U+FFFE and U+FFFF."""
    return "".join(
        sign for sign in words if sign in "\t\n" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"
    )


def rate(parent: ET.Element, fps: Fps) -> None:
    """The frame rate in which `parent` counts."""
    texts(ET.SubElement(parent, "rate"), timebase=half_up(fps), ntsc="TRUE" if fps.denominator == 1001 else "FALSE")


def timecode(parent: ET.Element, at: Timecode) -> ET.Element:
    """The timecode of the first frame of `parent`."""
    element = ET.SubElement(parent, "timecode")
    rate(element, at.fps)
    texts(element, string=str(at), frame=at.frame, displayformat="DF" if at.drop else "NDF")
    return element


def transition(track: ET.Element, span: Span, join: Join | None, fps: Fps) -> None:
    """A transition of pictures, or of sounds if `join` is None."""
    item = ET.SubElement(track, "transitionitem")
    texts(item, start=span.start, end=span.end, alignment=span.alignment)
    rate(item, fps)
    name, id, category = _CROSS_FADE if join is None else _PICTURE.get(join, _DISSOLVE)
    kind = "audio" if join is None else "video"
    texts(ET.SubElement(item, "effect"), name=name, effectid=id, effecttype="transition", mediatype=kind, effectcategory=category)


def levels(item: ET.Element, found: Levels) -> None:
    """The level of a sound clip; nothing if it is the file's own. A level above the format's maximum is set to the maximum."""
    if all(key.db == 0 for key in found):
        return
    effect = ET.SubElement(ET.SubElement(item, "filter"), "effect")
    texts(effect, name="Audio Levels", effectid="audiolevels", effectcategory="audiolevels", effecttype="audiolevels", mediatype="audio")
    level = ET.SubElement(effect, "parameter")
    texts(level, parameterid="level", name="Level", valuemin=0, valuemax=f"{_LOUDEST}", value=_factor(found[0].db))
    for key in found if len(found) > 1 else ():
        texts(ET.SubElement(level, "keyframe"), when=key.frame, value=_factor(key.db))


def motion(item: ET.Element, scale: Fraction, centre: tuple[Fraction, Fraction]) -> None:
    """The scale of a picture (1 is pixel for pixel), and the offset of its centre from the frame's, as shares of the frame's width and
    height.
    """
    if scale == 1 and centre == (0, 0):
        return
    effect = ET.SubElement(ET.SubElement(item, "filter"), "effect")
    texts(effect, name="Basic Motion", effectid="basic", effectcategory="motion", effecttype="motion", mediatype="video")
    size = ET.SubElement(effect, "parameter")
    texts(size, parameterid="scale", name="Scale", valuemin=0, valuemax=1000, value=f"{float(scale * 100):.3f}")
    place = ET.SubElement(effect, "parameter")
    texts(place, parameterid="center", name="Center")
    texts(ET.SubElement(place, "value"), horiz=f"{float(centre[0]):.5f}", vert=f"{float(centre[1]):.5f}")


def sound_form(parent: ET.Element, depth: int) -> None:
    """The format of a file's sound: stereo at 48 kHz."""
    sound = ET.SubElement(parent, "audio")
    texts(ET.SubElement(sound, "samplecharacteristics"), samplerate=_RATE, depth=depth)
    texts(sound, channelcount=2)


def _factor(db: float) -> str:
    return f"{min(_LOUDEST, 10 ** (db / 20)):.5f}"
