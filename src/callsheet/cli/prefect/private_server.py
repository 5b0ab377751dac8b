"""The process of the private Prefect server, started by `server.py` with a listening socket: `python -P private_server.py FD`. Standard
input is a pipe whose other end the command holds. The pipe ends with the command, however that ends, and this process ends with the
pipe.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.importer import import_from_string


class OwnHostOnly:
    """Lets only requests through that use this server's own address, and none from a page in a browser, whether one of its own or one that
    resolves another name to this address.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 403 before Prefect sees the request, and without CORS headers for other origins."""
        headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        if scope["type"] == "lifespan" or (headers.get(b"host") == self._host and b"origin" not in headers):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})


def main(listener: socket.socket) -> None:
    """Serve Prefect's API on `listener` until SIGTERM, or until the command has ended."""

    def end_with_the_command() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)  # nobody is left to wait for a clean exit, and SQLite doesn't need one

    threading.Thread(target=end_with_the_command, daemon=True).start()
    # jsonschema, which Prefect imports, would build 38 grammars for a format that no flow's parameters have: half of the time that the import takes
    sys.modules.setdefault("rfc3987_syntax", cast("Any", None))
    host, port = listener.getsockname()[:2]

    def guarded() -> ASGIApp:
        create_app: Any = import_from_string("prefect.server.api.server:create_app")
        return OwnHostOnly(create_app(), f"{host}:{port}")

    config = uvicorn.Config(guarded, factory=True, log_level="critical", access_log=False, timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
