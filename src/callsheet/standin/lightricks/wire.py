"""Lightricks' side of the wire (LTX API v2): JSON comes in and an id goes out; a job is polled at its endpoint, and the film has a public URL.

Written from descriptions of its OpenAPI document, not from our client, and never compared with the real service. Assumptions, because those don't say more:
the names of a request's fields; a field, size, length or rate that isn't listed is refused; a job is known only at its own endpoint, and for 24 hours from its
acceptance; no answer has a cost; the prices are another seller's for the same model; a film with a sound is as long as the sound.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from math import ceil
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callsheet.domain.errors import MediaError
from callsheet.standin.http.file_kinds import IMAGES, SOUNDS, bytes_of, kind
from callsheet.standin.http.param_rules import FLAG, OneOf, Rule, Text, Wrong, wrong_fields
from callsheet.standin.http.reply import DROPPED, Item, Reply
from callsheet.standin.http.stage import Stage
from callsheet.standin.jobs import sample_sound
from callsheet.standin.jobs.faults import unknown_tags
from callsheet.standin.jobs.jobs import Job, Order

SERVICE, CARD, MODEL = "lightricks", "lightricks/ltx-2.3", "ltx-2-3-pro"
KEPT_S = 24 * 3600
TEXT, PICTURE, SOUND = "text-to-video", "image-to-video", "audio-to-video"
#: micro-USD per second, by resolution
_RATES = {
    **dict.fromkeys(("1920x1080", "1080x1920"), 80_000),
    **dict.fromkeys(("2560x1440", "1440x2560"), 160_000),
    **dict.fromkeys(("3840x2160", "2160x3840"), 320_000),
}
#: accepted lengths of a sound, seconds
_SOUND_S = (2.0, 20.0)

_COMMON: Mapping[str, Rule] = {
    "model": OneOf((MODEL,)),
    "prompt": Text(1, 10_000),
    "resolution": OneOf(tuple(_RATES)),
    "fps": OneOf((24, 25, 48, 50)),
}
#: 6, 8 and 10 s are from another service's page of the same model; the others from the maker's own desktop application of 2026-08 (read, not tried)
_LENGTHS = (2, 3, 4, 5, 6, 8, 10)
#: in the maker's shipped code (read, not tried)
_CAMERA = ("static", "dolly_in", "dolly_out", "dolly_left", "dolly_right", "jib_up", "jib_down", "focus_shift")
_TIMED: Mapping[str, Rule] = {
    **_COMMON,
    "duration": OneOf(_LENGTHS),
    "generate_audio": FLAG,
    "enhance_prompt": FLAG,  # a client's test sends it (read, not tried); the default is unknown
    "camera_motion": OneOf(_CAMERA),
}
_ADDRESS = Text(1, 64 << 20)
#: an uploaded file's address (the scheme is assumed), and how long an upload to it is accepted, seconds
_STORED = re.compile(r"ltx://uploads/([0-9a-f-]{36})")
_UPLOAD_S = 3600
_FILES = ("image_uri", "last_frame_uri", "audio_uri")
_FIELDS: Mapping[str, Mapping[str, Rule]] = {
    TEXT: _TIMED,
    PICTURE: {**_TIMED, "image_uri": _ADDRESS, "last_frame_uri": _ADDRESS},
    SOUND: {**_COMMON, "audio_uri": _ADDRESS, "image_uri": _ADDRESS},
}
_NEEDED = {
    TEXT: ("model", "prompt", "resolution", "duration"),
    PICTURE: ("model", "prompt", "resolution", "duration", "image_uri"),
    SOUND: ("model", "prompt", "resolution", "audio_uri"),
}
_WORDS = {"queued": "pending", "running": "processing", "succeeded": "completed", "failed": "failed"}
_SYNONYMS = {"queued": "QUEUED", "running": "in_progress", "succeeded": "Succeeded", "failed": "error"}
_FAILURES = {"contentPolicyViolation": "content_filtered_error"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A valid request: its fields, the number of frames, and the samples of its sound."""

    endpoint: str
    fields: Mapping[str, Any]
    frames: int
    voice: bytes = b""

    @property
    def price(self) -> int:
        """Micro-USD: the film's seconds, rounded up, times the size's price."""
        return _RATES[self.fields["resolution"]] * ceil(self.frames / self.fps)

    @property
    def fps(self) -> int:
        """Frames per second; 25 by default."""
        return self.fields.get("fps", 25)


def _error(status: int, name: str, message: str, retry_after: int | None = None) -> Reply:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status, {"type": "error", "error": {"type": name, "message": message}}, headers=headers)


