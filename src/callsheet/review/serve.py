"""Serving an application of ours until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from callsheet.domain.errors import PlaceError

_GRACE_S = 2


def serve(app: ASGIApp, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve, and return when told to end. `announce` gets `http://HOST:PORT` once it listens; port 0 is any free one.

    PlaceError where the address can't be had. Nothing is logged of requests: their addresses have secrets.
    """
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = uvicorn.Server(config)
    with _listening(host, port) as (listener, url):
        # uvicorn ends well on a signal, then raises it again for the handler before its own; and it listens only once it runs
        before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            announce(url)
            server.run(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _listening(host: str, port: int) -> Generator[tuple[socket.socket, str]]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError as error:
            raise PlaceError(
                f"can't listen on {host}:{port}: {error.strerror}", help="give another --port, or 0 for any free one"
            ) from None
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        yield listener, f"http://{shown}:{listener.getsockname()[1]}"
