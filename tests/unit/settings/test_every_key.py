"""Every key of every table that people write, wrong in every way: one error each, with file, line, key and fix. Made from the models."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_origin

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from callsheet.domain.errors import Problem
from callsheet.settings.tables.file import project_model
from callsheet.settings.tables.services import DoubtsTable
from callsheet.shotlist.mapping_table import ComposeTable, LengthTable, MappingTable
from callsheet.toml_file.document import Document
from callsheet.toml_file.faults import bare_type, inner_type, problems_of, toml_text, unit_of

HOUSE = Path(__file__).parents[3]
CODES = tuple(tomllib.loads((HOUSE / "configs" / "defaults.toml").read_text())["qc"])
MODEL = project_model(CODES)
#: a value that no key takes
NEVER = date(2026, 1, 1)


def _tables() -> Iterator[tuple[str, type[BaseModel]]]:
    """The header of each table of project.toml, and its model; those of mappings behind them."""
    for name, field in MODEL.model_fields.items():
        inner = inner_type(field.annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            origin = get_origin(bare_type(field.annotation))
            yield f"[[{name}]]" if origin is list else f"[{name}.one]" if origin is dict else f"[{name}]", inner
    yield "[lanes.one.doubts]", DoubtsTable
    yield "", MappingTable
    yield "[compose]", ComposeTable
    yield "[length]", LengthTable


TABLES = dict(_tables())
#: what else has to be written beside an example
BESIDE = {
    "from": 'sequence = "SQ010"\n',
    "to": 'sequence = "SQ010"\n',
    "first": 'last = "Out"\nlast_is = "inclusive"\n',
    "last": 'first = "In"\nlast_is = "inclusive"\n',
}


def _wrong(text: str, table: type[BaseModel]) -> list[Problem]:
    document = Document(file="film.toml", tables=tomllib.loads(text), text=text)
    model = MappingTable if table in (MappingTable, ComposeTable, LengthTable) else MODEL
    try:
        model.model_validate(document.tables)
    except ValidationError as error:
        return problems_of(error, model, document)
    return []


def _text(header: str, model: type[BaseModel], name: str = "", value: object = None) -> str:
    """A table with all that is due, and the key with this value."""
    due = {field.alias or key: (field.examples or [""])[0] for key, field in model.model_fields.items() if field.is_required()}
    values: dict[str, Any] = due | ({name: value} if name else {})
    return header + "\n" + "".join(f"{key} = {toml_text(one)}\n" for key, one in values.items())


def _keys(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    return ((field.alias or name, field) for name, field in model.model_fields.items())


def _limits(field: FieldInfo) -> Iterator[float]:
    """Values just outside of a key's limits."""
    for limit in field.metadata:
        for name, beyond in (("ge", -1), ("gt", 0), ("le", 1)):
            if (bound := getattr(limit, name, None)) is not None:
                yield bound + beyond


def _one(text: str, model: type[BaseModel], key: str, says: str, help: str) -> None:
    """There is one error, at the key's line, that shows what was read and says what to write."""
    found = _wrong(text, model)
    assert len(found) == 1, (text, found)
    [problem] = found
    lines = text.splitlines()
    assert (problem.file, problem.column, problem.line) == (
        "film.toml",
        key,
        lines.index(next(x for x in lines if x.startswith(f"{key} ="))) + 1,
    )
    assert key in problem.message and says in problem.message, (text, problem)
    assert help in problem.help, (text, problem)


@pytest.mark.parametrize("header", TABLES)
def test_each_key_of_a_table_wrong_in_each_way(header: str) -> None:
    """A value of another type, with its unit written out, out of range; and a key that is misspelt."""
    model = TABLES[header]
    for key, field in _keys(model):
        example = field.examples[0] if field.examples else None
        fix = f"write {key} = {toml_text(example)}"
        _one(_text(header, model, key, NEVER), model, key, str(NEVER), fix)
        if unit_of(field):
            united = f"{example} {unit_of(field)}"
            _one(_text(header, model, key, united), model, key, united, fix)
        for value in _limits(field):
            _one(_text(header, model, key, value), model, key, f"{key} = {value}", fix)
        misspelt = key + key[-1]
        text = _text(header, model) if not field.is_required() else _text(header, model).replace(f"{key} =", f"{misspelt} =")
        _one(text if field.is_required() else f"{text}{misspelt} = 1\n", model, misspelt, "has no setting", f"did you mean {key}?")
    _one(f"{_text(header, model)}zzqq = 1\n", model, "zzqq", "has no setting zzqq", "known here: ")


@pytest.mark.parametrize("header", TABLES)
def test_each_example_may_be_written(header: str) -> None:
    """What errors and the reference show as an example is right."""
    model = TABLES[header]
    for key, field in _keys(model):
        if field.examples and field.examples[0] != {}:
            text = _text(header, model, key, field.examples[0]) + BESIDE.get(key, "")
            text = text.replace('scope = "project"', 'scope = "day"') if key == "starts_at" else text
            assert _wrong(text, model) == [], text


def test_a_table_that_does_not_exist() -> None:
    """It is named with the near one."""
    [problem] = _wrong("[projekt]\nfps = 24\n", MODEL)
    assert (problem.message, problem.help, problem.line) == ("film.toml has no table projekt", "did you mean project?", 1)


def test_every_number_with_a_unit_has_limits() -> None:
    """And every key says what it means, with an example."""
    for header, model in TABLES.items():
        for key, field in _keys(model):
            assert field.description and field.examples, (header, key)
            if (
                isinstance(field.examples[0], int | float)
                and not isinstance(field.examples[0], bool)
                and key not in ("duration_s", "duck", "duck_others")
            ):
                assert any(True for _ in _limits(field)), (header, key)
