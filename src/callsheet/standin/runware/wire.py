"""Runware's side of the wire: one URL; an array of tasks comes in, `data` and `errors` go out. Written from its pages, not from our client.

Where the pages are silent, the stand-in does what is hardest for a client: a response that has only errors is a 400, even to a poll;
an unknown task gets no item; a task's archive shows its last response, even if that is a refusal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from hashlib import sha256
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from callsheet.standin.http.downloads import MEDIA_TYPES
from callsheet.standin.http.file_kinds import bytes_of, kind
from callsheet.standin.http.param_rules import Wrong, missing
from callsheet.standin.http.reply import DROPPED, PER_USD, Item, Reply, usd
from callsheet.standin.http.stage import Stage
from callsheet.standin.http.webhook_sender import Letter
from callsheet.standin.jobs.faults import unknown_tags
from callsheet.standin.jobs.jobs import Job, Order
from callsheet.standin.runware.models import MODELS, wrong_task

Task = Mapping[str, Any]

_DOCS = "https://runware.ai/docs/platform/errors"
_SESSION = "5a0d11d5-7d0e-4c4b-9f55-5d1f6e0c7a11"
_ORGANIZATION = "c0ffee00-0000-4000-8000-000000000001"


@dataclass(slots=True)
class _Answer:
    """The answer to one request, collected task by task."""

    data: list[Item] = field(default_factory=list[Item])
    errors: list[Item] = field(default_factory=list[Item])
    orders: list[Order] = field(default_factory=list[Order])

    def reply(self) -> Reply:
        """Errors alone make a 400. Empty arrays are left out, except `data` if there is nothing else."""
        if self.errors and not self.data:
            return Reply(400, {"errors": self.errors})
        body: Item = {"data": self.data}
        return Reply(200, {**body, "errors": self.errors} if self.errors else body)


#: faults before anything is accepted, and their replies
_BEFORE: Mapping[str, Reply] = {
    "lost-request": DROPPED,
    "busy": Reply(429, {"errors": [{"code": "rateLimitExceeded", "message": "The queue is full. Try again later."}]}),
    "busy-day": Reply(429, {"errors": [{"code": "rateLimitExceeded", "message": "The day's limit is reached. Try again tomorrow."}]}),
    "unavailable": Reply(503, {"errors": [{"code": "serviceUnavailable", "message": "The service is temporarily out of capacity."}]}),
    "no-credit": Reply(402, {"errors": [{"code": "insufficientCredits", "message": "The account's balance is too low."}]}),
}


class Runware:
    """Answers requests to `/v1`, as POST and over a WebSocket."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._jobs, self._trouble = stage, stage.jobs, stage.trouble
        self._refused: dict[str, Item] = {}
        self._jobs.watch(self._call_back)
        self._handlers: Mapping[str, Callable[[Task, _Answer, str], None]] = {
            "getResponse": self._get_response,
            "getTaskDetails": self._get_task_details,
            "accountManagement": self._account,
            "mediaStorage": self._media_storage,
            "imageUpload": lambda task, answer, base: self._upload(task, answer, "image", base),
            "ping": lambda _task, answer, _base: answer.data.append({"taskType": "ping", "pong": True}),
        }

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        return [Route("/v1", self._post, methods=["POST"])]

    async def _post(self, request: Request) -> Response:
        await self._stage.count_request(request)
        authorization, dry = request.headers.get("authorization", ""), request.headers.get("x-runware-dry-run") == "1"
        return self.answer(await request.body(), authorization=authorization, dry=dry).response()

    def answer(self, raw: bytes, *, authorization: str, dry: bool) -> Reply:
        """The answer to one POST. With `dry`, the tasks are only validated and priced."""
        tasks = read_tasks(raw)
        if tasks is None:
            return NO_TASKS
        signing, tasks = signing_in(tasks)
        if problem := bad_key(signing, authorization):
            return problem
        return self.answered(tasks, [signed_in(_SESSION)] if signing else [], dry=dry)

    def answered(self, tasks: Sequence[Task], data: list[Item], *, dry: bool) -> Reply:
        """The answer to the tasks of a request with a valid key, appended to `data`."""
        self._stage.tally.update("dryRun" if dry else str(task.get("taskType")) for task in tasks)
        if not dry and (struck := self._struck_before(tasks)):
            return struck
        answer = _Answer(data)
        for task in tasks:
            self._look_at(task, answer, dry, self._stage.base)
        self._jobs.accept(answer.orders)
        for order in answer.orders:
            if struck := self._stage.struck_after(order.key, order.prompt, _BEFORE["unavailable"]):
                return struck
        return answer.reply()

    def _look_at(self, task: Task, answer: _Answer, dry: bool, base: str) -> None:
        kind = task.get("taskType")
        if kind == "videoInference":
            self._video_inference(task, answer, dry)
        elif isinstance(kind, str) and kind in self._handlers:
            self._handlers[kind](task, answer, base)
        else:
            known = ("videoInference", *self._handlers)
            answer.errors.append(_error(task, Wrong("invalidTaskType", "taskType", f"There is no task type {kind!r} here.", known)))

    def _video_inference(self, task: Task, answer: _Answer, dry: bool) -> None:
        key = task.get("taskUUID")
        if not dry and (key in self._jobs or any(order.key == key for order in answer.orders)):
            again = _error(task, Wrong("conflictTaskUUID", "taskUUID", f"A task with the UUID {key} was submitted before."))
            self._refused[str(key)] = again
            answer.errors.append(again)
            return
        wrong = wrong_task(task)
        if not wrong:
            tags = unknown_tags(task["positivePrompt"])
            wrong = [Wrong("invalidPositivePrompt", "positivePrompt", f"There is no fault {name!r}.") for name in tags]
        if not wrong and self._trouble.strikes("retired", str(key), task["positivePrompt"]):
            wrong.append(Wrong("invalidModel", "model", f"The model {task.get('model')!r} is no longer available."))
        if wrong:
            answer.errors.extend(_error(task, one) for one in wrong)
            return
        order = order_of(task)
        if dry:
            over = self._trouble.strikes("quote-higher", order.key, order.prompt)
            answer.data.append({**_head(task), "cost": usd(self._jobs.charge(order, over=over) * order.results)})
        else:
            answer.data.append(_head(task))
            answer.orders.append(order)

    def _get_response(self, task: Task, answer: _Answer, base: str) -> None:
        job = self._jobs.get("runware", str(task.get("taskUUID")))
        if job is not None:
            items, errors = poll_items(job, base)
            answer.data.extend(items)
            answer.errors.extend(errors)

    def _get_task_details(self, task: Task, answer: _Answer, base: str) -> None:
        key = str(task.get("taskUUID"))
        job = self._jobs.get("runware", key)
        if job is None:
            return
        response: Item
        if key in self._refused:
            response = {"errors": [self._refused[key]]}
        elif not job.ended:  # the acknowledgement until then
            response = {"data": [_head(job.order.request)]}
        else:
            data, errors = poll_items(job, base)
            response = {"data": data} if data else {"errors": errors}
        answer.data.append({"taskType": "getTaskDetails", "taskUUID": key, "request": [job.order.request], "response": response})

    def _account(self, task: Task, answer: _Answer, _base: str) -> None:
        if task.get("operation") != "getDetails":
            answer.errors.append(_error(task, Wrong("invalidOperation", "operation", "Only getDetails is served here.", ("getDetails",))))
            return
        charged = self._jobs.charged("runware")
        balance = float(self._stage.config.credit - Decimal(charged) / PER_USD)
        in_object = self._trouble.strikes("balance-object", "runware")
        spent, asked = usd(charged), self._stage.tally["videoInference"]
        usage = {span: {"credits": spent, "requests": asked} for span in ("total", "today", "last7Days", "last30Days")}
        answer.data.append(
            {
                **_head(task),
                "operation": "getDetails",
                "organizationUUID": _ORGANIZATION,
                "organizationName": "Stand-in",
                "balance": {"amount": balance, "currency": "USD"} if in_object else balance,  # assumed: the object's names aren't published
                "team": [],
                "apiKeys": [],
                "usage": usage,
            }
        )

    def _media_storage(self, task: Task, answer: _Answer, base: str) -> None:
        operation = task.get("operation")
        if operation == "upload":
            self._upload(task, answer, "media", base)
        elif operation == "delete" and self._stage.store.drop(str(task.get("media"))):
            answer.data.append({**_head(task), "operation": "delete", "mediaUUID": task["media"]})
        else:
            wrong = Wrong("invalidOperation", "operation", "'operation' must be upload or delete.", ("upload", "delete"))
            if operation == "delete":
                wrong = Wrong("mediaNotFound", "media", f"There is no media {task.get('media')!r}.")
            answer.errors.append(_error(task, wrong))

    def _upload(self, task: Task, answer: _Answer, name: str, base: str) -> None:
        """A data URI or bare base64 is stored; a URL is refused, because nothing is fetched here."""
        given = task.get(name)
        data = bytes_of(given) if isinstance(given, str) else None
        if data is None or kind(data) is None:
            known = "a data URI or base64 of JPEG, PNG, GIF, BMP, WebP, MP3, WAV, OGG, FLAC or MP4; this stand-in fetches no URL"
            answer.errors.append(
                _error(task, Wrong(f"invalid{name.capitalize()}", name, f"'{name}' must be {known}.") if given else missing(name))
            )
            return
        key = self._jobs.fresh_key("runware", {"upload": sha256(data).hexdigest(), "task": task.get("taskUUID")})
        self._stage.store.keep(key, data)
        operation = {"operation": "upload"} if name == "media" else {}
        answer.data.append({**_head(task), **operation, f"{name}UUID": key, f"{name}URL": f"{base}/standin/media/{key}"})

    def _call_back(self, job: Job) -> None:
        """The webhooks of a job that has ended: each item is a post of its own, without an envelope. Before them, its clips are sent to the order's upload address."""
        if job.order.service != "runware" or not job.ended:
            return
        upload_to = job.order.request.get("uploadEndpoint")
        if upload_to and job.clips:  # several clips of one order go to the same address, and the last one stays
            kind = {"Content-Type": MEDIA_TYPES[job.order.container.lower()]}
            films = [Letter(upload_to, headers=kind, method="PUT", made=partial(self._stage.film_bytes, job, clip)) for clip in job.clips]
            self._stage.courier.send(job.order.key, films)
        url = job.order.request.get("webhookURL")
        if not url:
            return
        items, errors = poll_items(job, self._stage.base)
        letters = [Letter(url, json.dumps(item).encode()) for item in (*items, *errors)]
        if "late-webhook" in job.faults:
            letters.reverse()
        self._stage.courier.send(job.order.key, letters * 2 if "duplicate-webhook" in job.faults else letters)

    def _struck_before(self, tasks: Sequence[Task]) -> Reply | None:
        """A fault of any task strikes the whole request."""
        for task in tasks:
            key, prompt = str(task.get("taskUUID")), str(task.get("positivePrompt", ""))
            if task.get("taskType") == "videoInference" and (fault := self._trouble.first(_BEFORE, key, prompt)):
                return _BEFORE[fault]
        polled = [str(task.get("taskUUID")) for task in tasks if task.get("taskType") == "getResponse"]
        jobs = [job for key in polled if (job := self._jobs.get("runware", key))]
        if not jobs:
            return None
        order = next((job.order for job in jobs if "[[fault:poll-502" in job.order.prompt), jobs[0].order)
        return self._stage.struck_poll(order.key, order.prompt)


