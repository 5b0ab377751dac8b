"""Whether a finished file matches its delivery. Pure: what was read from the encoded file goes in, findings come out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Container
from callsheet.domain.delivery.language import UNDETERMINED
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.timebase import SAMPLE_RATE, fps_text, sample_at, seconds
from callsheet.media.ffmpeg import codec
from callsheet.media.inspect.film_facts import FileForm, Probe
from callsheet.media.sound.reading import AT_CEILING_DB, TOLERATED_LU, Bound, Reading

#: decoders whose name differs from that of their codec
_DECODERS = {"libdav1d": "av1", "libaom-av1": "av1"}
#: WebM counts in milliseconds: ends are rounded to one, and over a few frames their mean step reads as another rate; seconds
_MILLISECOND = Fraction(1, 1000)
_ROUNDED_TWICE = 2 * _MILLISECOND
#: reasons why a film can't reach its loudness, in words
_CAUSES = {
    Bound.PEAKS: "its peaks reach the ceiling of {ceiling:.1f} dBTP; clicks or single loud sounds keep the rest quiet",
    Bound.GAIN: "it would have to be raised by more than 24 dB, which would raise only noise",
    Bound.LENGTH: "it is shorter than the 400 ms that a meter needs",
}
#: a meter's own rounding, dB
_PEAK_DB = 0.1


@dataclass(frozen=True, slots=True)
class Compared:
    """A property of a file, and what it has to be, as people read it."""

    code: str
    what: str
    found: object
    due: object


def check_delivery(probe: Probe, reading: Reading, delivery: Delivery, frames: int) -> list[Finding]:
    """Everything that is wrong with a finished file of `frames`: format first, then levels."""
    return check_form(probe, delivery, frames) + check_levels(reading, delivery)


def check_form(probe: Probe, delivery: Delivery, frames: int) -> list[Finding]:
    """Frames, size, rate, codec, colour, and length and position of the sound."""
    sound, due = probe.sound.samples if probe.sound else None, sample_at(frames, delivery.fps)
    fps = probe.fps
    if delivery.container is Container.WEBM:
        sound = due if sound is not None and abs(sound - due) <= _MILLISECOND * SAMPLE_RATE else sound
        fps = delivery.fps if abs(probe.duration - seconds(frames, delivery.fps)) <= _ROUNDED_TWICE else fps
    pairs = (
        Compared("delivery-frames", "frames", probe.frames, frames),
        Compared("delivery-size", "picture", str(probe.size), str(delivery.size)),
        Compared("delivery-fps", "frames per second", fps_text(fps), fps_text(delivery.fps)),
        Compared("delivery-vfr", "frame rate", "uneven" if probe.vfr else "constant", "constant"),
        Compared("delivery-sound", "sound samples", sound, due),
        Compared("delivery-sync", "seconds between the file's start and its first picture", float(probe.offset), 0.0),
        Compared("delivery-codec", "codec", _codec(probe), codec.DECODED[delivery.codec]),
        Compared("delivery-tags", "colour", _colour(probe), "bt709 in video range"),
    )
    return _compared(pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracksDue:
    """What a film has to hold beside its pictures and its sound: chapters by name, languages as its container calls them.

    Pictures that are a clip's `own` have its profile and its key frames.
    """

    chapters: tuple[str, ...] = ()
    sound_language: str = UNDETERMINED
    text_languages: tuple[str, ...] = ()
    own: bool = False


def check_file(probe: Probe, form: FileForm, delivery: Delivery, due: TracksDue) -> list[Finding]:
    """How the file is built: closed groups of pictures no longer than set, index in front, and correct tags and tracks."""
    found: list[Finding] = []
    boxes = delivery.container is not Container.WEBM
    if boxes and not probe.exact:
        found.append(_fail("delivery-gop", "groups of pictures are open, or pictures aren't exactly on their frames"))
    longest = codec.group(delivery)
    if probe.group > longest and not due.own:
        found.append(_fail("delivery-gop", f"up to {probe.group} frames between key frames instead of {longest}"))
    if boxes and not form.index_first:
        found.append(_fail("delivery-index", "the index comes after the pictures, so a player has to load the whole file first"))
    pairs: list[Compared] = []
    if _codec(probe) == codec.DECODED[delivery.codec]:  # another container has none of this
        tag, profile = codec.tag(delivery), None if due.own else codec.profile_name(delivery)
        pairs = [
            Compared("delivery-codec-tag", "codec tag", form.tag, tag or form.tag),
            Compared("delivery-profile", "profile", form.profile, profile or form.profile),
            Compared("delivery-pixels", "pixels", form.pixels, codec.decoded_pixels(delivery)),
        ]
    pairs += [
        Compared("delivery-timecode", "timecode", form.timecode, delivery.starts),
        Compared("delivery-chapters", "chapters", form.chapters, due.chapters),
        Compared("delivery-language", "language of the sound", form.sound_language, due.sound_language),
        Compared("delivery-language", "languages of the subtitles", form.text_languages, due.text_languages),
    ]
    if probe.sound:
        heard = f"{form.layout} at {form.sample_rate} Hz"
        pairs.append(Compared("delivery-channels", "channels", heard, f"stereo at {SAMPLE_RATE} Hz"))
    return found + _compared(pairs)


def _codec(probe: Probe) -> str:
    return _DECODERS.get(probe.codec, probe.codec)


def _colour(probe: Probe) -> str:
    tags = dict.fromkeys(tag or "untagged" for tag in (probe.matrix, probe.primaries, probe.transfer))
    return f"{'/'.join(tags)} in {'full' if probe.full_range else 'video'} range"


def check_levels(reading: Reading, delivery: Delivery, bound: str | None = None) -> list[Finding]:
    """Loudness and peak of the encoded sound. Silence has neither. If something limits the loudness (`bound`), it is reported as the cause."""
    found: list[Finding] = []
    off = 0.0 if reading.lufs is None else round(reading.lufs - delivery.loudness_lufs, 1)
    if off < -TOLERATED_LU and reading.peak_db is not None and reading.peak_db > delivery.true_peak_dbtp - AT_CEILING_DB:
        bound = Bound.PEAKS
    if bound:
        read = "not measured" if reading.lufs is None else f"{reading.lufs:.1f} LUFS"
        cause = _CAUSES[Bound(bound)].format(ceiling=delivery.true_peak_dbtp)
        said = f"loudness is {read} instead of {delivery.loudness_lufs:.1f}: {cause}"
        if bound == Bound.PEAKS:
            found.append(Finding(code="delivery-ceiling", severity=Severity.NOTE, message=said))
        else:
            found.append(Finding(code="delivery-unmeasured", severity=Severity.NOTE, message=said))
    elif abs(off) > TOLERATED_LU:
        found.append(_fail("delivery-loudness", f"loudness is {reading.lufs:.1f} LUFS instead of {delivery.loudness_lufs:.1f}"))
    if reading.peak_db is not None and round(reading.peak_db - delivery.true_peak_dbtp, 1) > _PEAK_DB:
        found.append(_fail("delivery-peak", f"the true peak is {reading.peak_db:.1f} dBTP, above {delivery.true_peak_dbtp:.1f}"))
    return found


def _compared(pairs: Iterable[Compared]) -> list[Finding]:
    return [_fail(pair.code, f"{pair.what}: {pair.found} instead of {pair.due}") for pair in pairs if pair.found != pair.due]


def _fail(code: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.FAIL, message=message)
