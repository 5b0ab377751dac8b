"""Faults on request, drawn from one seed, so that a rehearsal can be repeated. A fault strikes with the given probability,
or if a prompt has its tag: `[[fault:lost-ack]]` strikes always, `[[fault:fail*2]]` the first two times.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256

from callsheet.domain.errors import UsageError

#: every fault, and what the client then sees
FAULTS: Mapping[str, str] = {
    "busy": "429 before the request is accepted",
    "unavailable": "503 before the request is accepted",
    "no-credit": "402 (deapi: 422) before the request is accepted",
    "busy-day": "429 before the request is accepted: the daily quota is used up",
    "retired": "the model is refused as retired",
    "lost-request": "the connection drops, nothing was accepted",
    "lost-ack": "accepted, then the connection drops without an answer",
    "unavailable-after": "accepted, then 503",
    "hang": "accepted, then no answer until the client gives up",
    "adjust": "more is adjusted than the limits ask for (bytecompute)",
    "fail": "the job fails, free of charge",
    "fail-billed": "the job fails but is charged",
    "refuse": "the job ends as refused content, free of charge",
    "error-in-data": "a failure is reported as an item of data, not in errors (runware)",
    "partial": "the last of several results fails, free of charge (runware)",
    "stuck": "the job runs and never ends",
    "forgotten": "the job is charged when it ends, and is unknown from then on",
    "status-synonyms": "states are reported in synonyms",
    "progress-string": "progress is reported as a string",
    "overcharge": "charged one and a half times the price",
    "no-cost": "charged, but the answer has no cost",
    "zero-cost": "charged, but the answer has a cost of 0",
    "quote-higher": "a quoted price is one and a half times what is charged",
    "balance-object": "the balance is reported in its other format",
    "wrong-bytes": "the clip's URL answers 200 with bytes that aren't a film",
    "portal": "the clip's URL answers 200 with a page of HTML",
    "poll-502": "502 with a page of HTML to a poll",
    "download-503": "503 to a download",
    "truncate": "a download ends early, though its length was announced",
    "bad-length": "a download is announced, and ends, a tenth too short",
    "slow-drip": "a download comes in small pieces over two seconds",
    "expired-url": "403 to a download: the URL has expired",
    "late-webhook": "webhooks come in the wrong order, the first one last",
    "duplicate-webhook": "a webhook comes twice",
    "bad-signature": "a webhook's signature is wrong (deapi)",
    "nsfw": "a clip whose content is checked is flagged as not safe for work (runware)",
}

#: decided when a job is accepted, and logged with it
OF_A_JOB = (
    "fail",
    "fail-billed",
    "refuse",
    "error-in-data",
    "partial",
    "stuck",
    "forgotten",
    "status-synonyms",
    "progress-string",
    "overcharge",
    "no-cost",
    "zero-cost",
    "wrong-bytes",
    "portal",
    "late-webhook",
    "duplicate-webhook",
    "bad-signature",
    "nsfw",
)

_TAG = re.compile(r"\[\[fault:([a-z0-9-]+)(?:\*(\d+))?\]\]")


def parse_fault(text: str) -> tuple[str, float]:
    """A fault and its probability from "lost-ack=0.05". UsageError if it isn't one, with the names that are."""
    name, mark, rate = text.partition("=")
    try:
        chance = float(rate)
    except ValueError:
        mark = ""
        chance = 0.0
    if not mark:
        raise UsageError(f"{text!r} is not a fault and its probability", help="write NAME=P, such as lost-ack=0.05")
    check_fault(name, chance)
    return name, chance


def check_fault(name: str, chance: float) -> None:
    """UsageError if there is no such fault, or `chance` is not a probability."""
    if name not in FAULTS:
        raise UsageError(f"there is no fault {name!r}", help=f"faults are: {', '.join(FAULTS)}")
    if not 0 <= chance <= 1:
        raise UsageError(f"{name}={chance:g}: a probability is between 0 and 1", help=f"write {name}=0.05 for one in twenty")


def unknown_tags(prompt: str) -> list[str]:
    """Tags in a prompt that name no fault. They are refused, because the rehearsal would silently not happen."""
    return [name for name, _ in _TAG.findall(prompt) if name not in FAULTS]


def lot(*parts: object) -> float:
    """A number from 0 to 1 (exclusive) that looks random and is always the same for the same parts."""
    digest = sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6]) / (1 << 48)


class Trouble:
    """Draws faults. The same seed, fault, key and count give the same answer in every process."""

    def __init__(self, seed: int, rates: Mapping[str, float]) -> None:
        self._seed = seed
        self._rates = dict(rates)
        self._met: Counter[tuple[str, str]] = Counter()
        self._forced: Counter[tuple[str, str]] = Counter()

    def strikes(self, fault: str, key: str, prompt: str = "") -> bool:
        """Whether `fault` strikes now. `key` is what it may strike (a task, an asset); each call is a new draw."""
        self._met[fault, key] += 1
        if self._tagged(fault, prompt):
            return True
        rate = self._rates.get(fault, 0.0)
        return lot(self._seed, fault, key, self._met[fault, key]) < rate

    def first(self, faults: Iterable[str], key: str, prompt: str = "") -> str | None:
        """The first of `faults` that strikes, if any; the others are then not drawn."""
        return next((fault for fault in faults if self.strikes(fault, key, prompt)), None)

    def _tagged(self, fault: str, prompt: str) -> bool:
        times = [int(count) if count else None for name, count in _TAG.findall(prompt) if name == fault]
        if not times:
            return False
        self._forced[fault, prompt] += 1
        return any(limit is None or self._forced[fault, prompt] <= limit for limit in times)
