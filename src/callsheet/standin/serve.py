"""Runs a stand-in: as the process's only work (`serve`), or in a thread beside other work (`running`)."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from callsheet.domain.errors import PlaceError
from callsheet.standin.app import create_app
from callsheet.standin.config import Config
from callsheet.standin.downloads import HANG_UP

__all__ = ["Config", "running", "serve"]

_GRACE_S = 2


def serve(host: str, port: int, config: Config, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, then return. `announce` gets `http://HOST:PORT` once it listens; port 0 is any free one.

    PlaceError where the address can't be had.
    """
    with _listening(host, port) as (listener, url):
        server = _server(config, url)
        # uvicorn ends well on a signal, then raises it again for the handler before its own; and it listens only once it runs
        before = {sig: signal.signal(sig, server.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            announce(url)
            server.run(sockets=[listener])
        finally:
            for sig, handler in before.items():
                signal.signal(sig, handler)


@contextmanager
def running(config: Config, port: int = 0) -> Generator[str]:
    """A stand-in on 127.0.0.1 in a thread of this process; gives its URL, and has ended when the block has."""
    with _listening("127.0.0.1", port) as (listener, url):
        server = _server(config, url)
        thread = threading.Thread(target=partial(server.run, sockets=[listener]), name="standin", daemon=True)
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _listening(host: str, port: int) -> Generator[tuple[socket.socket, str]]:
    """A socket that takes connections from now on, though they are answered only when the server has started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            raise PlaceError(
                f"the stand-in can't listen on {host}:{port}: {error.strerror}", help="give another --port, or 0 for any free one"
            ) from None
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        yield listener, f"http://{shown}:{listener.getsockname()[1]}"


def _server(config: Config, url: str) -> uvicorn.Server:
    lines = _Lines(create_app(config, url))
    server = uvicorn.Server(
        uvicorn.Config(
            lines,
            http="h11",
            ws="websockets-sansio",
            ws_max_size=64 << 20,  # an upload is one frame, in base64
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    lines.server = server
    return server


class _Lines:
    """The application, with a way to end a request's connection offered in its scope."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.server: uvicorn.Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            scope = {**scope, "extensions": {**scope.get("extensions", {}), HANG_UP: partial(self._hang_up, scope["client"])}}
        await self._app(scope, receive, send)

    def _hang_up(self, client: tuple[str, int]) -> None:
        """Close the client's connection once what was written to it has left."""
        assert self.server is not None
        for connection in list(self.server.server_state.connections):
            if getattr(connection, "client", None) == client:
                connection.transport.close()