_UNAVAILABLE = _error(503, "service_unavailable", "No worker is available.")
_NO_CREDIT = _error(402, "insufficient_funds_error", "The account's balance is too low.")
_ANONYMOUS = _error(401, "authentication_error", "Invalid or missing API key.")


class Lightricks:
    """Answers `/v2/ENDPOINT`, `/v2/ENDPOINT/ID`, and `/v1/upload` with the addresses that it gives."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._uploads: dict[str, float] = {}

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        return [
            Route("/v1/upload", self._upload, methods=["POST"]),
            Route("/standin/uploads/{id}", self._put, methods=["PUT"]),
            Route("/v2/{endpoint}", self._submit, methods=["POST"]),
            Route("/v2/{endpoint}/{id}", self._job, methods=["GET"]),
        ]

    async def _upload(self, request: Request) -> Response:
        """An address for an upload, and the one by which requests name the file. The names in the answer are assumed."""
        if refused := await self._unwelcome(request, TEXT, "upload"):
            return refused.response()
        key = self._stage.jobs.fresh_key(SERVICE, {"upload": self._stage.tally[f"{SERVICE} upload"]})
        until = self._stage.config.clock() + _UPLOAD_S
        told = {
            "upload_url": f"{self._stage.base}/standin/uploads/{key}",
            "storage_uri": f"ltx://uploads/{key}",
            "expires_at": _time(until),
        }
        self._uploads[key] = until
        return Reply(200, {**told, "required_headers": {}}).response()

    async def _put(self, request: Request) -> Response:
        """A file's bytes. No key is needed: for an hour, the address itself is the permission."""
        key, data = str(request.path_params["id"]), await request.body()
        if self._uploads.get(key, 0.0) < self._stage.config.clock():
            return _error(403, "permission_error", "This address has expired.").response()
        if kind(data) not in (*IMAGES, *SOUNDS):
            return _error(400, "invalid_request_error", "The file is no picture and no sound.").response()
        self._stage.store.keep(key, data)
        return Reply(200, {}).response()

    async def _submit(self, request: Request) -> Response:
        endpoint = str(request.path_params["endpoint"])
        if refused := await self._unwelcome(request, endpoint):
            return refused.response()
        try:
            asked = await _read(endpoint, await request.body(), self._stored)
        except ValueError as error:
            return _error(400, "invalid_request_error", str(error)).response()
        return self._taken(asked).response()

    def _stored(self, uri: str) -> str:
        """An uploaded file as a data URI; other addresses unchanged."""
        found = _STORED.fullmatch(uri)
        data = self._stage.store.read(found[1]) if found else None
        if found and data is None:
            raise ValueError(f"There is no upload {uri!r}.")
        return f"data:{kind(data)};base64,{base64.b64encode(data).decode()}" if data is not None else uri

    def _taken(self, asked: _Asked) -> Reply:
        told = {
            **asked.fields,
            **{name: _digest(asked.fields[name]) for name in _FILES if name in asked.fields},
            "endpoint": asked.endpoint,
        }
        key, prompt = self._stage.jobs.fresh_key(SERVICE, told), str(asked.fields["prompt"])
        if struck := self._struck_before(key, prompt):
            return struck
        order = _order(key, asked, told)
        if self._stage.jobs.charge(order) > self._stage.jobs.left(SERVICE):
            return _NO_CREDIT
        if asked.voice:
            order = replace(order, voice=sha256(asked.voice).hexdigest())
            self._stage.store.keep(order.voice, asked.voice)
        self._stage.jobs.accept([order])
        job = self._stage.jobs.get(SERVICE, key)
        assert job is not None
        return self._stage.struck_after(key, prompt, _UNAVAILABLE) or Reply(202, {"id": key, "created_at": _time(job.accepted_at)})

    async def _job(self, request: Request) -> Response:
        endpoint, key = str(request.path_params["endpoint"]), str(request.path_params["id"])
        if refused := await self._unwelcome(request, endpoint, "job"):
            return refused.response()
        job, config = self._stage.jobs.get(SERVICE, key), self._stage.config
        if job is None or job.order.request["endpoint"] != endpoint or config.clock() - job.accepted_at > config.life(KEPT_S):
            return _error(404, "not_found_error", f"Job '{key}' not found.").response()
        return (self._stage.struck_poll(key, job.order.prompt) or Reply(200, self._told(job))).response()

    def _told(self, job: Job) -> Item:
        words = _SYNONYMS if "status-synonyms" in job.faults else _WORDS
        told: Item = {"id": job.order.key, "status": words[job.state], "created_at": _time(job.accepted_at)}
        if job.failure:
            told["error"] = {"type": _FAILURES.get(job.failure[0], "api_error"), "message": job.failure[1]}
        if job.clips:
            told["result"] = {"video_url": f"{self._stage.base}/standin/films/{job.clips[0].asset}.mp4"}
        return told

    async def _unwelcome(self, request: Request, endpoint: str, what: str = "") -> Reply | None:
        """Why a request is refused unread: its key (empty, or starting with "bad"), or an unknown endpoint."""
        await self._stage.count_request(request)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip() or key.strip().startswith("bad"):
            return _ANONYMOUS
        if endpoint not in _FIELDS:
            return _error(404, "not_found_error", "There is no such endpoint.")
        self._stage.tally[f"{SERVICE} {what or endpoint}"] += 1
        return None

    def _struck_before(self, key: str, prompt: str) -> Reply | None:
        replies: Mapping[str, Reply] = {
            "lost-request": DROPPED,
            "busy": _error(429, "concurrency_limit_error", "Two jobs are running already.", ceil(self._stage.config.pause(30))),
            "busy-day": _error(429, "rate_limit_error", "The day's limit is reached.", 86_400),
            "unavailable": _UNAVAILABLE,
            "no-credit": _NO_CREDIT,
            "retired": _error(400, "invalid_request_error", f"The model '{MODEL}' is no longer available."),
        }
        fault = self._stage.trouble.first(replies, key, prompt)
        return replies[fault] if fault else None


