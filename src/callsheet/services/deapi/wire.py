"""deAPI's wire, version 2: JSON for a text, a form for pictures and sounds, a question after one job, and its own price for everything.

The service has no key of ours. Where it can call back, each purchase carries its own address with our key, and a callback names the job; else a lost
answer stays a doubt.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from callsheet.domain.attempt import Cause
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Size
from callsheet.services.deapi.errors import complaint, job_complaint
from callsheet.services.protocol.answers import (
    Accepted,
    AccountReading,
    Failed,
    Forgotten,
    JobAnswer,
    Refused,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.callback import Call, Callback, same
from callsheet.services.protocol.complaints import of_another, unaccepted, unread
from callsheet.services.protocol.json_reading import (
    Json,
    Phase,
    about,
    amount,
    canonical,
    cost,
    job_id,
    json_object,
    mapping,
    number,
    percent,
    phase,
    plain,
    unfinished,
)
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.multipart import Form, text_fields
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.protocol.wire import NoArchive, Recovery

_ROOT = "/api/v2"
_TEXT, _PICTURE, _SOUND = f"{_ROOT}/videos/generations", f"{_ROOT}/videos/animations", f"{_ROOT}/videos/audio-syncs"
_URL_ENV = "DEAPI_BASE_URL"
#: what a job's id is called in answers; one to a poll need not have it
_IDS = ("request_id", "job_request_id")
#: a call whose signature is older, or further ahead, is ignored: seconds
_SIGNED_S = 300
#: the fields with which the price of a purchase with files is requested
_PRICED = ("model", "width", "height", "frames", "fps", "steps", "guidance")


@dataclass(frozen=True, slots=True)
class DeApi(NoArchive):
    """The wire of `https://api.deapi.ai`. `callback` is the address that it calls about jobs; None if there is none."""

    callback: Callback | None = None
    service: str = "deapi"
    jobs_per_poll: int = 1

    @property
    def recovery(self) -> Recovery:
        """A callback finds a lost job, if there is an address for it."""
        return "tokened" if self.callback else "blind"

    def submit(self, ask: Ask, key: str) -> Request:
        """JSON for text only, a form if files are sent; `key` is the callback's token and the form's boundary."""
        fields = _fields(ask)
        if self.callback is not None:
            fields["webhook_url"] = self.callback.address(self.service, key)
            if not self.callback.account_secret:
                fields["webhook_secret"] = self.callback.signed_with(key)
        files = _files(ask)
        if not files:
            return Request("POST", _TEXT, canonical(fields))
        texts = {name: ("true" if value else "false") if isinstance(value, bool) else str(value) for name, value in fields.items()}
        body, content_type = Form(texts, files).written(key)
        return Request("POST", _path(ask), body, content_type)

    def essence(self, ask: Ask) -> bytes:
        """Endpoint and fields less the callback, files by content."""
        return canonical({"endpoint": _path(ask), **_fields(ask), **{name: file.content for name, file in _files(ask).items()}})

    def sold(self, written: bytes) -> Sold | None:
        """Size, frame rate and length of a purchase."""
        try:
            request = unpack(written)
            asked: Mapping[str, Any] = (
                (json_object(request.body) or {}) if request.path == _TEXT else text_fields(request.body, request.content_type)
            )
            fps = Fraction(asked["fps"])
            return Sold(Size(int(asked["width"]), int(asked["height"])), fps, int(asked["frames"]) / fps)
        except (ValueError, KeyError, TypeError, ZeroDivisionError):
            return None

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """A request id means accepted. 429 for the day ends the account's lane; 429 for the minute waits."""
        del key
        answer = json_object(response.body)
        job = job_id(_data(answer).get("request_id"))
        if 200 <= response.status < 300 and job:
            return Accepted(job)
        said = complaint(answer, response.status)
        if response.status == 429 and response.headers.get("x-ratelimit-type", "").strip().casefold() == "daily":
            return Refused(Cause.STOP_LANE, "the account's requests for today are used up; the next ones are at 00:00 UTC", "daily")
        return unaccepted(response, said, _URL_ENV)

    def poll(self, jobs: Sequence[str]) -> Request:
        """The query for one job."""
        [job] = jobs
        return Request("GET", f"{_ROOT}/jobs/{quote(job, safe='')}")

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """The job's state. The service's own 404 means that it does not know the job; any other refusal is no news."""
        [job] = jobs
        answer = json_object(response.body)
        said = complaint(answer, response.status)
        # an address that leads nowhere is answered alike, and names the route
        if response.status == 404 and said is not None and "route" not in said.message.casefold():
            return [Forgotten(job)]
        item = _data(answer)
        if not 200 <= response.status < 300 or not item:
            return _unread(response)
        return [_news(job, item)] if about(job, *(item.get(name) for name in _IDS)) else of_another(response, job)

    def calling(self, callback: Callback) -> DeApi:
        """The wire whose purchases name their address, and the secret that calls to it are signed with."""
        return replace(self, callback=callback)

    def genuine(self, call: Call, callback: Callback, now_s: float) -> bool:
        """Whether the call is signed as agreed, and lately."""
        at, signature = call.headers.get("x-deapi-timestamp", ""), call.headers.get("x-deapi-signature", "")
        if not (at.isascii() and at.isdecimal() and abs(now_s - int(at)) <= _SIGNED_S):
            return False
        signed = hmac.digest(callback.signed_with(call.key).encode(), f"{at}.".encode() + call.body, "sha256")
        return same(signature, f"sha256={signed.hex()}")

    def read_callback(self, body: str) -> str | None:
        """The job that a callback names."""
        return job_id(_data(json_object(body.encode())).get("job_request_id")) or None

    def quote_request(self, ask: Ask) -> Request:
        """The query for a purchase's price, by its numbers only. The endpoint for text needs a prompt: any will do, and one constant prompt
        makes one query for many shots.
        """
        fields, path = _fields(ask), _path(ask)
        words: Json = {"prompt": "a film", "seed": -1} if path == _TEXT else {}
        return Request("POST", f"{path}/price", canonical({**words, **{name: fields[name] for name in _PRICED if name in fields}}))

    def read_quote(self, response: Response) -> Micros | Unread:
        """The price; 0 doesn't count as one."""
        item = _data(json_object(response.body))
        micros = cost(item.get("price")) or cost(item.get("estimated_price"))
        return micros if micros and 200 <= response.status < 300 else _unread(response)

    def account(self) -> Request:
        """The query for the account's balance."""
        return Request("GET", f"{_ROOT}/account/balance")

    def read_account(self, response: Response) -> AccountReading | Unread:
        """The balance, bare or wrapped. The total spent is not reported."""
        answer = json_object(response.body) or {}
        balance = amount((mapping(answer.get("data")) or answer).get("balance"))
        return AccountReading(balance, None) if balance is not None and 200 <= response.status < 300 else _unread(response)


