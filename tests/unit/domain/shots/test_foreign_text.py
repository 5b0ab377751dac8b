"""Words of others are clean behind the border."""

from __future__ import annotations

import json

import pytest

from callsheet.domain.shots.foreign_text import clean, clean_all, fault, faults
from callsheet.services.protocol.json_reading import json_object
from callsheet.transport.account import Account
from callsheet.transport.redact import words

PLACE = Account("runware", "https://api.runware.ai/v1", "runware https://api.runware.ai/v1", own_url=False)


@pytest.mark.parametrize("code", [0x00, 0x1B, 0x85, 0x202E, 0x2066, 0x200F, 0xD800, 0xDFFF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF])
def test_what_is_no_character_is_replaced(code: int) -> None:
    """Surrogates without their other half, noncharacters, controls, and marks that turn the direction of writing."""
    assert clean(f"a{chr(code)}b") == "a\ufffdb"
    assert clean_all({f"n{chr(code)}": [f"{chr(code)}", 3, None]}) == {"n\ufffd": ["\ufffd", 3, None]}


@pytest.mark.parametrize(
    "text", ["a lighthouse", "Löwe, 灯台, منارة", "two\nlines\tand a tab\r\n", "\U0001f3ac", "\ufffd", "e\u0301 \u200d"]
)
def test_words_of_every_script_stay(text: str) -> None:
    assert clean(text) == text


def test_an_answer_of_a_service_is_clean_where_it_is_read() -> None:
    """What was escaped in JSON is seen behind the escape; what is written down can always be encoded."""
    body = b'{"message": "no \\ud800 \\u202e way", "x\\udfff": 1}'
    assert json_object(body) == {"message": "no \ufffd \ufffd way", "x\ufffd": 1}
    assert "\ufffd" in words(body, PLACE)
    words(body, PLACE).encode()


@pytest.mark.parametrize(
    "body", [b'{"a":' * 70 + b"1" + b"}" * 70, b'{"a": ' + b"9" * 500 + b"}", b"[" * 100_000, json.dumps([1]).encode()]
)
def test_an_answer_that_is_too_deep_or_too_long_is_none(body: bytes) -> None:
    assert json_object(body) is None


@pytest.mark.parametrize("code", [0x00, 0x1B, 0x85, 0x202A, 0x202C, 0x202E, 0x2066, 0x2069, 0xD800, 0xFDD0, 0xFFFE, 0x10FFFF])
def test_a_text_of_the_users_own_that_holds_none_is_refused(code: int) -> None:
    assert f"U+{code:04X}" in (fault(f"a{chr(code)}b") or "")
    assert list(faults({"a": [{"b": chr(code)}]})) == [("a.b", fault(chr(code)))]


def test_marks_of_direction_and_turns_that_end_stay_in_a_text_and_not_in_a_name() -> None:
    """As Arabic and Hebrew are written; a turn that doesn't end in its line would turn what follows."""
    for text in ("منارة\u200f!", "\u2067a\u202bb\u202c\u2069"):
        assert fault(text) is None
        assert fault(text, name=True)
    assert fault("\u2067a\nb\u2069")
    assert fault("\u2067a\u202bb\u2069\u202c")
