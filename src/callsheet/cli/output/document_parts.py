"""What JSON documents are made of, as models: money, caps, takes, sequences, problems. Their schema is the contract's, printed by `callsheet schema output`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A JSON object. Its fields are always there and of their types; a command may print more, as the contract says."""

    model_config = ConfigDict(extra="ignore", strict=True, defer_build=True)


Money = Annotated[str, Field(pattern=r"^-?\d+\.\d{2,6}$", description="USD, as decimal text")]
FpsText = Annotated[str, Field(pattern=r"^\d+(/\d+)?$", description="frames per second: 24, 24000/1001")]
Number = int | float
TakeState = Literal["held", "submitting", "in_doubt", "submitted", "ready", "received", "closed", "not_bought"]
AttemptState = Literal["held", "submitting", "in_doubt", "submitted", "ready", "received", "closed"]
Action = Literal["buy", "keep", "wait", "blocked"]


class ProblemPart(Part):
    """What is wrong, where, and what to do. Places that don't apply are left out."""

    code: str
    message: str
    help: str
    file: str | None = None
    row: int | None = None
    line: int | None = None
    column: str | None = None
    header: str | None = None
    cell: str | None = None
    mended: str | None = None
    shot: str | None = None
    take: str | None = None


class MoneyPart(Part):
    """A project's money; cap and headroom are null where no cap is in force."""

    currency: Literal["USD"]
    cap: Money | None
    settled: Money
    held: Money
    in_doubt: Money
    headroom: Money | None


class CapPart(Part):
    """A cap in force, and how much of it is used."""

    scope: str
    name: str
    usd: Money
    used: Money
    headroom: Money
    source: Literal["command", "file", "row"]
    percent: int
    warned: list[int]


class FindingPart(Part):
    """A finding about a clip or a film."""

    code: str
    severity: Literal["note", "warn", "fail"]
    message: str
    frame: int | None
    clip_frame: int | None
    shot: str | None
    take: str | None
    again_usd: Money | None


class PlacedPart(Part):
    """A shot in a film."""

    shot: str
    take: str | None
    record_in: int
    frames: int
    padded_frames: int
    stale: bool
    failing: list[str]
    loudness_lufs: Number | None
    gain_db: Number | None
    voice: str | None
    service_sound: str | None


class ProgrammePart(Part):
    """Where the shots stand in a film's file, in frames."""

    record_in: int
    frames: int


class SequencePart(Part):
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


class AttemptPart(Part):
    """An attempt at a take."""

    n: int
    state: AttemptState
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


class TakePart(Part):
    """A take as `status` and `costs` give it."""

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


class CutPart(Part):
    """How long a cut will be."""

    sequence: str
    frames: int
    fps: FpsText
    duration_s: Number
    wanted: int | None


class HousePart(Part):
    """Whose flows, cards and configs were used."""

    origin: str
    folder: str
