"""What Runware's account says, and what a written purchase asked for."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.abilities import ReportsSpending
from callsheet.services.protocol.answers import AccountReading, Unread
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.request import Response
from callsheet.services.runware.wire import Runware

WIRE = Runware()


def said(**details: object) -> AccountReading | Unread:
    item = {"taskType": "accountManagement", "operation": "getDetails", **details}
    return WIRE.read_account(Response(200, {}, json.dumps({"data": [item]}).encode()))


def test_the_wire_can_ask_for_its_account() -> None:
    """A free question, with the operation that the service's page names."""
    assert isinstance(WIRE, ReportsSpending)
    [task] = json.loads(WIRE.account().body)
    assert (task["taskType"], task["operation"]) == ("accountManagement", "getDetails")


@pytest.mark.parametrize(
    ("balance", "micros"),
    [
        (2450.75, 2_450_750_000),
        ("12.5", 12_500_000),
        ({"amount": 3.25, "currency": "USD"}, 3_250_000),
        ({"total": "7"}, 7_000_000),
        ({}, None),
        (None, None),
    ],
)
def test_a_balance_is_a_number_or_an_object(balance: object, micros: int | None) -> None:
    """It was the one and has become the other."""
    found = said(balance=balance, usage={"total": {"credits": 0.06, "requests": 2}})
    assert found == AccountReading(micros, 60_000)


def test_usage_may_be_missing() -> None:
    """The balance alone will do."""
    assert said(balance=1) == AccountReading(1_000_000, None)


@pytest.mark.parametrize(
    "response",
    [
        Response(401, {}, b'{"errors": [{"code": "invalidApiKey", "message": "who?"}]}'),
        Response(200, {}, b"<html>"),
        Response(200, {}, b'{"data": [{}]}'),
    ],
)
def test_an_answer_without_either_is_unread(response: Response) -> None:
    """Nothing is concluded from it."""
    assert isinstance(WIRE.read_account(response), Unread)


def test_a_purchase_tells_what_it_asked_for() -> None:
    """From the very bytes that were written down."""
    body = b'[{"taskUUID": "k", "width": 1920, "height": 1080, "fps": 24, "duration": 8, "positivePrompt": "x"}]'
    assert WIRE.sold(body) == Sold(Size(1920, 1080), Fraction(24), Fraction(8))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'[{"width": 1}]', b'[{"width": 1, "height": 1, "fps": 0.5, "duration": null}]', b"[{}, {}]"]
)
def test_other_bytes_tell_nothing(body: bytes) -> None:
    """Another wire's, or broken ones."""
    assert WIRE.sold(body) is None
