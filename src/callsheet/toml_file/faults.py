"""Translates pydantic's errors into our problems: file, line, key, value, and what to write instead."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from callsheet.domain.errors import Problem
from callsheet.domain.wording import did_you_mean, nearest
from callsheet.toml_file.document import Document, Location
from callsheet.toml_file.table import OURS, Expected, unit_of

M = TypeVar("M", bound=BaseModel)

_LONGEST_SHOWN = 60
#: pydantic's names for the types in a union
_SCALARS = ("bool", "int", "float", "str")
_NO_SCALAR, _SCALAR = "no_scalar", "a text, a number, or true or false"
_A_LIST, _A_TABLE, _YES_OR_NO = "a list", "a table", "true or false"


def read_table(model: type[M], table: object, document: Document, at: Location, problems: list[Problem]) -> M | None:
    """The table at a location of a document, as its model; None if something is wrong, which is added to `problems`."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        problems += problems_of(error, model, document, at)
        return None


def read_partly(model: type[M], table: object, document: Document, at: Location, problems: list[Problem]) -> tuple[M, frozenset[str]]:
    """The valid keys of a table without required ones, and the names of the keys that can't be read: what is wrong is added to
    `problems`. A misspelt key is the one that it resembles.
    """
    try:
        return model.model_validate(table), frozenset()
    except ValidationError as error:
        problems += problems_of(error, model, document, at)
        bad = {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}
    names = list(model.model_fields)
    if not isinstance(table, Mapping):
        return model(), frozenset(names)
    sound = {name: value for name, value in cast("Mapping[str, object]", table).items() if name not in bad}
    unread = {name if name in names else nearest(name, names) for name in bad}
    return model.model_validate(sound), frozenset(name for name in unread if name)


def problems_of(error: ValidationError, model: type[BaseModel], document: Document, at: Location = ()) -> list[Problem]:
    """A problem for each error; a required key isn't reported as missing if an unknown key has nearly its name."""
    faults = _merged(error.errors(include_url=False))
    strangers = [(fault["loc"][:-1], str(fault["loc"][-1])) for fault in faults if fault["type"] == "extra_forbidden"]
    found: list[Problem] = []
    for fault in faults:
        table, last = fault["loc"][:-1], str(fault["loc"][-1]) if fault["loc"] else ""
        if fault["type"] == "missing" and any(where == table and nearest(name, [last]) for where, name in strangers):
            continue
        problem = _problem(fault, model, document, at)
        if problem not in found:
            found.append(problem)
    return found


def _merged(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """For a value that may be text, a number or a boolean, pydantic reports one error for each type: merge them into one, at the key."""
    said = Counter(fault["loc"][:-1] for fault in faults if fault["loc"] and fault["loc"][-1] in _SCALARS)
    merged: list[ErrorDetails] = []
    for fault in faults:
        at = fault["loc"][:-1]
        if said[at] < len(_SCALARS) or fault["loc"][-1] not in _SCALARS:
            merged.append(fault)
        elif not any(one["loc"] == at for one in merged):
            merged.append({**fault, "loc": at, "type": _NO_SCALAR})
    return merged


def unknown_key(document: Document, at: Location, known: list[str]) -> Problem:
    """The problem of an unknown key, or of an unknown table."""
    name = str(at[-1])
    what = "table" if len(at) == 1 and isinstance(document.tables.get(name), dict | list) else "setting"
    return document.problem(at, f"has no {what} {name}", did_you_mean(name, known, f"known here: {', '.join(known)}"), unknown=True)


def expects(field: FieldInfo) -> str:
    """A key's allowed values, in words: `a whole number from 1 to 51`, `one of h264, h265`."""
    return _words(field.annotation, list(field.metadata))


def toml_text(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(toml_text(one) for one in cast('list[object]', value))}]"
    if isinstance(value, Mapping):
        pairs = (f"{name} = {toml_text(one)}" for name, one in cast("Mapping[str, object]", value).items())
        return f"{{ {', '.join(pairs)} }}"
    return str(value)


def _problem(fault: ErrorDetails, model: type[BaseModel], document: Document, at: Location) -> Problem:
    loc, ours = _key(fault["loc"]), cast("dict[str, str]", fault.get("ctx", {}))
    if fault["type"] == "extra_forbidden":
        keys = [field.alias or name for name, field in _model_at(model, loc[:-1]).model_fields.items()]
        return unknown_key(document, (*at, *loc), keys)
    if fault["type"] == OURS:
        name, field = _name((*at, *loc)), _field_at(model, loc)
        return document.problem((*at, *loc), f"{name}: {ours['message']}" if loc else ours["message"], ours["help"] or _help(field, name))
    field, name = _field_at(model, loc), _name((*at, *loc))
    help = _help(field, name) or document.fallback
    if fault["type"] == "missing":
        return document.problem((*at, *loc), f"has no {name}", help)
    if fault["type"] == "value_error":
        message = str(ours["error"]) if "error" in ours else fault["msg"]
        return document.problem((*at, *loc), f"{name}: {message}" if name else message, help or "correct it")
    shown = toml_text(fault["input"])
    shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
    if fault["type"] == _NO_SCALAR:
        wanted = _SCALAR
    elif field is None:
        wanted = _A_TABLE
    elif len(fault["loc"]) > 1 and _field_at(model, fault["loc"][:-1]) is field:
        wanted = _words(_value_type(field.annotation), [])
    else:
        wanted = expects(field)
    differs = f"neither {wanted.replace(' or ', ' nor ')}" if wanted == _YES_OR_NO else f"not {wanted}"
    return document.problem((*at, *loc), f"{name} = {shown} is {differs}", _near(fault, field, name) or help or _table_help((*at, *loc)))


