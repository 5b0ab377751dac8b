"""Protects the review's pages: nobody gets in without the address that the command printed, and no other site can act in its name."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from callsheet.review.decisions import Author

#: nothing is loaded from elsewhere, only the page's own files run, and no other site can frame it
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",  # the address is the credential
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guarded:
    """An application behind `/r/TOKEN/`: the token identifies the author. `url` is where it is served, `http://127.0.0.1:PORT`."""

    def __init__(self, app: ASGIApp, url: str, authors: Mapping[str, Author]) -> None:
        self._app, self._authors = app, dict(authors)
        port = urlsplit(url).port
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with its author in `state`."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        author = self._author(scope["path"])
        if refused or author is None:
            status, words = refused or (404, "Open the address that `callsheet review` printed.")
            await PlainTextResponse(words, status, dict(_HEADERS))(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    sent[name] = value
                sent.setdefault("Cache-Control", "no-store")
            await send(message)

        prefix = "/".join(scope["path"].split("/")[:3])
        inner = {**scope, "path": scope["path"][len(prefix) :] or "/", "state": {"author": author}}
        await self._app(inner, receive, with_headers)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host not in self._hosts:  # another host name that resolves to this machine could be used by a page elsewhere
            return 421, "This is not that host."
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "Not from another site."
        if scope["method"] == "POST":
            if headers.get("origin") != f"http://{host}":
                return 403, "Not from another site."
            if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                return 415, "Send application/json."
        return None

    def _author(self, path: str) -> Author | None:
        parts = path.split("/", 3)
        if len(parts) < 4 or parts[1] != "r":
            return None
        matching = [author for token, author in self._authors.items() if hmac.compare_digest(token.encode(), parts[2].encode())]
        return matching[0] if matching else None
