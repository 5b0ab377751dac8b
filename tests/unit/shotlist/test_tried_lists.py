"""Every list of tests/lists is read right after a shown mapping, or refused with the fix; and the page shows what comes of each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.read import read
from docs.draw_lists import LISTS, PAGE, drawn, outcomes

PATHS = sorted(LISTS.rglob("*.*"))


def test_the_table_is_what_the_reader_makes() -> None:
    """Drawn again, the page stays as it is; else run `python docs/draw_lists.py`."""
    page = PAGE.read_text(encoding="utf-8")
    assert drawn(page) == page


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_no_list_is_misread(path: Path, tmp_path: Path) -> None:
    """As it is, each is read or refused; a refusal says where and what to do."""
    copy = Path(shutil.copy(path, tmp_path))
    try:
        assert read(copy, copy.name).shots
    except InputError as error:
        assert all(problem.help and problem.message and problem.file == copy.name for problem in error.problems)


def test_no_question_is_left_open() -> None:
    """The answers that stand in the script are all that an import asks."""
    assert not [path.name for path in PATHS if "asked" in outcomes(path)[1]]
