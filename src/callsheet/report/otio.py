"""An edit for OpenTimelineIO, with all clips of a shot as alternatives of one place. Needs the extra `timeline`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from callsheet.domain.edit import Edit, Event, Media
from callsheet.domain.errors import PlaceError
from callsheet.domain.fitting import Join, Transition
from callsheet.domain.money import text
from callsheet.report.edl import told


def otio(edit: Edit) -> str:
    """The edit as `.otio` text. PlaceError where OpenTimelineIO isn't installed."""
    return str(_Writer(edit).timeline().to_json_string())


class _Writer:
    """Holds what every part needs: the library, the rate, the clips' start."""

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.library = _library()
        self.schema = self.library.schema

    def timeline(self) -> Any:
        timeline = self.schema.Timeline(name=self.edit.name, global_start_time=self._time(self.edit.start.frame))
        picture = self.schema.Track(name="V1", kind=self.schema.TrackKind.Video)
        sound = self.schema.Track(name="A1", kind=self.schema.TrackKind.Audio)
        for number, event in enumerate(self.edit.events):
            if event.transition and number:
                picture.append(self._transition(event.transition, self.edit.over(number)))
            picture.append(self._clip(event))
            heard = event.media and event.media.sound and event.sound
            sound.append(self._clip(event, marked=False) if heard else self.schema.Gap(duration=self._time(event.frames)))
        timeline.tracks.extend([picture, sound])
        return timeline

    def _clip(self, event: Event, *, marked: bool = True) -> Any:
        clip = self.schema.Clip(name=event.media.name if event.media else event.shot, source_range=self._range(event))
        clip.metadata["callsheet"] = {
            "shot": event.shot,
            "prompt": event.prompt,
            "stale": event.stale,
            "missing": event.missing,
        }
        if event.media:
            both = (event.media, *event.alternates)
            clip.set_media_references({media.name: self._reference(media) for media in both}, event.media.name)
        if marked:
            clip.markers.append(self._marker(event, clip.source_range.start_time))
        return clip

    def _transition(self, transition: Transition, over: int) -> Any:
        fade = transition.frames if transition.join is Join.FADE else 0
        kind = self.schema.TransitionTypes.SMPTE_Dissolve if transition.join is Join.DISSOLVE else self.schema.TransitionTypes.Custom
        made = self.schema.Transition(
            name=transition.join.value,
            transition_type=kind,
            in_offset=self._time(fade // 2),
            out_offset=self._time(over or fade - fade // 2),
        )
        made.metadata["callsheet"] = {"join": transition.join.value, "frames": transition.frames}
        return made

    def _range(self, event: Event) -> Any:
        start = self.edit.clip_start.frame if event.media else 0
        return self.library.opentime.TimeRange(self._time(start), self._time(event.frames))

    def _reference(self, media: Media) -> Any:
        available = self.library.opentime.TimeRange(self._time(self.edit.clip_start.frame), self._time(media.frames))
        reference = self.schema.ExternalReference(target_url=media.file, available_range=available)
        reference.name = media.name
        reference.metadata["callsheet"] = {
            "reel": media.reel,
            "sha256": media.sha256,
            "model": media.model,
            "seed": media.seed,
            "cost_usd": text(media.cost),
        }
        reference.metadata["cmx_3600"] = {"reel": media.reel}
        return reference

    def _marker(self, event: Event, at: Any) -> Any:
        color = self.schema.MarkerColor
        look = color.RED if event.media is None else color.YELLOW if event.stale else color.GREEN
        marked = self.library.opentime.TimeRange(at, self._time(event.frames))
        return self.schema.Marker(name=told(event), marked_range=marked, color=look)

    def _time(self, frames: int) -> Any:
        return self.library.opentime.RationalTime(frames, float(self.edit.fps))


def _library() -> Any:
    try:
        return import_module("opentimelineio")
    except ModuleNotFoundError:
        raise PlaceError(
            "OpenTimelineIO is not installed",
            help="install the extra: pip install 'callsheet[timeline]'; or export edl or fcp7, which need nothing",
        ) from None
