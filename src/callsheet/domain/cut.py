"""A cut: which take is used where, to the frame; and the film it was finished into."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.domain.delivery.bed import Bed
from callsheet.domain.delivery.caption import Cue
from callsheet.domain.delivery.file_format import Codec, Container, Sidecar
from callsheet.domain.delivery.fitting import MATCHED, PLAIN, Fitting, Level, Transition
from callsheet.domain.delivery.leader import NO_LEADER, Leader
from callsheet.domain.delivery.watermark import Stamp
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Size
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps
from callsheet.domain.timecode import Timecode

#: the default file name
DEFAULT_FILE = "{sequence}_{delivery}_v{version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The author's own sound that drove a clip: it replaces the clip's sound in the cut. `name` as in the list."""

    name: str
    file: Path
    sha256: str
    mime: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A picture of the author's for a shot without a clip. `name` as in the list, `size` as displayed."""

    name: str
    file: Path
    sha256: str
    mime: str
    size: Size


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipOrigin:
    """A clip's origin. `request` is the fingerprint of what was sent, `attempt` its name including its list's."""

    attempt: str
    service: str
    model: str
    seed: int | None
    request: str
    job: str | None
    received_at: str | None
    #: a test picture from a service on this machine
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """One shot in a cut. Without a clip, it is its still or a slate of the same length."""

    shot: str
    #: frames in the cut, in the delivery's frame rate
    frames: int
    take: TakeId | None = None
    #: the bought clip, and its content's hash
    clip: Path | None = None
    sha256: str | None = None
    #: made for an older version of the row
    stale: bool = False
    #: bought to choose from, not as its row says
    draft: bool = False
    #: the cost of another attempt at it
    again: Micros | None = None
    #: the failing findings of the clip, by code: it is used because there is nothing better
    failing: tuple[str, ...] = ()
    #: the author's sound that drove the clip
    voice: Voice | None = None
    #: False: the shot is silent
    sound: bool = True
    #: how the picture is fitted to the delivery
    fitting: Fitting = PLAIN
    #: its level relative to the others
    level: Level = MATCHED
    #: its transition; None is a hard cut
    transition: Transition | None = None
    #: what is shown if there is no clip
    still: Still | None = None
    #: the colour (six hex digits) of the title card that it is
    ground: str | None = None
    #: why there is no clip, and its prompt, for the slate and the report
    missing: str | None = None
    prompt: str = ""
    #: the clip's origin
    origin: ClipOrigin | None = None
    #: dialogue by language; the list's own has no language
    said: tuple[tuple[str, tuple[Cue, ...]], ...] = ()

    @property
    def content(self) -> str:
        """The content hash of its clip. ValueError if it has none."""
        if self.sha256 is None:
            raise ValueError(f"{self.shot} has a clip without its hash")
        return self.sha256

    @property
    def sound_source(self) -> bool | Voice:
        """The sound with the picture: none, the author's, or the clip's own."""
        return self.voice or True if self.sound else False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A sequence's shots in order."""

    sequence: str
    shots: tuple[CutShot, ...]
    #: shots that are missing from the list although a clip of theirs was paid
    removed: tuple[str, ...] = ()
    #: its beds
    beds: tuple[Bed, ...] = ()

    def dialogue(self, front: int) -> list[tuple[str, tuple[Cue, ...]]]:
        """Its dialogue by language, the list's own (without a name) first; frames count in a film with `front` frames before the programme."""
        found: dict[str, list[Cue]] = {language: [] for language in sorted({language for shot in self.shots for language, _ in shot.said})}
        for shot in self.shots:
            for language, cues in shot.said:
                found[language] += (Cue(front + cue.first, front + cue.end, cue.text) for cue in cues)
            front += shot.frames
        return [(language, tuple(cues)) for language, cues in found.items()]

    @property
    def missing(self) -> tuple[str, ...]:
        """Shots that are slates."""
        return tuple(shot.shot for shot in self.shots if shot.clip is None and shot.ground is None)

    @property
    def complete(self) -> bool:
        """Whether every shot has its clip and none is missing from the list."""
        return not self.missing and not self.removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A format that sequences are finished in. Loudness in LUFS, peak in dBTP, bit rate in bit/s."""

    name: str
    size: Size
    fps: Fps
    loudness_lufs: float = -14.0
    true_peak_dbtp: float = -1.0
    crf: int = 18
    preset: str = "veryfast"
    #: seconds between key frames
    gop_s: int = 2
    audio_bitrate: int = 256_000
    #: for shots that don't set them
    fitting: Fitting = PLAIN
    #: whether the film has a chapter for each shot
    chapters: bool = True
    #: the timecode of the programme's first frame; `01:00:00;00` counts drop-frame
    timecode: str | None = None
    #: what comes before and after the programme
    around: Leader = NO_LEADER
    codec: Codec = Codec.H264
    container: Container = Container.MP4
    #: the profile of a codec that has profiles
    profile: str | None = None
    #: limits of the whole file: size in bytes, and average bit rate in bit/s
    max_bytes: int | None = None
    max_bitrate: int | None = None
    #: its file names, without ending
    file: str = DEFAULT_FILE
    #: its sidecar files
    beside: tuple[Sidecar, ...] = ()
    #: its subtitle files, by their endings
    subtitles: tuple[str, ...] = ()
    #: whether the film has a subtitle track for each language, and the language of the dialogue (BCP 47)
    subtitle_tracks: bool = False
    language: str = ""
    #: burnt-in text: the dialogue (`dialogue`) or a language's (`de`); each shot's and take's name; a text in the corner
    burn_subtitles: str | None = None
    burn_names: bool = False
    watermark: str | None = None
    #: the font file for burnt-in text, as in its table; after it was read, it is in `fitting`
    font: str | None = None
    #: the watermark picture, as in its table; after it was read, it is in `fitting`
    stamp: Stamp | None = None

    @property
    def front(self) -> int:
        """Frames before the programme."""
        return self.around.front(self.fps)

    @property
    def back(self) -> int:
        """Frames after the programme."""
        return self.around.back(self.fps)

    def frames_of(self, cut: Cut) -> int:
        """All frames of a cut's film."""
        return self.front + sum(shot.frames for shot in cut.shots) + self.back

    def chapters_of(self, cut: Cut) -> list[str]:
        """The chapters of a cut's film, in order."""
        return [*self.around.names(self.fps), *(shot.shot for shot in cut.shots)] if self.chapters else []

    def tracks_of(self, cut: Cut) -> list[tuple[str, tuple[Cue, ...]]]:
        """The languages that have a track in a cut's film."""
        said = cut.dialogue(self.front) if self.subtitle_tracks else []
        return [(language or self.language, cues) for language, cues in said if cues]

    @property
    def dropped(self) -> bool:
        """Whether its timecode is drop-frame."""
        return ";" in (self.timecode or "")

    def burnt_in(self, languages: Collection[str]) -> str | None:
        """Which of a shot's texts is burnt into its picture, by language ("" is the dialogue); None if none is."""
        wanted = self.burn_subtitles
        if wanted in languages:
            return wanted
        spoken = wanted is not None and wanted in ("dialogue", self.language.casefold())
        return "" if spoken and "" in languages else None

    @property
    def starts(self) -> str | None:
        """The timecode of the file's first frame, which gives the programme its own."""
        return str(Timecode.parse(self.timecode, self.fps).plus(-self.front)) if self.timecode else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedShot:
    """A shot's place in a finished file: first frame (0-based, counted from the file's first) and length, end exclusive."""

    shot: str
    take: TakeId | None
    record_in: int
    frames: int
    padded_frames: int
    stale: bool
    #: its clip is a rehearsal's
    rehearsed: bool = False
    #: its clip was bought to choose from, not as its row says
    draft: bool = False
    #: the failing findings of its clip, by code
    failing: tuple[str, ...] = ()
    #: the author's sound, as in the list; None if it is the clip's own
    voice: str | None = None
    #: the bought clip, with the service's sound
    clip: Path | None = None
    #: its clip's measured loudness, and by how much it was changed to match the others (dB)
    loudness_lufs: float | None = None
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished sequence, measured on the encoded file. `frames` are all of the file's. Loudness is None if all is silent."""

    sequence: str
    delivery: Delivery
    version: int
    file: Path
    sha256: str
    frames: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    complete: bool
    missing: tuple[str, ...]
    removed: tuple[str, ...]
    shots: tuple[PlacedShot, ...]
    findings: tuple[Finding, ...] = field(default=())
    #: True if the file already existed and nothing had to be done
    kept: bool = False
    #: the quality that it was encoded with: the delivery's, or lower because of a size limit; None if its codec has none
    crf: int | None = None
    #: its sidecar files
    beside: tuple[Path, ...] = ()
    #: its path under a name without a version
    current: Path | None = None

    @property
    def failing(self) -> tuple[str, ...]:
        """The codes of findings that make it count as failed."""
        return tuple(dict.fromkeys(one.code for one in self.findings if one.severity is Severity.FAIL))

    @property
    def drafts(self) -> tuple[str, ...]:
        """The shots that show a draft."""
        return tuple(dict.fromkeys(one.shot for one in self.shots if one.draft))

    def summary(self, name: str) -> str:
        """Its result in one line; `name` is its file's for people."""
        left = [
            *(() if self.complete else ("incomplete",)),
            *(("with drafts",) if self.drafts else ()),
            *(("failed its check",) if self.failing else ()),
        ]
        return ", ".join([f"{'unchanged' if self.kept else 'finished'} {name}", *left])

    @property
    def lowered(self) -> bool:
        """Whether a size limit reduced the quality."""
        return self.crf is not None and self.crf != self.delivery.crf
