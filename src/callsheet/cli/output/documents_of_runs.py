"""The JSON documents of lists, plans, runs and money, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from callsheet.cli.output.document_parts import (
    Action,
    CapPart,
    CutPart,
    FpsText,
    HousePart,
    Money,
    MoneyPart,
    Number,
    Part,
    ProblemPart,
    SequencePart,
    TakePart,
)


class Document(Part):
    """Every document: its name and version, and what is wrong where a command failed."""

    schema_name: str = Field(alias="schema", pattern=r"^callsheet\.[a-z-]+/1$")
    errors: list[ProblemPart] = Field(default_factory=list[ProblemPart])


class Failed(Document):
    """What a command prints that could not do its work."""

    errors: list[ProblemPart] = Field(default_factory=list[ProblemPart], min_length=1)


class Check(Document):
    """`check`: it has errors even where the list is empty."""

    shots: int
    cuts: list[CutPart]
    notes: list[str]
    annotated: str | None = None
    fixed: str | None = None
    mended: int | None = None


class Totals(Part):
    """The sums of a plan."""

    buy: int
    keep: int
    price: Money
    expected: Money
    paid_s: Number
    used_s: Number


class Fits(Part):
    """What fits under the caps."""

    takes: int
    usd: Money


class Verdict(Part):
    """How a model handles a column of a row."""

    field: str
    kind: Literal["exact", "snapped", "dropped", "unsupported"]
    wanted: str
    granted: str
    why: str


class Fallback(Part):
    """A model that may be used instead."""

    model: str
    price: Money


class PlannedTake(Part):
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
    quoted: Any
    extrapolated: bool
    expected: Money
    picked: bool
    waits_for: list[str]
    stale: bool
    again: Money
    source: str | None
    fallbacks: list[Fallback]
    receipts: int
    frames: int | None
    paid_s: Number
    used_s: Number
    verdicts: list[Verdict]


class Freeze(Part):
    """A clip that ends before its place in a film does."""

    sequence: str
    delivery: str
    shot: str
    take: str | None
    padded_frames: int
    padded_under: int


class Chain(Part):
    """The longest chain of shots that begin with a frame of another."""

    shots: list[str]
    seconds: Number


class DryRun(Part):
    """A purchase that a service checked without selling."""

    model: str
    what: str
    takes: list[str]
    price: Money | None
    held: Money
    message: str


class Plan(Document):
    """`plan`: every take with what would be done and why."""

    list: str | None
    file: str | None
    takes: list[PlannedTake]
    totals: Totals
    money: MoneyPart
    caps: list[CapPart]
    cuts: list[CutPart]
    freezes: list[Freeze]
    chain: Chain | None
    fits: Fits
    notes: list[str]
    doubts: list[ProblemPart]
    house: HousePart
    dry_runs: list[DryRun] | None = None


class Counts(Part):
    """How many takes ended how."""

    bought: int
    kept: int
    failed: int
    in_doubt: int
    not_bought: int


class Ended(Part):
    """How a take ended in a run."""

    take: str
    list: str
    shot: str
    end: Literal["received", "kept", "failed", "refused", "in_doubt", "waiting", "not_bought"]
    cost: Money
    message: str | None


class Run(Document):
    """`render`, `recover` and `demo`; the last also says where its report is."""

    state: Literal["completed", "partial", "cap_reached", "needs_decision", "interrupted"]
    counts: Counts
    money: MoneyPart
    caps: list[CapPart]
    sequences: list[SequencePart]
    takes: list[Ended]
    folder: str | None = None
    report: str | None = None
    table: str | None = None


class Finish(Document):
    """`finish`."""

    sequences: list[SequencePart]


class AnimaticSequence(SequencePart):
    """An animatic: further the shots that have no still, and their frames."""

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


class Kept(Part):
    """A job that waits to be fetched at a service that forgets."""

    take: str
    list: str
    service: str
    job: str
    until: str


class Status(View):
    """`status`."""

    kept_until: list[Kept]


class Group(Part):
    """Attempts that share a list, a model, a day …: their sums."""

    name: str
    attempts: int
    received: int
    price: Money
    settled: Money
    held: Money
    in_doubt: Money


class Left(Part):
    """What is still to be bought."""

    takes: int
    price: Money
    expected: Money
    from_receipts: int


class Receipts(Part):
    """What was charged of the quote for purchases of a kind: the median."""

    account: str
    model: str
    resolution: str
    fps: FpsText
    duration_s: Number
    share: Number
    receipts: int


class Figures(Part):
    """What the money came to."""

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
