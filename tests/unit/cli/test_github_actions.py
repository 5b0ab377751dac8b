"""A job's page in GitHub Actions, where it can't be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.cli.output.answer import Answer
from callsheet.cli.output.emit import emit
from callsheet.domain.errors import Exit


def test_a_summary_that_can_not_be_written_changes_no_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told by its own name: the answer was written, and its exit code stands."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    assert emit(Answer(document={}, lines=("done",), exit=Exit.MONEY, summary=("a table",)), as_json=False) == Exit.MONEY
    said = capsys.readouterr()
    assert said.out == "done\n"
    assert said.err.startswith(f"callsheet: the job summary can't be written to {tmp_path}: ")
