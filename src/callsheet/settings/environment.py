"""The environment: `CALLSHEET_*`, and of each service its address and its key."""

from __future__ import annotations

import os

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class Environment(BaseSettings):
    """What is read from the environment, once. Keys are secrets and are handed on as such."""

    model_config = SettingsConfigDict(env_prefix="CALLSHEET_", extra="ignore", hide_input_in_errors=True)

    ledger: str | None = None
    ffmpeg: str | None = None
    model: str | None = None
    fps: str | None = None
    resolution: str | None = None
    duration_s: str | None = None
    timezone: str | None = None
    callback_url: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the library's signature
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment and nothing else: no file beside the project speaks for it."""
        return (env_settings,)


def base_url(variable: str, default: str) -> str:
    """Where a service is: what the environment's `variable` says, else the vendor's."""
    return (os.environ.get(variable) or default).rstrip("/")


def api_key(variable: str) -> SecretStr | None:
    """A service's key from the environment, read where it is used and kept nowhere; None where it isn't set."""
    found = os.environ.get(variable, "").strip()
    return SecretStr(found) if found else None
