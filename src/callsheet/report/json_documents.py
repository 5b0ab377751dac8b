"""The JSON documents of lists, plans, runs and money, as models."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from callsheet.report.json_parts import (
    Action,
    CapPart,
    CutPart,
    FpsText,
    FullQualityPart,
    HousePart,
    Money,
    MoneyPart,
    Number,
    ProblemPart,
    SequencePart,
    TakePart,
)
from callsheet.runs.outcome import RunState


class Document(TypedDict):
    """Every document: its name and version, and the errors if a command failed."""

    schema: Annotated[str, Field(pattern=r"^callsheet\.[a-z-]+/1$")]
    errors: NotRequired[list[ProblemPart]]


class Failed(TypedDict):
    """The output of a command that failed."""

    schema: Annotated[str, Field(pattern=r"^callsheet\.[a-z-]+/1$")]
    errors: Annotated[list[ProblemPart], Field(min_length=1)]


class Check(Document):
    """`check`: it has `errors` even if the list is empty."""

    shots: int
    cuts: list[CutPart]
    notes: list[str]
    annotated: NotRequired[str]
    fixed: NotRequired[str | None]
    mended: NotRequired[int]


class Totals(TypedDict):
    """The totals of a plan."""

    buy: int
    keep: int
    price: Money
    expected: Money
    paid_s: Number
    used_s: Number


class Fits(TypedDict):
    """What fits under the caps."""

    takes: int
    usd: Money


class Verdict(TypedDict):
    """How a model handles a column of a row."""

    field: str
    kind: Literal["exact", "snapped", "dropped", "unsupported"]
    wanted: str
    granted: str
    why: str


class Fallback(TypedDict):
    """A model that may be used instead."""

    model: str
    price: Money


class PlannedTake(TypedDict):
    """A take in a plan."""

    take: str
    list: str
    shot: str
    sequence: str | None
    model: str | None
    action: Action
    reason: str
    price: Money
    price_from: str | None
    price_basis: str | None
    quoted: str | None
    extrapolated: bool
    expected: Money
    picked: bool
    waits_for: list[str]
    stale: bool
    #: only of a draft, and its price in full quality
    draft: NotRequired[bool]
    full_price: NotRequired[Money | None]
    again: Money
    source: str | None
    fallbacks: list[Fallback]
    receipts: int
    frames: int | None
    paid_s: Number
    used_s: Number
    verdicts: list[Verdict]


class Freeze(TypedDict):
    """A clip that ends before its place in a film does."""

    sequence: str
    delivery: str
    shot: str
    take: str | None
    padded_frames: int
    padded_under: int


class Chain(TypedDict):
    """The longest chain of shots that begin with a frame of another; seconds is null until the first clips are received."""

    shots: list[str]
    seconds: Number | None


class DryRun(TypedDict):
    """A purchase that a service checked without selling."""

    model: str
    what: str
    takes: list[str]
    price: Money | None
    held: Money
    message: str


class LaneSeconds(TypedDict):
    """The time of a lane; seconds is null if no job of the kind was ever received."""

    account: str
    model: str
    takes: int
    slots: int
    seconds: Number | None


class PlanTime(TypedDict):
    """The time that buying takes; seconds is null if a lane's is."""

    seconds: Number | None
    lanes: list[LaneSeconds]


class Cheaper(TypedDict):
    """A cheaper option: `column` set to `value` in these takes."""

    takes: list[str]
    column: str
    value: str
    price: Money
    instead: Money
    changes: list[str]


class Side(TypedDict):
    """A plan's decision on a take."""

    action: Action
    model: str
    price: Money
    reason: str


class Change(TypedDict):
    """A take that changed since a saved plan; null if a plan doesn't have it."""

    take: str
    was: Side | None
    now: Side | None


class Against(TypedDict):
    """What changed since a saved plan."""

    price_was: Money
    price: Money
    buys_was: int
    buys: int
    changes: list[Change]


class PlannedTakes(Document):
    """What `plan` and a saved plan share: every take with what would be done and why."""

    list: str | None
    file: str | None
    takes: list[PlannedTake]
    totals: Totals
    full_quality: NotRequired[FullQualityPart]
    money: MoneyPart
    caps: list[CapPart]
    cuts: list[CutPart]
    freezes: list[Freeze]
    chain: Chain | None
    fits: Fits
    notes: list[str]
    doubts: list[ProblemPart]
    house: HousePart


class PlanFurther(TypedDict):
    """What else `plan` shows: how long buying takes, cheaper options, changes since a saved plan."""

    time: PlanTime
    cheaper: list[Cheaper]
    against: NotRequired[Against]


class Plan(PlannedTakes, PlanFurther):
    """`plan`."""

    dry_runs: NotRequired[list[DryRun]]


class Counts(TypedDict):
    """How many takes ended how."""

    bought: int
    kept: int
    failed: int
    in_doubt: int
    not_bought: int


class Ended(TypedDict):
    """How a take ended in a run."""

    take: str
    list: str
    shot: str
    end: Literal["received", "kept", "failed", "refused", "in_doubt", "waiting", "not_bought"]
    cost: Money
    message: str | None


class Run(Document):
    """`render`, `recover` and `demo`; the last also has the path of its report."""

    state: RunState
    counts: Counts
    money: MoneyPart
    caps: list[CapPart]
    sequences: list[SequencePart]
    takes: list[Ended]
    folder: NotRequired[str]
    report: NotRequired[str]
    table: NotRequired[str]


class Finish(Document):
    """`finish`."""

    sequences: list[SequencePart]


class AnimaticSequence(SequencePart):
    """An animatic, plus the shots without a still, and their frames."""

    slates: list[str]
    slate_frames: int


class Animatic(Document):
    """`animatic`."""

    sequences: list[AnimaticSequence]


class View(Document):
    """What `status` and `costs` share."""

    state_folder: str
    ledger_folder: str
    doubts: list[ProblemPart]
    money: MoneyPart
    caps: list[CapPart]
    takes: list[TakePart]
    notes: list[str]


class Kept(TypedDict):
    """A job that has to be fetched from a service that forgets."""

    take: str
    list: str
    service: str
    job: str
    until: str


class Status(View):
    """`status`; `held_back` are takes that nothing is bought for until somebody lets them go."""

    paused: bool
    held_back: list[str]
    kept_until: list[Kept]


class ReportPage(View):
    """`report.json`, beside the page of `report`: what the page shows."""

    sequences: list[SequencePart]


class Group(TypedDict):
    """The sums of attempts that share a list, a model, a day …"""

    name: str
    attempts: int
    received: int
    price: Money
    settled: Money
    held: Money
    in_doubt: Money


class Left(TypedDict):
    """What is still to be bought."""

    takes: int
    price: Money
    expected: Money
    from_receipts: int


class Receipts(TypedDict):
    """The median share of the quote that was charged for purchases of a kind."""

    account: str
    model: str
    resolution: str
    fps: FpsText
    duration_s: Number
    share: Number
    receipts: int


class Figures(TypedDict):
    """Derived figures on spending."""

    lists: list[str]
    settled: Money
    retakes: Money
    retake_share: Number | None
    billed_without_clip: Money
    paid_s: Number
    used_s: Number
    unused_s: Number
    per_finished_s: Money | None
    left: Left
    receipts: list[Receipts]


class Costs(View):
    """`costs`."""

    by: str
    groups: list[Group]
    figures: Figures
    pdf: NotRequired[str]


class RetakePrice(TypedDict):
    """What a retake would cost, or why it can't be bought."""

    usd: Money
    takes: int
    blocked: str | None