def order_of(task: Task) -> Order:
    """The order in a valid task, with the model's defaults; its price is the list price of one result."""
    model = MODELS[task["model"]]
    width, height = task.get("width") or model.size[0], task.get("height") or model.size[1]
    seconds, fps = Fraction(task.get("duration", model.duration)), task.get("fps", model.fps)
    return Order(
        key=task["taskUUID"],
        service="runware",
        model=model.air,
        prompt=task["positivePrompt"],
        width=width,
        height=height,
        fps=fps,
        frames=int(seconds * fps),
        sound=model.sound(task),
        container=task.get("outputFormat", "MP4").upper(),
        results=task.get("numberResults", 1),
        price=int(model.rate(width, height) * seconds),
        request=dict(task),
    )


def poll_items(job: Job, base: str) -> tuple[list[Item], list[Item]]:
    """A poll's items for a job: those of `data`, and those of `errors`."""
    head = _head(job.order.request)
    if job.failure:
        error = _error(job.order.request, Wrong(job.failure[0], "", job.failure[1]))
        in_data = {**head, "status": "error", "error": {"code": error["code"], "message": error["message"]}}
        return ([in_data], []) if "error-in-data" in job.faults else ([], [{**error, "status": "error"}])
    if not job.ended:
        status = "pending" if "status-synonyms" in job.faults else "processing"  # the name in older pages
        return [{**head, "status": status, "progress": job.progress_value()}], []
    safety = job.order.request.get("safety", {})
    checked = bool(safety.get("checkContent")) or safety.get("mode", "none") != "none"  # assumed: without a check, the answer has no flag
    tells_cost = job.order.request.get("includeCost") is True and "no-cost" not in job.faults
    failed = [{**_error(job.order.request, _PARTIAL), "status": "error"}] * (job.order.results - len(job.clips))
    return [
        {
            **head,
            "status": "success",
            "videoUUID": clip.asset,
            "videoURL": f"{base}/standin/films/{clip.asset}.{job.order.container.lower()}",
            "seed": clip.seed,
            **({"NSFWContent": "nsfw" in job.faults} if checked else {}),
            **({"cost": 0 if "zero-cost" in job.faults else usd(clip.cost)} if tells_cost else {}),
        }
        for clip in job.clips
    ], failed


