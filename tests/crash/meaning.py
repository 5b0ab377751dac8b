"""The law of meanings: what a wire makes of an answer is what the service meant by it. No answer without a meaning, none taken for another.

Each answer of the simulated service carries its truth in a header that no wire reads (`MEANS`); the real wires' readers are watched and compared with it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Elsewhere,
    Failed,
    Forgotten,
    Here,
    JobAnswer,
    Lost,
    Refused,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.request import Response
from callsheet.services.registry import SERVICES
from tests.crash.speakers.base import MEANS, NOTHING

#: says that a law is broken
Break = Callable[[str], None]

_NEWS: dict[str, type] = {"absent": Absent, "unknown": Forgotten, "running": Running, "done": Succeeded, "failed": Failed}
_FETCHED: dict[str, type] = {"here": Here, "elsewhere": Elsewhere, "gone": Forgotten, NOTHING: Unread}


def submitted(answer: SubmitAnswer, means: str) -> bool:
    """`taken JOB`, `busy`, `unsaid`, or the cause of a refusal."""
    word, _, job = means.partition(" ")
    match answer:
        case Accepted():
            return word == "taken" and answer.job.partition("@")[0] == job
        case Busy():
            return word == "busy"
        case Lost():
            return word == "unsaid"
        case Refused():
            return answer.cause.value == word


def looked(answers: Sequence[JobAnswer] | Unread, means: str) -> bool:
    """A word for each job; a failure with its cause."""
    if means == NOTHING:
        return isinstance(answers, Unread) or all(isinstance(answer, Absent) for answer in answers)
    told: dict[str, str] = json.loads(means)
    if isinstance(answers, Unread) or len(answers) != len(told):
        return isinstance(answers, Unread) and set(told.values()) == {"absent"}
    return all(_meant(answer, told.get(answer.job.partition("@")[0], "")) for answer in answers)


def _meant(answer: JobAnswer, means: str) -> bool:
    word, _, cause = means.partition(" ")
    if not isinstance(answer, _NEWS.get(word, str)):
        return False
    return not isinstance(answer, Failed) or answer.cause.value == cause


def fetched(answer: object, means: str) -> bool:
    """`here`, `elsewhere`, `gone` or nothing."""
    return isinstance(answer, _FETCHED.get(means, str))


def priced(answer: object, means: str) -> bool:
    """`price MICROS` or nothing."""
    return answer == int(means[6:]) if means.startswith("price ") else isinstance(answer, Unread)


def watch(patch: Any, service: str, broken: Break) -> None:
    """Compare every answer that the service's real wire reads; `patch` is a pytest MonkeyPatch."""
    wire = type(SERVICES[service].wire)
    recalled = lambda answer, means: looked(answer if isinstance(answer, Unread) else [answer], means)  # noqa: E731
    judges = {"read_submit": submitted, "read_poll": looked, "read_recall": recalled, "read_fetch": fetched, "read_quote": priced}
    for name, judge in judges.items():
        if hasattr(wire, name):
            patch.setattr(wire, name, _watched(getattr(wire, name), judge, broken))


def _watched(read: Callable[..., Any], judge: Callable[[Any, str], bool], broken: Break) -> Callable[..., Any]:
    def reading(wire: Any, response: Response, *args: Any) -> Any:
        answer = read(wire, response, *args)
        means = response.headers.get(MEANS, "(no truth was told)")
        if not judge(answer, means):
            broken(f"HTTP {response.status} {response.body[:300]!r} means {means!r} and was read as {answer}")
        return answer

    return reading
