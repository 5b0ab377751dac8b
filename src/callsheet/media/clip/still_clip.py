"""A picture of the author's, held for a shot's length: fitted like the shot's clip, with the sound that will drive it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Delivery, Still
from callsheet.domain.delivery.fitting import Fitting, FpsFit
from callsheet.media.clip import burn_in, burnt_titles, driving_sound, fitting, normalized
from callsheet.media.clip.content_key import key_of
from callsheet.media.clip.driving_sound import ClipSound
from callsheet.media.clip.normalize import Treatment
from callsheet.media.clip.normalized import Normalized
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.ffmpeg.command import GUARD, Command
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.measure_inputs import DEMUXERS


def still_clip(still: Still, frames: int, delivery: Delivery, folder: Path, *, sound: ClipSound = False, fit: Fitting) -> Normalized:
    """The picture for exactly `frames`, kept in `folder`; `fit` says how it fills the delivery's and what is written on it.

    ClipSound with it is nothing, or the author's sound. Safe to call from many threads and again. MediaError if it can't be read.
    """
    plain, anywhere = replace(still, name="", file=Path("still")), Treatment(fit, Path("folder"), Path("font"))
    anonymous, digests = driving_sound.keyed(sound)
    symbolic = _command(plain, frames, delivery, anywhere, Path("picture"), Path("sound"), sound=anonymous)
    key = key_of("still", still.sha256, symbolic.words, fit.decides, burnt_titles.digest(fit.font), *digests)
    treatment = Treatment(fit, folder)

    def command(picture_to: Path, sound_to: Path) -> Command:
        return _command(still, frames, delivery, treatment, picture_to, sound_to, sound=sound)

    with normalized.making(key):
        there = normalized.kept(folder, key)
        if there:
            return there
        burn_in.written(fit, delivery, folder)
        return normalized.make(folder, key, command, frames=frames, delivery=delivery, what=f"holding {still.name}")


def _command(
    still: Still, frames: int, delivery: Delivery, treatment: Treatment, picture_to: Path, sound_to: Path, *, sound: ClipSound
) -> Command:
    """The file may come from anywhere: the demuxer is forced, and nothing but the file is read. For a moving picture, the first frame is
    held.
    """
    source = filter_graph.source(still.file, {"f": DEMUXERS[still.mime], **GUARD, "threads": 1})
    first = source.stream(0).filter("trim", end_frame=1).filter("format", "gbrp")
    shaped = fitting.pictures(first, _seen(still, delivery), delivery.size, delivery.fps, replace(treatment.fit, fps=FpsFit.DROP))
    pictures = burn_in.laid(shaped, treatment.fit, delivery, treatment.folder, treatment.font)
    heard = normalized.silence() if isinstance(sound, bool) else driving_sound.pad(sound, Fraction(1))
    return filter_graph.command(
        normalized.picture(pictures, frames, delivery, picture_to),
        normalized.sound(heard, normalized.samples_for(frames, delivery.fps), sound_to),
    )


def _seen(still: Still, delivery: Delivery) -> Probe:
    """The picture as the probe of a clip of one frame."""
    return Probe(
        container="mov",
        index=0,
        codec="still",
        width=still.size.width,
        height=still.size.height,
        sar=Fraction(1),
        rotation=0,
        pix_fmt="gbrp",
        matrix=None,
        full_range=True,
        frames=1,
        hidden=0,
        fps=delivery.fps,
        duration=1 / delivery.fps,
        vfr=False,
        offset=Fraction(0),
        sound=None,
    )
