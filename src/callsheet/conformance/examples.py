"""A vendor's own examples, as data in configs/examples/SERVICE.json: the request for a shot, and the meaning of the service's answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from callsheet.domain.attempt import Cause
from callsheet.domain.errors import InputError, Problem
from callsheet.services.protocol.complaints import Family
from callsheet.services.protocol.request import Response


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sends(_Frozen):
    """A request: method, path below the base URL, fields (of the one object or form that it carries), and files of a form by field with their kinds."""

    method: str
    path: str
    fields: Mapping[str, Any]
    files: Mapping[str, str] = {}


class RequestExample(_Frozen):
    """A shot in the shot list's terms, and its request on the vendor's page. A file is an address, or `@image/jpeg` for one of that kind."""

    name: str
    model: str
    shot: Mapping[str, str]
    sends: Sends


class AnswerExample(_Frozen):
    """An answer of the service, and its meaning: the name of the wire's value, with its cause, or its cost in USD; `cost_at` is where the
    cost is.
    """

    name: str
    to: Literal["submit", "poll", "quote", "account"]
    job: str = ""
    status: int
    headers: Mapping[str, str] = {}
    body: Any
    means: str
    cause: Cause | None = None
    cost: str | None = None
    cost_at: str | None = None
    #: the family of trouble of which it is an example
    family: Family | None = None

    def response(self, body: object = None) -> Response:
        """As HTTP, with another body if one is given."""
        said = self.body if body is None else body
        raw = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        headers = {"content-type": "text/html" if isinstance(said, str) else "application/json", **self.headers}
        path = f"/{self.job.partition('@')[2]}" if self.to == "submit" else ""
        return Response(self.status, headers, raw, path)


class Examples(_Frozen):
    """All examples of a service. `ours` are the fields, by dotted path, that callsheet sets itself: they aren't compared."""

    source: str
    ours: tuple[str, ...] = ()
    requests: tuple[RequestExample, ...] = ()
    answers: tuple[AnswerExample, ...] = ()

    def to(self, what: str, means: str | None = None) -> tuple[AnswerExample, ...]:
        """The answers to one kind of request, all or those with one meaning."""
        return tuple(answer for answer in self.answers if answer.to == what and means in (None, answer.means))


def load_examples(folder: Path, service: str) -> Examples | None:
    """A service's examples; None if it has no file. InputError if the file can't be read, with every fault of it."""
    path = folder / f"{service}.json"
    if not path.is_file():
        return None
    try:
        return Examples.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError.of(
            Problem(
                code="bad-examples",
                message=f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}",
                help="see another service's file for the format",
                file=f"{folder.name}/{path.name}",
            )
            for fault in error.errors()
        ) from None
