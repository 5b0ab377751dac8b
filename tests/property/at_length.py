"""The lists' property tests at length, for a night or by hand: `python -m tests.property.at_length [EXAMPLES [READS]]`.

EXAMPLES (1000000 if none is given) tries of each test that no file is a surprise; then READS (500) fresh processes that each read a Parquet file and end,
of which none may abort: what pyarrow's threads did while a process exited can only be seen at its end.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings

from tests.property import test_any_typed_list as typed
from tests.property import test_shotlist_roundtrip as untyped
from tests.property.mutated_lists import good

TESTS: tuple[Any, ...] = (
    untyped.test_no_file_is_a_surprise,
    untyped.test_a_spoiled_workbook_is_no_surprise,
    untyped.test_a_spoiled_parquet_file_is_no_surprise,
    untyped.test_csv_to_xlsx_to_parquet_and_back,
    typed.test_a_parquet_file_of_any_types_is_no_surprise,
    typed.test_json_of_any_values_is_no_surprise,
    typed.test_a_markdown_table_of_any_text_is_no_surprise,
    typed.test_a_workbook_of_any_values_is_no_surprise,
)
_CHILD = "import sys; from pathlib import Path; from callsheet.shotlist.read import read; p = Path(sys.argv[1]); print(len(read(p, p.name).shots))"


def tried(examples: int) -> None:
    """Each test with so many examples. What it finds is raised, with the blob that repeats it."""
    for test in TESTS:
        test._hypothesis_internal_use_settings = settings(test._hypothesis_internal_use_settings, max_examples=examples)
        test()
        print(f"{test.__name__}: {examples} tried", flush=True)


def reads(count: int) -> int:
    """How many of so many processes that read a Parquet file ended badly."""
    with TemporaryDirectory() as name:
        path = Path(name) / "film.parquet"
        path.write_bytes(good("parquet"))
        ended = [
            subprocess.run([sys.executable, "-c", _CHILD, str(path)], capture_output=True, text=True, check=False) for _ in range(count)
        ]
    bad = sum(child.returncode != 0 or child.stdout.strip() != "2" for child in ended)
    print(f"Parquet read {count} times: {bad} ended badly", flush=True)
    return bad


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    tried(given[0] if given else 1_000_000)
    sys.exit(1 if reads(given[1] if len(given) > 1 else 500) else 0)
