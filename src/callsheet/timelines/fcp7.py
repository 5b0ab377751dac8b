"""An edit as Final Cut Pro 7 XML (xmeml 5), which Premiere Pro, Resolve and Avid read. Pure. The cut is on V1 with its sound linked on A1
and A2; a shot's other clips are above it, disabled. Each bed has two tracks below. Clips are complete, so the frames outside the cut are
handles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree as ET

from callsheet.domain.delivery.fitting import Fitting, Frame, Join
from callsheet.domain.edit import BedEvent, Edit, Event, Media
from callsheet.domain.shots.picture_geometry import around, crop_at, inside
from callsheet.domain.shots.shot import Size
from callsheet.timelines import xmeml
from callsheet.timelines.edl import marker_text
from callsheet.timelines.media_url import media_url
from callsheet.timelines.xmeml import Span, clean, texts

_CHANNELS = (1, 2)
_CLIP_DEPTH, _BED_DEPTH = 16, 24
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def fcp7(edit: Edit) -> str:
    """The whole document."""
    root = ET.Element("xmeml", version="5")
    _Writer(edit).sequence(root)
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


@dataclass(frozen=True, slots=True)
class _Edges:
    """The transitions at a clip's edges. `shared`: the next one's begins where this clip would end, and the clip continues `longer` under
    it.
    """

    before: Span | None
    behind: Span | None
    shared: bool
    longer: int


class _Writer:
    """Writes elements; a file is described where it is first used, and by its id afterwards."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.known: set[str] = set()

    def sequence(self, root: ET.Element) -> None:
        edit = self.edit
        sequence = ET.SubElement(root, "sequence", id=clean(f"sequence-{edit.name}"))
        texts(sequence, name=edit.name, duration=edit.frames)
        xmeml.rate(sequence, edit.fps)
        xmeml.timecode(sequence, edit.start)
        media = ET.SubElement(sequence, "media")
        video = ET.SubElement(media, "video")
        self._picture_form(ET.SubElement(video, "format"))
        for level in range(1 + max((len(event.alternates) for event in edit.events), default=0)):
            self._picture_track(video, level)
        audio = ET.SubElement(media, "audio")
        for channel in _CHANNELS:
            self._sound_track(audio, channel)
        for number, bed in enumerate(edit.beds):
            for channel in _CHANNELS:
                self._bed_track(audio, bed, number, channel)

    def _picture_track(self, video: ET.Element, level: int) -> None:
        """Level 0 is the cut; the other clips are above it."""
        track = ET.SubElement(video, "track")
        for number, event in enumerate(self.edit.events):
            media = (event.media, *event.alternates)[level] if level <= len(event.alternates) else None
            if media and level == 0:
                self._cut(track, number, media)
            elif media:
                item = self._item(track, event, media, _picture_id(event, level), on=False)
                xmeml.motion(item, *_placed(media.size, event.fitting, self.edit.size))
            elif level == 0:
                self._hole(track, number)
        texts(track, enabled="TRUE", locked="FALSE")

    def _cut(self, track: ET.Element, number: int, media: Media) -> None:
        """A clip of the cut with its transitions."""
        event, edges = self.edit.events[number], self._edges(number, lambda other: self.edit.events[other].shown)
        self._span(track, edges.before, self._join(number))
        item = self._item(track, event, media, _picture_id(event, 0), on=True)
        _abut(item, event, edges)
        xmeml.motion(item, *_placed(media.size, event.fitting, self.edit.size))
        self._link(item, event)
        self._marker(item, event)
        self._span(track, edges.behind, Join.FADE)

    def _join(self, number: int) -> Join:
        """How an event's picture comes on."""
        change = self.edit.events[number].transition
        return change.join if change and self.edit.over(number) else Join.FADE

    def _hole(self, track: ET.Element, number: int) -> None:
        """A slug: black with the reason for the missing clip, or with a title card's text and transitions."""
        event = self.edit.events[number]
        edges = (
            self._edges(number, lambda other: self.edit.events[other].shown) if event.shown else _Edges(None, None, shared=False, longer=0)
        )
        self._span(track, edges.before, self._join(number))
        gap = ET.SubElement(track, "generatoritem", id=_picture_id(event, 0))
        texts(gap, name=f"{event.shot}: {event.label}", duration=event.frames)
        xmeml.rate(gap, self.edit.fps)
        texts(gap, start=event.record_in, end=event.record_out, enabled="TRUE", **{"in": 0, "out": event.frames})
        effect = ET.SubElement(gap, "effect")
        texts(effect, name="Slug", effectid="Slug", effectcategory="Slug", effecttype="generator", mediatype="video")
        _abut(gap, event, edges)
        self._marker(gap, event)
        self._span(track, edges.behind, Join.FADE)

    def _sound_track(self, audio: ET.Element, channel: int) -> None:
        track = ET.SubElement(audio, "track")
        for number, event in enumerate(self.edit.events):
            if event.media and event.has_sound:
                edges = self._edges(number, lambda other: self.edit.events[other].has_sound)
                self._span(track, edges.before, None)
                item = self._item(track, event, event.media, _sound_id(event, channel), on=True)
                _abut(item, event, edges)
                xmeml.levels(item, event.levels)
                texts(ET.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=channel)
                self._link(item, event)
                self._span(track, edges.behind, None)
        texts(track, enabled="TRUE", locked="FALSE", outputchannelindex=channel)

    def _bed_track(self, audio: ET.Element, bed: BedEvent, number: int, channel: int) -> None:
        track = ET.SubElement(audio, "track")
        fade_in, fade_out = Span(bed.record_in, bed.record_in + bed.fade_in, "start-black"), bed.record_out - bed.fade_out
        self._span(track, fade_in if bed.fade_in else None, None)
        item = ET.SubElement(track, "clipitem", id=_bed_id(number, channel))
        texts(item, name=bed.name.rpartition("/")[2], duration=bed.media_frames)
        xmeml.rate(item, self.edit.fps)
        edges = {"start": -1 if bed.fade_in else bed.record_in, "end": -1 if bed.fade_out else bed.record_out}
        texts(item, **edges, enabled="TRUE", **{"in": 0, "out": bed.frames})
        file = self._file(item, f"file-bed-{bed.sha256[:8]}", bed.file, bed.media_frames)
        if file is not None:
            xmeml.sound_form(ET.SubElement(file, "media"), _BED_DEPTH)
        xmeml.levels(item, bed.levels)
        texts(ET.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=channel)
        for other in _CHANNELS:
            index = len(_CHANNELS) * (number + 1) + other
            texts(ET.SubElement(item, "link"), linkclipref=_bed_id(number, other), mediatype="audio", trackindex=index)
        texts(ET.SubElement(item, "logginginfo"), lognote=bed.label)
        self._span(track, Span(fade_out, bed.record_out, "end-black") if bed.fade_out else None, None)
        texts(track, enabled="TRUE", locked="FALSE", outputchannelindex=channel)

    def _edges(self, number: int, there: Callable[[int], bool]) -> _Edges:
        """The transitions at an event's edges on a track, where `there` says which events are on it. Without a neighbour, a transition
        comes from nothing.
        """
        edit, event = self.edit, self.edit.events[number]
        over, after = edit.over(number), edit.over(number + 1)
        comes, goes = over or edit.fade_in(number), edit.fade_out(number)
        crossed = over > 0 and there(number - 1)
        before = Span(event.record_in, event.record_in + comes, "start" if crossed else "start-black") if comes else None
        shared = after > 0 and there(number + 1)
        behind = Span(event.record_out - goes, event.record_out, "end-black") if goes else None
        if after and not shared:
            behind = Span(event.record_out, event.record_out + after, "end-black")
        return _Edges(before, behind, shared, after)

    def _span(self, track: ET.Element, span: Span | None, join: Join | None) -> None:
        if span:
            xmeml.transition(track, span, join, self.edit.fps)

    def _item(self, track: ET.Element, event: Event, media: Media, id: str, *, on: bool) -> ET.Element:
        frames = event.frames if on else min(event.frames, media.frames)
        first = event.source_in if on else 0
        item = ET.SubElement(track, "clipitem", id=id)
        texts(item, name=media.name, duration=media.frames)
        xmeml.rate(item, self.edit.fps)
        texts(
            item,
            start=event.record_in,
            end=event.record_in + frames,
            enabled="TRUE" if on else "FALSE",
            **{"in": first, "out": first + frames},
        )
        file = self._file(item, f"file-{media.reel}", media.file, media.frames)
        if file is not None:
            self._describe(file, media)
        info = ET.SubElement(item, "logginginfo")
        texts(
            info,
            description=event.prompt,
            scene=event.shot,
            shottake=media.name,
            lognote=", ".join(filter(None, (media.model, media.cost_text))),
        )
        return item

    def _file(self, item: ET.Element, id: str, path: str, frames: int) -> ET.Element | None:
        """Reference a file; returns the element to describe if it is the first reference."""
        file = ET.SubElement(item, "file", id=id)
        if id in self.known:
            return None
        self.known.add(id)
        texts(file, name=path.rpartition("/")[2], pathurl=media_url(self.edit, path), duration=frames)
        xmeml.rate(file, self.edit.fps)
        return file

    def _describe(self, file: ET.Element, media: Media) -> None:
        timecode = xmeml.timecode(file, self.edit.clip_start)
        texts(ET.SubElement(timecode, "reel"), name=media.reel)
        inside = ET.SubElement(file, "media")
        picture = ET.SubElement(ET.SubElement(inside, "video"), "samplecharacteristics")
        texts(picture, width=media.size.width, height=media.size.height)
        if media.sound:
            xmeml.sound_form(inside, _CLIP_DEPTH)

    def _link(self, item: ET.Element, event: Event) -> None:
        """Picture and sound of a shot move together."""
        if not event.has_sound:
            return
        heard = [(_sound_id(event, channel), "audio", channel) for channel in _CHANNELS]
        for id, kind, track in ((_picture_id(event, 0), "video", 1), *heard):
            texts(ET.SubElement(item, "link"), linkclipref=id, mediatype=kind, trackindex=track)

    def _marker(self, item: ET.Element, event: Event) -> None:
        name, _, comment = marker_text(event).partition(" | ")
        texts(ET.SubElement(item, "marker"), comment=comment, name=name, out=-1, **{"in": 0})

    def _picture_form(self, form: ET.Element) -> None:
        inside = ET.SubElement(form, "samplecharacteristics")
        texts(inside, width=self.edit.size.width, height=self.edit.size.height, pixelaspectratio="square", fielddominance="none")
        xmeml.rate(inside, self.edit.fps)


