"""What a run leaves - its folder, its ledger, Prefect's database and logs, what it says - holds no secret of the user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.transport.account import account
from callsheet.transport.redact import words
from tests import postgres
from tests.flows.film import KEY, descendants

_WEBHOOK = "hook-5b1c90aa77de4f3c8812d6e0f4a9b3c7"
_LEDGER = "ledger-pw-7e42c1"
_LIST = """\
shot_id,sequence,prompt,model,duration_s,resolution,fps
A010,storm,A lighthouse in the storm,runware/ltx-2,2,320x192,24
A020,storm,The keeper climbs,deapi/ltx-2.3,0.4,896x512,24
"""


@pytest.fixture
def ledger() -> Iterator[str]:
    """A real PostgreSQL, named with a password."""
    url = postgres.fresh()
    yield make_url(url).set(password=_LEDGER).render_as_string(hide_password=False)
    postgres.drop(url)


def _kept(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()}


def _rows(url: str) -> str:
    """Every row of every table of the ledger, in text; less the address that a clip is fetched from, which is needed in full."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        ask = sql.SQL("select row_to_json(t)::text from {} t")
        found = [row[0] for (name,) in tables for row in connection.execute(ask.format(sql.Identifier(name))).fetchall()]
    return "\n".join(found)


def _watched(command: list[str], environment: dict[str, str]) -> tuple[bytes, dict[str, bytes]]:
    """Run a command to its good end: what it says, and the environment of each child of it - the private server, ffmpeg, probes - by its command line."""
    seen: dict[int, tuple[str, bytes]] = {}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        assert run.stdout
        said = list[bytes]()
        reader = Thread(target=lambda: said.extend(run.stdout or ()))
        reader.start()
        itself = Path(f"/proc/{run.pid}/cmdline").read_bytes()
        while run.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                run.wait(0.02)
            for child in descendants(run.pid) - seen.keys():
                with suppress(OSError):
                    program = Path(f"/proc/{child}/cmdline").read_bytes()
                    found = Path(f"/proc/{child}/environ").read_bytes()
                    if program not in (b"", itself):  # else it is about to become another program
                        seen[child] = program.replace(b"\0", b" ").decode(), found
        reader.join()
    assert run.returncode == 0, b"".join(said).decode()
    return b"".join(said), {f"{program} ({child})": found for child, (program, found) in seen.items()}


def test_an_answer_is_kept_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that quotes the key, signs its addresses or puts a password into them: the words stay, the secrets go."""
    monkeypatch.setenv("DEAPI_API_KEY", KEY)
    said = {
        "url": f"https://someone:{_LEDGER}@films.example.com/a.mp4?expires=9&signature=5e1f",
        "why": f"bad key {KEY}",
        "see": "https://a.example/b",
    }
    kept = json.loads(words(json.dumps(said).encode(), account("deapi")))
    assert kept == {"url": "https://[hidden]@films.example.com/a.mp4?[hidden]", "why": "bad key [hidden]", "see": "https://a.example/b"}


@pytest.mark.slow
def test_nothing_that_a_run_leaves_holds_a_secret(ledger: str, films: Path, tmp_path: Path) -> None:
    """Of all processes only the command itself has them. Neither the key, nor the webhook's secret, nor the ledger's password is anywhere; a signature stands nowhere but in the ledger's own address of the clip."""
    folder, cache = tmp_path / "film", tmp_path / "cache"
    folder.mkdir()
    (folder / "storm.csv").write_text(_LIST)
    with running(Config(speed=0, palette=1, films=films)) as url:
        places = {"RUNWARE_BASE_URL": f"{url}/v1", "DEAPI_BASE_URL": url, "CALLSHEET_CALLBACK_URL": "http://127.0.0.1:9/hooks"}
        keys = {"RUNWARE_API_KEY": KEY, "DEAPI_API_KEY": KEY, "DEAPI_WEBHOOK_SECRET": _WEBHOOK, "CALLSHEET_LEDGER": ledger}
        command = [sys.executable, "-m", "callsheet", "-C", str(folder), "render", "storm.csv", "--cap", "5.00", "--yes"]
        environment = os.environ | places | keys | {"XDG_CACHE_HOME": str(cache), "HOME": str(tmp_path)}
        said, children = _watched(command, environment)
        report = subprocess.run([*command[:5], "report"], env=environment, capture_output=True, check=False)
    assert report.returncode == 0, report.stderr.decode()
    for program in ("private_server", "ffmpeg"):
        assert any(program in child for child in children)
    for child, content in children.items():
        for secret in (KEY, _WEBHOOK, _LEDGER):
            assert secret.encode() not in content, f"{secret} in the environment of {child}"
    rows = _rows(ledger)
    left = {**_kept(folder), **_kept(cache), "said": said + report.stdout + report.stderr, "ledger": rows.encode()}
    assert any(name.endswith("prefect.db") for name in left)
    for name, content in left.items():
        for secret in (KEY, _WEBHOOK, _LEDGER):
            assert secret.encode() not in content, f"{secret} in {name}"
        if name != "ledger":
            assert b"signature=" not in content, name
    assert rows.count("&signature=") == 1, "in the answer that is kept beside it, it is hidden"
