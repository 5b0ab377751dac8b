"""How a wire reads answers: the vendor's as intended, strange ones as proof of nothing, money to the micro-dollar, and no secret passed on."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from callsheet.conformance.examples import AnswerExample
from callsheet.conformance.sending import KEY
from callsheet.conformance.verdicts import Missing, Subject
from callsheet.domain.attempt import Cause
from callsheet.domain.money import usd
from callsheet.services.protocol.abilities import Quotes, ReportsSpending
from callsheet.services.protocol.answers import Absent, AccountReading, Busy, Lost, Refused, Running, Succeeded, Unread
from callsheet.services.protocol.complaints import Family
from callsheet.services.protocol.request import Response
from callsheet.services.protocol.wire import Wire

#: bodies that say nothing about any purchase or job
_NOTHING = (b"", b"<html><body>502 Bad Gateway</body></html>", b"{", b"[]", b"null", b"7", b'"ok"', b"{}", b'{"data": null}', b"[" * 5000)
_UNSURE = (200, 201, 202, 204, 408, 409, 500, 502, 503, 504, 520, 529)
_FAMILIES = (Family.ACCESS, Family.FUNDS, Family.RATE, Family.CONTENT, Family.MODEL, Family.INVALID, Family.RETRY, Family.NOT_FOUND)
#: values in place of a cost, and their amounts; None means not reported
_COSTS: tuple[tuple[object, int | None], ...] = (
    (0.48, 480_000),
    (0.29, 290_000),
    (1.005, 1_005_000),
    (0.000001, 1),
    (0.0000011, 2),
    ("0.64", 640_000),
    (7, 7_000_000),
    (0, None),
    ("0", None),
    (None, None),
    (-1, None),
    ("a lot", None),
    (True, None),
)
#: a made-up key that must not appear anywhere
CANARY = "sk-live-4f7c9d2e8b1a6053"
_SAID = f"The API key {CANARY} is refused. Authorization: Bearer {CANARY}"
_WORDS = ("message", "detail", "error_message")


def answers_mean_what_they_say(subject: Subject) -> Iterator[str]:
    """Every example of an answer is read with its meaning"""
    examples = subject.given()
    if not examples.answers:
        raise Missing(["no examples of answers"])
    for example in examples.answers:
        found = wire_answer(subject.wire, example)
        kind = "price" if isinstance(found, int) else type(found).__name__
        if kind != example.means:
            yield f"{example.name}: {kind}, the example says {example.means}"
        elif (cause := getattr(found, "cause", None)) != example.cause:
            yield f"{example.name}: {cause}, the example says {example.cause}"


def families_are_covered(subject: Subject) -> Iterator[str]:
    """There is an example of every family of trouble"""
    there = {example.family for example in subject.given().answers}
    if absent := [family for family in _FAMILIES if family not in there]:
        raise Missing([f"no example of {', '.join(absent)}"])
    yield from ()


def strange_answers_prove_nothing(subject: Subject) -> Iterator[str]:
    """A meaningless answer to a purchase leaves it open; 401 to 403 and 429 are refusals"""
    wire = subject.wire
    for body in _NOTHING:
        for status in _UNSURE:
            if not isinstance(found := wire.read_submit(Response(status, {}, body), KEY), Lost):
                yield f"HTTP {status} with {body[:24]!r} is {found!r:.120}; it is unknown whether it was accepted, so it should be Lost"
        for status in (401, 402, 403):
            found = wire.read_submit(Response(status, {}, body), KEY)
            if not (isinstance(found, Refused) and found.cause is Cause.STOP_LANE):
                yield f"HTTP {status} with {body[:24]!r} is {found!r:.120}; nothing more can be bought there, so it should be Refused"
        if not isinstance(found := wire.read_submit(Response(429, {"retry-after": "30"}, body), KEY), Busy):
            yield f"HTTP 429 with {body[:24]!r} is {found!r:.120}; it is Busy"


def strange_answers_are_no_news(subject: Subject) -> Iterator[str]:
    """A meaningless answer to a poll ends no job"""
    jobs = [KEY]
    for body in _NOTHING:
        for status in (*_UNSURE, 401, 403, 404, 410, 429):
            found = subject.wire.read_poll(Response(status, {}, body), jobs)
            if isinstance(found, Unread):
                continue
            if len(found) != len(jobs):
                yield f"HTTP {status} with {body[:24]!r}: {len(found)} answers for {len(jobs)} jobs"
            elif not isinstance(found[0], Running | Absent):
                yield f"HTTP {status} with {body[:24]!r} is {found[0]!r:.120}; it should be no news of the job"


def unknown_states_are_no_success(subject: Subject) -> Iterator[str]:
    """An unknown status is never a success"""
    looks = subject.given().to("poll", "Running") + subject.given().to("poll", "Succeeded")
    if not any('"status"' in json.dumps(example.body, default=str) for example in looks):
        raise Missing(["no example of a poll with a status"])
    for example in looks:
        for word in ("zz-unheard-of", "", None, 7, ["completed"], {"status": "completed"}):
            body = _changed(example.body, lambda name, value, word=word: _without_clip(name, value, word))
            if isinstance(found := wire_answer(subject.wire, example, body), Succeeded):
                yield f"{example.name} with the status {word!r} and no clip is {found!r:.120}"


def money_is_exact(subject: Subject) -> Iterator[str]:
    """A cost is read to the micro-dollar; missing, 0 and nonsense are not reported"""
    told = [example for example in subject.given().answers if example.means in ("Succeeded", "price", "AccountReading")]
    if not told:
        raise Missing(["no example of a finished job"])
    for example in told:
        found, wanted = _cost(wire_answer(subject.wire, example)), None if example.cost is None else usd(example.cost)
        if found != wanted:
            yield f"{example.name}: {found} micro-USD, the example says {wanted}"
        if example.cost_at is None:
            continue
        for value, micros in _COSTS:
            found = _cost(wire_answer(subject.wire, example, _put(example.body, example.cost_at.split("."), value)))
            if found != micros:
                yield f"{example.name} with {value!r} at {example.cost_at}: {found} micro-USD, it is {micros}"


def secrets_stay_secret(subject: Subject) -> Iterator[str]:
    """A key that a service quotes is in no value of the wire"""
    errors = [
        example
        for example in subject.given().answers
        if example.means not in ("Succeeded", "Accepted", "Running", "price", "AccountReading")
    ]
    worded = [example for example in errors if _SAID in json.dumps(_changed(example.body, _quoting))]
    if not worded:
        raise Missing(["no example of an error in words"])
    for example in worded:
        if CANARY in repr(wire_answer(subject.wire, example, _changed(example.body, _quoting))):
            yield f"{example.name}: the key that the service quotes is passed on"


def wire_answer(wire: Wire, example: AnswerExample, body: object = None) -> object:
    """The wire's reading of an example, with another body if one is given."""
    response = example.response(body)
    match example.to:
        case "submit":
            return wire.read_submit(response, example.job)
        case "poll":
            found = wire.read_poll(response, [example.job])
            return found if isinstance(found, Unread) else found[0]
        case "quote":
            return wire.read_quote(response) if isinstance(wire, Quotes) else None
        case "account":
            return wire.read_account(response) if isinstance(wire, ReportsSpending) else None


def _cost(found: object) -> int | None:
    if isinstance(found, int):
        return found
    return found.balance if isinstance(found, AccountReading) else found.cost if isinstance(found, Succeeded) else None


def _without_clip(name: str, value: object, word: object) -> object:
    """A status in place of the job's own, and no address anywhere."""
    if name == "status":
        return word
    return "" if isinstance(value, str) and value.startswith(("https://", "http://")) else value


def _quoting(name: str, value: object) -> object:
    return _SAID if name in _WORDS and isinstance(value, str) else value


def _changed(value: Any, change: Callable[[str, object], object], name: str = "") -> Any:
    """A copy of a JSON value with every leaf changed by its name."""
    if isinstance(value, Mapping):
        return {key: _changed(inner, change, key) for key, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_changed(inner, change, name) for inner in cast("list[Any]", value)]
    return change(name, value)


def _put(body: Any, path: list[str], value: object) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[int(step) if isinstance(place, list) else step]
    place[path[-1]] = value
    return changed
