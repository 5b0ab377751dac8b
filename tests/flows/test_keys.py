"""Keys from the Secret blocks of a real Prefect server, as a deployment's run reads them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

from callsheet.cli.prefect.server import Host
from callsheet.domain.errors import SetupError
from tests.flows.film import KEY, ask


def read_environment() -> None:
    """Have Prefect read it again."""
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()


def read_keys() -> None:
    """What a deployment's run does before it begins."""
    from tasks.keys import keys_from_blocks

    asyncio.run(keys_from_blocks())


@pytest.fixture
def block(server: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The question that makes the block `runware-api-key`, less its value; this process is a deployment's run without a key of its own."""
    monkeypatch.setenv("RUNWARE_API_KEY", "")
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "nightly")
    read_environment()
    (kind,) = [one for one in ask(server.url, "block_types/filter") if one["slug"] == "secret"]
    (schema, *_) = ask(server.url, "block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}})
    yield {"name": "runware-api-key", "block_type_id": kind["id"], "block_schema_id": schema["id"]}
    for one in ask(server.url, "block_documents/filter", {"block_documents": {"name": {"any_": ["runware-api-key"]}}}):
        ask(server.url, f"block_documents/{one['id']}", method="DELETE")


def test_a_key_is_read_without_its_line_end(server: Host, block: dict[str, Any]) -> None:
    """As it comes from the clipboard."""
    ask(server.url, "block_documents/", block | {"data": {"value": f"{KEY}\n"}})
    read_keys()
    assert os.environ["RUNWARE_API_KEY"] == KEY


@pytest.mark.parametrize("value", [{"key": KEY}, 17, f"{KEY}\0"])
def test_a_block_without_text_is_told(server: Host, block: dict[str, Any], value: object) -> None:
    """By its name, with the fix and without its value: the run ends as Environment, and not as a defect."""
    ask(server.url, "block_documents/", block | {"data": {"value": value}})
    with pytest.raises(SetupError, match="the Secret block runware-api-key holds no text") as told:
        read_keys()
    assert KEY not in str(told.value)


def test_a_server_that_does_not_answer_is_told(block: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that can't read the blocks has no key: it is an error of the environment."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    read_environment()
    with pytest.raises(SetupError, match="Secret blocks can't be read"):
        read_keys()
