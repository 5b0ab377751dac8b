"""The one grammar of selection: what each form means, and that what means nothing is refused with the nearest name."""

from __future__ import annotations

import pytest

from callsheet.domain.errors import UsageError
from callsheet.domain.selection import Candidate, Conditions, choose
from callsheet.domain.take import TakeId


def one(
    name: str, sequence: str, *, list: str = "spot", model: str = "runware/ltx-2", price: int | None = 60_000, **how: bool
) -> Candidate:
    shot, _, n = name.partition(".t")
    return Candidate(take=TakeId(list, shot, int(n)), sequence=sequence, model=model, price=price, **how)


KNOWN = [
    one("S0030.t1", "harbour"),
    one("S0010.t1", "harbour", stale=True),
    one("S0010.t2", "harbour", failed=True, price=480_000),
    one("S-20.t1", "lamp", model="runware/ltx-2.3", price=None),
    one("S0040.t1", "lamp", failed=True, stale=True),
    one("S0040.t1", "lamp", list="teaser"),
]


def found(*words: str, **conditions: object) -> list[str]:
    return [chosen.take.full for chosen in choose(words, Conditions(**conditions), KNOWN)]  # type: ignore[arg-type]  # as typed


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        (["S0010"], ["spot:S0010.t1", "spot:S0010.t2"]),
        (["S0010.t2"], ["spot:S0010.t2"]),
        (["S0010.t2.a1"], ["spot:S0010.t2"]),
        (["harbour/*"], ["spot:S0030.t1", "spot:S0010.t1", "spot:S0010.t2"]),
        (["harbour/*.t1"], ["spot:S0030.t1", "spot:S0010.t1"]),
        (["spot:S*"], ["spot:S0030.t1", "spot:S0010.t1", "spot:S0010.t2", "spot:S-20.t1", "spot:S0040.t1"]),
        (["S003?"], ["spot:S0030.t1"]),
        (["S0010-S-20"], ["spot:S0010.t1", "spot:S0010.t2", "spot:S-20.t1"]),
        (["S0030-S0010.t1"], ["spot:S0030.t1", "spot:S0010.t1"]),
        (["S-20"], ["spot:S-20.t1"]),
        (["teaser:S0040.t1"], ["teaser:S0040.t1"]),
        (["S0010.t2", "S0030", "S0010"], ["spot:S0030.t1", "spot:S0010.t1", "spot:S0010.t2"]),
    ],
)
def test_each_form_means_its_takes(words: list[str], takes: list[str]) -> None:
    """In the list's order, each once; a shot whose name has a hyphen is that shot, and a range where there is none."""
    assert found(*words) == takes


def test_conditions_narrow_what_words_mean_and_choose_among_all_without_one() -> None:
    """All of them hold at once; a take without a price is not cheaper than anything."""
    assert found(stale=True) == ["spot:S0010.t1", "spot:S0040.t1"]
    assert found(stale=True, failed=True) == ["spot:S0040.t1"]
    assert found("S0010", failed=True) == ["spot:S0010.t2"]
    assert found("spot:*", cheaper_than=100_000) == ["spot:S0030.t1", "spot:S0010.t1", "spot:S0040.t1"]
    assert found(model="runware/ltx-2.3") == ["spot:S-20.t1"]
    assert found("S0030", stale=True) == []


def test_what_was_typed_is_kept_for_names_only() -> None:
    """A name that is refused is told as typed; what a pattern or a condition found has no word of its own."""
    assert [(c.take.full, c.word) for c in choose(["S0010.t1", "lamp/S-*"], Conditions(), KNOWN)] == [
        ("spot:S0010.t1", "S0010.t1"),
        ("spot:S-20.t1", None),
    ]
    assert choose(["S0010.t1"], Conditions(stale=True), KNOWN)[0].word is None


@pytest.mark.parametrize(
    ("word", "message", "help"),
    [
        ("S0011", "there is no take S0011 in this project", "did you mean S0010? `callsheet status` shows every take"),
        ("S0010.t3", "there is no take S0010.t3 in this project", "did you mean S0010.t2? `callsheet status` shows every take"),
        ("harbor/*", "there is no sequence harbor in this project", "did you mean harbour? `callsheet status` shows every take"),
        ("harbour/X*", "no shot matches harbour/X*", "`callsheet status` shows every take"),
        ("S0040", "S0040 is in spot and teaser", "write spot:S0040 or teaser:S0040"),
        ("S0010-S0030", "S0010 comes after S0030 in spot", "write S0030-S0010"),
        ("a:b:c", "there is no take a:b:c in this project", "`callsheet status` shows every take"),
    ],
)
def test_what_means_nothing_or_two_things_is_refused(word: str, message: str, help: str) -> None:
    """With what to write; beside a good word nothing is chosen, and all bad ones are told at once."""
    with pytest.raises(UsageError) as refused:
        choose(["S0030", word, "zzz"], Conditions(model="runware/ltx"), KNOWN)
    problems = [(problem.message, problem.help) for problem in refused.value.problems]
    assert problems[0][0] == "no take uses the model runware/ltx"
    assert problems[1] == (message, help)
    assert len(problems) == 3
