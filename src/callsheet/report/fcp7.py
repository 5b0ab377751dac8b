"""An edit as Final Cut Pro 7 XML (xmeml 5), which Premiere Pro, Resolve and Avid read. Pure.

The cut stands on V1 with its sound linked on A1 and A2; a shot's other clips stand above it, switched off. Clips are whole, so what the cut leaves over are handles.
"""

from __future__ import annotations

from urllib.parse import quote
from xml.etree import ElementTree as ET

from callsheet.domain.edit import Edit, Event, Media
from callsheet.domain.fitting import Join
from callsheet.domain.money import text
from callsheet.domain.timebase import half_up
from callsheet.domain.timecode import Timecode
from callsheet.report.edl import told

_SOUND_TRACKS = 2
_RATE, _DEPTH = 48_000, 16
_EFFECTS = {Join.DISSOLVE: ("Cross Dissolve", "Cross Dissolve", "Dissolve"), Join.WIPE: ("Edge Wipe", "Edge Wipe", "Wipe")}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def fcp7(edit: Edit) -> str:
    """The whole document."""
    root = ET.Element("xmeml", version="5")
    _Writer(edit).sequence(root)
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


class _Writer:
    """Writes elements; a file is described where it is named first, and after that by its id."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.known: set[str] = set()

    def sequence(self, root: ET.Element) -> None:
        edit = self.edit
        sequence = ET.SubElement(root, "sequence", id=f"sequence-{edit.name}")
        _texts(sequence, name=_clean(edit.name), duration=edit.frames)
        self._rate(sequence)
        self._timecode(sequence, edit.start)
        media = ET.SubElement(sequence, "media")
        video = ET.SubElement(media, "video")
        self._picture_form(ET.SubElement(video, "format"))
        for level in range(1 + max((len(event.alternates) for event in edit.events), default=0)):
            self._picture_track(video, level)
        audio = ET.SubElement(media, "audio")
        for number in range(1, _SOUND_TRACKS + 1):
            self._sound_track(audio, number)

    def _picture_track(self, video: ET.Element, level: int) -> None:
        """Level 0 is the cut; above it stand the other clips."""
        track = ET.SubElement(video, "track")
        for number, event in enumerate(self.edit.events):
            media = (event.media, *event.alternates)[level] if level <= len(event.alternates) else None
            if level == 0 and self.edit.over(number):
                self._transition(track, event, self.edit.over(number))
            if media is None and level == 0:
                self._hole(track, event)
            if media is None:
                continue
            item = self._item(track, event, media, _picture_id(event, level), on=level == 0)
            if level == 0:
                self._abut(item, number)
                self._link(item, event)
                self._marker(item, event)
        _texts(track, enabled="TRUE", locked="FALSE")

    def _transition(self, track: ET.Element, event: Event, over: int) -> None:
        """It begins with the shot that comes on; the one before goes on under it."""
        item = ET.SubElement(track, "transitionitem")
        _texts(item, start=event.record_in, end=event.record_in + over, alignment="start")
        self._rate(item)
        effect = ET.SubElement(item, "effect")
        name, id, category = _EFFECTS[event.transition.join] if event.transition else _EFFECTS[Join.DISSOLVE]
        _texts(effect, name=name, effectid=id, effecttype="transition", mediatype="video", effectcategory=category)

    def _hole(self, track: ET.Element, event: Event) -> None:
        """A slug: black that says what is missing."""
        gap = ET.SubElement(track, "generatoritem", id=_picture_id(event, 0))
        _texts(gap, name=_clean(f"{event.shot}: {event.missing}"), duration=event.frames)
        self._rate(gap)
        _texts(gap, start=event.record_in, end=event.record_in + event.frames, enabled="TRUE", **{"in": 0, "out": event.frames})
        effect = ET.SubElement(gap, "effect")
        _texts(effect, name="Slug", effectid="Slug", effectcategory="Slug", effecttype="generator", mediatype="video")
        self._marker(gap, event)

    def _abut(self, item: ET.Element, number: int) -> None:
        """Where a transition stands at a clip's edge, the edge is the transition's (-1), and the clip lasts to its end."""
        event, after = self.edit.events[number], self.edit.over(number + 1) if number + 1 < len(self.edit.events) else 0
        for name, there, value in (("start", self.edit.over(number), -1), ("end", after, -1), ("out", after, event.frames + after)):
            element = item.find(name)
            if there and element is not None:
                element.text = str(value)

    def _sound_track(self, audio: ET.Element, number: int) -> None:
        track = ET.SubElement(audio, "track")
        for event in self.edit.events:
            if event.media and event.media.sound and event.sound:
                item = self._item(track, event, event.media, _sound_id(event, number), on=True)
                source = ET.SubElement(item, "sourcetrack")
                _texts(source, mediatype="audio", trackindex=number)
                self._link(item, event)
        _texts(track, enabled="TRUE", locked="FALSE", outputchannelindex=number)

    def _item(self, track: ET.Element, event: Event, media: Media, id: str, *, on: bool) -> ET.Element:
        frames = event.frames if on else min(event.frames, media.frames)
        item = ET.SubElement(track, "clipitem", id=id)
        _texts(item, name=media.name, duration=media.frames)
        self._rate(item)
        _texts(item, start=event.record_in, end=event.record_in + frames, enabled="TRUE" if on else "FALSE", **{"in": 0, "out": frames})
        self._file(item, media)
        info = ET.SubElement(item, "logginginfo")
        _texts(
            info, description=_clean(event.prompt), scene=event.shot, shottake=media.name, lognote=f"{media.model}, {text(media.cost)} USD"
        )
        return item

    def _file(self, item: ET.Element, media: Media) -> None:
        file = ET.SubElement(item, "file", id=f"file-{media.reel}")
        if media.reel in self.known:
            return
        self.known.add(media.reel)
        _texts(file, name=media.file.rpartition("/")[2], pathurl=quote(media.file), duration=media.frames)
        self._rate(file)
        timecode = self._timecode(file, self.edit.clip_start)
        _texts(ET.SubElement(timecode, "reel"), name=media.reel)
        inside = ET.SubElement(file, "media")
        picture = ET.SubElement(ET.SubElement(inside, "video"), "samplecharacteristics")
        _texts(picture, width=media.size.width, height=media.size.height)
        if media.sound:
            sound = ET.SubElement(inside, "audio")
            _texts(ET.SubElement(sound, "samplecharacteristics"), samplerate=_RATE, depth=_DEPTH)
            _texts(sound, channelcount=_SOUND_TRACKS)

    def _link(self, item: ET.Element, event: Event) -> None:
        """Picture and sound of a shot move together."""
        if event.media is None or not (event.media.sound and event.sound):
            return
        heard = [(_sound_id(event, number), "audio", number) for number in range(1, _SOUND_TRACKS + 1)]
        for id, kind, track in ((_picture_id(event, 0), "video", 1), *heard):
            _texts(ET.SubElement(item, "link"), linkclipref=id, mediatype=kind, trackindex=track)

    def _marker(self, item: ET.Element, event: Event) -> None:
        name, _, comment = told(event).partition(" | ")
        _texts(ET.SubElement(item, "marker"), comment=_clean(comment), name=_clean(name), out=-1, **{"in": 0})

    def _picture_form(self, form: ET.Element) -> None:
        inside = ET.SubElement(form, "samplecharacteristics")
        _texts(inside, width=self.edit.size.width, height=self.edit.size.height, pixelaspectratio="square", fielddominance="none")
        self._rate(inside)

    def _rate(self, parent: ET.Element) -> None:
        _texts(
            ET.SubElement(parent, "rate"), timebase=half_up(self.edit.fps), ntsc="TRUE" if self.edit.fps.denominator == 1001 else "FALSE"
        )

    def _timecode(self, parent: ET.Element, at: Timecode) -> ET.Element:
        element = ET.SubElement(parent, "timecode")
        self._rate(element)
        _texts(element, string=str(at), frame=at.frame, displayformat="DF" if at.drop else "NDF")
        return element


def _picture_id(event: Event, level: int) -> str:
    return f"picture-{event.shot}-{level}"


def _sound_id(event: Event, number: int) -> str:
    return f"sound-{event.shot}-{number}"


def _texts(parent: ET.Element, **children: str | int) -> None:
    for name, value in children.items():
        ET.SubElement(parent, name).text = str(value)


def _clean(words: str) -> str:
    """Without the control characters that XML 1.0 can't hold."""
    return "".join(sign for sign in words if sign in "\t\n" or sign >= " ")
