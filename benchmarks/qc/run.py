"""What the checks find and where they are silent: every planted defect and every clean film, by the checks that look at it.

    uv run python benchmarks/qc/run.py [WORD ...]

The recipes are those of `tests/media/defects.py`; WORDs choose those whose names have one of them. A finding at another frame than the defect's is a miss.
Ends with 1 where a check misses or misfires.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from tests.media import defects  # noqa: E402

#: what is looked at, with its defects and its clean set
KINDS: Mapping[str, tuple[tuple[defects.Recipe, ...], tuple[defects.Recipe, ...]]] = {
    "clips": (defects.CLIP_DEFECTS, defects.CLEAN_CLIPS + defects.STAND_IN),
    "cuts": (defects.CUT_DEFECTS, defects.CLEAN_CUTS),
    "films": (defects.FILM_DEFECTS, defects.CLEAN_FILMS),
}
HIT, MISS, FALSE = "hit", "MISS", "FALSE"


@dataclass(frozen=True)
class Seen:
    """What came of a recipe: each check's word, where it has one."""

    kind: str
    recipe: str
    clean: bool
    found: list[str]
    checks: dict[str, str]


def main() -> None:
    """Every recipe, as many at once as there are processors; then the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*")
    words = parser.parse_args().words
    chosen = [
        (kind, recipe, clean)
        for kind, sets in KINDS.items()
        for clean, recipes in enumerate(sets)
        for recipe in recipes
        if not words or any(word in recipe.name for word in words)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        seen = list(pool.map(lambda one: look(*one), chosen))
    text = "\n\n".join(tables(seen))
    sys.stdout.write(text + "\n")
    if not words:
        write("qc", "uv run python benchmarks/qc/run.py", [asdict(one) for one in seen], text)
    sys.exit(any(word != HIT for one in seen for word in one.checks.values()))


def look(kind: str, recipe: defects.Recipe, clean: int) -> Seen:
    """Make it, look at it, and hold what is found against what was planted."""
    with tempfile.TemporaryDirectory(prefix="callsheet-qc-") as folder:
        found = [f"{one.code}@{one.frame}" if one.frame is not None else one.code for one in recipe.look(Path(folder))]
    due = {code(planted): planted for planted in recipe.finds}
    words = {check: HIT if any(said in (planted, f"{planted}@{frame(said)}") for said in found) else MISS for check, planted in due.items()}
    words |= {code(said): FALSE for said in found if code(said) not in due}
    return Seen(kind, recipe.name, bool(clean), found, words)


def code(said: str) -> str:
    """The check's code."""
    return said.partition("@")[0]


def frame(said: str) -> str:
    """The frame that it names."""
    return said.partition("@")[2]


def tables(seen: Sequence[Seen]) -> Iterator[str]:
    """The sum, each check's, then for each kind recipes by checks."""
    sums = [summed(check, seen) for check in checks()]
    hits, misses, falses = (sum(int(str(row[name])) for row in sums) for name in ("hits", "misses", "false alarms"))
    clean = [one for one in seen if one.clean]
    yield (
        f"{len(seen) - len(clean)} defects, {len(clean)} clean films: {hits} hits, {misses} misses, {falses} false alarms"
        f" ({sum(bool(one.checks) for one in clean)} of them on clean films)."
    )
    yield "## Checks"
    yield table(sums)
    for kind in KINDS:
        mine = [one for one in seen if one.kind == kind]
        names = [check for check in checks() if any(check in one.checks for one in mine)]
        if names:
            yield f"## {kind.capitalize()} by checks"
            yield table([row(one, names) for one in mine])


def summed(check: str, seen: Sequence[Seen]) -> dict[str, object]:
    """A check's hits, misses and false alarms."""
    words = [one.checks.get(check) for one in seen]
    return {"check": check, "hits": words.count(HIT), "misses": words.count(MISS), "false alarms": words.count(FALSE)}


def row(one: Seen, names: Sequence[str]) -> dict[str, object]:
    """A recipe's words; codes are headed without what they all begin with."""
    return {"recipe": f"*{one.recipe}*" if one.clean else one.recipe, **{headed(name): one.checks.get(name, "") for name in names}}


def headed(check: str) -> str:
    """A code as a column's head."""
    return check.removeprefix("clip-").removeprefix("delivery-")


def checks() -> list[str]:
    """All codes of the shipped policy, and what a file that is no clip comes to."""
    return [defects.DEFECTIVE, *tomllib.loads((ROOT / "configs" / "defaults.toml").read_text())["qc"]]


if __name__ == "__main__":
    main()
