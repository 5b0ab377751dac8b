"""`callsheet review`."""

from __future__ import annotations

import json
import secrets
import sys
import threading
import webbrowser
from typing import Annotated

import uvicorn
from cyclopts import Parameter

from callsheet.cli.commands.takes import review_share
from callsheet.cli.commands.takes.review_share import SERVED, HandedOver
from callsheet.cli.options import HERE, Common, Flag, OptionalList, Port
from callsheet.cli.output.answer import Answer, say, schema
from callsheet.cli.output.documents_compared import ReviewServed
from callsheet.cli.output.table import width, wrapped_lines
from callsheet.cli.project_state import all_takes, list_of
from callsheet.cli.serving import serve
from callsheet.domain.mark import Role
from callsheet.review.decisions import Author
from callsheet.review.guarded import Guarded
from callsheet.review.page_state import Snapshot, current
from callsheet.review.review_app import LiveReview, create_app
from callsheet.review.review_media import ReviewMedia
from callsheet.webhooks.serve import server

_HOST = "127.0.0.1"


def review(
    list: OptionalList = None,
    /,
    *,
    port: Port = 0,
    no_open: Annotated[bool, Flag, Parameter(help="Don't open the page in a browser.")] = False,
    handed: HandedOver = SERVED,
    common: Common = HERE,
) -> Answer | None:
    """Serve the page until Ctrl-C or SIGTERM; the first line on stdout is its address. With --share or --import, write or read a file, and
    end.
    """
    snapshot = snapshot_of(common, list)
    if handed.share is not None:
        return review_share.share(snapshot, handed.share, handed, common)
    if handed.comments is not None:
        return review_share.take_comments(snapshot, handed.comments, common, preview=handed.preview)
    return _serve(snapshot, list, port, common, opened=not no_open)


def _serve(snapshot: Snapshot, list: str | None, port: int, common: Common, *, opened: bool) -> None:
    media = ReviewMedia(snapshot.project)
    live = LiveReview(lambda: snapshot_of(common, list), media)
    tokens = {role: secrets.token_urlsafe(24) for role in Role}
    ended = threading.Event()

    def make(url: str) -> uvicorn.Server:
        authors = {token: Author(role, _NAMES[role]) for role, token in tokens.items()}
        return server(Guarded(create_app(live), url, authors))

    def announce(url: str) -> None:
        pages = {role: f"{url}/r/{token}/" for role, token in tokens.items()}
        own = pages[Role.PRODUCER]
        document: ReviewServed = {
            "schema": schema("review"),
            "url": own,
            "clients": {role.value: page for role, page in pages.items() if role is not Role.PRODUCER},
        }
        sys.stdout.write((json.dumps(document) if common.json else own) + "\n")
        sys.stdout.flush()
        said = (
            f"client A: {pages[Role.CLIENT_A]}",
            f"client B: {pages[Role.CLIENT_B]}",
            "Anyone with an address can decide under its name. Stop with Ctrl-C; nothing is bought here.",
        )
        say(*wrapped_lines(said, width(sys.stderr)))
        threading.Thread(target=media.make_ahead, args=(live.hashes, ended), daemon=True).start()
        if opened and sys.stdout.isatty():
            webbrowser.open(own)

    try:
        serve(make, _HOST, port, announce)
    finally:
        ended.set()


_NAMES = {Role.PRODUCER: "Producer", Role.CLIENT_A: "Client A", Role.CLIENT_B: "Client B"}


def snapshot_of(common: Common, list: str | None) -> Snapshot:
    """The current state of the project, or of one of its lists."""
    found = list_of(common, list) if list else all_takes(common)
    return current(Snapshot(found.project, found.settings, found.view, found.lists, notes=found.notes))
