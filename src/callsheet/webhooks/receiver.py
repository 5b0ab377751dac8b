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

from callsheet.buying.lanes.callbacks import Heard
from callsheet.domain.errors import CallsheetError
from callsheet.services.protocol.callback import Call

#: longest call of any service, bytes
LONGEST_BODY = 64 << 10
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: handles a service's call
Hear = Callable[[str, Call], Heard]
#: is told what happened, for people, without secrets or bodies
Say = Callable[[str], None]


def hook_routes(hear: Hear, say: Say) -> list[BaseRoute]:
    """The receiver's routes, for any application."""

    async def receive(request: Request) -> Response:
        service, key = str(request.path_params["service"]), str(request.path_params["key"]).casefold()
        if not _KEY.fullmatch(key):
            return _NOT_FOUND
        told = request.headers.get("content-length", "0")
        if not told.isdecimal() or int(told) > LONGEST_BODY:  # checked before anything is read
            return PlainTextResponse("too large", 413)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LONGEST_BODY:
                return PlainTextResponse("too large", 413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        return await _answered(service, Call(key, request.query_params.get("token", ""), headers, bytes(body)), hear, say)

    return [Route("/hooks/{service}/{key}", receive, methods=["POST"])]


def create_app(hear: Hear, say: Say) -> Starlette:
    """The receiver alone."""
    return Starlette(routes=hook_routes(hear, say))


async def _answered(service: str, call: Call, hear: Hear, say: Say) -> Response:
    try:
        heard = await run_in_threadpool(hear, service, call)
    except CallsheetError as error:  # the service calls again
        say(f"a call could not be stored: {error.message}")
        return PlainTextResponse("try again", 503)
    if heard is Heard.STRANGE:
        say("a call was refused: not signed correctly, too old, or not about this project")
        return _NOT_FOUND
    say(f"{service} called about {call.key}{'' if heard is Heard.KEPT else ', again'}")
    return PlainTextResponse("ok")


_NOT_FOUND = PlainTextResponse("not found", 404)
