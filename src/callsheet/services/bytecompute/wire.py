"""ByteCompute's wire: a form that buys, a question after one job, and a clip that is handed over to the key's owner.

The page shows paths, parameters and the error envelope, but no answer to a purchase or a question. What is read here beyond that is an assumption, and
lenient: the id from `id`, `job_id` or `data.id`, any usual word for a status. The service has no key of ours: a lost answer stays a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.bytecompute.errors import complaint
from callsheet.services.protocol.answers import (
    Accepted,
    Elsewhere,
    Failed,
    FetchAnswer,
    Forgotten,
    Here,
    JobAnswer,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
    handed_over,
    path_of,
)
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.complaints import Complaint, Family, of_another, unaccepted, unread
from callsheet.services.protocol.json_reading import (
    Json,
    Phase,
    about,
    canonical,
    job_id,
    json_object,
    line,
    mapping,
    number,
    odd,
    percent,
    phase,
    plain,
)
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.multipart import Form, text_fields
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.protocol.wire import NoArchive, Recovery

#: a card's parameter that is not sent: the field name for a first frame without a last one
_FIRST_FRAME_AS = "first_frame_as"
_URL_ENV = "BYTECOMPUTE_BASE_URL"
_LINKS = ("url", "download_url", "video_url")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class ByteCompute(NoArchive):
    """The wire of a base URL that ends in `/v1`."""

    service: str = "bytecompute"
    recovery: Recovery = "blind"
    jobs_per_poll: int = 1
    without_costs: bool = True

    def submit(self, ask: Ask, key: str) -> Request:
        """A form. The key is not sent: it is only the form's boundary."""
        body, content_type = _form(ask).written(key)
        return Request("POST", "/generate", body, content_type)

    def essence(self, ask: Ask) -> bytes:
        """The form's fields, its files by content."""
        return canonical(_form(ask).content())

    def sold(self, written: bytes) -> Sold | None:
        """Size, frame rate and length of a purchase."""
        try:
            request = unpack(written)
            asked = text_fields(request.body, request.content_type)
            return Sold(Size.parse(asked["resolution"]), Fraction(asked["fps"]), Fraction(asked["duration"]))
        except (ValueError, KeyError):
            return None

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """A job id means accepted, whatever else the answer has; a complaint with a 4xx is a refusal."""
        del key
        answer = json_object(response.body)
        said = complaint(answer, response.status)
        job = next(iter(_job_ids(answer)), "")
        if 200 <= response.status < 300 and job:
            return Accepted(job, _told(_inner(answer)))
        return unaccepted(response, said, _URL_ENV)

    def poll(self, jobs: Sequence[str]) -> Request:
        """The query for one job: the service accepts no more at once."""
        [job] = jobs
        return Request("POST", _path(job), b"{}")

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """The job's state. The service's own 404 means that the job expired, or never existed; any other refusal is no news."""
        [job] = jobs
        answer = json_object(response.body)
        said = complaint(answer, response.status)
        if _gone(response.status, said):
            return [Forgotten(job)]
        if answer is None or not 200 <= response.status < 300:
            return _unread(response)
        return [_news(job, _inner(answer))] if about(job, *_job_ids(answer)) else of_another(response, job)

    def fetch(self, job: str, url: str) -> Request | None:
        """The clip, from the service itself; None for a public address."""
        del job
        path = path_of(url)
        return None if path is None else Request("POST", path, b"{}")

    def read_fetch(self, response: Response, job: str) -> FetchAnswer:
        """Video content is the clip; JSON or a redirect gives its address; 404 means that it is gone. 409 is too early: no news."""
        if response.status in _REDIRECTS and response.headers.get("location"):
            return Elsewhere(response.headers["location"])
        kind = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if response.status == 200 and (kind.startswith("video/") or kind == "application/octet-stream"):
            return Here()
        answer = json_object(response.body)
        said = complaint(answer, response.status)
        if _gone(response.status, said):
            return Forgotten(job)
        if not about(job, *_job_ids(answer)):
            return of_another(response, job)
        link = _link(_inner(answer)) if response.status == 200 else ""
        return Elsewhere(link) if link else _unread(response)


def _form(ask: Ask) -> Form:
    """The size is always sent: with only a shape, the service would choose it."""
    if ask.audio:
        raise ValueError("this wire sends no sound, and none of its cards sells that")
    fields = {
        "model": ask.model,
        "prompt": ask.prompt,
        "resolution": str(ask.size),
        "duration": str(number(Fraction(ask.duration_s))),
        "fps": str(number(ask.fps)),
        **{name: str(value) for name, value in ask.params.items() if name != _FIRST_FRAME_AS},
    }
    pictures = _pictures(ask)
    links = {f"{name}_uri": file.url for name, file in pictures.items() if file.url is not None}
    return Form(fields | links, {name: file for name, file in pictures.items() if file.data is not None})


def _pictures(ask: Ask) -> dict[str, MediaRef]:
    """The service tells what is wanted by the fields' names: one picture is `image`, or `first_frame` where the author says so; a way from one to
    another has two.
    """
    if ask.last_frame:
        if ask.first_frame is None:
            raise ValueError("this service has no mode for a last frame alone; fit() prevents it")
        return {"first_frame": ask.first_frame, "last_frame": ask.last_frame}
    return {str(ask.params.get(_FIRST_FRAME_AS, "image")): ask.first_frame} if ask.first_frame else {}


def _path(job: str) -> str:
    return f"/jobs/{quote(job, safe='')}"


def _gone(status: int, said: Complaint | None) -> bool:
    """Whether the service itself says that it has no such job. A 404 from a web server in between says nothing."""
    return said is not None and (status == 410 or (status == 404 and said.family is Family.NOT_FOUND))


def _inner(answer: Json | None) -> Json:
    """The job's own object: the answer, or its `data`."""
    answer = answer or {}
    data = mapping(answer.get("data"))
    return data if data is not None and "status" not in answer else answer


def _job_ids(answer: Json | None) -> list[str]:
    """Every job id in an answer, the likeliest first."""
    named = [job_id(place.get(name)) for place in (answer or {}, _inner(answer)) for name in ("id", "job_id")]
    return [job for job in named if job]


def _news(job: str, item: Json) -> JobAnswer:
    """The job's state. No cost is reported: a purchase is settled at list price, for what the service made of it."""
    match phase(item.get("status")):
        case Phase.DONE:
            return Succeeded(job, _link(item) or handed_over(f"{_path(job)}/download"), None, _told(item))
        case Phase.OVER:
            said = complaint(item, 200)
            cause = said.cause if said else Cause.UNKNOWN
            return Failed(
                job,
                cause,
                said.message if said else "the service failed without giving a reason",
                0,
                said.code if said else line(item["status"]),
            )
        case Phase.UNKNOWN:
            return Running(job, percent(item.get("progress")), odd(item["status"]))
        case Phase.RUNNING:
            return Running(job, percent(item.get("progress")))


def _link(item: Json) -> str:
    """The clip's public address, if given."""
    links = [item[name] for name in _LINKS if isinstance(item.get(name), str)]
    return next((link for link in links if link.startswith(("https://", "http://"))), "")


def _told(item: Json) -> Mapping[str, Any]:
    """What the service changed by itself, word for word."""
    adjusted = item.get("adjustments")
    return {"adjustments": plain(adjusted)} if adjusted else {}


def _unread(response: Response) -> Unread:
    return unread(response, complaint(json_object(response.body), response.status))
