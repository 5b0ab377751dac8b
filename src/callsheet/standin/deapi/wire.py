"""deAPI's side of the wire (v2, and the same under v1's addresses): three endpoints for films, each with an endpoint for its price; jobs, the account, models.

Written from its pages, not from our client. Where they are silent, the stand-in does what is hardest for a client: errors are HTML pages unless the client
accepts JSON; a result's URL is valid for an hour, then answers 403, and after two hours 410, and every poll gives a new one;
progress is a number for some jobs and a string for others.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import ceil
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from callsheet.domain.errors import MediaError
from callsheet.standin.deapi import models
from callsheet.standin.deapi.hooks import Hooks
from callsheet.standin.deapi.jobs import Results, job_status
from callsheet.standin.http.file_kinds import kind
from callsheet.standin.http.multipart import Upload, read_form
from callsheet.standin.http.reply import DROPPED, Reply, usd
from callsheet.standin.http.request_quota import Share
from callsheet.standin.http.stage import Stage
from callsheet.standin.jobs import sample_sound
from callsheet.standin.jobs.faults import unknown_tags
from callsheet.standin.jobs.jobs import Order

SERVICE = "deapi"
_ENDPOINTS = (models.GENERATIONS, models.ANIMATIONS, models.AUDIO_SYNCS)
_PAGE, _MOST_A_PAGE = 25, 50
#: version 1's root, and its names for the same endpoints; from deapi-python-sdk of 2026-03-27
_V1 = "/api/v1/client"
_OLDER = {"txt2video": models.GENERATIONS, "img2video": models.ANIMATIONS, "aud2video": models.AUDIO_SYNCS}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request's fields and files, from JSON or a form."""

    fields: Mapping[str, object] = field(default_factory=dict[str, object])
    files: Mapping[str, Upload] = field(default_factory=dict[str, Upload])


