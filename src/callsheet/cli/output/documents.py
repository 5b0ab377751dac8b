"""The JSON document of each command, as a model. The type checker checks the code that builds it, and tests check every output."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from callsheet.cli.output.documents_compared import (
    Completion,
    Docs,
    ReconciledAccount,
    ReconciledInvoice,
    ReviewImported,
    ReviewServed,
    ReviewShared,
    ServicesTest,
)
from callsheet.cli.output.documents_decisions import Detached, HeldTakes, Marked, Paused
from callsheet.report.delivered_films import DeliveredFilm
from callsheet.report.json_documents import Animatic, Check, Costs, Document, Finish, Plan, ReportPage, Run, Status
from callsheet.report.json_parts import Action, FpsText, HousePart, Money, MoneyPart, SequencePart
from callsheet.toml_file.json_schema import DIALECT


class DoctorCheck(TypedDict):
    """What `doctor` checked."""

    name: str
    mark: Literal["fine", "note", "warn", "fail"]
    says: str
    help: str | None


class Doctor(Document):
    """`doctor`."""

    accepted: list[str]
    checks: list[DoctorCheck]


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


class ExplainedCode(TypedDict):
    """A problem of a list: what it is, why it is refused, how to fix it, and an example."""

    code: str
    what: str
    why: str
    fix: str
    wrong: str
    right: str


class ExplainedWord(TypedDict):
    """A term, what it means, and where to read more."""

    word: str
    means: str
    see: str


class Explained(Document):
    """`explain`: problems and terms."""

    codes: list[ExplainedCode]
    words: list[ExplainedWord]


class Init(Document):
    """`init`."""

    folder: str
    files: list[str]
    list: str


class ImportedColumn(TypedDict):
    """A header of the list, the column that it is read as, and samples."""

    header: str
    column: str | None
    samples: str


class Import(Document):
    """`import`: how a list is read, or the draft made from a screenplay, a storyboard or a timeline."""

    file: str
    mapping: NotRequired[dict[str, Any]]
    columns: NotRequired[list[ImportedColumn]]
    draft: NotRequired[str]
    notes: NotRequired[list[str]]
    saved: NotRequired[str]
    shots: NotRequired[int]


class Serving(Document):
    """`standin` and `hooks`: the address that they listen on."""

    url: str
    callback_url: NotRequired[str | None]


class Attach(Document):
    """`attach`: the run that had the project locked, if there was one."""

    run: str | None
    ended: bool
    money: MoneyPart


class SentFile(TypedDict):
    """A file that was sent with a purchase."""

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
    """`report`; with --sheet, only sheet, shots and pictures."""

    money: MoneyPart
    report: NotRequired[str]
    table: NotRequired[str]
    twin: NotRequired[str]
    pdf: NotRequired[str]
    takes: NotRequired[int]
    files: NotRequired[list[SentFile]]
    sequences: NotRequired[list[SequencePart]]
    house: NotRequired[HousePart]
    sheet: NotRequired[str]
    shots: NotRequired[int]
    pictures: NotRequired[int]


class Bed(TypedDict):
    """Music or a voice-over in an exported timeline, in frames."""

    bed: str
    file: str
    record_in: int
    frames: int


class ExportedClip(TypedDict):
    """A clip of an exported timeline."""

    clip: str
    reel: str
    file: str
    frames: int
    credentials: NotRequired[str]


class ExportedSequence(TypedDict):
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
    file: NotRequired[str]
    entries: NotRequired[int]
    money: NotRequired[MoneyPart]
    folder: NotRequired[str]
    sequences: NotRequired[list[ExportedSequence]]


class Approval(TypedDict):
    """A version that somebody approved, or whose approval was undone."""

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


class LeftOut(TypedDict):
    """A film without an approved version, and its newest one."""

    sequence: str
    delivery: str
    newest: int


class Deliver(Document):
    """`deliver`: the films that were handed over, and those without an approved version."""

    folder: str
    new: bool
    films: list[DeliveredFilm]
    left_out: list[LeftOut]


class Service(TypedDict):
    """A service and its wire's abilities."""

    service: str
    key_env: str
    url_env: str
    base_url: str
    recovery: str
    hands_over: bool
    quotes: bool
    tells_account: bool


class Model(TypedDict):
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


class Origin(TypedDict):
    """Where a value came from."""

    layer: Literal["cell", "sequence", "project", "environment", "file", "card", "default"]
    where: str
    written: str | None


Value = TypedDict(  # one of its keys is a keyword
    "Value",
    {"column": str, "value": str | None, "from": Origin, "granted": str | None, "why": str | None},
)


class ShownTake(TypedDict):
    """A take of `show`, with the request that would be sent."""

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


_TableSchema = TypedDict("_TableSchema", {"table-schema": NotRequired[dict[str, Any]]})


class Schema(Document, _TableSchema):
    """`schema`."""

    jsonschema: NotRequired[dict[str, Any]]
    sheet: NotRequired[str]


#: the model of each document by its name in `schema`; for a command with several forms, one of them
DOCUMENTS: dict[str, Any] = {
    "animatic": Animatic,
    "approve": Approve,
    "attach": Attach,
    "cancel": HeldTakes,
    "cards": CardPrice,
    "check": Check,
    "completion": Completion,
    "costs": Costs,
    "deliver": Deliver,
    "demo": Run,
    "docs": Docs,
    "doctor": Doctor,
    "explain": Explained,
    "export": Export,
    "finish": Finish,
    "hold": HeldTakes,
    "hooks": Serving,
    "import": Import,
    "init": Init,
    "pause": Paused,
    "pick": Marked,
    "plan": Plan,
    "reconcile": ReconciledInvoice | ReconciledAccount,
    "recover": Run,
    "reject": Marked,
    "render": Run,
    "render-detached": Detached,
    "report": Report,
    "report-page": ReportPage,
    "resume": Paused,
    "retake": Marked,
    "review": ReviewServed | ReviewShared | ReviewImported,
    "schema": Schema,
    "services": Services,
    "services-test": ServicesTest,
    "settle": Settle,
    "show": Show,
    "standin": Serving,
    "status": Status,
}


def output_schema() -> dict[str, object]:
    """JSON Schema of every document, by its name. Fields that a later version adds are allowed."""
    return {name: {"$schema": DIALECT, **TypeAdapter(model).json_schema()} for name, model in DOCUMENTS.items()}
