"""What a service says that a clip cost, in whatever form: none that is told may be overlooked, for it would pass a cap."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from callsheet.services.protocol.answers import Failed, Succeeded
from callsheet.services.protocol.json_reading import cost
from callsheet.services.protocol.request import Response
from callsheet.services.runware.wire import Runware


@pytest.mark.parametrize(
    ("value", "micros"),
    [
        (Decimal("0.06"), 60_000),
        ("0.06", 60_000),
        ("6e-2", 60_000),
        ("$0.60", 600_000),
        ("0,60", 600_000),
        ("0.60 USD", 600_000),
        ("USD 1,234.50", 1_234_500_000),
        ("1.234,50", 1_234_500_000),
        ("1,234", 1_234_000_000),
        ("0,600", 600_000),
        ("1 234.5", 1_234_500_000),
        ({"amount": Decimal("0.6"), "at": 1_764_000_000}, 600_000),
        ({"first": "0,1", "second": 2}, 2_000_000),
        ([Decimal("0.6")], 600_000),
        ({"total": {"usd": "0.6"}}, 600_000),
        (10**12, 100_000_000_000),
        ("pending", None),
        ("", None),
        (None, None),
        (True, None),
        (0, None),
        (-1, None),
        ({}, None),
        ([], None),
    ],
)
def test_a_cost_is_read_however_it_is_spelled(value: object, micros: int | None) -> None:
    """A number, its text with a currency or either mark, the named sum of an object, the largest of a list; words without a digit say nothing."""
    assert cost(value) == micros


def test_no_sum_is_read_as_less_than_it_is(seed: int) -> None:
    """A drawn sum, written in each way, is that sum; only thousands that look like decimals may be read as more."""
    chance = random.Random(seed)
    for _ in range(300):
        micros = chance.randint(1, 5_000_000_000)
        digits = f"{Decimal(micros) / 1_000_000:,.6f}"
        swapped = digits.translate(str.maketrans(",.", ".,"))
        for text in (digits, f"${digits}", f"{digits} USD", swapped, f"EUR {swapped}", f"{Decimal(micros) / 1_000_000}"):
            assert cost(text) == micros, text


def test_all_items_of_a_job_are_paid() -> None:
    """The first has the address, the second the cost; and of two films both costs count, one that is told twice once."""
    first, second = '"taskUUID": "j", "videoURL": "https://x/1"', '"taskUUID": "j", "videoURL": "https://x/2", "cost": 0.3'
    for items, micros in (
        (f"{{{first}}}, {{{second}}}", 300_000),
        (f'{{{first}, "cost": 0.1}}, {{{second}}}, {{{second}}}', 400_000),
        (f"{{{first}}}", None),
    ):
        [answer] = Runware().read_poll(Response(200, {}, f'{{"data": [{items}]}}'.encode()), ["j"])
        assert isinstance(answer, Succeeded)
        assert answer.cost == micros


def test_a_failure_that_costs_is_no_free_one() -> None:
    """Booked as paid, so that it isn't bought again as if for nothing."""
    error = '{"taskUUID": "j", "code": "providerError", "message": "no", "taskType": "videoInference", "cost": "0,06"}'
    [answer] = Runware().read_poll(Response(200, {}, f'{{"errors": [{error}]}}'.encode()), ["j"])
    assert isinstance(answer, Failed)
    assert answer.cost == 60_000
