"""An edit for OpenTimelineIO, with all clips of a shot as alternatives at one position. Needs the extra `timeline`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from callsheet.domain.delivery.fitting import Join, Transition
from callsheet.domain.edit import BedEvent, Edit, Event, Levels, Media
from callsheet.domain.errors import SetupError
from callsheet.domain.money import text
from callsheet.timelines.edl import marker_text
from callsheet.timelines.media_url import media_url


def otio(edit: Edit) -> str:
    """The edit as `.otio` text. SetupError if OpenTimelineIO isn't installed."""
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
            if event.transition:
                picture.append(self._transition(event.transition, number))
                sound.extend(self._crossing(event.transition, number))
            picture.append(self._clip(event))
            sound.append(self._clip(event, marked=False) if event.has_sound else self.schema.Gap(duration=self._time(event.frames)))
        timeline.tracks.extend([picture, sound, *(self._bed(bed, number) for number, bed in enumerate(self.edit.beds, start=2))])
        return timeline

    def _bed(self, bed: BedEvent, number: int) -> Any:
        """A track with only a bed, at its position and with its fades."""
        track = self.schema.Track(name=f"A{number}", kind=self.schema.TrackKind.Audio)
        if bed.record_in:
            track.append(self.schema.Gap(duration=self._time(bed.record_in)))
        available = self.library.opentime.TimeRange(self._time(0), self._time(bed.media_frames))
        clip = self.schema.Clip(
            name=bed.name.rpartition("/")[2],
            media_reference=self.schema.ExternalReference(target_url=media_url(self.edit, bed.file), available_range=available),
            source_range=self.library.opentime.TimeRange(self._time(0), self._time(bed.frames)),
        )
        clip.metadata["callsheet"] = {
            "bed": bed.name,
            "sha256": bed.sha256,
            "told": bed.label,
            "levels": _levels(bed.levels),
            "fade_in": bed.fade_in,
            "fade_out": bed.fade_out,
        }
        track.extend([*self._fade("fade in", 0, bed.fade_in), clip, *self._fade("fade out", bed.fade_out, 0)])
        return track

    def _fade(self, name: str, before: int, after: int) -> list[Any]:
        """A transition from or to nothing."""
        kind = self.schema.TransitionTypes.SMPTE_Dissolve
        faded = self.schema.Transition(name=name, transition_type=kind, in_offset=self._time(before), out_offset=self._time(after))
        return [faded] if before or after else []

    def _clip(self, event: Event, *, marked: bool = True) -> Any:
        clip = self.schema.Clip(name=event.media.name if event.media else event.shot, source_range=self._range(event))
        clip.metadata["callsheet"] = {
            "shot": event.shot,
            "prompt": event.prompt,
            "stale": event.stale,
            "missing": event.missing,
            "title": event.title or None,
            "card": event.card,
        }
        if not marked:
            clip.metadata["callsheet"]["levels"] = _levels(event.levels)
        if event.media:
            both = (event.media, *event.alternates)
            clip.set_media_references({media.name: self._reference(media) for media in both}, event.media.name)
        if marked:
            clip.markers.append(self._marker(event, clip.source_range.start_time))
        return clip

    def _transition(self, transition: Transition, number: int) -> Any:
        kind = self.schema.TransitionTypes.SMPTE_Dissolve if transition.join is Join.DISSOLVE else self.schema.TransitionTypes.Custom
        made = self.schema.Transition(
            name=transition.join.value,
            transition_type=kind,
            in_offset=self._time(self.edit.fade_out(number - 1) if number else 0),
            out_offset=self._time(self.edit.over(number) or self.edit.fade_in(number)),
        )
        made.metadata["callsheet"] = {"join": transition.join.value, "frames": transition.frames}
        return made

    def _crossing(self, transition: Transition, number: int) -> list[Any]:
        """The transition between neighbouring sounds, if it takes any frames."""
        heard = any(event.has_sound for event in self.edit.events[max(0, number - 1) : number + 1])
        made = self._transition(transition, number)
        return [made] if heard and (made.in_offset.value or made.out_offset.value) else []

    def _range(self, event: Event) -> Any:
        start = self.edit.clip_start.frame + event.source_in if event.media else 0
        return self.library.opentime.TimeRange(self._time(start), self._time(event.frames))

    def _reference(self, media: Media) -> Any:
        available = self.library.opentime.TimeRange(self._time(self.edit.clip_start.frame), self._time(media.frames))
        reference = self.schema.ExternalReference(target_url=media_url(self.edit, media.file), available_range=available)
        reference.name = media.name
        reference.metadata["callsheet"] = {
            "reel": media.reel,
            "sha256": media.sha256,
            "model": media.model,
            "seed": media.seed,
            "cost_usd": text(media.cost),
            "credentials": media.credentials,
        }
        reference.metadata["cmx_3600"] = {"reel": media.reel}
        return reference

    def _marker(self, event: Event, at: Any) -> Any:
        color = self.schema.MarkerColor
        look = color.RED if event.media is None and event.card is None else color.YELLOW if event.stale else color.GREEN
        marked = self.library.opentime.TimeRange(at, self._time(event.frames))
        return self.schema.Marker(name=marker_text(event), marked_range=marked, color=look)

    def _time(self, frames: int) -> Any:
        return self.library.opentime.RationalTime(frames, float(self.edit.fps))


def _levels(levels: Levels) -> list[dict[str, float]]:
    """Keyframes as stored in metadata: frames from the clip's first, dB."""
    return [{"frame": key.frame, "db": key.db} for key in levels]


def _library() -> Any:
    try:
        return import_module("opentimelineio")
    except ModuleNotFoundError:
        raise SetupError(
            "OpenTimelineIO is not installed",
            help="install the extra: pip install 'callsheet[timeline]'; or export edl or fcp7, which don't need it",
        ) from None
