"""ByteCompute's side of the wire: a form comes in and a job's id goes out; polls and downloads are POST requests. Written from its page, not from our client.

The page gives paths, parameters, limits, errors and prices, but not the shape of an answer. Assumptions: every name in an answer except `adjustments`;
a field that isn't listed, a frame rate that isn't sold and a second image for the same frame are refused; no answer has a cost; a job's 24 hours
count from its acceptance; and which size each aspect ratio stands for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from math import ceil
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callsheet.standin.bytecompute.negotiation import RATES, Spec, adjustments, granted
from callsheet.standin.http.file_kinds import IMAGES, bytes_of, kind
from callsheet.standin.http.multipart import Form, read_form
from callsheet.standin.http.reply import DROPPED, Item, Reply
from callsheet.standin.http.stage import Stage
from callsheet.standin.jobs.faults import unknown_tags
from callsheet.standin.jobs.jobs import Job, Order

SERVICE, CARD, MODEL = "bytecompute", "bytecompute/ltx-2.3", "Lightricks/LTX-2.3"
KEPT_S = 24 * 3600

_IMAGES = ("image", "first_frame", "last_frame")
_FIELDS = ("model", "prompt", "duration", "resolution", "aspect_ratio", "fps", *(f"{name}_uri" for name in _IMAGES))
#: assumed: the largest of each shape that is billed as sd
_RATIOS = {"16:9": (1280, 720), "4:3": (1104, 828), "1:1": (960, 960), "3:4": (828, 1104), "4:5": (856, 1070), "9:16": (720, 1280)}
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,3})?")

#: a job's states in the assumed words, and in synonyms
_WORDS = {"queued": "queued", "running": "processing", "succeeded": "completed", "failed": "failed"}
_SYNONYMS = {"queued": "in_queue", "running": "IN_PROGRESS", "succeeded": "Succeeded", "failed": "error"}
#: failures by a job's error code
_FAILURES = {"contentPolicyViolation": "content_filtered_error"}


def _error(status: int, name: str, message: str, retry_after: str | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Reply(status, {"type": "error", "error": {"type": name, "message": message}}, headers=headers)


_UNAVAILABLE = _error(503, "service_unavailable", "No GPU is available.")
_NO_CREDIT = _error(402, "insufficient_funds_error", "The account's balance is too low.")
_ANONYMOUS = _error(401, "authentication_error", "Invalid or missing API key.")


class Unfit(Exception):
    """What is wrong with a request, in the service's style."""


