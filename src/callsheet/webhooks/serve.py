"""How an application of ours is served."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

_GRACE_S = 2


def server(app: ASGIApp) -> uvicorn.Server:
    """A server of it. Nothing is logged of requests: their addresses have secrets."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
