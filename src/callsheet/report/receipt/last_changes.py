"""What the last run changed: new takes, and takes that were bought again, with the differences between their requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros
from callsheet.status.project_view import TakeView

#: of a request: differs every time, whatever its author asks for
_OF_EVERY_REQUEST = frozenset({"taskUUID", "webhookURL", "webhook_url", "idempotency_key"})
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Change:
    """A take of the last run: what it cost, and how its request differs from the one before, as (field, before, now). `again` is False where it is its first."""

    take: str
    settled: Micros
    again: bool
    fields: tuple[tuple[str, str, str], ...]


def changes(takes: Iterable[TakeView]) -> tuple[Change, ...]:
    """The takes for which the newest run sent something, in the takes' order."""
    sent = [(take, attempt) for take in takes for attempt in take.attempts if attempt.intent_at]
    if not sent:
        return ()
    newest = max((attempt for _, attempt in sent), key=lambda one: (one.made_at, int(one.id))).run
    return tuple(_change(take, attempt) for take, attempt in sent if attempt.run == newest)


def _change(take: TakeView, attempt: Attempt) -> Change:
    before = [one for one in take.attempts if one.n < attempt.n and one.intent_at]
    fields = tuple(_differing(before[-1], attempt)) if before else ()
    return Change(attempt.name, attempt.settled, bool(before), fields)


def _differing(old: Attempt, new: Attempt) -> Iterator[tuple[str, str, str]]:
    before, now = _flat(old.request), _flat(new.request)
    for name in dict.fromkeys((*before, *now)):
        if before.get(name) != now.get(name) and name.rpartition(".")[2] not in _OF_EVERY_REQUEST:
            yield name, before.get(name, "-")[:_LONGEST], now.get(name, "-")[:_LONGEST]


def _flat(request: bytes) -> dict[str, str]:
    """The fields of a JSON request, by path; empty if it isn't JSON."""
    try:
        found = json.loads(request)
    except ValueError:
        return {}
    return dict(_fields("", found))


def _fields(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in cast("Mapping[str, object]", value).items():
            yield from _fields(f"{path}.{name}" if path else name, inner)
    elif isinstance(value, list):
        items = cast("list[object]", value)
        for number, inner in enumerate(items):
            yield from _fields(path if len(items) == 1 else f"{path}.{number}" if path else str(number), inner)
    else:
        yield path, str(value)
