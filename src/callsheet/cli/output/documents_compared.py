"""The JSON documents of `review`, `reconcile`, `docs` and `services test`, as models."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from callsheet.report.json_documents import Document, RetakePrice
from callsheet.report.json_parts import Money


class ReviewServed(Document):
    """`review` while it serves: the producer's address, and each client's by role."""

    url: str
    clients: dict[str, str]


class ReviewShared(Document):
    """`review --share`."""

    share: str
    id: str
    role: str
    who: str
    until: str | None
    clips: int
    bytes: int


_ImportedFile = TypedDict("_ImportedFile", {"import": str})


class ReviewImported(Document, _ImportedFile):
    """`review --import`: a client's decisions. `retakes` is by `LIST:SHOT`."""

    role: str
    who: str
    decisions: list[dict[str, Any]]
    new: int
    refused: list[str]
    retakes: dict[str, RetakePrice]


class ReconciledJob(TypedDict):
    """A job of an invoice or of the ledger, with both amounts."""

    finding: str
    attempt: str | None
    job: str
    invoiced: Money
    booked: Money
    difference: Money
    lines: list[int]


class ReconciledInvoice(Document):
    """`reconcile --invoice`."""

    invoice: str
    booked: bool
    counts: dict[str, int]
    invoiced: Money
    difference: Money
    jobs: list[ReconciledJob]


class ReconciledAccount(Document):
    """`reconcile --account`."""

    account: str
    booked: bool
    since: str | None
    balance: Money | None
    spent: Money | None
    ledger: Money
    agrees: bool


class DocsPage(TypedDict):
    """A page of the documentation; `file` is its path on this machine."""

    page: str
    title: str
    file: str


class Completion(Document):
    """`completion`."""

    shell: str
    script: str


class Docs(Document):
    """`docs`."""

    folder: str
    pages: list[DocsPage]


class ServicesCheck(TypedDict):
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
