"""A service's address and key, whatever stands in the variables: what is taken can be sent, and all else is refused by its variable's name."""

from __future__ import annotations

import os
from unittest.mock import patch

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callsheet.domain.errors import SetupError
from callsheet.services.protocol.address import web
from callsheet.settings.environment import api_key, base_url

#: what the environment can hold: no zero byte, nothing that UTF-8 can't write
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40)


@given(TEXT)
@example("\ufeffk")
@example("\N{LEFT DOUBLE QUOTATION MARK}k\N{RIGHT DOUBLE QUOTATION MARK}")
@example("k\nX-Other: 1")
@example(" k\r\n")
def test_a_key_can_be_sent_or_is_refused(text: str) -> None:
    """A key that is taken goes into a header as it is."""
    with patch.dict(os.environ, {"RUNWARE_API_KEY": text}):
        try:
            key = api_key("RUNWARE_API_KEY")
        except SetupError as error:
            assert "RUNWARE_API_KEY" in str(error)
            return
    if key is None:
        assert not text.strip()
        return
    request = httpx.Request("GET", "http://x.test", headers={"Authorization": f"Bearer {key.get_secret_value()}"})
    assert request.headers.raw[-1][1] == f"Bearer {text.strip()}".encode()


@given(TEXT, st.sampled_from(["", "http://", "https://", "http://studio.test", "http://studio.test/v1"]))
@example("?key=1", "http://studio.test/v1")
@example("#top", "http://studio.test/v1")
@example(" x", "http://")
def test_a_base_url_can_be_asked_or_is_none(text: str, start: str) -> None:
    """What is taken for an address is one to the client, too, and paths are added to its own."""
    with patch.dict(os.environ, {"RUNWARE_BASE_URL": f"{start}{text}"}):
        url = base_url("RUNWARE_BASE_URL", "https://api.test")
    if not web(url):
        return
    try:
        asked = httpx.Request("POST", f"{url}/tasks").url
    except httpx.InvalidURL:  # a host that no name service can be asked for: refused where it is sent
        return
    assert asked.scheme in ("http", "https")
    assert asked.path.endswith("/tasks")
    assert not asked.query


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_address_is_the_vendors(monkeypatch: pytest.MonkeyPatch, blank: str) -> None:
    """Set to nothing is not set."""
    monkeypatch.setenv("RUNWARE_BASE_URL", blank)
    assert base_url("RUNWARE_BASE_URL", "https://api.test") == "https://api.test"
