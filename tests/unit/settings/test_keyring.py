"""Keys that are kept in the system's keyring."""

from __future__ import annotations

import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from callsheet.domain.errors import SetupError
from callsheet.settings import environment
from callsheet.settings.environment import api_key

_KEPT = "kept-0123456789"


class _Backend(KeyringBackend):
    """A keyring with one entry, which counts how often it is asked."""

    priority = 1  # type: ignore[assignment]  # a class property there
    asked = 0
    locked = False

    def get_password(self, service: str, username: str) -> str | None:
        type(self).asked += 1
        if self.locked:
            raise KeyringLocked("it is locked")
        return _KEPT if (service, username) == ("callsheet", "RUNWARE_API_KEY") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def _ring(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyring.get_keyring()
    monkeypatch.setattr(keyring.core, "_keyring_backend", _Backend())
    monkeypatch.setattr(_Backend, "asked", 0)
    environment._from_keyring.cache_clear()
    assert before is not keyring.get_keyring()


def test_it_is_asked_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And once for a key, however often that is used."""
    assert api_key("RUNWARE_API_KEY") is None
    assert _Backend.asked == 0
    monkeypatch.setenv("CALLSHEET_KEYRING", "callsheet")
    keys = [api_key("RUNWARE_API_KEY") for _ in range(3)]
    assert [key and key.get_secret_value() for key in keys] == [_KEPT] * 3
    assert _Backend.asked == 1
    assert api_key("DEAPI_API_KEY") is None


def test_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for this run alone needs no change of the keyring."""
    monkeypatch.setenv("CALLSHEET_KEYRING", "callsheet")
    monkeypatch.setenv("RUNWARE_API_KEY", "another-one")
    found = api_key("RUNWARE_API_KEY")
    assert found
    assert found.get_secret_value() == "another-one"
    assert _Backend.asked == 0


def test_a_keyring_that_cannot_be_asked_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked, or not installed: never taken for a key that isn't there."""
    monkeypatch.setenv("CALLSHEET_KEYRING", "callsheet")
    monkeypatch.setattr(_Backend, "locked", True)
    with pytest.raises(SetupError, match="KeyringLocked"):
        api_key("RUNWARE_API_KEY")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SetupError, match="not installed"):
        api_key("RUNWARE_API_KEY")
