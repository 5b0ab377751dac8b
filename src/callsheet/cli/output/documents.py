"""The JSON document of each command, as a model. What a command prints with --json is one of these; tests hold every output to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from callsheet.cli.output.document_parts import Action, FpsText, HousePart, Money, MoneyPart, Part, ProblemPart, SequencePart
from callsheet.cli.output.documents_of_runs import Animatic, Check, Costs, Document, Finish, Plan, Run, Status
from callsheet.toml_file.json_schema import DIALECT


class DoctorCheck(Part):
    """What `doctor` looked at."""

    name: str
    mark: Literal["fine", "note", "warn", "fail"]
    says: str
    help: str | None


class Doctor(Document):
    """`doctor`."""

    accepted: list[str]
    checks: list[DoctorCheck]


class Mark(Part):
    """A mark on a take, or on a shot where take is null."""

    mark: str
    list: str
    shot: str
    take: str | None
    new: bool


class Marked(Document):
    """`pick`, `reject`, `retake`: the marks, and what the next render does."""

    marks: list[Mark]
    takes: list[dict[str, Any]]
    left_out: list[ProblemPart]


class Settle(Document):
    """`settle`."""

    take: str
    list: str
    attempt: int
    before: Money
    settled: Money
    source: str
    reopened: bool


class CardPrice(Document):
    """`cards`."""

    model: str
    account: str
    usd_per_s: Annotated[str, Field(pattern=r"^\d+\.\d+$")] | None
    as_quoted: bool
    source: str


class Explained(Document):
    """`explain`: problems and words."""

    codes: list[dict[str, str]]
    words: list[dict[str, str]]


class Init(Document):
    """`init`."""

    folder: str
    files: list[str]
    list: str


class Import(Document):
    """`import`: how a list is read, or the draft that was made of a screenplay, a storyboard or a timeline."""

    file: str
    mapping: dict[str, Any] | None = None
    columns: list[dict[str, Any]] | None = None
    draft: str | None = None
    notes: list[str] | None = None
    saved: str | None = None
    shots: int | None = None


class Serving(Document):
    """`standin` and `hooks`: where it listens."""

    url: str
    callback_url: str | None = None


class Attach(Document):
    """`attach`: the run that held the project, if one did."""

    run: str | None
    ended: bool
    money: MoneyPart


class SentFile(Part):
    """A file that went along with a purchase."""

    file: str
    column: str
    sha256: str | None
    size: int | None
    service: str
    account: str
    at: str
    take: str
    attempt: int


class Report(Document):
    """`report`; with --sheet only sheet, shots and pictures."""

    money: MoneyPart
    report: str | None = None
    table: str | None = None
    takes: int | None = None
    files: list[SentFile] | None = None
    sequences: list[SequencePart] | None = None
    house: HousePart | None = None
    sheet: str | None = None
    shots: int | None = None
    pictures: int | None = None


class Bed(Part):
    """Music or a voice-over in an exported timeline, in frames."""

    bed: str
    file: str
    record_in: int
    frames: int


class ExportedClip(Part):
    """A clip of an exported timeline."""

    clip: str
    reel: str
    file: str
    frames: int
    credentials: str | None = None


class ExportedSequence(Part):
    """An exported timeline."""

    sequence: str
    file: str
    fps: FpsText
    start: str
    frames: int
    missing: list[str]
    clips: list[ExportedClip]
    beds: list[Bed]


class Export(Document):
    """`export`: bookkeeping, or timelines."""

    format: str
    file: str | None = None
    entries: int | None = None
    money: MoneyPart | None = None
    folder: str | None = None
    sequences: list[ExportedSequence] | None = None


class Approval(Part):
    """A version that somebody approved, or no longer does."""

    sequence: str
    delivery: str
    version: int
    sha256: str
    who: str
    at: str
    approved: bool
    new: bool


class Approve(Document):
    """`approve`."""

    approvals: list[Approval]


class Deliver(Document):
    """`deliver`: the films that were handed over, and those without an approved version."""

    folder: str
    new: bool
    films: list[dict[str, Any]]
    left_out: list[dict[str, Any]]


class ServicesCheck(Part):
    """One check of `services test`."""

    check: str
    subject: str
    result: Literal["pass", "fail", "missing"]
    said: list[str]


class ServicesTest(Document):
    """`services test`."""

    subject: str
    counts: dict[Literal["pass", "fail", "missing"], int]
    checks: list[ServicesCheck]


class Service(Part):
    """A service, and what its wire can do."""

    service: str
    key_env: str
    url_env: str
    base_url: str
    recovery: str
    hands_over: bool
    quotes: bool
    tells_account: bool


class Model(Part):
    """A model that a service sells."""

    model: str
    service: str
    vendor_name: str
    status: Literal["live", "deprecated", "retired"]
    replaced_by: str | None
    as_of: str
    source: str
    sold: dict[str, str]
    wishes: dict[str, str]
    params: dict[str, str]
    notes: list[str]
    adds: dict[str, str]
    advice: list[str]


class Services(Document):
    """`services`."""

    services: list[Service]
    models: list[Model]


class Origin(Part):
    """Where a value came from."""

    layer: Literal["cell", "sequence", "project", "environment", "file", "card", "default"]
    where: str
    written: str | None


class Value(Part):
    """A column's value for a shot."""

    column: str
    value: str | None
    origin: Origin = Field(alias="from")
    granted: str | None
    why: str | None


class ShownTake(Part):
    """A take of `show`, with the request that would leave."""

    take: str
    model: str | None
    action: Action
    reason: str
    price: Money
    price_anew: Money
    request: dict[str, Any] | None


class Show(Document):
    """`show`."""

    list: str
    file: str
    row: int
    line: int | None
    shot: str
    model: str | None
    values: list[Value]
    prompt: str | None
    takes: list[ShownTake]


class Schema(Document):
    """`schema`."""

    jsonschema: dict[str, Any] | None = None
    table_schema: dict[str, Any] | None = Field(default=None, alias="table-schema")
    sheet: str | None = None


#: the model of each document by its name in `schema`; `review` and `reconcile` have several forms, which docs/reference/json.md describes
DOCUMENTS: dict[str, type[Document]] = {
    "animatic": Animatic,
    "approve": Approve,
    "attach": Attach,
    "cards": CardPrice,
    "check": Check,
    "costs": Costs,
    "deliver": Deliver,
    "demo": Run,
    "doctor": Doctor,
    "explain": Explained,
    "export": Export,
    "finish": Finish,
    "hooks": Serving,
    "import": Import,
    "init": Init,
    "pick": Marked,
    "plan": Plan,
    "recover": Run,
    "reject": Marked,
    "render": Run,
    "report": Report,
    "retake": Marked,
    "schema": Schema,
    "services": Services,
    "services-test": ServicesTest,
    "settle": Settle,
    "show": Show,
    "standin": Serving,
    "status": Status,
}


def output_schema() -> dict[str, object]:
    """JSON Schema of every document, by its name."""
    return {name: {"$schema": DIALECT, **model.model_json_schema()} for name, model in DOCUMENTS.items()}
