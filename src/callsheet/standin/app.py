"""The stand-in as a Starlette application: the vendors' URLs, the clips, and what only a stand-in tells (`/standin/...`)."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from callsheet.standin import picture
from callsheet.standin.book import Book
from callsheet.standin.config import Config
from callsheet.standin.downloads import Broken, served
from callsheet.standin.jobs import Clip, Job, Jobs
from callsheet.standin.runware import Reply, Runware
from callsheet.standin.trouble import Trouble

_NOT_A_CLIP = "<html><head><title>Sign in</title></head><body>Please sign in to go on.</body></html>"


class Standin:
    """One stand-in: its jobs, its book, its films, and the answers to each URL."""

    def __init__(self, config: Config) -> None:
        self._trouble = Trouble(config.seed, config.faults)
        self._films = picture.Films(self._film_folder(config))
        self._jobs = Jobs(config, Book(config.state / "book.jsonl" if config.state else None), self._films, self._trouble)
        self._runware = Runware(config, self._jobs, self._trouble)
        self._seen: Counter[str] = Counter()

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None]:
        """Takes up what an earlier process left, and leaves in good order."""
        self._jobs.resume()
        try:
            yield
        finally:
            await self._jobs.close()

    async def runware(self, request: Request) -> Response:
        """POST /v1: the Runware wire."""
        self._seen["posts"] += 1
        self._jobs.resume()
        await asyncio.sleep(0)  # in-process nothing else gives way, and a client that polls without pause would starve the jobs
        reply = self._runware.answer(
            await request.body(),
            authorization=request.headers.get("authorization", ""),
            dry=request.headers.get("x-runware-dry-run") == "1",
            base=str(request.base_url).rstrip("/"),
        )
        return _response(reply)

    async def film(self, request: Request) -> Response:
        """GET /standin/films/ASSET.mp4: a finished clip, whole or a range."""
        asset, _, ending = request.path_params["name"].rpartition(".")
        found = self._jobs.clip(asset)
        if found is None or ending != found[0].order.container.lower():
            return PlainTextResponse("There is no such clip.", 404)
        self._seen["downloads"] += 1
        return await self._handed_out(*found, ending, request.headers.get("range"))

    async def bill(self, _request: Request) -> Response:
        """GET /standin/bill: what was charged, job by job."""
        jobs = [
            {
                "job": job.order.key,
                "key": job.order.key,
                "service": job.order.service,
                "model": job.order.model,
                "cost": _usd_text(job.charged),
            }
            for job in self._jobs.all()
            if job.charged
        ]
        return JSONResponse({"schema": "callsheet.standin.bill/1", "total": _usd_text(self._jobs.charged()), "jobs": jobs})

    async def requests(self, _request: Request) -> Response:
        """GET /standin/requests: what was asked, counted."""
        counts = {"posts": self._seen["posts"], "downloads": self._seen["downloads"], "tasks": dict(sorted(self._runware.tally.items()))}
        return JSONResponse({"schema": "callsheet.standin.requests/1", **counts})

    async def jobs(self, _request: Request) -> Response:
        """GET /standin/jobs: every job, with the clip numbers that its pictures tell and the faults that struck it."""
        jobs = [
            {
                "key": job.order.key,
                "service": job.order.service,
                "model": job.order.model,
                "prompt": job.order.prompt,
                "state": job.state,
                "faults": sorted(job.faults),
                "charged": _usd_text(job.charged),
                "clips": [{"asset": clip.asset, "number": clip.number} for clip in job.clips],
            }
            for job in self._jobs.all()
        ]
        return JSONResponse({"schema": "callsheet.standin.jobs/1", "jobs": jobs})

    def _film_folder(self, config: Config) -> Path:
        if config.films:
            return config.films
        if config.state:
            return config.state / "films"
        scratch = tempfile.mkdtemp(prefix="callsheet-standin-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        return Path(scratch)

    async def _handed_out(self, job: Job, clip: Clip, ending: str, wanted: str | None) -> Response:
        if "wrong-bytes" in job.faults:
            return HTMLResponse(_NOT_A_CLIP)
        if self._trouble.strikes("download-503", clip.asset, job.order.prompt):
            return PlainTextResponse("Try again later.", 503)
        film = self._jobs.film(job, clip)
        path = await self._films.made(film)
        response = served(path.read_bytes() + picture.tail(film, f"clip {clip.asset}"), ending, wanted)
        return Broken(response) if self._trouble.strikes("truncate", clip.asset, job.order.prompt) else response


def create_app(config: Config) -> Starlette:
    """The application; it can be served, or mounted in-process (then its jobs start with the first request)."""
    standin = Standin(config)
    routes = [
        Route("/v1", standin.runware, methods=["POST"]),
        Route("/standin/films/{name}", standin.film, methods=["GET"]),
        Route("/standin/bill", standin.bill, methods=["GET"]),
        Route("/standin/requests", standin.requests, methods=["GET"]),
        Route("/standin/jobs", standin.jobs, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=standin.lifespan)


def _response(reply: Reply) -> Response:
    if reply.dropped:
        return Broken()
    if isinstance(reply.body, str):
        return HTMLResponse(reply.body, reply.status)
    return JSONResponse(reply.body, reply.status)


def _usd_text(micros: int) -> str:
    """Decimal text of USD with at least two decimals."""
    whole, part = divmod(micros, 1_000_000)
    return f"{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"
