"""Why a take is bought or kept, in words: today's request held against the one that was written down. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from callsheet.domain.attempt import Attempt
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId

#: the list's columns by what requests call them; what is not here is the card's doing, not the author's
_COLUMNS: Mapping[str, str] = {
    "model": "model",
    "positivePrompt": "prompt",
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "negative_prompt": "negative_prompt",
    "duration": "duration_s",
    "seconds": "duration_s",
    "width": "resolution",
    "height": "resolution",
    "size": "resolution",
    "resolution": "resolution",
    "fps": "fps",
    "seed": "seed",
    "audio": "sound",
    "generateAudio": "sound",
}
_ORDER = tuple(dict.fromkeys(_COLUMNS.values()))
#: what reaches a request as it was written; the rest is made fit for a model, so that it says nothing where the model is another
_OWN = frozenset({"model", "prompt", "negative_prompt", "seed"})


def changed(before: bytes, today: bytes) -> tuple[str, ...]:
    """The columns in which two purchases differ, in the columns' order. Empty where their bytes don't tell."""
    old, new = _leaves(before), _leaves(today)
    names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    columns = {_COLUMNS[name] for name in names if name in _COLUMNS}
    if "model" in columns:
        columns &= _OWN
    return tuple(column for column in _ORDER if column in columns)


def since(attempt: Attempt, today: bytes) -> str:
    """`prompt and seed changed since S0010.t1.a1 was bought`."""
    columns = changed(attempt.request, today)
    what = f"{', '.join(columns[:-1])} and {columns[-1]}" if len(columns) > 1 else "".join(columns)
    return f"{what} changed since {name(attempt)} was bought".strip()


def by_hand(take: TakeId, fitting: Sequence[Attempt], marks: Marks) -> str | None:
    """Why a clip that fits is bought anew all the same: a person said so."""
    if not fitting:
        return None
    last = fitting[-1]
    if marks.rejected(last):
        return f"{_seen_from(take, last)} was rejected"
    return f"{_seen_from(take, last)} is to be retaken" if marks.retaken(last, take) else None


def kept(take: TakeId, clip: Attempt) -> str:
    """Where a kept clip comes from."""
    return f"bought as {clip.take}" if clip.take == take else f"bought as {clip.take.full}, the same request"


def locked(take: TakeId, clip: Attempt, today: bytes | None) -> str:
    """Why a picked clip is kept; `today` is the request that its row would make now, None where it is the same."""
    if today is None:
        return f"picked; {kept(take, clip)}"
    return f"picked, so kept though {since(clip, today)}; `callsheet retake {take.shot}` buys it anew"


def name(attempt: Attempt) -> str:
    """`S0010.t1.a2`."""
    return f"{attempt.take}.a{attempt.n}"


def _seen_from(take: TakeId, attempt: Attempt) -> str:
    return name(attempt) if take.list == attempt.take.list else f"{attempt.take.full}.a{attempt.n}"


def _leaves(body: bytes) -> dict[str, object]:
    try:
        return dict(_walk(json.loads(body, parse_float=Decimal)))
    except ValueError:
        return {}


def _walk(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for inner, item in cast("dict[str, object]", value).items():
            yield from _walk(item, inner)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _walk(item, key)
    else:
        yield key, value
