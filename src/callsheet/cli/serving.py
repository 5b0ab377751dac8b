"""Serving as a command's only job, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

import uvicorn

from callsheet.domain.errors import SetupError


def serve(make_server: Callable[[str], uvicorn.Server], host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until told to stop. `make_server` builds the server for its URL, `http://HOST:PORT`; `announce` is called once it listens. Port
    0 is any free one. SetupError if the address is taken or unusable.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)  # connections are accepted from now on, but answered only when the server has started
        except OSError as error:
            help = "give another --port, or 0 for any free one"
            raise SetupError(f"can't listen on {host}:{port}: {error.strerror}", help=help) from None
        shown = f"[{host}]" if family == socket.AF_INET6 else host
        url = f"http://{shown}:{listener.getsockname()[1]}"
        server = make_server(url)
        # uvicorn stops cleanly on a signal, then raises it again for the previous handler; and it listens only once it runs
        before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            announce(url)
            server.run(sockets=[listener])
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