def _path(ask: Ask) -> str:
    return _SOUND if ask.audio else _PICTURE if ask.first_frame else _TEXT


def _fields(ask: Ask) -> Json:
    """The purchase less what varies from attempt to attempt. Without a seed a random one is asked for, in the service's own way."""
    fields: Json = {
        "prompt": ask.prompt,
        "model": ask.model,
        "width": ask.size.width,
        "height": ask.size.height,
        "frames": ask.frames,
        "fps": number(ask.fps),
        "seed": -1 if ask.seed is None else ask.seed,
        **ask.params,
    }
    return fields if ask.negative_prompt is None else {**fields, "negative_prompt": ask.negative_prompt}


def _files(ask: Ask) -> dict[str, MediaRef]:
    if ask.last_frame and (ask.audio or not ask.first_frame):
        raise ValueError("a last frame goes with a first one and without a sound; fit() lets nothing else through")
    named = {"audio": ask.audio, "first_frame_image": ask.first_frame, "last_frame_image": ask.last_frame}
    return {name: file for name, file in named.items() if file is not None}


def _data(answer: Json | None) -> Json:
    return mapping((answer or {}).get("data")) or {}


def _news(job: str, item: Json) -> JobAnswer:
    """The job's state. Done without an address is not done yet: its clip may still be on its way, and is paid for."""
    url, status = item.get("result_url"), item.get("status")
    stands = phase(status)
    if stands is Phase.DONE and isinstance(url, str) and url:
        # a prompt that was rewritten unasked, above all
        told = {name: plain(item[name]) for name in ("prompt_boosted", "prompt_boost") if item.get(name)}
        return Succeeded(job, url, _cost(item), told)
    if stands is Phase.OVER:
        said = job_complaint(item.get("error_code"), item.get("error_message"))
        return Failed(job, said.cause, said.message, _cost(item) or 0, said.code)
    return Running(job, percent(item.get("progress")), unfinished(stands, status))


def _cost(item: Json) -> Micros | None:
    """The charged amount; an estimate is not a charge."""
    price = mapping(item.get("price")) or {}
    return cost(price.get("amount")) if price.get("is_estimated") is False else None


def _unread(response: Response) -> Unread:
    return unread(response, complaint(json_object(response.body), response.status))
