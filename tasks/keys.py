"""Keys from Prefect's Secret blocks, for a worker whose environment has none. Never from a parameter: everyone can see those on the page."""

from __future__ import annotations

import os
from typing import cast

from prefect import get_client
from prefect.blocks.system import Secret
from prefect.runtime import deployment

from callsheet.services.registry import SERVICES


async def keys_from_blocks() -> None:
    """Set the keys from Secret blocks in this process: the block for `RUNWARE_API_KEY` is `runware-api-key`. The environment takes
    precedence. Only for a deployment's run: at a terminal, the keys are the user's own. This process runs only this run, and its
    children get an allow-list of the environment, without keys.
    """
    wanted = [variable for service in SERVICES.values() for variable in (service.key_env, f"{service.name.upper()}_WEBHOOK_SECRET")]
    absent = {variable.lower().replace("_", "-"): variable for variable in wanted if not os.environ.get(variable, "").strip()}
    if not deployment.id or not absent:
        return
    async with get_client() as client:
        known = {block.name for block in await client.read_block_documents_by_type("secret")}
    for name in sorted(absent.keys() & {str(one) for one in known}):
        block = cast("Secret[str]", await Secret.aload(name))  # pyright: ignore[reportUnknownMemberType] # Prefect leaves a block's value untyped
        os.environ[absent[name]] = block.get()
