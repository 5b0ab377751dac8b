"""How our applications are served."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

_GRACE_S = 2


def server(app: ASGIApp) -> uvicorn.Server:
    """A server for it. Requests are not logged, because their addresses contain secrets."""
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
