"""Commands that only look are quick: what is heavy is imported where it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

_SCRIPT = """
import json, sys
from callsheet.cli import main
sys.argv = ["callsheet", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    print(json.dumps([ended.code or 0, sorted({name.split(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def _imported(*words: str) -> set[str]:
    """The top-level modules that a command has imported when it ends with 0."""
    run = subprocess.run([sys.executable, "-c", _SCRIPT, *words], capture_output=True, text=True, check=True)
    code, names = json.loads(run.stderr.splitlines()[-1])
    assert code == 0, run.stderr
    return set(names)


def test_help_imports_nothing_heavy() -> None:
    """The overview needs neither the book nor the net, and no picture."""
    assert _imported("--help") & {"prefect", "pandas", "pyarrow", "sqlalchemy", "httpx", "av", "numpy"} == set()


def test_a_commands_help_needs_no_prefect() -> None:
    """Not even that of the command that runs it."""
    assert _imported("render", "--help") & {"prefect", "pandas"} == set()


@pytest.mark.parametrize("command", ["check", "plan"])
def test_looking_at_a_list_needs_neither_prefect_nor_pandas(command: str, tmp_path: Path) -> None:
    """Two seconds each, for nothing."""
    (tmp_path / "lighthouse.csv").write_bytes((ROOT / "manifests/lighthouse.csv").read_bytes())
    assert _imported(command, "lighthouse.csv", "-C", str(tmp_path)) & {"prefect", "pandas"} == set()


@pytest.mark.parametrize("command", ["status", "costs"])
def test_looking_at_a_project_needs_neither_prefect_nor_pandas(command: str, tmp_path: Path) -> None:
    """Nor is anything written."""
    assert _imported(command, "-C", str(tmp_path)) & {"prefect", "pandas"} == set()
    assert list(tmp_path.iterdir()) == []
