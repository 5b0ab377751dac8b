"""Commands that only look are quick: what is heavy is imported where it is used."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.finishing import bought
from callsheet.standin.jobs.sample_films import Film, shoot
from tests.house.sources import ROOT

_SCRIPT = """
import json, sys
from callsheet.cli import main
for words in json.loads(sys.argv[1]):
    sys.argv = ["callsheet", *words]
    try:
        main()
    except SystemExit as ended:
        print(json.dumps([ended.code or 0, sorted({name.split(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def _imported(*commands: tuple[str, ...]) -> set[str]:
    """The top-level modules that a process has imported when one command after the other has ended with 0."""
    run = subprocess.run([sys.executable, "-c", _SCRIPT, json.dumps(commands)], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("[")]
    assert [code for code, _ in told] == [0] * len(commands), run.stderr
    return set(told[-1][1])


def test_help_imports_nothing_heavy() -> None:
    """The overview needs neither the book nor the net, and no picture."""
    assert _imported(("--help",)) & {"prefect", "pandas", "pyarrow", "sqlalchemy", "httpx", "av", "numpy"} == set()


def test_a_commands_help_needs_no_prefect() -> None:
    """Not even that of the command that runs it."""
    assert _imported(("render", "--help")) & {"prefect", "pandas"} == set()


def test_looking_at_a_list_needs_neither_prefect_nor_pandas(tmp_path: Path) -> None:
    """Two seconds each, for nothing; nor does reading a list's mapping need what only writing one does, nor a check the net, nor either of them sums over pictures, nor the ledger that isn't there yet."""
    (tmp_path / "lighthouse.csv").write_bytes((ROOT / "manifests/lighthouse.csv").read_bytes())
    (tmp_path / "lighthouse.mapping.toml").write_text('encoding = "utf-8"\n')
    at = ("lighthouse.csv", "-C", str(tmp_path))
    assert _imported(("check", *at)) & {"prefect", "pandas", "tomlkit", "numpy", "httpx", "asyncio", "sqlalchemy"} == set()
    assert _imported(("plan", *at)) & {"prefect", "pandas", "tomlkit", "numpy", "sqlalchemy"} == set()


def test_looking_at_a_project_needs_neither_prefect_nor_pandas(tmp_path: Path) -> None:
    """Nor is anything written. Only `costs` sums in a frame."""
    at = ("-C", str(tmp_path))
    assert _imported(("status", *at)) & {"prefect", "pandas"} == set()
    assert "prefect" not in _imported(("costs", *at))
    assert list(tmp_path.iterdir()) == []


def test_a_finished_batch_is_looked_up_without_what_makes_films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What receives clips, and sums over pictures and samples, is imported where a clip has to be received or a film made."""
    for name in ("RUNWARE_API_KEY", "RUNWARE_BASE_URL"):
        monkeypatch.setenv(name, "")  # the project below sets it
    shoot(Film(320, 192, 25, 25, True, 1, "MP4"), tmp_path / "clip.mp4")
    settings = '[project]\nfps = "25"\n[qc]\nclip-same = "pass"\n[deliver.web]\nresolution = "320x192"\n'
    bought.project(tmp_path / "film", [bought.Shot(tmp_path / "clip.mp4", Decimal(1))] * 2, settings)
    at = (bought.LIST, "-C", str(tmp_path / "film"))
    made = {"numpy", "av"}
    assert _imported(("finish", *at)) & made == made
    for command in (("plan", *at), ("finish", *at), ("render", *at, "--no-prefect", "--yes")):
        assert _imported(command) & made == set()
