"""Why a take is bought or kept, in words: today's request compared with the recorded one. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import cast

from callsheet.domain.attempt import Attempt
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.pricing.priced import Priced, longer_s, today_of
from callsheet.services.cards.param_offer import OURS, Offer, column
from callsheet.services.protocol.multipart import file_fields, text_fields
from callsheet.services.protocol.request import JSON, unpack

_ORDER = (*dict.fromkeys(OURS.values()), "sound", "params")
#: fields that reach a request unchanged; the rest is fitted to a model, so it can't be compared if the model is another
_OWN = frozenset({"model", "prompt", "negative_prompt", "seed", "first_frame", "last_frame", "audio"})


def changed(before: bytes, today: bytes, offer: Offer) -> tuple[str, ...]:
    """The columns in which two purchases differ, in the order in which people think of them. Empty if their bytes don't tell. `offer` is
    today's model's: it says which fields are parameters.
    """
    old, new = _by_column(before, offer), _by_column(today, offer)
    columns = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)} if old and new else set[str]()
    if "audio" in columns:
        columns -= {"duration_s"}  # the sound sets the length
    if "model" in columns:
        columns &= _OWN
    return tuple(name for name in _ORDER if name in columns)


def since(attempt: Attempt, item: Priced) -> str:
    """`prompt and first_frame (refs/pier.png) changed since S0010.t1.a1 was bought`, with the names that files had then."""
    cells = {file.column: f"{file.column} ({file.cell})" for file in attempt.files}
    found = changed(attempt.request, today_of(item, attempt), item.offer) if item.offer else ()
    columns = [cells.get(name, name) for name in found]
    what = f"{', '.join(columns[:-1])} and {columns[-1]}" if len(columns) > 1 else "".join(columns)
    return f"{what} changed since {attempt.name} was bought".strip()


def by_hand(take: TakeId, fitting: Sequence[Attempt], marks: Marks) -> str | None:
    """Why a matching clip is bought again: a person asked for it."""
    if not fitting:
        return None
    last = fitting[-1]
    name = last.name if take.list == last.take.list else last.full_name
    if marks.rejected(last):
        return f"{name} was rejected"
    return f"{name} is to be retaken" if marks.retaken(last, take) else None


def kept(take: TakeId, clip: Attempt, item: Priced) -> str:
    """Where a kept clip comes from, and its length if the row needs less."""
    longer = longer_s(clip, item) if clip.request_print != item.request_print and clip.author_print != item.author_print else None
    of = f" and {float(longer):g} s long" if longer else ""
    if clip.take == take:
        return f"bought before{of or ', unchanged'}"
    return f"bought as {clip.take.full}, the same request{of}"


def locked(take: TakeId, clip: Attempt, item: Priced, stale: str) -> str:
    """Why a picked clip is kept; `stale` is the change (`since`) after which its row would make another request, "" if it makes the same."""
    if not stale:
        return "picked" if clip.take == take else f"picked; {kept(take, clip, item)}"
    return f"picked, so kept although {stale}; `{typed('retake', take.shot)}` buys it again"


def _by_column(written: bytes, offer: Offer) -> dict[str, list[str]]:
    """A recorded purchase by the list's columns, as text, so that JSON and a form with the same content are equal."""
    found: dict[str, list[str]] = {}
    for path, value in _leaves(written):
        if from_column := column(path, offer):
            found.setdefault(from_column, []).append(str(value))
    return {name: sorted(values) for name, values in found.items()}


def _leaves(written: bytes) -> list[tuple[str, object]]:
    """A recorded purchase by dotted path: JSON's, or a form's fields. Files are represented by their digests."""
    try:
        request = unpack(written)
        if request.content_type == JSON:
            return list(_walk(json.loads(request.body, parse_float=Decimal)))
        form = (request.body, request.content_type)
        return [*text_fields(*form).items(), *file_fields(*form).items()]
    except ValueError:
        return []


def _walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in cast("dict[str, object]", value).items():
            yield from _walk(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _walk(item, path)
    else:
        yield path, value
