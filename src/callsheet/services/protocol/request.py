"""A request to a service and its answer, as HTTP knows them, and how a purchase is written down. Pure: nothing is sent here.

A `Request` names a path below the account's base URL, so that the same wire talks to the vendor and to a stand-in; the engine adds the credentials.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

#: the content type of most requests
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request below the account's base URL; `body` is the exact bytes to send."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = JSON
    #: further headers; a request that has some is a question, and no purchase
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer: status, headers with lower-case names, the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    #: the path of the request that it answers, for a service whose ids mean something only there
    path: str = ""
    #: when it came by this machine's clock, an HTTP date: never to be taken for the service's own time
    came: str = ""


#: how a written-down request begins that is more than a body of JSON for the base URL itself
_PACKED = b"callsheet-request/1 "


def pack(request: Request) -> bytes:
    """A request as it is written down: a line with method, path and content type, then the body. JSON for the base URL itself is its body alone."""
    assert not request.headers, "what has headers of its own is asked, never bought"
    if request == Request("POST", "", request.body) and not request.body.startswith(_PACKED):
        return request.body
    head = {"content_type": request.content_type, "method": request.method, "path": request.path}
    return _PACKED + json.dumps(head, sort_keys=True).encode() + b"\n" + request.body


def unpack(written: bytes) -> Request:
    """The request that `pack` wrote down. ValueError if its first line is damaged."""
    if not written.startswith(_PACKED):
        return Request("POST", "", written)
    line, newline, body = written.removeprefix(_PACKED).partition(b"\n")
    try:
        head = json.loads(line)
        request = Request(head["method"], head["path"], body, head["content_type"])
    except (ValueError, KeyError, TypeError):
        raise ValueError("a saved request can no longer be read") from None
    if not newline:
        raise ValueError("a request was saved without its body")
    return request
