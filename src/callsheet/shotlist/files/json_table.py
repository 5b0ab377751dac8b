"""JSON with one object per shot: one per line (JSONL), or an array."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from callsheet.domain.errors import Problem
from callsheet.domain.wording import listed
from callsheet.shotlist.columns.header_words import meaning
from callsheet.shotlist.files.encoding import decode
from callsheet.shotlist.files.kinds import refuse_named, refuse_other_json
from callsheet.shotlist.files.table import Grid, Row, clean


def load(data: bytes, file: str, encoding: str | None = None) -> Grid:
    """The rows of a JSON file, values as their text. InputError if it isn't one, with the location of each bad line."""
    refuse_named(data, file)
    text, notes = decode(data, file, encoding)
    refuse_other_json(text, file)
    problems: list[Problem] = []
    objects = list(_objects(text, file, problems, notes))
    names = list(dict.fromkeys(clean(name) for _, found in objects for name in found))
    rows: list[Row] = []
    for number, (line, found) in enumerate(objects, start=2):
        cells = {clean(name): _text(value) for name, value in found.items()}
        if any(cells.values()):
            rows.append(Row(number, line, tuple(cells.get(name, "") for name in names)))
    return Grid(rows=(Row(1, None, tuple(names)), *rows) if names else (), problems=tuple(problems), notes=tuple(notes), addressed=False)


def _objects(text: str, file: str, problems: list[Problem], notes: list[str]) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """Each object with its line; None if it is in an array."""
    within = _within(text, file, problems, notes)
    if within is not None or text.lstrip().startswith("["):
        array: Any = _read(text, 1, file, problems) if within is None else within
        for value in _each_shot(array or (), notes):
            if isinstance(value, dict):
                yield None, value
            else:
                message = f"{str(value)[:40]!r} is not an object"
                problems.append(Problem(code="json", message=message, help="write one object per shot", file=file))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        value = _read(line, number, file, problems)
        if isinstance(value, dict):
            yield number, value
        elif value is not None:
            problems.append(
                Problem(code="json", message=f"{line[:40]!r} is not an object", help="write one object per line", file=file, line=number)
            )


def _within(text: str, file: str, problems: list[Problem], notes: list[str]) -> list[Any] | None:
    """The array with the shots, if the whole file is one object around it, as programs write a story; None if it isn't. An object with a
    prompt is itself a shot. With several arrays of objects, it is unknown which one is meant.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        whole: Any = json.loads(text, parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None  # one object per line, or not JSON
    if any(meaning(clean(name)) == "prompt" and isinstance(value, str) for name, value in whole.items()):
        return None
    if wrong := _shape(whole):
        problems.append(Problem(code="json", message=wrong[0], help=wrong[1], file=file))
        return []
    found: dict[str, list[Any]] = {name: value for name, value in whole.items() if isinstance(value, list)}
    arrays = [name for name, array in found.items() if any(isinstance(one, dict) for one in array)]
    if not arrays:
        return None
    if len(arrays) > 1:
        message, help = (
            f"the file is one object with several lists: {listed(arrays, 6)}",
            "save the list with the shots as a separate file",
        )
        problems.append(Problem(code="json", message=message, help=help, file=file))
        return []
    others = [name for name in whole if name != arrays[0]]
    notes.append(f"the shots are those of '{arrays[0]}'" + (f"; not read: {listed(others, 6)}" if others else ""))
    return found[arrays[0]]


def _shape(whole: dict[str, Any]) -> tuple[str, str] | None:
    """What one object around a list is instead, and what to write: columns, as pandas writes them, or shots by their ids. None if it is neither."""
    if any(meaning(clean(name)) == "prompt" and isinstance(value, dict | list) for name, value in whole.items()):
        return (
            "the file has a list for each column, not an object for each shot",
            'with pandas, write it with to_json(path, orient="records")',
        )
    shots: list[dict[str, Any]] = [value for value in whole.values() if isinstance(value, dict)]
    if whole and len(shots) == len(whole) and all(any(meaning(clean(name)) == "prompt" for name in shot) for shot in shots):
        first = clean(next(iter(whole)))
        return (
            "the shots are in one object, by their ids",
            f'write an array, each with its id: [{{"shot_id": {json.dumps(first[:40])}, "prompt": ...}}, ...]',
        )
    return None


def _each_shot(array: Sequence[Any], notes: list[str]) -> Iterator[Any]:
    """The values of an array. If each holds a list of shots, as a story's scenes do, these shots: each with what identifies its scene, and
    what else the scene has under the name of both, so that a scene's length is not taken for the shot's.
    """
    inner = _inner(array)
    if inner is None:
        yield from array
        return
    others = [name for name in dict.fromkeys(name for outer in array for name in outer) if name != inner]
    grouping = {name for name in others if meaning(clean(name)) in ("sequence", "scene", "episode")}
    notes.append(f"the shots are those of '{inner}' in each object")
    for outer in array:
        for shot in outer[inner]:
            own = {name if name in grouping and name not in shot else f"{inner}.{name}": outer.get(name) for name in others}
            yield own | shot


def _inner(array: Sequence[Any]) -> str | None:
    """The one name under which every object of an array has a list of objects with prompts, having none itself; None if there is none."""
    if not array or not all(isinstance(outer, dict) for outer in array):
        return None
    names = [
        name
        for name in array[0]
        if all(isinstance(outer.get(name), list) and all(isinstance(one, dict) for one in outer[name]) for outer in array)
        and any(meaning(clean(key)) == "prompt" for outer in array for one in outer[name] for key in one)
    ]
    return names[0] if len(names) == 1 and not any(meaning(clean(key)) == "prompt" for outer in array for key in outer) else None


def _read(text: str, line: int, file: str, problems: list[Problem]) -> Any:
    """The value of a text, with exact numbers; None and a problem if it isn't JSON."""
    try:
        return json.loads(text, parse_float=_exact, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        why = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)[:80]
        at = line + error.lineno - 1 if isinstance(error, json.JSONDecodeError) else line
        problems.append(
            Problem(
                code="json",
                message=f"this is not JSON: {why}",
                help="write one object per line, or an array of them",
                file=file,
                line=at,
            )
        )
        return None


def _exact(number: str) -> Decimal | str:
    return Decimal(number) if len(number) < 40 else number


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is used twice in one object")
    return dict(pairs)


def _text(value: object) -> str:
    """A value's text as a CSV would have it; lists and objects stay JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}" if abs(value.adjusted()) < 40 else str(value)
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False, default=str)
