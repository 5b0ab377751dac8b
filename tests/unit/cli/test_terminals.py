"""What terminals differ in: colours, signs beyond ASCII, completion by the shell."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from callsheet.cli.output.progress import show_progress
from callsheet.cli.output.tally import Due
from tests.unit.cli.calling import call, project
from tests.unit.cli.test_progress import MONEY, told

_COLOUR = re.compile(r"\x1b\[[0-9;]*[34][0-7]m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def live(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """What a terminal is sent of a short run."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", err := Terminal())
    with show_progress(Due(1), lambda: MONEY) as show:
        show(told("received"))
    return err.getvalue()


def test_no_color_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where NO_COLOR is set; a terminal that can't draw in place gets plain lines."""
    assert _COLOUR.search(live(monkeypatch))
    assert not _COLOUR.search(live(monkeypatch, NO_COLOR="1"))
    assert live(monkeypatch, TERM="dumb") == "07:41:02Z received S0010.t1\n"


def test_ascii_draws_with_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--ascii`, before the command or behind it, for this command alone; a name's own signs stay."""
    monkeypatch.setenv("COLUMNS", "60")
    folder = project(
        tmp_path / "film",
        "shot_id,prompt,sequence,model,duration_s,resolution,fps\nS0010,A boat,Étude-and-a-sequence-of-so-long-a-name-that-it-is-cut,runware/ltx-2,1,320x192,24\n",
    )
    words = ("plan", "spot.csv", "--offline", "-C", str(folder))
    assert "…" in call("plan", "spot.csv", "--offline", "-C", str(folder)).out
    for argv in ((*words, "--ascii"), ("--ascii", *words)):
        said = call(*argv)
        assert (said.code, "Étude" in said.out, said.out.replace("Étude", "").isascii()) == (0, True, True)
    assert "~" in call(*words, "--ascii").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_is_completed(shell: str) -> None:
    """The script is the shell's; bash, asked as it asks itself, gets the commands that begin so, and a command's options."""
    script = call("completion", shell).out
    assert all(f"{name}" in script for name in ("render", "pause", "--cheaper-than"))
    if shell == "bash":
        ask = '\nCOMP_WORDS=(callsheet {0}); COMP_CWORD={1}; _callsheet; echo "${{COMPREPLY[@]}}"'
        done = subprocess.run(
            ["bash"], input=script + ask.format("re", 1) + ask.format("render --c", 2), capture_output=True, text=True, check=True
        )
        commands, options = done.stdout.splitlines()
        assert {"render", "retake", "resume", "report", "review"} <= set(commands.split())
        assert set(options.split()) == {"--cap", "--cheaper-than"}
