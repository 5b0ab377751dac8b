"""What a service said, as it is written down with the attempt: its own words about one job, without secrets and of bounded length."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import cast

from callsheet.domain.errors import ServiceError
from callsheet.domain.foreign_text import clean
from callsheet.services.protocol.json_reading import safe
from callsheet.transport.account import Account

_LONGEST = 8000


def words(body: bytes, account: Account, job: str = "", others: Collection[str] = ()) -> str:
    """An answer's text, at most 8,000 characters; of an answer about several jobs what is about `others` and not about `job` is left out."""
    text = body.decode(errors="replace")
    try:
        found: object = json.loads(text)
        text = json.dumps(_about(found, job, others), ensure_ascii=False, sort_keys=True)
    except (ValueError, RecursionError):
        text = text.strip()
    return clean(safe(_without_key(text, account))[:_LONGEST])


def _about(answer: object, job: str, others: Collection[str]) -> object:
    """The answer less the items of its lists that name other jobs only."""
    if not isinstance(answer, dict) or not others:
        return cast("object", answer)
    found = cast("dict[str, object]", answer)
    return {name: _mine_of(cast("list[object]", value), job, others) if isinstance(value, list) else value for name, value in found.items()}


def _mine_of(items: list[object], job: str, others: Collection[str]) -> list[object]:
    return [item for item in items if _mine(item, job, others)]


def _mine(item: object, job: str, others: Collection[str]) -> bool:
    text = json.dumps(item).casefold()
    return job.casefold() in text or not any(other.casefold() in text for other in others)


def _without_key(text: str, account: Account) -> str:
    """A service that quotes the key that it was sent must not bring it into the book."""
    try:
        key = account.key().get_secret_value()
    except ServiceError:
        return text
    return text.replace(key, "[hidden]") if key else text
