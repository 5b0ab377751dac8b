"""Why a take is bought or kept, in words: today's request held against the one that was written down. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import cast

from callsheet.domain.attempt import Attempt
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId
from callsheet.services.form import file_fields, text_fields
from callsheet.services.wire import JSON, unpack

#: the list's columns by what requests call them; what is not here is the card's doing, not the author's
_COLUMNS: Mapping[str, str] = {
    "model": "model",
    "positivePrompt": "prompt",
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "negative_prompt": "negative_prompt",
    "duration": "duration_s",
    "seconds": "duration_s",
    "frames": "duration_s",
    "width": "resolution",
    "height": "resolution",
    "size": "resolution",
    "resolution": "resolution",
    "fps": "fps",
    "seed": "seed",
    "generateAudio": "sound",
    "image": "first_frame",
    "image_uri": "first_frame",
    "first_frame": "first_frame",
    "first_frame_uri": "first_frame",
    "first_frame_image": "first_frame",
    "last_frame": "last_frame",
    "last_frame_uri": "last_frame",
    "last_frame_image": "last_frame",
    "audio": "audio",
    "audio_uri": "audio",
    **dict.fromkeys(("steps", "CFGScale", "guidance", "enhancePrompt", "enhance_prompt", "outputFormat", "outputQuality"), "params"),
    **dict.fromkeys(("checkContent", "mode"), "params"),
}
_ORDER = tuple(dict.fromkeys(_COLUMNS.values()))
#: what reaches a request as it was written; the rest is made fit for a model, so that it says nothing where the model is another
_OWN = frozenset({"model", "prompt", "negative_prompt", "seed", "first_frame", "last_frame", "audio"})


def changed(before: bytes, today: bytes) -> tuple[str, ...]:
    """The columns in which two purchases differ, in the columns' order. Empty where their bytes don't tell."""
    old, new = _by_column(before), _by_column(today)
    columns = {column for column in old.keys() | new.keys() if old.get(column) != new.get(column)} if old and new else set[str]()
    if "audio" in columns:
        columns -= {"duration_s"}  # the sound sets it
    if "model" in columns:
        columns &= _OWN
    return tuple(column for column in _ORDER if column in columns)


def since(attempt: Attempt, today: bytes) -> str:
    """`prompt and first_frame (refs/pier.png) changed since S0010.t1.a1 was bought`, files by the names that they had then."""
    cells = {file.column: f"{file.column} ({file.cell})" for file in attempt.files}
    columns = [cells.get(column, column) for column in changed(attempt.request, today)]
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


def _by_column(written: bytes) -> dict[str, list[str]]:
    """What a written purchase says by the list's columns, as text, so that JSON and a form that say the same are equal."""
    found: dict[str, list[str]] = {}
    for name, value in _leaves(written):
        column = "sound" if name == "audio" and isinstance(value, bool) else _COLUMNS.get(name)
        if column:
            found.setdefault(column, []).append(str(value))
    return {column: sorted(values) for column, values in found.items()}


def _leaves(written: bytes) -> list[tuple[str, object]]:
    """What a written purchase says by its names: JSON's, or a form's. Its files are notes of their digests."""
    try:
        request = unpack(written)
        if request.content_type == JSON:
            return list(_walk(json.loads(request.body, parse_float=Decimal)))
        form = (request.body, request.content_type)
        return [*text_fields(*form).items(), *file_fields(*form).items()]
    except ValueError:
        return []


def _walk(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for inner, item in cast("dict[str, object]", value).items():
            yield from _walk(item, inner)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _walk(item, key)
    else:
        yield key, value
