"""`callsheet hooks`."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from cyclopts import Parameter

from callsheet.budget.project_ledger import open_named
from callsheet.buying.lanes.callbacks import store_call
from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import say, schema
from callsheet.cli.output.documents import Serving
from callsheet.cli.serving import serve
from callsheet.domain.errors import InputError
from callsheet.domain.hosts import loopback
from callsheet.webhooks.receiver import create_app
from callsheet.webhooks.serve import server

_PORT = 8020


def hooks(
    *,
    port: Annotated[
        int | None,
        Parameter(help=f"Port to listen on; 0 takes a free one. Default: that of a callback_url on this machine, otherwise {_PORT}."),
    ] = None,
    host: Annotated[str, Parameter(help="Address to listen on. Your proxy has to forward to this address.")] = "127.0.0.1",
    common: Common = HERE,
) -> None:
    """Receive calls until Ctrl-C or SIGTERM. Prints its own URL on stdout; the public one is the setting callback_url."""
    project = common.project
    settings = common.settings
    if settings.callback_url is None:
        raise InputError(
            "no callback_url is set, so no service knows where to call",
            help='write callback_url = "https://your.public.address" under [project] in project.toml, or set CALLSHEET_CALLBACK_URL',
        )
    public = settings.callback_url.value

    def announce(url: str) -> None:
        document: Serving = {"schema": schema("hooks"), "url": url, "callback_url": public}
        sys.stdout.write((json.dumps(document) if common.json else url) + "\n")
        sys.stdout.flush()
        say(f"services will call {public}/hooks/...; forward that address to this one")

    assert project.identity, "a project with an id has a ledger"
    with closing(open_named(project, settings)) as ledger:
        app = create_app(partial(store_call, project, settings, ledger), say)
        serve(lambda _url: server(app), host, _port_of(public) if port is None else port, announce)


def _port_of(public: str) -> int:
    """The port that services are told, where they call this machine itself; otherwise a proxy calls the usual one."""
    parts = urlsplit(public)
    return parts.port if parts.port and loopback(parts.hostname or "") else _PORT
