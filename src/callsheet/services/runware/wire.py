"""Runware's REST wire: every call POSTs an array of tasks to one URL, and our own taskUUID finds a job again.

What an answer means errs to one side: a purchase is refused only where the service itself said so, and a job failed only where the error is the job's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from callsheet.domain.attempt import Cause
from callsheet.domain.money import Micros
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    AccountReading,
    Busy,
    Failed,
    JobAnswer,
    Lost,
    Refused,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.callback import Call, Callback, same
from callsheet.services.protocol.complaints import NOT_HERE, Complaint, Family, too_many, unread
from callsheet.services.protocol.json_reading import (
    Json,
    Phase,
    amount,
    canonical,
    cost,
    json_object,
    percent,
    phase,
    unfinished,
)
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.protocol.wire import Recovery
from callsheet.services.runware.errors import complaint
from callsheet.services.runware.requests import post, sized, sold, task

_NO_ACCESS = frozenset({401, 402, 403})
#: validates and prices, and buys nothing (the vendor's own client and skills name it)
_DRY_RUN = ("X-Runware-Dry-Run", "1")
#: tasks that ask, and codes that only a job can have: an error of a question says nothing of the job, be it about the balance or the service's own trouble
_QUESTIONS = frozenset({"getResponse", "getTaskDetails"})
_A_JOBS = re.compile(r"(?i)provider|inference|taskFailed|processingFailed")
#: a taskUUID for questions that buy nothing
_ACCOUNT_TASK = "6f1d8c52-1b7e-4a53-9a53-3f6f2f6c1d00"


@dataclass(frozen=True, slots=True)
class Runware:
    """The wire of `https://api.runware.ai/v1` and of whatever speaks like it. `callback` is where it calls when a job has ended, if anywhere."""

    service: str = "runware"
    recovery: Recovery = "keyed"
    jobs_per_poll: int = 20
    callback: Callback | None = None

    def submit(self, ask: Ask, key: str) -> Request:
        """One task that makes one clip; `key` is its taskUUID."""
        hook = {"webhookURL": f"{self.callback.address(self.service, key)}?token={self.callback.token(key)}"} if self.callback else {}
        return post(task(ask, lambda image: image.uri) | dict(ask.delivery) | hook | {"taskUUID": key, "includeCost": True})

    def calling(self, callback: Callback) -> Runware:
        """The wire whose purchases name their address. Its calls bear no signature, so the address itself has a secret."""
        return replace(self, callback=callback)

    def genuine(self, call: Call, callback: Callback, now_s: float) -> bool:
        """Whether the call came to the attempt's own secret address."""
        del now_s
        return same(call.token, callback.token(call.key))

    def essence(self, ask: Ask) -> bytes:
        """The task less its taskUUID, cost flag and how it is delivered, its picture by content."""
        return canonical(task(ask, lambda image: image.content))

    def sold(self, written: bytes) -> Sold | None:
        """Size, frame rate and length of the one task in a purchase."""
        return sold(unpack(written).body)

    def sized(self, written: bytes) -> bool | None:
        """Whether a purchase with a first frame names its width and height."""
        return sized(unpack(written).body)

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """An acknowledgement or a conflict with our key means accepted; only the service's own words mean refused.

        A request carries one task, so an error that names none is about ours.
        """
        data, errors = _items(json_object(response.body))
        ours = [complaint(error) for error in errors if _of(error, key)]
        unnamed = [complaint(error) for error in errors if not error.get("taskUUID")]
        if any(_of(item, key) for item in data) or any(said.family is Family.CONFLICT for said in (*ours, *unnamed)):
            return Accepted(key)
        said = next(iter((*ours, *unnamed)), None)
        if response.status == 429:
            return too_many(response, said)
        if response.status in _NO_ACCESS:
            if said and said.family in (Family.CONTENT, Family.MODEL, Family.INVALID):
                return Refused(said.cause, said.message, said.code)
            return Refused(Cause.STOP_LANE, said.message if said else f"no access (HTTP {response.status})", said.code if said else "")
        if said and (ours or response.status >= 400) and response.status < 500:
            return _refusal(said, proven=bool(ours) and response.status >= 400)
        if response.status in NOT_HERE:
            message = f"the service's address is wrong (HTTP {response.status}); see RUNWARE_BASE_URL"
            return Refused(Cause.STOP_LANE, message, by_address=True)
        return Lost(f"the answer (HTTP {response.status}) doesn't say whether the request was accepted")

    def poll(self, jobs: Sequence[str]) -> Request:
        """One request that polls all of `jobs`."""
        return post(*({"taskType": "getResponse", "taskUUID": job} for job in jobs))

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """Each job by its own items; a refused query is no news of any job."""
        document = json_object(response.body)
        if document is None or not _readable(response.status):
            return _unread(response)
        data, errors = _items(document)
        answers = [_job(job, data, errors) for job in jobs]
        if (errors or response.status >= 400) and not any(answers):
            return _unread(response)
        return [answer or Absent(job) for answer, job in zip(answers, jobs, strict=True)]

    def recall(self, key: str) -> Request:
        """The archive's record of a task."""
        return post({"taskType": "getTaskDetails", "taskUUID": key})

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        """The last response that is stored for a key. It may be the refusal of a second try, which proves the first."""
        document = json_object(response.body)
        if document is None or not _readable(response.status):
            return _unread(response)
        data, errors = _items(document)
        for item in (document, *data):
            stored = item.get("response")
            if isinstance(stored, dict) and (item is document or _of(item, key)):
                return _job(key, *_items(cast("Json", stored))) or Absent(key)
        unheard = any(complaint(error).family not in (Family.NOT_FOUND, Family.INVALID) for error in errors)
        return _unread(response) if unheard else Absent(key)

    def dry_run(self, ask: Ask, key: str) -> Request:
        """The purchase with the header that makes it a dry run; nobody is called back about it."""
        return replace(replace(self, callback=None).submit(ask, key), headers=(_DRY_RUN,))

    def read_dry_run(self, response: Response) -> Micros | Unread | None:
        """A price by whatever name: the form of the answer is not published."""
        document = json_object(response.body)
        data, errors = _items(document)
        if errors or document is None or not 200 <= response.status < 300:
            return _unread(response)
        return _price_in(data) or _price_in([document])

    def account(self) -> Request:
        """The account's own details, balance and usage among them."""
        return post({"taskType": "accountManagement", "taskUUID": _ACCOUNT_TASK, "operation": "getDetails"})

    def read_account(self, response: Response) -> AccountReading | Unread:
        """The balance, a number on older accounts and an object on newer ones, and the credits of `usage.total`."""
        document = json_object(response.body)
        item = next(iter(_items(document)[0]), None) if _readable(response.status) else None
        if item is None:
            return _unread(response)
        reading = AccountReading(amount(item.get("balance")), amount(_total(item)))
        return _unread(response) if reading == AccountReading(None, None) else reading


