"""Random joins: two dozen, in the nightly job two thousand and every rate, way in, way out and codec."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from callsheet.domain.delivery.fitting import Join
from tests.property.join_films import CODECS, PER_FILM, RATES, drawn, every, tried

#: films
FILMS = [1, pytest.param(6, marks=[pytest.mark.slow, pytest.mark.nightly])]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("films", FILMS)
def test_every_picture_of_joined_shots_is_the_one_that_is_due(films: int, tmp_path: Path, seed: int) -> None:
    """At any rate, way in, way out, codec, group of pictures and length: as many frames as asked, each showing its clip and frame, under transitions too."""
    seeds = random.Random(seed).sample(range(10**9), films)
    print(f"{films * PER_FILM} joins, seeds {seeds} (replay one: python -m tests.property.join_films --seed N)")
    assert tried([drawn(one) for one in seeds], tmp_path) == []


def test_the_exhaustive_films_leave_nothing_out() -> None:
    """Each rate and codec has one, in which each way in is followed by each way out."""
    films = list(every())
    assert {(film.fps, film.codec) for film in films} == {(rate, codec) for rate in RATES for codec in CODECS}
    for film in films:
        pairs = set(pairwise(shot.join for shot in film.shots))
        assert pairs == {(first, second) for first in Join for second in Join}
