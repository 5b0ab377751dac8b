"""The stand-in as a Starlette application: the services' URLs, the clips, and its own pages (`/standin/...`)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from callsheet.standin.bytecompute.wire import ByteCompute
from callsheet.standin.deapi.wire import DeApi
from callsheet.standin.http.file_kinds import kind
from callsheet.standin.http.reply import usd_text
from callsheet.standin.http.stage import Stage
from callsheet.standin.jobs.config import Config
from callsheet.standin.lightricks.wire import Lightricks
from callsheet.standin.runware.sockets import Sockets
from callsheet.standin.runware.wire import Runware


class Standin:
    """One stand-in: its wires, its clips, and its own pages."""

    def __init__(self, config: Config, base: str) -> None:
        self._stage = Stage(config, base)
        runware = Runware(self._stage)
        self._wires = runware, Sockets(self._stage, runware), ByteCompute(self._stage), DeApi(self._stage), Lightricks(self._stage)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncGenerator[None]:
        """Continue what an earlier process left, and shut down cleanly."""
        self._stage.jobs.resume()
        try:
            yield
        finally:
            await self._stage.close()

    def routes(self) -> list[BaseRoute]:
        """Every URL that is answered."""
        own = [
            Route("/standin/films/{name}", self.film, methods=["GET"]),
            Route("/standin/media/{name}", self.media, methods=["GET"]),
            Route("/standin/bill", self.bill, methods=["GET"]),
            Route("/standin/requests", self.requests, methods=["GET"]),
            Route("/standin/jobs", self.jobs, methods=["GET"]),
        ]
        return [route for wire in self._wires for route in wire.routes()] + own

    async def film(self, request: Request) -> Response:
        """GET /standin/films/ASSET.mp4: a finished clip, whole or a range."""
        asset, _, ending = request.path_params["name"].rpartition(".")
        found = self._stage.jobs.clip(asset)
        if found is None or ending != found[0].order.container.lower():
            return PlainTextResponse("There is no such clip.", 404)
        config, ttl = self._stage.config, found[0].order.request.get("ttl")
        outlived = ttl is not None and config.clock() - found[0].ended_at > config.life(ttl)  # one without such a wish stays
        if outlived or self._stage.trouble.strikes("expired-url", asset, found[0].order.prompt):
            return PlainTextResponse("This URL has expired.", 403)
        return await self._stage.handed_out(*found, request.headers.get("range"))

    async def media(self, request: Request) -> Response:
        """GET /standin/media/ID: what a client uploaded."""
        data = self._stage.store.read(request.path_params["name"])
        if data is None:
            return PlainTextResponse("There is no such file.", 404)
        return Response(data, media_type=kind(data) or "application/octet-stream")

    async def bill(self, _request: Request) -> Response:
        """GET /standin/bill: what was charged, job by job."""
        jobs = [
            {
                "job": job.order.key,
                "key": job.order.key,
                "service": job.order.service,
                "model": job.order.model,
                "cost": usd_text(job.charged),
            }
            for job in self._stage.jobs.all()
            if job.charged
        ]
        return JSONResponse({"schema": "callsheet.standin.bill/1", "total": usd_text(self._stage.jobs.charged()), "jobs": jobs})

    async def requests(self, _request: Request) -> Response:
        """GET /standin/requests: the number of requests, and for each service the most jobs that were open at once."""
        seen, tally = self._stage.seen, self._stage.tally
        counts = {"posts": seen["posts"], "downloads": seen["downloads"], "tasks": dict(sorted(tally.items()))}
        counts["at_once"] = dict(self._stage.jobs.most_open)
        return JSONResponse({"schema": "callsheet.standin.requests/1", **counts})

    async def jobs(self, _request: Request) -> Response:
        """GET /standin/jobs: every job, with the clip numbers in its pictures and its faults. Times are Unix seconds; 0 means not yet."""
        jobs = [
            {
                "key": job.order.key,
                "service": job.order.service,
                "model": job.order.model,
                "prompt": job.order.prompt,
                "state": job.state,
                "lasts": job.lasts,
                "accepted_at": job.accepted_at,
                "ended_at": job.ended_at,
                "faults": sorted(job.faults),
                "charged": usd_text(job.charged),
                "clips": [{"asset": clip.asset, "number": clip.number} for clip in job.clips],
            }
            for job in self._stage.jobs.all()
        ]
        return JSONResponse({"schema": "callsheet.standin.jobs/1", "jobs": jobs})


def create_app(config: Config, base: str = "http://127.0.0.1") -> Starlette:
    """The application. It can be served, or mounted in-process (then its jobs start with the first request). `base` is its URL, if that is
    known before a request tells.
    """
    standin = Standin(config, base)
    return Starlette(routes=standin.routes(), lifespan=standin.lifespan)
