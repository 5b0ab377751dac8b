"""What all wires share: jobs and their log, films, uploads, faults, and the delivery of finished clips."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections import Counter
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from callsheet.standin.http.downloads import MEDIA_TYPES, Broken, Dripping, served
from callsheet.standin.http.reply import DROPPED, HANGING, Reply
from callsheet.standin.http.webhook_sender import Courier
from callsheet.standin.jobs import sample_films
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.faults import Trouble
from callsheet.standin.jobs.job_book import Book
from callsheet.standin.jobs.jobs import Clip, Job, Jobs
from callsheet.standin.jobs.uploads import Store

_NOT_A_CLIP = "<html><head><title>Sign in</title></head><body>Please sign in to go on.</body></html>"
#: begins like a film, but nothing can decode it
_ROTTEN = b"\0\0\0\x18ftypmp42" + b"\0 not a film \0" * 100
_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"


class Stage:
    """What one stand-in works with. `seen` counts POST requests and downloads, `tally` counts requests by kind; `base` is its own URL, if known."""

    def __init__(self, config: Config, base: str) -> None:
        self.config = config
        self.base = base
        self.trouble = Trouble(config.seed, config.faults)
        folder = self._folder(config)
        self.store = Store((config.state or folder) / "sent")
        self.films = sample_films.Films(config.films or folder / "films", self.store)
        self.jobs = Jobs(config, Book(config.state / "book.jsonl" if config.state else None), self.films, self.trouble)
        self.courier = Courier(config)
        self.seen: Counter[str] = Counter()
        self.tally: Counter[str] = Counter()

    async def count_request(self, request: Request) -> None:
        """Count a request, and note the address at which it reached this server."""
        self.base = str(request.base_url).rstrip("/")
        self.seen["posts"] += request.method == "POST"
        self.jobs.resume()
        await asyncio.sleep(0)  # in-process nothing else yields, and a client that polls without pause would starve the jobs

    async def close(self) -> None:
        """Stop working and sending webhooks."""
        await self.jobs.close()
        await self.courier.close()

    def struck_after(self, key: str, prompt: str, unavailable: Reply) -> Reply | None:
        """The fault that strikes the answer to an accepted job, if any."""
        replies = {"lost-ack": DROPPED, "unavailable-after": unavailable, "hang": HANGING}
        fault = self.trouble.first(replies, key, prompt)
        return replies[fault] if fault else None

    def struck_poll(self, key: str, prompt: str) -> Reply | None:
        """The fault that strikes a poll, if any: a gateway's error page."""
        return Reply(502, _BAD_GATEWAY) if self.trouble.strikes("poll-502", key, prompt) else None

    async def handed_out(self, job: Job, clip: Clip, wanted: str | None) -> Response:
        """The clip, or the part of it that a Range header requests, with its faults applied."""
        self.seen["downloads"] += 1
        prompt, ending = job.order.prompt, job.order.container.lower()
        if "wrong-bytes" in job.faults:
            return Response(_ROTTEN, media_type=MEDIA_TYPES[ending])
        if "portal" in job.faults:
            return HTMLResponse(_NOT_A_CLIP)
        if self.trouble.strikes("download-503", clip.asset, prompt):
            return PlainTextResponse("Try again later.", 503)
        body = await self.film_bytes(job, clip)
        if self.trouble.strikes("bad-length", clip.asset, prompt):
            body = body[: len(body) * 9 // 10]
        response = served(body, ending, wanted)
        if self.trouble.strikes("slow-drip", clip.asset, prompt):
            return Dripping(response)
        return Broken(response) if self.trouble.strikes("truncate", clip.asset, prompt) else response

    async def film_bytes(self, job: Job, clip: Clip) -> bytes:
        """The clip's bytes; the film is made if it doesn't exist yet."""
        film = self.jobs.film(job, clip)
        path = await self.films.made(film)
        return path.read_bytes() + sample_films.tail(film, f"clip {clip.asset}")

    def _folder(self, config: Config) -> Path:
        """A folder next to the job log; without a log, a temporary folder that ends with the process."""
        if config.state:
            return config.state
        scratch = tempfile.mkdtemp(prefix="callsheet-standin-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        return Path(scratch)
