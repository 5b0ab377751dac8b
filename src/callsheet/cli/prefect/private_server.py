"""The private Prefect server's own process, started by `server.py` with a listening socket: `python -P private_server.py FD`.

Standard input is a pipe that the command holds the other end of. The pipe ends with the command, however that ends, and this process with the pipe.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

import uvicorn


def main(listener: socket.socket) -> None:
    """Serve Prefect's API on `listener` until SIGTERM, or until the command is gone."""

    def end_with_the_command() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)  # nobody is left to wait for a tidy end, and SQLite needs none

    threading.Thread(target=end_with_the_command, daemon=True).start()
    config = uvicorn.Config(
        "prefect.server.api.server:create_app",
        factory=True,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
