"""The receiver of callbacks: POST /hooks/SERVICE/KEY. It stores genuine calls in the ledger's inbox, and knows nothing of money. Whatever
is wrong with a call, the answer is the same 404: a stranger learns neither which attempts exist nor what a secret is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from callsheet.buying.lanes.callbacks import CallReceipt
from callsheet.domain.errors import CallsheetError
from callsheet.services.protocol.callback import Call

#: longest call of any service, bytes
LONGEST_BODY = 64 << 10
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: stores a service's call
Store = Callable[[str, Call], CallReceipt]
#: is told what happened, for people, without secrets or bodies
Say = Callable[[str], None]


def hook_routes(store: Store, say: Say) -> list[BaseRoute]:
    """The receiver's routes, for any application."""

    async def receive(request: Request) -> Response:
        service, key = str(request.path_params["service"]), str(request.path_params["key"]).casefold()
        if not _KEY.fullmatch(key):
            return _NOT_FOUND
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:  # checked before anything is read
            return PlainTextResponse("too large", 413)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return PlainTextResponse("too large", 413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return await _answered(service, Call(key, request.query_params.get("token", ""), headers, bytes(body)), store, say)

    return [Route("/hooks/{service}/{key}", receive, methods=["POST"])]


def create_app(store: Store, say: Say) -> Starlette:
    """The receiver alone."""
    return Starlette(routes=hook_routes(store, say))


async def _answered(service: str, call: Call, store: Store, say: Say) -> Response:
    try:
        receipt = await run_in_threadpool(store, service, call)
    except CallsheetError as error:  # the service calls again
        say(f"a call could not be stored: {error.message}")
        return PlainTextResponse("try again", 503)
    if receipt is CallReceipt.STRANGE:
        say("a call was refused: not signed correctly, too old, or not about this project")
        return _NOT_FOUND
    say(f"{service} called about {call.key}{'' if receipt is CallReceipt.KEPT else ', again'}")
    return PlainTextResponse("ok")


_NOT_FOUND = PlainTextResponse("not found", 404)
