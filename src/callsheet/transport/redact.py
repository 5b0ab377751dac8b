"""What a service said, as it is written down with the attempt: its own words about one job, without secrets and of bounded length."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import cast

from callsheet.domain.errors import ServiceError
from callsheet.domain.shots.foreign_text import clean
from callsheet.services.protocol.json_reading import safe
from callsheet.transport.account import Account

_LONGEST = 8000
#: an address's question, which may be a signature that lets anyone fetch the clip, and its user and password
_QUESTION = re.compile(r"(?i)(https?://[^\s\"'<>?\\]+)\?[^\s\"'<>\\]+")
_PASSWORD = re.compile(r"(?i)(https?://)[^\s\"'<>/@\\]+@")


def words(body: bytes, account: Account, job: str = "", others: Collection[str] = ()) -> str:
    """An answer's text without keys and signatures, at most 8,000 characters; of an answer about several jobs what is about `others` and not about `job` is left out."""
    try:
        found = _found(body)
        if isinstance(found, dict) and others:
            found = _about(cast("dict[str, object]", found), _items(body), job, others)
        text = json.dumps(found, ensure_ascii=False, sort_keys=True)
    except (ValueError, RecursionError):
        text = body.decode(errors="replace").strip()
    with suppress(ServiceError):  # a service that quotes the key that it was sent must not bring it into the book
        if key := account.key().get_secret_value():
            text = text.replace(key, "[hidden]")
    return clean(safe(without_secrets(text))[:_LONGEST])


def without_secrets(text: str) -> str:
    """A text whose addresses have no question, which may be a signature, and no user and password."""
    return _QUESTION.sub(r"\1?[hidden]", _PASSWORD.sub(r"\1[hidden]@", text))


@lru_cache(maxsize=1)
def _found(body: bytes) -> object:
    """What an answer holds. An answer about many jobs is asked for the words about each, one after the other. Not to be changed."""
    return json.loads(body.decode(errors="replace"))


@lru_cache(maxsize=1)
def _items(body: bytes) -> dict[str, list[tuple[object, str]]]:
    """The lists of an answer, each item with its text, by which jobs are found in it."""
    answer = cast("dict[str, object]", _found(body))
    lists = {name: cast("list[object]", value) for name, value in answer.items() if isinstance(value, list)}
    return {name: [(item, json.dumps(item).casefold()) for item in items] for name, items in lists.items()}


def _about(
    answer: Mapping[str, object], lists: Mapping[str, list[tuple[object, str]]], job: str, others: Collection[str]
) -> dict[str, object]:
    """The answer less the items of its lists that name other jobs only."""
    mine, foreign = job.casefold(), [other.casefold() for other in others]
    left = {
        name: [item for item, text in items if mine in text or not any(other in text for other in foreign)] for name, items in lists.items()
    }
    return {**answer, **left}
