"""The review's server: pages, pictures and films of one project, and people's decisions about them. It can't buy anything."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from callsheet.budget.ledger import read
from callsheet.budget.ledger.marks import Overtaken, newest
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.project_ledger import open_existing
from callsheet.clock import Clock
from callsheet.domain.errors import CallsheetError, UsageError
from callsheet.domain.mark import MarkKind, Role
from callsheet.report.json_documents import RetakePrice
from callsheet.review.decisions import Author, read_decision, write
from callsheet.review.final_prices import final_prices
from callsheet.review.page_state import Document, Snapshot, current, page_state
from callsheet.review.retake_prices import order_document, orders, retake_prices
from callsheet.review.review_media import ReviewMedia

#: the page's own files: its document, its style and its modules
PAGE = Path(__file__).parent / "page"
_KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_HASH = re.compile(r"[0-9a-f]{64}")
#: longest decision, bytes
_LONGEST = 256 << 10
#: a reading that a run asks for takes a sixth of the time at most
_PAUSE = 5
_KEPT = {"Cache-Control": "private, max-age=31536000, immutable"}

#: reads the project as it stands
Look = Callable[[], Snapshot]


class LiveReview:
    """The project as the pages see it: read once, and again on request or after a run has added to it; the log is read each time."""

    def __init__(self, look: Look, media: ReviewMedia) -> None:
        self._look, self.media = look, media
        self._lock = threading.Lock()
        self._clock = Clock()
        self._reads, self._ended, self._not_before = 0, 0, 0.0
        self._wanted = threading.Event()
        self.read_again()
        self._hashes: tuple[Snapshot, tuple[str, ...]] | None = None
        self._prices: tuple[Snapshot, dict[str, RetakePrice]] | None = None

    def now(self) -> Snapshot:
        """The lists and takes as read, with the current log."""
        return current(self._snapshot)

    def read_again(self) -> None:
        """Read lists and takes anew. What callsheet refuses, a list that is being changed say, leaves what was read."""
        with self._lock:
            self._wanted.clear()
            began = self._clock.monotonic()
            before = self._told(read.ended) if self._reads else None
            self._snapshot = self._look()
            took = self._clock.monotonic() - began
            self._reads, self._not_before = self._reads + 1, self._clock.monotonic() + _PAUSE * took
            self._ended = self._told(read.ended) if before is None else before

    def read_soon(self) -> None:
        """Read anew beside the requests; whoever asks while such a reading waits for its turn is answered by it."""
        if not self._wanted.is_set():
            self._wanted.set()
            threading.Thread(target=self._read_if_allowed, daemon=True).start()

    def news(self) -> Document:
        """The numbers of the newest mark and of the reading that the pages show: where one has changed, there is something new."""
        if self._told(read.ended) != self._ended and self._clock.monotonic() >= self._not_before:
            self.read_soon()
        return {"last": self._told(newest), "read": self._reads}

    @property
    def reads(self) -> int:
        """How often lists and takes were read."""
        return self._reads

    def _read_if_allowed(self) -> None:
        with suppress(CallsheetError):
            self.read_again()

    def _told(self, question: Callable[[Ledger, str], int]) -> int:
        """A number out of the ledger; 0 while there is none."""
        snapshot = self._snapshot
        ledger = open_existing(snapshot.project, snapshot.settings)
        with closing(ledger) if ledger else nullcontext():
            return question(ledger, snapshot.project.known_id) if ledger else 0

    def prices(self) -> dict[str, RetakePrice]:
        """What each shot's retake would cost; computed once for what was read."""
        with self._lock:
            if self._prices is None or self._prices[0] is not self._snapshot:
                self._prices = (self._snapshot, retake_prices(current(self._snapshot)))
            return self._prices[1]

    @property
    def hashes(self) -> tuple[str, ...]:
        """The clips that can be viewed, in the lists' order; collected once for what was read."""
        snapshot = self._snapshot
        if self._hashes is None or self._hashes[0] is not snapshot:
            clips = (a for take in snapshot.view.takes for a in (*take.attempts, *([take.chosen] if take.chosen else [])))
            self._hashes = (snapshot, tuple(dict.fromkeys(clip.sha256 for clip in clips if clip.sha256)))
        return self._hashes[1]


def create_app(live: LiveReview) -> Starlette:
    """The routes behind the token."""
    return Starlette(
        routes=[
            Route("/", _page),
            Route("/{name}", _page),
            Route("/api/state", _answering(live, _state)),
            Route("/api/log", _answering(live, _log)),
            Route("/api/prices", _answering(live, _prices)),
            Route("/api/clip/{sha256}", _answering(live, _facts)),
            Route("/api/decide", _answering(live, _decide), methods=["POST"]),
            Route("/api/order", _answering(live, _order), methods=["POST"]),
            Route("/api/refresh", _answering(live, _refresh), methods=["POST"]),
            Route("/media/{name}", _media(live)),
        ]
    )


