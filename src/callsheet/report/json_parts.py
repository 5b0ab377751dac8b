"""Parts of JSON documents, as models: money, caps, takes, sequences, problems. They are typed dictionaries: the type checker checks the
code that builds a document against its model at no cost at run time, and pydantic makes the JSON Schema that `callsheet schema output`
prints. A field that a command doesn't always have is `NotRequired`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from callsheet.budget.rules.caps import Source
from callsheet.status.project_view import TakeState

Money = Annotated[str, Field(pattern=r"^-?\d+\.\d{2,6}$", description="USD, as decimal text")]
FpsText = Annotated[str, Field(pattern=r"^\d+(/\d+)?$", description="frames per second: 24, 24000/1001")]
Number = int | float
AttemptState = Literal["held", "submitting", "in_doubt", "submitted", "ready", "received", "closed"]
Action = Literal["buy", "keep", "wait", "blocked"]


class ProblemPart(TypedDict):
    """What is wrong, where, and what to do. Places that don't apply are left out."""

    code: str
    message: str
    help: str
    file: NotRequired[str]
    row: NotRequired[int]
    line: NotRequired[int]
    column: NotRequired[str]
    header: NotRequired[str]
    cell: NotRequired[str]
    mended: NotRequired[str]
    shot: NotRequired[str]
    take: NotRequired[str]


class MoneyPart(TypedDict):
    """A project's money; cap and headroom are null if no cap is in force."""

    currency: Literal["USD"]
    cap: Money | None
    settled: Money
    held: Money
    in_doubt: Money
    headroom: Money | None


class CapPart(TypedDict):
    """A cap in force, and how much of it is used."""

    scope: str
    name: str
    usd: Money
    used: Money
    headroom: Money
    source: Source
    percent: int
    warned: list[int]


class FindingPart(TypedDict):
    """A finding about a clip or a film."""

    code: str
    severity: Literal["note", "warn", "fail"]
    message: str
    frame: int | None
    clip_frame: int | None
    shot: str | None
    take: str | None
    again_usd: Money | None


class PlacedPart(TypedDict):
    """A shot in a film."""

    shot: str
    take: str | None
    record_in: int
    frames: int
    padded_frames: int
    stale: bool
    #: only of one that shows a draft
    draft: NotRequired[bool]
    failing: list[str]
    loudness_lufs: Number | None
    gain_db: Number | None
    voice: str | None
    service_sound: str | None


class ProgrammePart(TypedDict):
    """The position of the shots in a film's file, in frames."""

    record_in: int
    frames: int


class SequencePart(TypedDict):
    """A finished film."""

    sequence: str
    delivery: str
    version: int
    file: str
    sha256: str
    frames: int
    programme: ProgrammePart
    fps: FpsText
    width: int
    height: int
    duration_s: Number
    crf: int | None
    loudness_lufs: Number | None
    true_peak_dbtp: Number | None
    complete: bool
    missing: list[str]
    removed: list[str]
    kept: bool
    beside: list[str]
    current: str | None
    failing: list[str]
    findings: list[FindingPart]
    shots: list[PlacedPart]


class AttemptPart(TypedDict):
    """An attempt at a take."""

    n: int
    state: AttemptState
    #: only of one that was bought as a draft
    draft: NotRequired[bool]
    reason: str | None
    billed: bool | None
    key: str | None
    job: str | None
    price: Money
    held: Money
    settled: Money
    in_doubt: Money
    message: str | None
    seed: Any
    asset: Any
    nsfw: bool | None
    model_reported: Any
    made_at: str | None
    ended_at: str | None


class TakePart(TypedDict):
    """A take as in `status` and `costs`."""

    take: str
    list: str
    shot: str
    sequence: str | None
    service: str | None
    model: str | None
    state: TakeState
    picked: bool
    stale: bool
    rejected: bool
    clip: str | None
    file: str | None
    sha256: str | None
    held: Money
    settled: Money
    findings: list[dict[str, Any]]
    attempts: list[AttemptPart]


class CutPart(TypedDict):
    """The length of a cut."""

    sequence: str
    frames: int
    fps: FpsText
    duration_s: Number
    wanted: int | None


class HousePart(TypedDict):
    """The origin of the flows, cards and configs in use."""

    origin: str
    folder: str


class PricedTakesPart(TypedDict):
    """Takes and their list price; null if a price is unknown."""

    takes: int
    price: Money | None


class FullQualityPart(TypedDict):
    """What full quality costs where the project buys drafts first; `bought`: this plan buys what was picked so."""

    bought: bool
    picked: PricedTakesPart
    one_each: PricedTakesPart
    all: PricedTakesPart
