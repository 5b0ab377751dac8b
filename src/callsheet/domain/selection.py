"""Which takes are meant: the one grammar of `plan`, `render`, `pick`, `reject`, `retake`, `hold`, `cancel`, `recover`, `status` and `export`. Pure.

    S0010               a shot, with all of its takes          S0010.t2        one take          S0010.t2.a1    one of its attempts
    harbour/*           all shots of a sequence                harbour/S00*    those whose name begins so; ? stands for one sign
    S0010-S0040         from one shot to another, in the list's order          S0010-S0040.t2   take 2 of each
    spot:S0010          any of these, of one list

Several words add up. Conditions (stale, failed, model, cheaper than) hold for all of them; without a word they choose among all takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from callsheet.domain.errors import Problem, UsageError
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId, TakeName
from callsheet.domain.wording import nearest

_WORD = re.compile(r"(?:(?P<list>[^:]+):)?(?P<body>[^:]+?)(?:\.t(?P<n>[1-9][0-9]*))?")
_PATTERN = re.compile(r"[/*?]")
_EVERYWHERE = "`callsheet status` shows every take"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A take that can be selected. `price` is the cost of buying it again at list price, micro-USD; None if it has no price."""

    take: TakeId
    sequence: str
    model: str
    stale: bool = False
    failed: bool = False
    price: Micros | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Further conditions on takes."""

    #: made for an older row, or from a frame that has changed
    stale: bool = False
    #: its last attempt produced no clip, or one that failed its checks
    failed: bool = False
    model: str | None = None
    #: micro-USD
    cheaper_than: Micros | None = None

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return self != Conditions()

    def hold(self, one: Candidate) -> bool:
        """Whether a take is all of that."""
        cheap = self.cheaper_than is None or (one.price is not None and one.price < self.cheaper_than)
        return cheap and (one.stale or not self.stale) and (one.failed or not self.failed) and self.model in (None, one.model)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A take that a word means. `word` is what was typed where that names a shot or a take itself; None if it came by a pattern, a range or a condition."""

    take: TakeId
    word: str | None


def choose(words: Sequence[str], conditions: Conditions, known: Sequence[Candidate]) -> tuple[Chosen, ...]:
    """The selected takes, each once, in the order of `known`, which is the lists'. UsageError with every pattern that matches nothing, or
    shots of two lists, and with a model that no take has.
    """
    problems: list[Problem] = []
    found: dict[TakeId, str | None] = {}
    if conditions.model is not None and conditions.model not in {one.model for one in known}:
        names = sorted({one.model for one in known})
        problems.append(_unknown(f"no take uses the model {conditions.model}", conditions.model, names, f"there are: {', '.join(names)}"))
    for word in words:
        try:
            for take in meant(word, known):
                found.setdefault(take, None if is_pattern(word, known) else word)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems[0].message, problems=problems)
    fitting = {one.take for one in known if conditions.hold(one) and (one.take in found or not words)}
    by_name = not conditions.given
    return tuple(Chosen(one.take, found.get(one.take) if by_name else None) for one in known if one.take in fitting)


def is_pattern(word: str, known: Iterable[Candidate]) -> bool:
    """Whether a word means takes without naming them: a sequence's, a pattern's, a range's."""
    return bool(_PATTERN.search(word)) or not any(_names(word, one.take) for one in known)


def meant(word: str, known: Sequence[Candidate]) -> list[TakeId]:
    """The takes of one word. UsageError if it means none, or shots of two lists."""
    parsed = _WORD.fullmatch(word.strip())
    found = [one.take for one in known if _names(word, one.take)]
    if not found and parsed:
        at, body, n = parsed["list"], parsed["body"], int(parsed["n"] or 0)
        here = [one for one in known if at in (None, one.take.list)]
        if _PATTERN.search(body):
            sequence, slash, shots = body.rpartition("/")
            fitting = [one for one in here if (not slash or one.sequence == sequence) and fnmatchcase(one.take.shot, shots or "*")]
        else:
            fitting = _range(body, here)
        found = [one.take for one in fitting if n in (0, one.take.n)]
    if not found:
        problem = _nothing(word, known)
        raise UsageError(problem.message, problems=[problem])
    lists = sorted({take.list for take in found})
    if len(lists) > 1:
        help = f"write {' or '.join(f'{one}:{word}' for one in lists)}"
        raise UsageError(f"{word} is in {' and '.join(lists)}", help=help)
    return found


def _names(word: str, take: TakeId) -> bool:
    try:
        return TakeName.parse(word).matches(take)
    except ValueError:
        return False


def _range(body: str, here: Sequence[Candidate]) -> list[Candidate]:
    """From the first shot's row to the second's, of each list that has both. UsageError if they stand the other way round."""
    found: list[Candidate] = []
    for name in dict.fromkeys(one.take.list for one in here):
        mine = [one for one in here if one.take.list == name]
        shots = list(dict.fromkeys(one.take.shot for one in mine))
        at = {shot: n for n, shot in enumerate(shots)}
        ends = [(body[:cut], body[cut + 1 :]) for cut, sign in enumerate(body) if sign == "-"]
        for first, last in ends:
            if first in at and last in at:
                if at[first] > at[last]:
                    raise UsageError(f"{first} comes after {last} in {name}", help=f"write {last}-{first}")
                found += [one for one in mine if at[first] <= at[one.take.shot] <= at[last]]
    return found


def _nothing(word: str, known: Sequence[Candidate]) -> Problem:
    """That a word means no take, with the name that is most like it."""
    takes, sequences = {one.take.shot for one in known}, {one.sequence for one in known}
    if "/" in word:
        sequence = word.rpartition("/")[0].rpartition(":")[2]
        if sequence not in sequences:
            return _unknown(f"there is no sequence {sequence} in this project", sequence, sequences, _EVERYWHERE)
        return Problem(code=UsageError.code, message=f"no shot matches {word}", help=_EVERYWHERE)
    return _unknown(f"there is no take {word} in this project", word, {*takes, *(str(one.take) for one in known)}, _EVERYWHERE)


def _unknown(message: str, word: str, known: Iterable[str], otherwise: str) -> Problem:
    near = nearest(word, sorted(known))
    return Problem(code=UsageError.code, message=message, help=f"did you mean {near}? {otherwise}" if near else otherwise)
