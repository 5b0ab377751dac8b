"""The Runware wire, answered: one URL, an array of tasks in, `data` and `errors` out. Written from the vendor's pages, not from our client.

What the pages leave open is decided here the awkward way, so that a client which copes with it copes with the vendor: a response with nothing but
errors is a 400, also for a poll; an unknown task is silence; the archive of a task shows the last response it got, a refusal included.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from callsheet.standin.config import Config
from callsheet.standin.jobs import Job, Jobs, Order
from callsheet.standin.models import MODELS, wrong_task
from callsheet.standin.rules import Wrong
from callsheet.standin.trouble import Trouble, unknown_tags

Item = dict[str, Any]
Task = Mapping[str, Any]

_DOCS = "https://runware.ai/docs/platform/errors"
_PER_USD = 1_000_000
_HTML = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
_SESSION = "5a0d11d5-7d0e-4c4b-9f55-5d1f6e0c7a11"
_ORGANIZATION = "c0ffee00-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer: a status with JSON (or a page of HTML), or nothing at all where the connection drops."""

    status: int
    body: Item | str = ""
    dropped: bool = False


@dataclass(slots=True)
class _Answer:
    """What comes together while the tasks of one request are looked at."""

    data: list[Item] = field(default_factory=list[Item])
    errors: list[Item] = field(default_factory=list[Item])
    orders: list[Order] = field(default_factory=list[Order])

    def reply(self) -> Reply:
        """Errors alone are a 400; an array that would be empty is left out, but for `data` where there is nothing else."""
        if self.errors and not self.data:
            return Reply(400, {"errors": self.errors})
        body: Item = {"data": self.data}
        return Reply(200, {**body, "errors": self.errors} if self.errors else body)


#: misfortunes before anything is accepted: the reply by the fault
_BEFORE: Mapping[str, Reply] = {
    "lost-request": Reply(0, dropped=True),
    "busy": Reply(429, {"errors": [{"code": "rateLimitExceeded", "message": "The queue is full. Try again later."}]}),
    "unavailable": Reply(503, {"errors": [{"code": "serviceUnavailable", "message": "The service is temporarily out of capacity."}]}),
    "no-credit": Reply(402, {"errors": [{"code": "insufficientCredits", "message": "The account's balance is too low."}]}),
}
#: misfortunes after the jobs were accepted
_AFTER: Mapping[str, Reply] = {"lost-ack": Reply(0, dropped=True), "unavailable-after": _BEFORE["unavailable"]}


class Runware:
    """Answers requests to `/v1`. `tally` counts what was asked, by task type."""

    def __init__(self, config: Config, jobs: Jobs, trouble: Trouble) -> None:
        self._config, self._jobs, self._trouble = config, jobs, trouble
        self._refused: dict[str, Item] = {}
        self.tally: Counter[str] = Counter()
        self._handlers: Mapping[str, Callable[[Task, _Answer, str], None]] = {
            "getResponse": self._get_response,
            "getTaskDetails": self._get_task_details,
            "accountManagement": self._account,
            "ping": self._ping,
        }

    def answer(self, raw: bytes, *, authorization: str, dry: bool, base: str) -> Reply:
        """The answer to one POST. `base` is this server's own URL, where its clips are; `dry` validates and prices only."""
        tasks = _tasks(raw)
        if tasks is None:
            return _refusal(400, "invalidRequest", "The body must be a JSON array of task objects.")
        signing, tasks = _signing(tasks)
        if problem := _bad_key(signing, authorization):
            return problem
        self.tally.update("dryRun" if dry else str(task.get("taskType")) for task in tasks)
        if not dry and (struck := self._struck_before(tasks)):
            return struck
        answer = _Answer([{"taskType": "authentication", "connectionSessionUUID": _SESSION}] if signing else [])
        for task in tasks:
            self._look_at(task, answer, dry, base)
        self._jobs.accept(answer.orders)
        return self._struck_after(answer.orders) or answer.reply()

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
        wrong = wrong_task(task) or _wrong_tags(task)
        if wrong:
            answer.errors.extend(_error(task, one) for one in wrong)
            return
        order = order_of(task)
        if dry:
            answer.data.append({**_head(task), "cost": _usd(self._jobs.charge(order) * order.results)})
        else:
            answer.data.append(_head(task))
            answer.orders.append(order)

    def _get_response(self, task: Task, answer: _Answer, base: str) -> None:
        job = self._jobs.get(str(task.get("taskUUID")))
        if job is not None:
            items, errors = told(job, base)
            answer.data.extend(items)
            answer.errors.extend(errors)

    def _get_task_details(self, task: Task, answer: _Answer, base: str) -> None:
        key = str(task.get("taskUUID"))
        job = self._jobs.get(key)
        if job is None:
            return
        response: Item = {"errors": [self._refused[key]]} if key in self._refused else _last_response(job, base)
        answer.data.append({"taskType": "getTaskDetails", "taskUUID": key, "request": [job.order.request], "response": response})

    def _account(self, task: Task, answer: _Answer, _base: str) -> None:
        if task.get("operation") != "getDetails":
            answer.errors.append(_error(task, Wrong("invalidOperation", "operation", "Only getDetails is served here.", ("getDetails",))))
            return
        spent, asked = _usd(self._jobs.charged()), self.tally["videoInference"]
        usage = {span: {"credits": spent, "requests": asked} for span in ("total", "today", "last7Days", "last30Days")}
        answer.data.append(
            {
                **_head(task),
                "operation": "getDetails",
                "organizationUUID": _ORGANIZATION,
                "organizationName": "Stand-in",
                "balance": float(self._config.credit - Decimal(self._jobs.charged()) / _PER_USD),
                "team": [],
                "apiKeys": [],
                "usage": usage,
            }
        )

    def _ping(self, _task: Task, answer: _Answer, _base: str) -> None:
        answer.data.append({"taskType": "ping", "pong": True})

    def _struck_before(self, tasks: Sequence[Task]) -> Reply | None:
        """A misfortune strikes the request as a whole, whichever of its tasks drew it."""
        for task in tasks:
            key, prompt = str(task.get("taskUUID")), str(task.get("positivePrompt", ""))
            if task.get("taskType") == "videoInference" and (fault := self._trouble.first(_BEFORE, key, prompt)):
                return _BEFORE[fault]
        polled = [str(task.get("taskUUID")) for task in tasks if task.get("taskType") == "getResponse"]
        jobs = [job for key in polled if (job := self._jobs.get(key))]
        if not jobs:
            return None
        order = next((job.order for job in jobs if "[[fault:poll-502" in job.order.prompt), jobs[0].order)
        return Reply(502, _HTML) if self._trouble.strikes("poll-502", order.key, order.prompt) else None

    def _struck_after(self, orders: Sequence[Order]) -> Reply | None:
        fault = next((fault for order in orders if (fault := self._trouble.first(_AFTER, order.key, order.prompt))), None)
        return _AFTER[fault] if fault else None


