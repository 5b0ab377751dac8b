"""Variables that can't be used: exit 5 that names them, before a plan is made and before anything is bought. Never 70."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from tests.edges.conftest import Desk, slow


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        slow({"ALL_PROXY": "socks5://127.0.0.1:9"}, "ALL_PROXY"),
        ({"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "localhost,127.0.0.1,fe80::/10"}, "HTTPS_PROXY"),
        slow({"HTTP_PROXY": "ftp://127.0.0.1:9"}, "HTTP_PROXY"),
        slow({"ALL_PROXY": "http://[::1"}, "ALL_PROXY"),
        slow({"NO_PROXY": "10.0.0.0/99", "HTTP_PROXY": "http://127.0.0.1:9"}, "NO_PROXY"),
        ({"SSL_CERT_FILE": "/nowhere/ca.pem"}, "SSL_CERT_FILE"),
        slow({"SSL_CERT_FILE": "{folder}/spot.csv"}, "SSL_CERT_FILE"),
        slow({"SSL_CERT_DIR": "/nowhere"}, "SSL_CERT_DIR"),
        ({"CALLSHEET_FFMPEG": "/nowhere/ffmpeg"}, "CALLSHEET_FFMPEG"),
        slow({"CALLSHEET_FFMPEG": "{folder}/spot.csv"}, "CALLSHEET_FFMPEG"),
        slow({"RUNWARE_BASE_URL": "https://"}, "RUNWARE_BASE_URL"),
        slow({"RUNWARE_BASE_URL": "https://studio.test/v1?key=1"}, "RUNWARE_BASE_URL"),
        ({"RUNWARE_API_KEY": "\ufeffk"}, "RUNWARE_API_KEY"),
    ],
)
def test_a_variable_that_can_not_be_used(desk: Desk, tmp_path: Path, variables: dict[str, str], named: str) -> None:
    """It is named with the fix."""
    real = {"RUNWARE_BASE_URL": "https://studio.test/v1"} if any("PROXY" in name or "CERT" in name for name in variables) else {}
    said = desk.render(variables=real | {name: value.format(folder=desk.folder) for name, value in variables.items()})
    assert said.code == 5, said.stderr
    assert named in said.errors
    assert desk.service.purchases == 0


def test_a_decoder_that_is_killed_closes_nothing(desk: Desk, tmp_path: Path) -> None:
    """An ffmpeg that works until a bought clip is decoded, and is killed then: of five shots one is bought and stays open; repaired, all are finished."""
    desk.list(5)
    wrapper = tmp_path / "ffmpeg"
    mark = tmp_path / "bought"
    wrapper.write_text(
        f'#!/bin/sh\ncase "$*" in *second.mp4*|*lavfi*|-*version*) ;; *) [ -e {mark} ] && kill -9 $$ ;; esac\nexec {get_ffmpeg_exe()} "$@"\n'
    )
    wrapper.chmod(0o755)

    def noted(_handler: object) -> bool:
        mark.touch()
        return False

    desk.service.submit = noted
    said = desk.render(variables={"CALLSHEET_FFMPEG": str(wrapper)})
    assert (said.code, len(desk.service.jobs)) == (5, 1), said.stderr
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 5, "0.30"), again.stderr


@pytest.mark.parametrize(("sequence", "code", "bought"), [("Lichterfest", 0, 1), ("灯塔", 5, 0)])
def test_a_film_that_this_system_can_not_name_is_refused_before_it_is_paid_for(desk: Desk, sequence: str, code: int, bought: int) -> None:
    """Where names of files are ASCII, what can be named in it is bought and finished, and nothing else is bought."""
    (desk.folder / "spot.csv").write_text(f"shot_id,sequence,prompt,duration_s\nS1,{sequence},a lighthouse at dusk,2\n")
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0"} | desk.variables
    command = [
        sys.executable,
        "-m",
        "callsheet",
        "render",
        "spot.csv",
        "--cap",
        "1",
        "--yes",
        "--no-prefect",
        "-C",
        str(desk.folder),
        "--json",
    ]
    said = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    document = json.loads(said.stdout)
    assert (said.returncode, desk.service.purchases) == (code, bought), said.stderr
    assert [error["help"] for error in document.get("errors", [])] == (["export PYTHONUTF8=1"] if code else [])
