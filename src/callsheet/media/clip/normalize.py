"""Conforms one clip to one delivery: size, rate, colour, length, and sound of the same length."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from callsheet.domain.cut import Delivery, Voice
from callsheet.domain.delivery.fitting import PLAIN, Fitting, frames_short
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import sample_at
from callsheet.media.clip import burn_in, burnt_titles, clip_facts, colour, driving_sound, fitting, normalized, passthrough
from callsheet.media.clip.content_key import LIBRARY, key_of
from callsheet.media.clip.driving_sound import ClipSound
from callsheet.media.clip.normalized import Learnt, Normalized
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.ffmpeg.command import Command, film_guard
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.inspect.picture_index import Pictures
from callsheet.media.inspect.probe import probe
from callsheet.media.sound.loudness import Measured
from callsheet.store import atomic_files

_PLAIN = Probe(
    container="mov", index=0, codec="h264", width=640, height=360, sar=Fraction(1), rotation=0, pix_fmt="yuv420p", matrix=None, full_range=False,
    frames=48, hidden=0, fps=Fraction(24), duration=Fraction(2), vfr=False, offset=Fraction(1, 3),
    sound=Sound(index=1, codec="aac", rate=48000, channels=2, samples=96000),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Treatment:
    """How to fit a clip's pictures and what to burn into them; its texts and results are in `folder`."""

    fit: Fitting
    folder: Path
    #: the texts' font; None is the package's own
    font: Path | None = None
    #: the clip's sound in one form, where its own changes its form
    even: Path | None = None


def normalize(
    clip: Path,
    sha256: str,
    frames: int,
    delivery: Delivery,
    folder: Path,
    *,
    sound: ClipSound = True,
    fit: Fitting = PLAIN,
    own: Pictures | None = None,
) -> Normalized:
    """The clip with this content as exactly `frames` of the delivery, kept in `folder`. Of a longer clip the first frames; a shorter one's last is repeated.

    `sound=False` leaves the clip's sound out, a `Voice` is heard in its place from the first frame on; `fit` says how picture and rate are made to fit
    and what is burnt in.
    With `own` pictures of the same length only its sound is made; see `own_pictures`.
    Safe to call from many threads and again after any interruption: what is there is not made again.
    MediaError if the clip can't be read or ffmpeg fails.
    """
    if own:
        _refuse_changed(clip, sha256)
        return _copied(clip, sha256, own, delivery, folder, sound=sound)
    treatment = Treatment(fit, folder)
    key = _key(sha256, frames, delivery, treatment, sound=sound)
    with normalized.making(key):
        return normalized.kept(folder, key) or _make(clip, sha256, key, frames, delivery, treatment, sound=sound)


def own_pictures(clip: Path, sha256: str, frames: int, delivery: Delivery, folder: Path, fit: Fitting) -> Pictures | None:
    """The clip's own pictures if they can be copied, because they fit and nothing is burnt in. MediaError if it can't be read."""
    return None if fit.burns or fit.first else passthrough.pictures(clip_facts.probed(clip, sha256, folder), clip, frames, delivery)


def _refuse_changed(clip: Path, sha256: str) -> None:
    if atomic_files.digest(clip) != sha256:
        raise MediaError(
            f"{clip.name} has changed since it was fetched",
            help="delete it and run `callsheet recover`, which fetches it again without buying",
        )


def _copied(clip: Path, sha256: str, own: Pictures, delivery: Delivery, folder: Path, *, sound: ClipSound) -> Normalized:
    """The clip's own pictures, and its sound as it is kept of it; or silence, the author's sound, or that of two streams, made for this length."""
    plain, digests = driving_sound.keyed(sound)
    key = key_of("copy", LIBRARY, sha256, len(own), delivery.fps, str(plain), *digests)
    probed, samples = clip_facts.probed(clip, sha256, folder), normalized.samples_for(len(own), delivery.fps)
    if sound is True and clip_facts.single_sound(probed):
        heard = clip_facts.sound(clip, sha256, folder)
        return normalized.borrowed(key, own, heard.file, samples, heard.first(samples))

    def hear(to: Path) -> Measured:
        heard = sound_with(opened(clip, probed), probed, sound, Fraction(1))
        return normalized.run(filter_graph.command(normalized.sound(heard, samples, to)), f"copying {clip.name}")

    with normalized.making(key):
        return normalized.kept(folder, key, own) or normalized.lend(folder, key, own, hear, delivery.fps, f"copying {clip.name}")


