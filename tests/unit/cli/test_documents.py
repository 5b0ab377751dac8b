"""JSON documents are what their models say: `calling` holds every output to its model; here the models themselves are held to the contract."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from pydantic import ValidationError

from callsheet.cli.app import NAMES
from callsheet.cli.output.documents import DOCUMENTS
from callsheet.domain.errors import Problem
from callsheet.report.json_parts import ProblemPart
from tests.unit.cli.calling import call, held_to_its_model

#: what scripts rely on, at least
CONTRACT = {
    "check": {"shots", "errors"},
    "plan": {"takes", "totals", "money", "caps", "fits"},
    "render": {"state", "counts", "money", "caps", "sequences"},
    "recover": {"state", "counts", "money", "caps", "sequences"},
    "demo": {"state", "counts", "money", "caps", "sequences"},
    "finish": {"sequences"},
    "status": {"money", "caps", "takes"},
    "costs": {"money", "caps", "takes"},
}


def test_every_command_has_a_model() -> None:
    """Also those with several forms; `services test` and `render --detach` have one of their own."""
    assert set(DOCUMENTS) - set(NAMES) == {"render-detached", "report-page", "services-test"}
    assert set(NAMES) <= set(DOCUMENTS)


def test_a_problem_s_model_has_its_fields() -> None:
    """Those of `Problem`, of which documents are built."""
    assert set(ProblemPart.__annotations__) == {field.name for field in fields(Problem)}


def test_the_contract_s_fields_are_in_the_models() -> None:
    """Under the names that scripts rely on."""
    for name, promised in CONTRACT.items():
        assert promised <= set(get_type_hints(DOCUMENTS[name])), name


def test_the_schema_of_every_document_is_printed() -> None:
    """As JSON Schema that allows further fields; what a command prints holds to it, null where there is none."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 # it builds a grammar for seconds, which no other worker has to

    schemas = json.loads(call("schema", "output").out)
    assert set(schemas) == set(DOCUMENTS)
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    check: Any = Draft202012Validator(schemas["explain"])
    document = call("explain", "take", "--json").json
    assert [*check.iter_errors(document)] == []
    assert [*check.iter_errors({**document, "more": 1})] == []
    assert [*check.iter_errors({**document, "words": 1})] != []


@pytest.mark.parametrize(
    "document",
    [
        {"schema": "callsheet.explain/1", "codes": []},
        {"schema": "callsheet.standin/1", "url": 5},
        {"schema": "callsheet.plan/1", "errors": []},
        {"schema": "callsheet.plan/1", "errors": [{"code": "x", "message": "y"}]},
        {"schema": "callsheet.explain/1", "codes": [], "words": [], "more": 1},
    ],
)
def test_what_a_model_does_not_allow_is_seen(document: dict[str, object]) -> None:
    """A field that is missing, one of another type, one that nobody declared; an empty failure; a problem without its fix."""
    with pytest.raises(ValidationError):
        held_to_its_model(json.dumps(document))