async def _page(request: Request) -> Response:
    path = PAGE / request.path_params.get("name", "index.html")
    if path.parent != PAGE or path.suffix not in _KINDS or not path.is_file():
        return PlainTextResponse("not found", 404)
    return FileResponse(path, media_type=_KINDS[path.suffix])


#: an answer's work: the live, who asks, the body or the query
Answering = Callable[[LiveReview, Author, Mapping[str, Any]], Document]


def _answering(live: LiveReview, work: Answering) -> Callable[[Request], Any]:
    """A JSON endpoint: its work is done in a thread, and callsheet's refusals become messages."""

    async def answer(request: Request) -> Response:
        author: Author = request.state.author
        try:
            said = await _body(request) if request.method == "POST" else {**request.query_params, **request.path_params}
            return JSONResponse(await run_in_threadpool(work, live, author, said))
        except Overtaken as error:
            newer = {"kind": error.newer.kind.value, "who": error.newer.who, "number": error.newer.number}
            return JSONResponse({"error": error.message, "newer": newer}, 409)
        except CallsheetError as error:
            return JSONResponse({"error": error.message, "help": error.problems[0].help}, 422)

    return answer


async def _body(request: Request) -> Mapping[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            raise UsageError(f"that is more than {_LONGEST >> 10} KiB", help="use fewer words")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise UsageError("that is not JSON", help="reload the page") from None
    if not isinstance(said, dict):
        raise UsageError("that is not an object of JSON", help="reload the page")
    return cast("Mapping[str, Any]", said)


def _state(live: LiveReview, author: Author, _said: Mapping[str, Any]) -> Document:
    return {**page_state(live.now(), author.role, author.who), "read": live.reads}


def _log(live: LiveReview, _author: Author, _said: Mapping[str, Any]) -> Document:
    return live.news()


def _prices(live: LiveReview, author: Author, _said: Mapping[str, Any]) -> Document:
    if author.role is not Role.PRODUCER:
        return {"shots": {}, "basket": [], "finals": []}
    basket = orders(now := live.now(), now.marks.basket)
    return {"shots": live.prices(), "basket": [order_document(one) for one in basket], "finals": final_prices(now)}


def _facts(live: LiveReview, _author: Author, said: Mapping[str, Any]) -> Document:
    return asdict(live.media.facts(_known(live, str(said["sha256"]))))


def _refresh(live: LiveReview, author: Author, said: Mapping[str, Any]) -> Document:
    live.read_again()
    return _state(live, author, said)


def _decide(live: LiveReview, author: Author, said: Mapping[str, Any]) -> Document:
    """Store one decision, and answer with everything that follows from it."""
    seen = said.get("seen")
    mark = read_decision(said, author, live.now(), live.media)
    new = write(mark, live.now(), seen=seen if isinstance(seen, int) else None)
    if mark.kind in (MarkKind.RETAKE, MarkKind.UNRETAKE, MarkKind.REJECT, MarkKind.UNREJECT, MarkKind.PICK, MarkKind.UNPICK):
        live.read_soon()
    return {"new": new, "state": _state(live, author, said)}


def _order(live: LiveReview, author: Author, said: Mapping[str, Any]) -> Document:
    """Retake what is in the basket: marks, as `callsheet retake` writes them. Nothing is bought: the answer contains the command for that."""
    if author.role is not Role.PRODUCER:
        raise UsageError("only the producer can order the basket", help="ask the producer, who sees your requests")
    now = live.now()
    wanted = now.marks.basket
    priced = [order_document(one) for one in orders(now, wanted)]
    for number, (list, shot) in enumerate(wanted):
        each = {"uid": f"{said.get('uid', '')}-{number}", "kind": MarkKind.RETAKE.value, "list": list, "shot": shot}
        write(read_decision(each, author, now, live.media), now)
    live.read_again()
    return {"ordered": priced, "state": _state(live, author, said)}


def _known(live: LiveReview, sha256: str) -> str:
    """A clip of this review: no other file is served."""
    if not _HASH.fullmatch(sha256) or sha256 not in live.hashes:
        raise UsageError("that clip doesn't belong to this project", help="reload the page")
    return sha256


def _media(live: LiveReview) -> Callable[[Request], Any]:
    """Films and pictures: `SHA256.mp4`, `SHA256.webp`, `SHA256.wave.webp`, in ranges if requested."""
    makers = {
        "mp4": (live.media.proxy, "video/mp4"),
        "webp": (live.media.thumbnail, "image/webp"),
        "wave.webp": (live.media.wave, "image/webp"),
    }

    async def serve(request: Request) -> Response:
        sha256, _, kind = str(request.path_params["name"]).partition(".")
        make, media_type = makers.get(kind, (None, ""))
        if make is None:
            return PlainTextResponse("not found", 404)
        try:
            path = await run_in_threadpool(lambda: make(_known(live, sha256)))
        except CallsheetError as error:
            return PlainTextResponse(error.message, 404)
        return FileResponse(path, media_type=media_type, headers=_KEPT)

    return serve