class ByteCompute:
    """Answers `/v1/generate` and `/v1/jobs/...`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def routes(self) -> list[BaseRoute]:
        """Its routes: every call is a POST."""
        return [
            Route("/v1/generate", self._generate, methods=["POST"]),
            Route("/v1/jobs/{id}", self._job, methods=["POST"]),
            Route("/v1/jobs/{id}/download", self._download, methods=["POST"]),
        ]

    async def _generate(self, request: Request) -> Response:
        if not await self._welcome(request, "generate"):
            return _ANONYMOUS.response()
        try:
            form = read_form(request.headers.get("content-type", ""), await request.body())
            asked = spec_asked(form)
        except (Unfit, ValueError) as error:
            return _error(400, "invalid_request_error", str(error)).response()
        return self._taken(form, asked).response()

    def _taken(self, form: Form, asked: Spec) -> Reply:
        told = {**form.fields, "files": {name: upload.log_entry() for name, upload in form.files.items()}}
        key, prompt = self._stage.jobs.fresh_key(SERVICE, told), form.fields["prompt"]
        if struck := self._struck_before(key, prompt):
            return struck
        tight = self._stage.trouble.strikes("adjust", key, prompt)
        got = granted(asked, share=Fraction(3, 5) if tight else Fraction(1))
        order = _order(key, prompt, got, {**told, "adjustments": adjustments(asked, got)})
        if self._stage.jobs.charge(order) > self._stage.jobs.left(SERVICE):
            return _NO_CREDIT
        self._stage.jobs.accept([order])
        job = self._stage.jobs.get(SERVICE, key)
        assert job is not None
        after = self._stage.struck_after(key, prompt, _UNAVAILABLE)
        return after or Reply(200, {name: _told(job)[name] for name in ("id", "status", "created_at", "adjustments")})

    async def _job(self, request: Request) -> Response:
        job = await self._known(request, "job")
        if isinstance(job, Reply):
            return job.response()
        struck = self._stage.struck_poll(job.order.key, job.order.prompt)
        return (struck or Reply(200, _told(job))).response()

    async def _download(self, request: Request) -> Response:
        job = await self._known(request, "download")
        if isinstance(job, Reply):
            return job.response()
        if not job.clips:
            said = "failed" if job.failure else "is not completed yet"
            return _error(409, "conflict", f"Job '{job.order.key}' {said}: there is no video to download.").response()
        if self._stage.trouble.strikes("expired-url", job.order.key, job.order.prompt):
            return _error(403, "permission_error", "The download has expired.").response()
        response = await self._stage.handed_out(job, job.clips[0], request.headers.get("range"))
        response.headers["content-disposition"] = f'attachment; filename="{job.order.key}.mp4"'
        return response

    async def _welcome(self, request: Request, what: str) -> bool:
        """Whether the key is accepted: every key is, except an empty one and one that starts with "bad"."""
        await self._stage.count_request(request)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip() or key.strip().startswith("bad"):
            return False
        self._stage.tally[f"{SERVICE} {what}"] += 1
        return True

    async def _known(self, request: Request, what: str) -> Job | Reply:
        """The job that a request asks about. After 24 hours, a job is unknown."""
        if not await self._welcome(request, what):
            return _ANONYMOUS
        key = request.path_params["id"]
        job, config = self._stage.jobs.get(SERVICE, key), self._stage.config
        if job is None or config.clock() - job.accepted_at > config.life(KEPT_S):
            return _error(404, "not_found", f"Job '{key}' not found")
        return job

    def _struck_before(self, key: str, prompt: str) -> Reply | None:
        wait = str(ceil(self._stage.config.pause(30)))
        replies: Mapping[str, Reply] = {
            "lost-request": DROPPED,
            "busy": _error(429, "concurrency_limit_error", "Too many jobs are in the queue.", wait),
            "busy-day": _error(429, "rate_limit_error", "The day's limit is reached.", "86400"),
            "unavailable": _UNAVAILABLE,
            "no-credit": _NO_CREDIT,
            "retired": _error(400, "invalid_request_error", f"The model '{MODEL}' is no longer available."),
        }
        fault = self._stage.trouble.first(replies, key, prompt)
        return replies[fault] if fault else None


def spec_asked(form: Form) -> Spec:
    """What a form asks for, before any negotiation. Unfit if the page says that it is refused."""
    fields = form.fields
    unknown = [*(set(fields) - set(_FIELDS)), *(set(form.files) - set(_IMAGES))]
    if unknown:
        raise Unfit(f"Unknown parameter '{min(unknown)}'.")
    for name in ("model", "prompt"):
        if not fields.get(name):
            raise Unfit(f"Missing required parameter '{name}'.")
    if fields["model"] != MODEL:
        raise Unfit(f"The model '{fields['model']}' does not exist.")
    if wrong := unknown_tags(fields["prompt"]):
        raise Unfit(f"There is no fault '{wrong[0]}'.")
    _check_images(form)
    seconds, fps = fields.get("duration", "5"), fields.get("fps", "25")
    if not _NUMBER.fullmatch(seconds):
        raise Unfit("'duration' must be a number of seconds.")
    if fps not in map(str, RATES):
        raise Unfit("'fps' must be 25 or 50.")
    return Spec(*_size(fields), int(fps), Fraction(seconds))


def _size(fields: Mapping[str, str]) -> tuple[int, int]:
    """A resolution takes priority over an aspect ratio."""
    if "resolution" in fields:
        found = _SIZE.fullmatch(fields["resolution"])
        if found is None or not int(found[1]) or not int(found[2]):
            raise Unfit("'resolution' must be WIDTHxHEIGHT.")
        return int(found[1]), int(found[2])
    ratio = fields.get("aspect_ratio", "16:9")
    if ratio not in _RATIOS:
        raise Unfit(f"'aspect_ratio' must be one of {', '.join(_RATIOS)}.")
    return _RATIOS[ratio]


def _check_images(form: Form) -> None:
    """Each frame has at most one image, and the fields of the two kinds of video aren't mixed."""
    given = {name for name in _IMAGES if name in form.files or f"{name}_uri" in form.fields}
    for name in given:
        if name in form.files and f"{name}_uri" in form.fields:
            raise Unfit(f"'{name}' and '{name}_uri' can't both be given.")
        if not _is_image(form, name):
            raise Unfit(f"Unsupported image format in '{name}'. Send JPEG, PNG, GIF, BMP or WebP.")
    if "image" in given and len(given) > 1:
        raise Unfit("'image' can't be given together with first or last frame.")
    if "last_frame" in given and "first_frame" not in given:
        raise Unfit("'last_frame' needs a 'first_frame'.")


def _is_image(form: Form, name: str) -> bool:
    """A URL is accepted unseen: nothing is fetched here."""
    if name in form.files:
        return kind(form.files[name].data) in IMAGES
    uri = form.fields[f"{name}_uri"]
    return uri.startswith(("https://", "http://")) or (uri.startswith("data:") and kind(bytes_of(uri) or b"") in IMAGES)


def _order(key: str, prompt: str, got: Spec, request: Mapping[str, Any]) -> Order:
    return Order(
        key=key,
        service=SERVICE,
        model=CARD,
        prompt=prompt,
        width=got.width,
        height=got.height,
        fps=got.fps,
        frames=got.frames,
        sound=True,
        container="MP4",
        results=1,
        price=got.price,
        request=request,
    )


def _told(job: Job) -> Item:
    """The answer to a poll."""
    words = _SYNONYMS if "status-synonyms" in job.faults else _WORDS
    failure = {"type": _FAILURES.get(job.failure[0], "api_error"), "message": job.failure[1]} if job.failure else None
    return {
        "id": job.order.key,
        "status": words[job.state],
        "progress": (100 if "progress-string" not in job.faults else "100.00") if job.state == "succeeded" else job.progress_value(),
        "created_at": _time(job.accepted_at),
        "completed_at": _time(job.ended_at) if job.ended else None,
        "adjustments": job.order.request["adjustments"],
        "error": failure,
    }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
