"""What is written down of a service's answer: its own words about one job, without the key, and never more than a page."""

from __future__ import annotations

import json

import pytest

from callsheet.transport.account import Account
from callsheet.transport.redact import words

ACCOUNT = Account("runware", "http://127.0.0.1:9/v1", "runware http://127.0.0.1:9/v1", own_url=True)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")


def test_of_many_jobs_only_ones_own_news_is_kept() -> None:
    """What names no job at all stays: it may be about this one."""
    answer = {
        "data": [{"taskUUID": "C08A-1", "cost": 0.1}, {"taskUUID": "d4d5-2"}],
        "errors": [{"code": "x"}, {"taskUUID": "D4D5-2", "code": "y"}],
        "n": 2,
    }
    assert json.loads(words(json.dumps(answer).encode(), ACCOUNT, "c08a-1", ["d4d5-2"])) == {
        "data": [{"taskUUID": "C08A-1", "cost": 0.1}],
        "errors": [{"code": "x"}],
        "n": 2,
    }


@pytest.mark.parametrize(
    "body", [b'{"message": "the key canary-7c1e is wrong"}', b"<p>canary-7c1e</p>", b'{"m": "Bearer canary-7c1e"}', b'"api_key=zzz-123456"']
)
def test_no_key_is_written_down(body: bytes) -> None:
    """Ours wherever it stands, and whatever is called a key."""
    said = words(body, ACCOUNT)
    assert "canary" not in said
    assert "zzz" not in said


@pytest.mark.parametrize("body", [b"\xff\xfe<html>", b"[[", b"", b"[" * 100_000, b"x" * 100_000])
def test_any_bytes_become_a_bounded_text(body: bytes) -> None:
    """Garbage is kept as it can be read, at most 8,000 characters of it."""
    assert len(words(body, ACCOUNT, "a", ["b"])) <= 8000


def test_numbers_stay_as_they_were_told() -> None:
    """0.1 is not 0.1000000000000000055."""
    assert words(b'{"cost": 0.1}', ACCOUNT) == '{"cost": 0.1}'
