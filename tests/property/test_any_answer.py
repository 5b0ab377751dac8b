"""No answer of a service without a key of ours breaks its wire, and none without a job's id or address is taken for news."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.cards.negotiation import adjustments
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.answers import Accepted, Busy, Elsewhere, Forgotten, Here, Lost, Refused, Succeeded, Unread
from callsheet.services.protocol.request import Response

JOB, URL = "c08a339c-73e5-4d67-a4d5-231302fbff9a", "https://x/y.mp4"
BYTECOMPUTE, DEAPI = ByteCompute(), DeApi()
NAMES = st.sampled_from(
    [
        "data",
        "errors",
        "error",
        "message",
        "type",
        "id",
        "job_id",
        "request_id",
        "status",
        "progress",
        "result_url",
        "url",
        "price",
        "amount",
        "is_estimated",
        "adjustments",
        "balance",
        "model",
        "meta",
        "info",
        "limits",
        "statusCode",
        "job_request_id",
        "current_page",
        "last_page",
    ]
)
WORDS = st.sampled_from([JOB, URL, "done", "completed", "error", "failed", "processing", "not_found", "1e9", "0.5", "-1", "NaN"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
STATUS = st.sampled_from([200, 201, 204, 301, 307, 400, 401, 402, 404, 409, 410, 413, 422, 429, 500, 503, 529])
HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-ratelimit-type", "content-type", "location"]),
    st.sampled_from(["", "30", "86400", "soon", "daily", "minute", "video/mp4", "application/json", URL]),
)
BODY = JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)


@pytest.mark.parametrize("wire", [BYTECOMPUTE, DEAPI], ids=lambda wire: wire.service)
@settings(max_examples=300, deadline=None, print_blob=True)
@given(status=STATUS, headers=HEADERS, body=BODY)
def test_any_answer_is_read(wire: ByteCompute | DeApi, status: int, headers: dict[str, str], body: bytes) -> None:
    """Accepted and done are only ever read from a 2xx; what is told can be written down as JSON."""
    answer = Response(status, headers, body)
    taken = wire.read_submit(answer, "a-key")
    assert isinstance(taken, Accepted | Refused | Busy | Lost)
    assert not (isinstance(taken, Accepted) and status >= 300)
    assert not (isinstance(taken, Refused | Busy) and status in (200, 301, 409, 500, 503, 529))
    seen = wire.read_poll(answer, [JOB])
    if not isinstance(seen, Unread):
        [news] = seen
        assert news.job == JOB
        assert status < 300 or (isinstance(news, Forgotten) and status in (404, 410))
        if isinstance(news, Succeeded):
            assert news.url
            json.dumps(dict(news.told))
            adjustments(news.told.get("adjustments"))


@settings(max_examples=300, deadline=None, print_blob=True)
@given(status=STATUS, headers=HEADERS, body=BODY)
def test_any_other_answer_is_read(status: int, headers: dict[str, str], body: bytes) -> None:
    """A price is above 0, a clip comes with a 200, an address is one; the rest is unread."""
    answer = Response(status, headers, body)
    price = DEAPI.read_quote(answer)
    assert isinstance(price, Unread) or (price > 0 and status < 300)
    DEAPI.read_account(answer)
    DEAPI.read_callback(body.decode(errors="replace"))
    clip = BYTECOMPUTE.read_fetch(answer, JOB)
    assert not isinstance(clip, Here) or status == 200
    assert not isinstance(clip, Elsewhere) or status in (200, 301, 307)
