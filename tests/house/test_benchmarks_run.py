"""Each benchmark can be called as its page says: `python -m benchmarks NAME`."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.__main__ import known
from tests.house.sources import ROOT


def test_every_benchmark_starts() -> None:
    """Its modules are found, and it says what it measures."""

    def help(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "benchmarks", name, "--help"]
        return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(known(), pool.map(help, known()), strict=True))
    assert {name: one.stderr for name, one in found.items() if one.returncode} == {}
    assert all("usage: " in one.stdout for one in found.values())
