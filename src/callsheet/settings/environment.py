"""The environment: `CALLSHEET_*`, and each service's address and key."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from typing import Self

from pydantic import SecretStr

from callsheet.domain.errors import SetupError


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What `CALLSHEET_*` variables set, read once; None if one isn't set."""

    ledger: str | None = field(default=None, repr=False)  # its URL may hold a password
    ffmpeg: str | None = None
    model: str | None = None
    fps: str | None = None
    resolution: str | None = None
    duration_s: str | None = None
    timezone: str | None = None
    callback_url: str | None = None

    @classmethod
    def read(cls) -> Self:
        """The process's own environment. No other file sets these values, and names count whatever their case."""
        known = {name.upper(): value for name, value in os.environ.items()}
        return cls(**{variable.name: known.get(f"CALLSHEET_{variable.name.upper()}") for variable in fields(cls)})


def base_url(variable: str, default: str) -> str:
    """A service's URL: the environment's `variable`, otherwise its own."""
    return (os.environ.get(variable, "").strip() or default).rstrip("/")


def api_key(variable: str) -> SecretStr | None:
    """A service's key by its variable's name: from the environment, otherwise from the keyring if `CALLSHEET_KEYRING` names a service in
    it; None if neither has it. Read where it is used, and written nowhere. SetupError if the keyring doesn't answer, or the key can't be
    sent in a header.
    """
    found = _secret(variable)
    if not found:
        return None
    odd = next((at for at, character in enumerate(found) if not "!" <= character <= "~"), None)
    if odd is not None:  # a byte-order mark, a typographic quote or a line break that was copied with the key
        help = f"copy the key again, and export {variable}=... with only ASCII letters, digits and punctuation"
        raise SetupError(f"{variable} has a character that can't be in a key: U+{ord(found[odd]):04X} at position {odd + 1}", help=help)
    return SecretStr(found)


def addresses(variable: str) -> tuple[SecretStr, ...]:
    """The addresses that a variable holds, with blanks between them: from the environment, else from the keyring, as a key. They carry tokens. SetupError if
    the keyring can't be asked."""
    return tuple(map(SecretStr, _secret(variable).split()))


def _secret(variable: str) -> str:
    """What the environment or the keyring has under this name; empty if neither has it."""
    found = os.environ.get(variable, "").strip()
    service = os.environ.get("CALLSHEET_KEYRING", "").strip()
    return found or (_from_keyring(service, variable) if service else "")


def user_name() -> str:
    """The user's name on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user on this machine
        return "a person"


@cache
def _from_keyring(service: str, variable: str) -> str:
    """Read once per process, because a desktop's keyring may ask a person each time."""
    try:
        keyring = import_module("keyring")
    except ImportError:
        help = "pip install 'callsheet[keyring]', or unset CALLSHEET_KEYRING"
        raise SetupError("CALLSHEET_KEYRING is set, but the package keyring is not installed", help=help) from None
    try:
        found: str | None = keyring.get_password(service, variable)
    except keyring.errors.KeyringError as error:
        help = f"unlock it, or export {variable}; `keyring get {service} {variable}` shows whether it answers"
        raise SetupError(f"the keyring doesn't answer for {variable}: {type(error).__name__}", help=help) from None
    return (found or "").strip()