def _price_in(items: Sequence[Json]) -> Micros | None:
    """The first amount whose name speaks of cost or price, whatever it stands in."""
    for item in items:
        for name, value in item.items():
            inner = _objects(value)
            named = (amount(value) if inner else cost(value)) if re.search(r"(?i)cost|price", name) else None
            if found := named or _price_in(inner):
                return found
    return None


def _total(item: Json) -> object:
    usage = item.get("usage")
    total = cast("Json", usage).get("total") if isinstance(usage, dict) else None
    return cast("Json", total).get("credits") if isinstance(total, dict) else None


def _items(document: Json | None) -> tuple[list[Json], list[Json]]:
    """The items of `data` and all errors: those of `errors` and those that came as an item of `data`."""
    data, errors = (_objects((document or {}).get(name)) for name in ("data", "errors"))
    failed = [item for item in data if not _url(item) and (phase(item.get("status")) is Phase.OVER or item.get("error"))]
    kept = [item for item in data if not any(item is other for other in failed)]
    for item in failed:  # an error that came as an item: its inner words, on the item's own UUID
        inner = item.get("error")
        words = cast("Json", inner) if isinstance(inner, dict) else {"message": inner or item.get("message", "")}
        errors.append(item | {name: value for name, value in words.items() if name != "taskUUID"})
    return kept, errors


def _objects(value: object) -> list[Json]:
    if isinstance(value, dict):
        return [cast("Json", value)]
    return [cast("Json", item) for item in cast("list[object]", value) if isinstance(item, dict)] if isinstance(value, list) else []


def _of(item: Json, key: str) -> bool:
    return str(item.get("taskUUID", "")).casefold() == key.casefold()


def _readable(status: int) -> bool:
    """Whether such an answer can hold news of single jobs: a batch whose every task failed is a 400."""
    return 200 <= status < 300 or status in {400, 404}


def _refusal(said: Complaint, *, proven: bool) -> SubmitAnswer:
    """An error in place of an acknowledgement. The service's own trouble may have struck after it took the task; an unknown word proves
    nothing unless it comes with our key and a 4xx.
    """
    if said.family is Family.RATE:
        return Busy(said.message)
    if said.family in (Family.RETRY, Family.NOT_FOUND) or (said.family is Family.UNKNOWN and not proven):
        return Lost(said.message)
    return Refused(said.cause, said.message, said.code)


def _unread(response: Response) -> Unread:
    _, errors = _items(json_object(response.body))
    return unread(response, complaint(errors[0]) if errors else None)


def _job(job: str, data: Sequence[Json], errors: Sequence[Json]) -> JobAnswer | None:
    """One job's state: a clip's address outweighs its error, an error outweighs a progress report. None if it isn't mentioned."""
    items = [item for item in data if _of(item, job)]
    for item in items:
        if url := _url(item):
            return Succeeded(job, url, _cost(items), _told(item))
    for error in errors:
        if _of(error, job) and (answer := _failure(job, error)):
            return answer
    return _progress(job, items[0]) if items else None


def _cost(items: Sequence[Json]) -> Micros | None:
    """The total cost of a job's items; a repeated one counts once. None if none has a cost."""
    costs = {_url(item): paid for item in items if (paid := cost(item.get("cost"))) is not None}
    return sum(costs.values()) if costs else None


def _url(item: Json) -> str:
    url = item.get("videoURL")
    return url if isinstance(url, str) else ""


def _failure(job: str, error: Json) -> JobAnswer | None:
    """What an error says about the job; None if it is about the query."""
    said = complaint(error)
    if said.family is Family.CONFLICT:
        return Running(job)
    if said.family is Family.NOT_FOUND:
        return Absent(job)
    about_job = error.get("taskType") == "videoInference"
    if said.family is Family.ACCESS or (said.family is Family.RATE and not about_job):
        return None
    if error.get("taskType") in _QUESTIONS and said.family is not Family.CONTENT and not _A_JOBS.search(said.code):
        return None
    return Failed(job, said.cause, said.message, cost(error.get("cost")) or 0, said.code)


def _progress(job: str, item: Json) -> JobAnswer:
    word = item.get("status")
    stands = phase(word)
    return Running(job, percent(item.get("progress")), unfinished(stands, word))


def _told(item: Json) -> Mapping[str, Any]:
    """What else was delivered with the clip, as plain JSON."""
    names = {"seed": "seed", "NSFWContent": "nsfw", "videoUUID": "asset", "model": "model"}
    return {ours: item[theirs] for theirs, ours in names.items() if isinstance(item.get(theirs), str | int)}