async def _read(endpoint: str, body: bytes, stored: Callable[[str], str]) -> _Asked:
    """A request's body. ValueError with the reason if it is refused."""
    fields: object = json.loads(body)
    if not isinstance(fields, dict):
        raise ValueError("The body must be an object.")  # noqa: TRY004  # what a client sends is never a programmer's slip of ours
    asked = cast("dict[str, Any]", fields)
    for wrong in wrong_fields(asked, _FIELDS[endpoint], _NEEDED[endpoint]):
        raise ValueError(_worded(wrong))
    if strangers := unknown_tags(asked["prompt"]):
        raise ValueError(f"There is no fault {strangers[0]!r}.")
    asked = {name: stored(value) if name in _FILES else value for name, value in asked.items()}
    for name in ("image_uri", "last_frame_uri"):
        if name in asked and not _is_file(asked[name], IMAGES):
            raise ValueError(f"'{name}' is no picture.")
    if endpoint == SOUND:
        return await _with_sound(asked)
    return _Asked(endpoint, asked, int(asked["duration"]) * int(asked.get("fps", 25)))


async def _with_sound(fields: Mapping[str, Any]) -> _Asked:
    """A sound has to be a data URI: nothing is fetched here."""
    data = bytes_of(fields["audio_uri"]) or b""
    found = kind(data)
    if found not in SOUNDS:
        raise ValueError("'audio_uri' is no sound that can be read.")
    try:
        samples = await asyncio.to_thread(sample_sound.decoded, data, str(found))
    except MediaError:
        raise ValueError("'audio_uri' is a sound that can't be decoded.") from None
    if not _SOUND_S[0] <= sample_sound.seconds(samples) <= _SOUND_S[1]:
        raise ValueError(f"The sound must last {_SOUND_S[0]:g} to {_SOUND_S[1]:g} seconds.")
    return _Asked(SOUND, fields, ceil(sample_sound.seconds(samples) * int(fields.get("fps", 25))), samples)


def _worded(wrong: Wrong) -> str:
    if wrong.parameter == "model" and not wrong.code.startswith("missing"):
        return "The model does not exist."
    return f"Missing '{wrong.parameter}'." if wrong.code.startswith("missing") else f"'{wrong.parameter}': {wrong.message}"


def _is_file(uri: str, kinds: tuple[str, ...]) -> bool:
    """Addresses are accepted unseen; bytes are checked."""
    return uri.startswith("https://") or (uri.startswith("data:") and kind(bytes_of(uri) or b"") in kinds)


def _digest(uri: str) -> str:
    """A file in the job log: an address as it is, bytes by their hash."""
    return uri if uri.startswith("https://") else f"sha256:{sha256(uri.encode()).hexdigest()}"


def _order(key: str, asked: _Asked, request: Mapping[str, Any]) -> Order:
    width, height = map(int, asked.fields["resolution"].split("x"))
    return Order(
        key=key,
        service=SERVICE,
        model=CARD,
        prompt=asked.fields["prompt"],
        width=width,
        height=height,
        fps=asked.fps,
        frames=asked.frames,
        sound=bool(asked.fields.get("generate_audio", True)),
        container="MP4",
        results=1,
        price=asked.price,
        request=request,
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