def _key(sha256: str, frames: int, delivery: Delivery, treatment: Treatment, *, sound: ClipSound) -> str:
    """The key, known without opening the clip: the recipe and the clip's hash determine the result."""
    plain, digests = driving_sound.keyed(sound)
    font = [burnt_titles.digest(treatment.fit.font)] if treatment.fit.captions else []
    recipe = _recipe(delivery, treatment.fit, plain).words
    return key_of("clip", sha256, frames, treatment.fit.decides, recipe, *digests, *font)


@lru_cache(maxsize=64)
def _recipe(delivery: Delivery, fit: Fitting, sound: ClipSound) -> Command:
    treatment = Treatment(fit, Path("folder"), Path("font"))
    return _command(Path("clip"), _PLAIN, _PLAIN.frames, delivery, treatment, Path("picture"), Path("sound"), sound=sound)


def _make(clip: Path, sha256: str, key: str, frames: int, delivery: Delivery, treatment: Treatment, *, sound: ClipSound) -> Normalized:
    _refuse_changed(clip, sha256)
    probed, fit = probe(clip), treatment.fit
    treatment = replace(treatment, even=clip_facts.even_sound(clip, sha256, treatment.folder))
    colour.refuse_unable(probed)
    burn_in.written(fit, delivery, treatment.folder)
    lacking, _ = frames_short(fitting.frames_at(probed, delivery.fps, fit), frames)
    learnt = Learnt(padded_frames=lacking, remarks=fitting.remarks(probed, delivery.fps, fit))
    return normalized.make(
        treatment.folder,
        key,
        lambda picture_to, sound_to: _command(clip, probed, frames, delivery, treatment, picture_to, sound_to, sound=sound),
        frames=frames,
        delivery=delivery,
        learnt=learnt,
        what=f"normalizing {clip.name}",
    )


def opened(clip: Path, probed: Probe, *, again: bool = False) -> filter_graph.Source:
    """A clip that came from outside, as ffmpeg may open it: its demuxer is forced and nothing but the file is read. `again` as `filter_graph.source` has it.

    No picture is decoded to learn what the header and the probe tell already; only where a file starts is found in its first packets, if not at zero.
    """
    told = {"nofind_stream_info": None} if probed.container in ("mov", "matroska") and not probed.start else {}
    guard = film_guard(probed.container, probed.decoders, changes=probed.changes)
    return filter_graph.source(clip, {"f": probed.container, **guard, **told, "threads": 1}, again=again)


def _command(
    clip: Path, probed: Probe, frames: int, delivery: Delivery, treatment: Treatment, picture_to: Path, sound_to: Path, *, sound: ClipSound
) -> Command:
    source = opened(clip, probed)
    fitted = fitting.pictures(fitting.shown(source, probed), probed, delivery.size, delivery.fps, treatment.fit)
    pictures = burn_in.laid(fitted, treatment.fit, delivery, treatment.folder, treatment.font)
    whole = sound_with(source, probed, sound, fitting.pace(probed, delivery.fps, treatment.fit), treatment.even)
    heard = fitting.sound_from(whole, sample_at(treatment.fit.first, delivery.fps))
    return filter_graph.command(
        normalized.picture(pictures, frames, delivery, picture_to),
        normalized.sound(heard, normalized.samples_for(frames, delivery.fps), sound_to),
    )


def sound_with(
    source: filter_graph.Source, probed: Probe, sound: ClipSound, faster: Fraction, even: Path | None = None
) -> filter_graph.Pad:
    """The sound used with a clip, in sync with its pictures: its own, or what is kept `even` of it because its form changes."""
    if isinstance(sound, Voice):
        return driving_sound.pad(sound, faster)
    if not sound or probed.sound is None:
        return normalized.silence()
    if even:
        return clip_facts.even_pad(even, faster)
    return fitting.sound_in_time(fitting.sound_pad(source, probed.sound), probed.offset, faster)
