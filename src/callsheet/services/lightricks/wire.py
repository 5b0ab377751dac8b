"""Lightricks' own wire, LTX API v2: JSON to one endpoint for each mode, a question after one job there, and a film at a public address.

Nothing here was measured: paths, states and the error envelope are believed from a public OpenAPI, the names of a request's fields likewise. The service has
no key of ours: a lost answer stays a doubt. A job's id means something only at the endpoint that gave it, so a job is called `ID@ENDPOINT` here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote

from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.answers import Absent, Accepted, Failed, Forgotten, JobAnswer, Running, SubmitAnswer, Succeeded, Unread
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.complaints import (
    Complaint,
    Family,
    complaint_of,
    names_no_model,
    of_another,
    of_status,
    unaccepted,
    unread,
)
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
    percent,
    phase,
    unfinished,
)
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.protocol.wire import NoArchive, Recovery

_URL_ENV = "LIGHTRICKS_BASE_URL"
_TEXT, _PICTURE, _SOUND = "text-to-video", "image-to-video", "audio-to-video"
#: the first that an error's type begins with decides
_TYPES: Mapping[str, Family] = {
    "invalid_request": Family.INVALID,
    "authentication": Family.ACCESS,
    "permission": Family.ACCESS,
    "insufficient_funds": Family.FUNDS,
    "not_found": Family.NOT_FOUND,
    "content_filtered": Family.CONTENT,
    "rate_limit": Family.RATE,
    "concurrency_limit": Family.RATE,
    "api_error": Family.RETRY,
    "service_unavailable": Family.RETRY,
    "overloaded": Family.RETRY,
}


@dataclass(frozen=True, slots=True)
class Lightricks(NoArchive):
    """The wire of `https://api.ltx.video`."""

    service: str = "lightricks"
    recovery: Recovery = "blind"
    jobs_per_poll: int = 1
    without_costs: bool = True

    def submit(self, ask: Ask, key: str) -> Request:
        """One JSON object; files go as addresses or data URIs. The key is not sent: the service takes none."""
        del key
        return Request("POST", f"/v2/{_endpoint(ask)}", canonical(_fields(ask) | {name: file.uri for name, file in _files(ask).items()}))

    def essence(self, ask: Ask) -> bytes:
        """Endpoint and fields, files by content."""
        return canonical({"endpoint": _endpoint(ask), **_fields(ask), **{name: file.content for name, file in _files(ask).items()}})

    def sold(self, written: bytes) -> Sold | None:
        """Size, frame rate and length of a purchase; None for a film that is as long as its sound."""
        try:
            asked = json_object(unpack(written).body) or {}
            return Sold(Size.parse(asked["resolution"]), Fraction(asked["fps"]), Fraction(asked["duration"]))
        except (ValueError, KeyError, TypeError):
            return None

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """An id means accepted; a complaint with a 4xx is a refusal."""
        del key
        answer = json_object(response.body)
        job = job_id((answer or {}).get("id"))
        if 200 <= response.status < 300 and job:
            return Accepted(f"{job}@{response.path.rpartition('/')[2] or _TEXT}")
        return unaccepted(response, _complaint(answer, response.status), _URL_ENV)

    def poll(self, jobs: Sequence[str]) -> Request:
        """The query for one job, at its endpoint; an id without an endpoint, given by a person, counts as one for text."""
        [job] = jobs
        name, _, endpoint = job.partition("@")
        return Request("GET", f"/v2/{quote(endpoint or _TEXT, safe='')}/{quote(name, safe='')}")

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """The job's news. The service's own 404 means that the job's day is over; of an id without its endpoint it says nothing."""
        [job] = jobs
        answer = json_object(response.body)
        said = _complaint(answer, response.status)
        if response.status == 404 and said and said.family is Family.NOT_FOUND:
            return [Forgotten(job) if "@" in job else Absent(job)]
        if answer is None or not 200 <= response.status < 300:
            return unread(response, said)
        return [_news(job, answer)] if about(job.partition("@")[0], answer.get("id")) else of_another(response, job)


def _endpoint(ask: Ask) -> str:
    return _SOUND if ask.audio else _PICTURE if ask.first_frame else _TEXT


def _fields(ask: Ask) -> Json:
    """The purchase less its files. A film to a sound is as long as the sound, and carries it: neither is asked for."""
    fields: Json = {"model": ask.model, "prompt": ask.prompt, "resolution": str(ask.size), "fps": number(ask.fps)}
    return fields if ask.audio else {**fields, "duration": number(Fraction(ask.duration_s)), **ask.params}


def _files(ask: Ask) -> Mapping[str, MediaRef]:
    if ask.last_frame and (ask.audio or not ask.first_frame):
        raise ValueError("a last frame goes with a first one and without a sound; fit() lets nothing else through")
    named = {"image_uri": ask.first_frame, "last_frame_uri": ask.last_frame, "audio_uri": ask.audio}
    return {name: file for name, file in named.items() if file is not None}


def _complaint(answer: Json | None, status: int) -> Complaint | None:
    """What the error envelope says; None if there is none. A type that isn't known goes by its status."""
    error = mapping((answer or {}).get("error"))
    if not error:
        return None
    code, message = line(error.get("type")), line(error.get("message"))
    family = next((family for start, family in _TYPES.items() if code.startswith(start)), of_status(status))
    if family in (Family.INVALID, Family.NOT_FOUND) and names_no_model(message):
        family = Family.MODEL
    return complaint_of(code or str(status), family, message)


def _news(job: str, answer: Json) -> JobAnswer:
    """The job's state; no cost is reported. Done without an address is not done yet: its clip may still be on its way, and is paid for."""
    status = answer.get("status")
    stands = phase(status)
    url = (mapping(answer.get("result")) or {}).get("video_url")
    if stands is Phase.DONE and isinstance(url, str) and url:
        return Succeeded(job, url, None)
    if stands is Phase.OVER:
        said = _complaint(answer, 200) or complaint_of(line(status), Family.UNKNOWN, "the service failed without giving a reason")
        return Failed(job, said.cause, said.message, 0, said.code)
    return Running(job, percent(answer.get("progress")), unfinished(stands, status))
