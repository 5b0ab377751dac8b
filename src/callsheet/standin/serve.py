"""Serving a stand-in: by its own `server`, or in a thread of this process (`running`)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from callsheet.standin.app import create_app
from callsheet.standin.http.downloads import HANG_UP
from callsheet.standin.jobs.config import Config

_GRACE_S = 2


@contextmanager
def running(config: Config, port: int = 0) -> Generator[str]:
    """A stand-in on 127.0.0.1 in a thread of this process. Yields its URL; the stand-in ends with the block."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        made = server(config, url)
        thread = threading.Thread(target=partial(made.run, sockets=[listener]), name="standin", daemon=True)
        thread.start()
        try:
            yield url
        finally:
            made.should_exit = True
            thread.join()


def server(config: Config, url: str) -> uvicorn.Server:
    """A server for a stand-in at `url`."""
    lines = _Lines(create_app(config, url))
    made = uvicorn.Server(
        uvicorn.Config(
            lines,
            http="h11",
            ws="websockets-sansio",
            ws_max_size=64 << 20,  # an upload is one frame in base64
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    lines.server = made
    return made


class _Lines:
    """The application; each request's scope has a function that ends its connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.server: uvicorn.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope = {**scope, "extensions": {**scope.get("extensions", {}), HANG_UP: partial(self._hang_up, scope["client"])}}
        await self._app(scope, receive, send)

    def _hang_up(self, client: tuple[str, int]) -> None:
        """Close the client's connection after everything written to it has been sent."""
        assert self.server is not None
        for connection in list(self.server.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.close()
