"""No answer of a service breaks the wire, and none without our key is taken for news."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.services.protocol.answers import Accepted, Succeeded, Unread
from callsheet.services.protocol.request import Response
from callsheet.services.runware.wire import Runware

KEY = "5a6a1b1e-0000-4000-8000-000000000001"
WORDS = st.sampled_from(
    [
        "data",
        "errors",
        "taskUUID",
        KEY,
        "videoURL",
        "https://x/y.mp4",
        "status",
        "success",
        "error",
        "code",
        "conflictTaskUUID",
        "cost",
        "response",
        "1e9",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)
STATUS = st.sampled_from([200, 201, 204, 301, 307, 400, 401, 402, 404, 429, 500, 503])


@settings(max_examples=300, deadline=None, print_blob=True)
@given(status=STATUS, body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60))
def test_any_answer_is_read(status: int, body: bytes) -> None:
    """Whatever comes back is one of the answers; a body without our key never means accepted or done."""
    wire = Runware()
    answer = Response(status, {}, body)
    taken = wire.read_submit(answer, KEY)
    seen = wire.read_poll(answer, [KEY])
    stored = wire.read_recall(answer, KEY)
    if KEY.encode() not in body:
        assert not (isinstance(taken, Accepted) and b"conflictTaskUUID" not in body)
        assert isinstance(seen, Unread) or not isinstance(seen[0], Succeeded)
        assert not isinstance(stored, Succeeded)


def test_a_known_answer_is_accepted_here_too() -> None:
    """The property above can fail: the right body is accepted."""
    body: dict[str, Any] = {"data": [{"taskUUID": KEY}]}
    assert isinstance(Runware().read_submit(Response(200, {}, json.dumps(body).encode()), KEY), Accepted)