def _key(loc: Location) -> Location:
    """The location of a key, without the number of a value in its list."""
    return _key(loc[:-1]) if loc and isinstance(loc[-1], int) else loc


def _name(at: Location) -> str:
    """The last key of a location."""
    return next((part for part in reversed(at) if isinstance(part, str)), "")


def _help(field: FieldInfo | None, name: str) -> str:
    """What to write, with the key's own example."""
    if field is None or not field.examples or field.examples[0] in ({}, []):
        return ""
    unit = unit_of(field)
    return f"write {name} = {toml_text(field.examples[0])}" + (f", in {unit}" if unit else "")


def _near(fault: ErrorDetails, field: FieldInfo | None, name: str) -> str:
    """What to write if a word of a fixed set is misspelt; an example would be another word than the one that was meant."""
    near = nearest(str(fault["input"]), _choices(field.annotation)) if field else None
    listed = field is not None and get_origin(bare_type(field.annotation)) in (tuple, list)
    return f"write {name} = {toml_text([near] if listed else near)}" if near else ""


def _choices(annotation: object) -> list[str]:
    """The words of a fixed set, or of a list of them."""
    base = bare_type(annotation)
    if get_origin(base) is Literal:
        return [word for word in get_args(base) if isinstance(word, str)]
    if get_origin(base) in (tuple, list):
        return _choices(get_args(base)[0])
    return [str(member.value) for member in base] if isinstance(base, type) and issubclass(base, Enum) else []


def _table_help(at: Location) -> str:
    names = ".".join(part for part in at if isinstance(part, str))
    return f"write [[{names}]]" if any(isinstance(part, int) for part in at) else f"write [{names}]"


def _field_at(model: type[BaseModel], loc: Location) -> FieldInfo | None:
    """The field of a location: that of the last key that is in a model; None if there is none."""
    found: FieldInfo | None = None
    here: object = model
    within = False  # a list or a table of tables, whose part is a number or a name of the user's
    for part in loc:
        if not within and isinstance(here, type) and issubclass(here, BaseModel):
            found = next((field for name, field in here.model_fields.items() if part in (name, field.alias)), None)
            within = found is not None and get_origin(bare_type(found.annotation)) is not None
            here = inner_type(found.annotation) if found else None
        else:
            within = False
    return found


def _value_type(annotation: object) -> object:
    """The type of the values in a list or a table, with its metadata."""
    base = bare_type(annotation)
    arguments = get_args(base)
    return (arguments[0] if get_origin(base) in (tuple, list, frozenset) else arguments[-1]) if arguments else base


def _model_at(model: type[BaseModel], loc: Location) -> type[BaseModel]:
    field = _field_at(model, loc)
    inner = inner_type(field.annotation) if field else None
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model


def inner_type(annotation: object) -> object:
    """The type of a value, or of the values in it if it is a list or a table of tables."""
    base, _ = _parts(annotation)
    arguments = get_args(base)
    return inner_type(arguments[-1] if get_origin(base) is not tuple else arguments[0]) if get_origin(base) and arguments else base


def bare_type(annotation: object) -> object:
    """A type without None and metadata."""
    return _parts(annotation)[0]


def _parts(annotation: object) -> tuple[Any, list[object]]:
    """An annotation without None and Annotated, and its metadata."""
    metadata: list[object] = []
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            metadata += more
        elif origin in (Union, types.UnionType) and types.NoneType in get_args(annotation):
            rest = [one for one in get_args(annotation) if one is not types.NoneType]
            if len(rest) > 1:
                return Union[tuple(rest)], metadata  # noqa: UP007 # built at run time
            annotation = rest[0]
        else:
            return annotation, metadata


def _words(annotation: object, outer: list[object]) -> str:
    base, inner = _parts(annotation)
    metadata = [limit for one in (*outer, *inner) for limit in (one.metadata if isinstance(one, FieldInfo) else [one])]
    said = next((one.words for one in metadata if isinstance(one, Expected)), None)
    if said:
        return said
    origin = get_origin(base)
    if origin is Literal:
        return f"one of {', '.join(map(str, get_args(base)))}"
    if origin in (tuple, list):
        each = _words(get_args(base)[0], [])
        return f"{_A_LIST} of {each.removeprefix('one of ') if each.startswith('one of ') else each.removeprefix('a ') + 's'}"
    if not isinstance(base, type) or origin is dict or issubclass(base, BaseModel):
        return _A_TABLE
    if issubclass(base, Enum):
        return f"one of {', '.join(str(member.value) for member in base)}"
    if base is bool:
        return _YES_OR_NO
    if base is str:
        most = next((limit for one in metadata if (limit := getattr(one, "max_length", None)) is not None), None)
        return f"a text of 1 to {most} characters" if most else "a text"
    if base in (int, float, Decimal, Fraction):
        return ("a whole number" if base is int else "a number") + _range(metadata)
    return f"a {base.__name__}"


def _range(metadata: list[object]) -> str:
    """` from 1 to 51`, ` above 0 and up to 3600`."""
    limits = {name: value for one in metadata for name in ("ge", "gt", "le", "lt") if (value := getattr(one, name, None)) is not None}
    if "ge" in limits:
        return f" from {limits['ge']} to {limits['le']}" if "le" in limits else f" from {limits['ge']} on"
    above = f" above {limits['gt']}" if "gt" in limits else ""
    return above + (f" and up to {limits['le']}" if above and "le" in limits else f" up to {limits['le']}" if "le" in limits else "")
