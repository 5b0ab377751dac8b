"""Limits of size and density."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.errors import DeliveryError
from callsheet.domain.shots.shot import Size
from callsheet.media.film.file_size import allowed, smaller

WEB = Delivery(name="web", size=Size(1280, 720), fps=Fraction(24), audio_bitrate=64_000)
TEN = Fraction(10)


def test_the_tighter_limit_counts() -> None:
    """Bytes of the whole file, and bits a second over its length."""
    assert allowed(WEB, TEN) is None
    assert allowed(replace(WEB, max_bytes=1_000_000), TEN) == 1_000_000
    assert allowed(replace(WEB, max_bitrate=400_000), TEN) == 500_000
    assert allowed(replace(WEB, max_bytes=1_000_000, max_bitrate=400_000), TEN) == 500_000


def test_what_fits_stays_and_what_does_not_is_lowered_by_as_much_as_it_is_over() -> None:
    """Twice too large: six steps of H.264's quality, the sound's share left out."""
    limited = replace(WEB, max_bytes=1_000_000)
    assert smaller(limited, 1_000_000, TEN) is None
    twice = smaller(limited, 1_920_000, TEN)
    assert twice == replace(limited, crf=limited.crf + 6)
    barely = smaller(limited, 1_000_001, TEN)
    assert barely == replace(limited, crf=limited.crf + 1)


@pytest.mark.parametrize(
    ("delivery", "help"),
    [
        (replace(WEB, codec=Codec.PRORES, max_bytes=1000), "no quality to lower"),
        (replace(WEB, max_bytes=80_000), "sound alone takes 80000"),
        (replace(WEB, max_bytes=100_000, crf=45), "smaller resolution"),
    ],
)
def test_what_can_not_fit_is_refused_with_what_to_change(delivery: Delivery, help: str) -> None:
    """Never a file over its limit, never an endless search."""
    with pytest.raises(DeliveryError) as refused:
        smaller(delivery, 2_000_000, TEN)
    assert help in refused.value.problems[0].help
