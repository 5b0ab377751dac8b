"""Keys from Prefect's Secret blocks, for a worker whose environment has none. Never from a parameter: everyone can see those on the page."""

from __future__ import annotations

import os
from typing import Any, cast

from httpx import HTTPError
from prefect import get_client
from prefect.blocks.system import Secret
from prefect.exceptions import PrefectException
from prefect.runtime import deployment

from callsheet.domain.errors import SetupError
from callsheet.services.registry import SERVICES


async def keys_from_blocks() -> None:
    """Set the keys from Secret blocks in this process: the block for `RUNWARE_API_KEY` is `runware-api-key`. The environment takes
    precedence. Only for a deployment's run: at a terminal, the keys are the user's own. This process runs only this run, and its
    children get an allow-list of the environment, without keys. SetupError if a block can't be read, or holds no text.
    """
    wanted = [variable for service in SERVICES.values() for variable in (service.key_env, f"{service.name.upper()}_WEBHOOK_SECRET")]
    absent = {variable.lower().replace("_", "-"): variable for variable in wanted if not os.environ.get(variable, "").strip()}
    if not deployment.id or not absent:
        return
    try:
        async with get_client() as client:
            known = {str(block.name) for block in await client.read_block_documents_by_type("secret")}
        for name in sorted(absent.keys() & known):
            os.environ[absent[name]] = await _value(name)
    except (HTTPError, PrefectException, ValueError) as error:
        help = "check the Prefect server, or set the keys in the worker's environment; then start the run again"
        raise SetupError(f"the server's Secret blocks can't be read: {type(error).__name__}", help=help) from None


async def _value(name: str) -> str:
    """A block's text, stripped of the line end that comes with a pasted key."""
    block = cast("Secret[Any]", await Secret.aload(name))  # pyright: ignore[reportUnknownMemberType] # Prefect leaves a block's value untyped
    value: object = block.get()
    if not isinstance(value, str) or "\0" in value:
        raise SetupError(f"the Secret block {name} holds no text", help="give it the key as text on the server's page, under Blocks")
    return value.strip()