def _error(status: int, message: str, errors: models.Errors | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    body = {"data": None, "message": message, "errors": errors or [], "statusCode": status}
    return Reply(status, body, headers=headers or {})


def _invalid(errors: models.Errors) -> Reply:
    first = next(iter(errors.values()))[0]
    return _error(422, first, errors)


_UNAVAILABLE = _error(503, "Service Unavailable")
_NO_CREDIT = _invalid({"balance": ["Insufficient balance."]})
_NO_SUCH_REQUEST = _error(404, "Request not found.")


class DeApi:
    """Answers `/api/v2/...`, and serves the results."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._share = Share(stage.config)
        self._results = Results(stage)
        self._hooks = Hooks(stage, self._results)

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        return [
            Route("/api/v2/videos/{endpoint}", self._submit, methods=["POST"]),
            Route("/api/v2/videos/{endpoint}/price", self._price, methods=["POST"]),
            Route("/api/v2/jobs/{id}", self._job, methods=["GET"]),
            Route("/api/v2/account/balance", self._balance, methods=["GET"]),
            Route("/api/v2/models", self._models, methods=["GET"]),
            *self._older(),
            Route("/standin/results/{name}", self._result, methods=["GET"]),
            Route("/api/{path:path}", self._nowhere, methods=["GET", "POST"]),
        ]

    def _older(self) -> list[BaseRoute]:
        """The same under version 1's addresses, which deAPI's Python client, n8n's node and others use."""
        films = [
            route
            for name in _OLDER
            for route in (
                Route(f"{_V1}/{name}", self._submit, methods=["POST"]),
                Route(f"{_V1}/{name}/price-calculation", self._price, methods=["POST"]),
            )
        ]
        return [
            *films,
            Route(f"{_V1}/request-status/{{id}}", self._job, methods=["GET"]),
            Route(f"{_V1}/balance", self._balance, methods=["GET"]),
            Route(f"{_V1}/models", self._models, methods=["GET"]),
        ]

    async def _nowhere(self, request: Request) -> Response:
        return _answer(request, await self._unwelcome(request, "", known=False) or _NO_SUCH_REQUEST)

    async def _submit(self, request: Request) -> Response:
        endpoint = _endpoint(request)
        refused = await self._unwelcome(request, endpoint)
        if refused is None and (used_up := self._share.used_up(endpoint)):
            refused = _busy(*used_up)
        if refused:
            return _answer(request, refused)
        try:
            asked = _read(request, await request.body(), as_json=None if _is_older(request) else endpoint == models.GENERATIONS)
            return _answer(request, await self._taken(endpoint, asked))
        except ValueError as error:
            return _answer(request, _invalid({"body": [str(error)]}))

    async def _taken(self, endpoint: str, asked: _Asked) -> Reply:
        """The order taken, or why not."""
        prompt = str(asked.fields.get("prompt", ""))
        told = {**asked.fields, "endpoint": endpoint, "files": {name: upload.log_entry() for name, upload in asked.files.items()}}
        key = self._stage.jobs.fresh_key(SERVICE, told)
        if struck := self._struck_before(key, prompt):
            return struck
        errors = models.wrong_order(endpoint, asked.fields, asked.files)
        if strangers := unknown_tags(prompt):
            errors["prompt"] = [f"There is no fault {strangers[0]!r}."]
        voice = b"" if errors or "audio" not in asked.files else await _voice(asked.files["audio"].data)
        if errors or voice is None:
            return _invalid(errors or _WRONG_VOICE)
        order = _order(key, endpoint, asked.fields, told)
        if self._stage.jobs.charge(order) > self._stage.jobs.left(SERVICE):
            return _NO_CREDIT
        if voice:
            order = replace(order, voice=sha256(voice).hexdigest())
            self._stage.store.keep(order.voice, voice)
        self._stage.jobs.accept([order])
        return self._stage.struck_after(key, prompt, _UNAVAILABLE) or Reply(200, {"data": {"request_id": key}})

    async def _price(self, request: Request) -> Response:
        """A price, in the documented format. Free, and nothing is stored."""
        endpoint = _endpoint(request)
        if refused := await self._unwelcome(request, f"{endpoint} price", known=endpoint in _ENDPOINTS):
            return _answer(request, refused)
        try:
            fields = _read(request, await request.body(), as_json=None).fields
        except ValueError as error:
            return _answer(request, _invalid({"body": [str(error)]}))
        if errors := models.wrong_question(endpoint, fields):
            return _answer(request, _invalid(errors))
        prompt = str(fields.get("prompt", ""))
        over = self._stage.trouble.strikes("quote-higher", json.dumps(fields, sort_keys=True), prompt)
        order = _order("", endpoint, fields, {})
        return _answer(request, Reply(200, {"data": {"price": usd(self._stage.jobs.charge(order, over=over))}}))

    async def _job(self, request: Request) -> Response:
        if refused := await self._unwelcome(request, "job", known=True):
            return _answer(request, refused)
        job = self._stage.jobs.get(SERVICE, request.path_params["id"])
        if job is None:
            return _answer(request, _NO_SUCH_REQUEST)
        struck = self._stage.struck_poll(job.order.key, job.order.prompt)
        return _answer(request, struck or Reply(200, {"data": job_status(job, self._results.url(job))}))

    async def _balance(self, request: Request) -> Response:
        if refused := await self._unwelcome(request, "balance", known=True):
            return _answer(request, refused)
        config, charged = self._stage.config, self._stage.jobs.charged(SERVICE)
        balance = {"balance": usd(int(config.credit * 1_000_000) - charged)}
        bare = self._stage.trouble.strikes("balance-object", SERVICE)
        return _answer(request, Reply(200, balance if bare else {"data": balance}))

    async def _models(self, request: Request) -> Response:
        """Pages of the list. `per_page`, the older version's word, is ignored, as the service does."""
        if refused := await self._unwelcome(request, "models", known=True):
            return _answer(request, refused)
        size = "per_page" if _is_older(request) else "limit"
        page, limit = (request.query_params.get(name, default) for name, default in (("page", "1"), (size, str(_PAGE))))
        if not page.isdecimal() or int(page) < 1 or not limit.isdecimal() or not 1 <= int(limit) <= _MOST_A_PAGE:
            return _answer(request, _invalid({"limit": [f"Give a page from 1 and a limit from 1 to {_MOST_A_PAGE}."]}))
        return _answer(request, Reply(200, _page(str(request.url.replace(query="")), int(page), int(limit), older=_is_older(request))))

    async def _result(self, request: Request) -> Response:
        asset = request.path_params["name"].removesuffix(".mp4")
        found = self._stage.jobs.clip(asset)
        if found is None or found[0].order.service != SERVICE:
            return PlainTextResponse("There is no such result.", 404)
        if status := self._results.refusal(found[1], request.query_params):
            return PlainTextResponse("This link is not valid or has expired.", status)
        return await self._stage.handed_out(*found, request.headers.get("range"))

    async def _unwelcome(self, request: Request, what: str, *, known: bool | None = None) -> Reply | None:
        """Why a request is refused unread: its key, or an unknown URL. A key that starts with "suspended" belongs to a suspended account."""
        await self._stage.count_request(request)
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return _error(401, "Unauthenticated.")
        if key.strip().startswith("bad"):
            return _error(401, "Unauthorized user.")
        if key.strip().startswith("suspended"):
            return _error(403, "Your account is suspended.")
        if not (what in _ENDPOINTS if known is None else known):
            return _error(404, "The route could not be found.")
        self._stage.tally[f"{SERVICE} {what}"] += 1
        return None

    def _struck_before(self, key: str, prompt: str) -> Reply | None:
        replies = {
            "lost-request": DROPPED,
            "busy": _busy("minute", ceil(self._stage.config.pause(30))),
            "busy-day": _busy("daily", self._share.until_midnight()),
            "unavailable": _UNAVAILABLE,
            "no-credit": _NO_CREDIT,
            "retired": _invalid({"model": ["The selected model is invalid."]}),
        }
        fault = self._stage.trouble.first(replies, key, prompt)
        return replies[fault] if fault else None


_WRONG_VOICE: models.Errors = {"audio": [f"The audio must be a sound of {models.SOUND_S[0]:g} to {models.SOUND_S[1]:g} seconds."]}


def _is_older(request: Request) -> bool:
    return request.url.path.startswith(f"{_V1}/")


def _endpoint(request: Request) -> str:
    """The endpoint of a URL, by its name in version 2."""
    if _is_older(request):
        return _OLDER[request.url.path.removeprefix(f"{_V1}/").partition("/")[0]]
    return str(request.path_params["endpoint"])


def _busy(kind_: str, seconds: int) -> Reply:
    return _error(429, "Too Many Attempts.", headers={"Retry-After": str(seconds), "X-RateLimit-Type": kind_})


def _answer(request: Request, reply: Reply) -> Response:
    """JSON for a client that accepts it; for others, errors are an HTML page."""
    wants_json = "application/json" in request.headers.get("accept", "")
    if reply.status >= 400 and not wants_json:
        said = reply.body["message"] if isinstance(reply.body, dict) else "Error"
        reply = replace(reply, body=f"<html><head><title>{said}</title></head><body>{said}</body></html>")
    return reply.response()


def _read(request: Request, body: bytes, *, as_json: bool | None) -> _Asked:
    """The fields and files of a body that has to be JSON, or has to be a form; either is accepted for None. ValueError with the reason."""
    content_type = request.headers.get("content-type", "")
    is_json = content_type.partition(";")[0].strip().lower() == "application/json"
    if as_json if as_json is not None else is_json:
        if not is_json:
            raise ValueError("The body must be application/json.")
        fields: object = json.loads(body)
        if not isinstance(fields, dict):
            raise ValueError("The body must be an object.")
        return _Asked(cast("dict[str, object]", fields))
    form = read_form(content_type, body)
    return _Asked(models.from_text(form.fields), form.files)


async def _voice(data: bytes) -> bytes | None:
    """The samples of a sound; None if its length isn't accepted, or it can't be decoded."""
    try:
        samples = await asyncio.to_thread(sample_sound.decoded, data, str(kind(data)))
    except MediaError:
        return None
    least, most = models.SOUND_S
    return samples if least <= sample_sound.seconds(samples) <= most else None


def _order(key: str, endpoint: str, fields: Mapping[str, object], request: Mapping[str, Any]) -> Order:
    whole = models.filled(fields)
    return Order(
        key=key,
        service=SERVICE,
        model=models.CARD,
        prompt=str(fields.get("prompt", "")),
        width=whole["width"],
        height=whole["height"],
        fps=models.FPS,
        frames=whole["frames"],
        sound=True,
        container="MP4",
        results=1,
        price=models.price(endpoint, fields),
        request=request,
    )


def _page(address: str, page: int, limit: int, *, older: bool) -> dict[str, Any]:
    """Version 1 lists the kinds of work by name alone."""
    whole = [{**model, "inference_types": list(model["inference_types"])} if older else model for model in models.catalog()]
    last = max(1, ceil(len(whole) / limit))
    url = f"{address}?page="
    links = {
        "first": f"{url}1",
        "last": f"{url}{last}",
        "prev": f"{url}{page - 1}" if page > 1 else None,
        "next": f"{url}{page + 1}" if page < last else None,
    }
    meta = {"current_page": page, "last_page": last, "per_page": limit, "total": len(whole)}
    return {"data": whole[(page - 1) * limit : page * limit], "links": links, "meta": meta}