def read_tasks(raw: bytes) -> list[Task] | None:
    """The tasks in a body or frame; None if it has anything else."""
    try:
        body: object = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, list) or not body:
        return None
    tasks = cast("list[object]", body)
    return cast("list[Task]", tasks) if all(isinstance(task, dict) for task in tasks) else None


def signing_in(tasks: list[Task]) -> tuple[Task | None, list[Task]]:
    """The authentication task, which has to be first, and the others."""
    return (tasks[0], tasks[1:]) if tasks[0].get("taskType") == "authentication" else (None, tasks)


def signed_in(session: str) -> Item:
    """The answer to an authentication."""
    return {"taskType": "authentication", "connectionSessionUUID": session}


def bad_key(signing: Task | None, authorization: str) -> Reply | None:
    """Every key is accepted, except an empty one and one that starts with "bad"."""
    kind, _, bearer = authorization.partition(" ")
    key = str(signing.get("apiKey", "")) if signing else bearer.strip() if kind.lower() == "bearer" else ""
    if not key:
        return NOT_SIGNED_IN
    if key.startswith("bad"):
        return _refusal(401, "invalidApiKey", "The API key is not valid.")
    return None


def _refusal(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"errors": [{"code": code, "message": message, "documentation": _DOCS}]})


def _head(task: Task) -> Item:
    return {"taskType": task.get("taskType"), "taskUUID": task.get("taskUUID")}


def _error(task: Task, wrong: Wrong) -> Item:
    error = {"code": wrong.code, "message": wrong.message, **_head(task), "documentation": _DOCS}
    if wrong.parameter:
        error["parameter"] = wrong.parameter
    if wrong.allowed:
        error["allowedValues"] = list(wrong.allowed)
    return error


NOT_SIGNED_IN = _refusal(401, "missingApiKey", "No API key was given.")
NO_TASKS = _refusal(400, "invalidRequest", "The body must be a JSON array of task objects.")
_PARTIAL = Wrong("providerInferenceError", "", "The provider failed during inference.")