def order_of(task: Task) -> Order:
    """The order in a task that was found right, with the model's defaults; its price is the list's for one result."""
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
        container=task.get("outputFormat", "MP4"),
        results=task.get("numberResults", 1),
        price=int(model.rate(width, height) * seconds),
        request=dict(task),
    )


def told(job: Job, base: str) -> tuple[list[Item], list[Item]]:
    """What a poll is told of a job: items of `data`, and items of `errors`."""
    head = _head(job.order.request)
    if job.failure:
        error = _error(job.order.request, Wrong(job.failure[0], "", job.failure[1]))
        in_data = {**head, "status": "error", "error": {"code": error["code"], "message": error["message"]}}
        return ([in_data], []) if "error-in-data" in job.faults else ([], [{**error, "status": "error"}])
    if not job.ended:
        return [{**head, "status": "processing", "progress": job.progress()}], []
    tells_cost = job.order.request.get("includeCost") is True and "no-cost" not in job.faults
    return [
        {
            **head,
            "status": "success",
            "videoUUID": clip.asset,
            "videoURL": f"{base}/standin/films/{clip.asset}.{job.order.container.lower()}",
            "seed": clip.seed,
            **({"cost": _usd(clip.cost)} if tells_cost else {}),
        }
        for clip in job.clips
    ], []


def _last_response(job: Job, base: str) -> Item:
    """The archive's copy: the acknowledgement until the job has ended, then its result."""
    if not job.ended:
        return {"data": [_head(job.order.request)]}
    data, errors = told(job, base)
    return {"data": data} if data else {"errors": errors}


def _tasks(raw: bytes) -> list[Task] | None:
    try:
        body: object = json.loads(raw)
    except ValueError:
        return None
    if not isinstance(body, list) or not body:
        return None
    tasks = cast("list[object]", body)
    return cast("list[Task]", tasks) if all(isinstance(task, dict) for task in tasks) else None


def _signing(tasks: list[Task]) -> tuple[Task | None, list[Task]]:
    """The authentication task, which must come first, and the others."""
    return (tasks[0], tasks[1:]) if tasks[0].get("taskType") == "authentication" else (None, tasks)


def _bad_key(signing: Task | None, authorization: str) -> Reply | None:
    """Any key is good here but an empty one and one that starts with "bad"."""
    kind, _, bearer = authorization.partition(" ")
    key = str(signing.get("apiKey", "")) if signing else bearer.strip() if kind.lower() == "bearer" else ""
    if not key:
        return _refusal(401, "missingApiKey", "No API key was given.")
    if key.startswith("bad"):
        return _refusal(401, "invalidApiKey", "The API key is not valid.")
    return None


def _wrong_tags(task: Task) -> list[Wrong]:
    return [
        Wrong("invalidPositivePrompt", "positivePrompt", f"There is no fault {name!r}.") for name in unknown_tags(task["positivePrompt"])
    ]


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


def _usd(micros: int) -> float:
    """The wire's number: the nearest float prints as the same decimal."""
    return micros / _PER_USD