def _abut(item: ET.Element, event: Event, edges: _Edges) -> None:
    """At a transition, the clip's edge is the transition's (-1); the clip lasts to the end of one that it continues under."""
    for name, there, value in (
        ("start", edges.before, -1),
        ("end", edges.shared or edges.behind, -1),
        ("out", edges.longer, event.source_in + event.frames + edges.longer),
    ):
        element = item.find(name)
        if there and element is not None:
            element.text = str(value)


def _placed(size: Size, fitting: Fitting, frame: Size) -> tuple[Fraction, tuple[Fraction, Fraction]]:
    """The scale of a picture of `size` in the frame, and the offset of its centre, as in the film (except for a blurred background)."""
    kept = Size(*fitting.trim.kept) if fitting.trim and (size.width, size.height) == fitting.trim.bought else size
    aspect = Fraction(kept.width, kept.height)
    whole = around(aspect, frame) if fitting.frame is Frame.CROP or inside(aspect, frame) == frame else inside(aspect, frame)
    left, top = (
        crop_at(whole, frame, fitting.focus)
        if fitting.frame is Frame.CROP
        else ((whole.width - frame.width) // 2, (whole.height - frame.height) // 2)
    )
    away = (Fraction(whole.width - frame.width, 2) - left) / frame.width, (Fraction(whole.height - frame.height, 2) - top) / frame.height
    return Fraction(whole.width, kept.width), away


def _picture_id(event: Event, level: int) -> str:
    return clean(f"picture-{_place(event)}-{level}")


def _sound_id(event: Event, channel: int) -> str:
    return clean(f"sound-{_place(event)}-{channel}")


def _place(event: Event) -> str:
    """A name that no other event has: a shot's parts share the shot's name."""
    return f"{event.shot}:{event.part + 1}" if event.part else event.shot


def _bed_id(number: int, channel: int) -> str:
    return f"bed-{number + 1}-{channel}"
