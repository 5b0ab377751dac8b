"""Which Prefect server is used, and what becomes of a private one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import proxy_bypass

import httpx
import pytest

from callsheet.cli.prefect.find_server import server_url
from callsheet.cli.prefect.server import Host, pass_proxies_by, start_early
from callsheet.domain.errors import Exit, SetupError
from callsheet.store.project_folder import Project
from callsheet.transport.way_out import way_out
from tests.flows.film import KEY, film

#: nothing listens there
DEAD = "http://someone:secret@127.0.0.1:9/api"


def _profiles(folder: Path, active: str) -> Path:
    path = folder / "profiles.toml"
    path.write_text(
        f'active = "{active}"\n[profiles.studio]\nPREFECT_API_URL = "http://studio:4200/api"\n[profiles.alone]\nPREFECT_LOGGING_LEVEL = "INFO"\n'
    )
    return path


def test_without_a_word_no_server_is_server_url(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither environment nor profile: there is none."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert server_url() is None


def test_the_environment_names_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """PREFECT_API_URL goes before the profile; empty it says nothing."""
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(_profiles(tmp_path, "studio")))
    monkeypatch.setenv("PREFECT_API_URL", "http://other:4200/api")
    assert server_url() == "http://other:4200/api"
    monkeypatch.setenv("PREFECT_API_URL", " ")
    assert server_url() == "http://studio:4200/api"


@pytest.mark.parametrize(
    ("active", "chosen", "url"),
    [
        ("studio", None, "http://studio:4200/api"),
        ("alone", None, None),
        ("alone", "studio", "http://studio:4200/api"),
        ("gone", None, None),
    ],
)
def test_the_active_profile_names_the_server(
    active: str, chosen: str | None, url: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file's active profile counts, and PREFECT_PROFILE over it, as for Prefect's own commands."""
    monkeypatch.setenv("PREFECT_HOME", str(_profiles(tmp_path, active).parent))
    if chosen:
        monkeypatch.setenv("PREFECT_PROFILE", chosen)
    assert server_url() == url


def test_a_broken_profile_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It may have named a server, so it isn't passed over."""
    (tmp_path / "profiles.toml").write_text("active = ")
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    with pytest.raises(SetupError, match="can't be read") as told:
        server_url()
    assert "--no-prefect" in told.value.problems[0].help


@pytest.mark.parametrize("url", [DEAD, "studio:4200/api", "http://127.0.0.1:nonsense/api"])
def test_a_named_server_that_is_not_there_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a silent fallback, and no password in the message."""
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(SetupError) as told:
        start_early()
    assert "--no-prefect" in told.value.problems[0].help
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("past", ["", "*", "studio.test, 10.0.0.0/8"])
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_what_goes_past_the_proxy_still_does(name: str, past: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The private server is reached without a proxy, and so is everything that the user's own list names, in whichever letters."""
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "")  # so that it is put back afterwards
        monkeypatch.delenv(variable)
    monkeypatch.setenv("ALL_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv(name, past)
    urls = [httpx.URL(url) for url in ("https://api.studio.test/v1", "http://10.1.2.3/v1", "https://elsewhere.test/v1")]
    before = [way_out().proxy(url) for url in urls]
    pass_proxies_by("127.0.0.1")
    assert [way_out().proxy(url) for url in urls] == before
    assert way_out().proxy(httpx.URL("http://127.0.0.1:4200/api")) is None
    assert proxy_bypass("127.0.0.1"), "which Prefect's client asks"


def test_a_proxy_before_a_server_of_this_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead server is named with the variable that lets it be asked directly."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SetupError) as told:
        start_early()
    assert "add 127.0.0.1 to NO_PROXY" in told.value.problems[0].help
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(SetupError) as told:
        start_early()
    assert "NO_PROXY" not in told.value.problems[0].help


class _Stranger(BaseHTTPRequestHandler):
    """Some other page: it answers what its `status` says."""

    status = 404

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.mark.parametrize(("status", "used"), [(404, False), (500, False), (401, True), (200, True)])
def test_an_answer_shows_whether_it_is_a_prefect_server(status: int, used: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that knows no /health is none; one that wants credentials is, since Prefect's client has them."""
    monkeypatch.setattr(_Stranger, "status", status)
    page = HTTPServer(("127.0.0.1", 0), _Stranger)
    Thread(target=page.serve_forever, daemon=True).start()
    monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{page.server_port}/api")
    try:
        if used:
            assert not start_early().private
        else:
            with pytest.raises(SetupError, match=f"HTTP {status}"):
                start_early()
    finally:
        page.shutdown()
        page.server_close()


def test_a_dead_server_costs_nothing_but_exit_5(standin: str, tmp_path: Path) -> None:
    """`render` with a server that is set but dead names --no-prefect, buys nothing and holds nothing."""
    order = film(tmp_path / "film")
    command = [sys.executable, "-m", "callsheet", "-C", str(order.folder), "render", "keeper.csv", "--cap", "1.00", "--yes"]
    run = subprocess.run(command, env=os.environ | {"PREFECT_API_URL": DEAD}, capture_output=True, text=True, check=False)
    assert run.returncode == Exit.SETUP, run.stderr
    assert "--no-prefect" in run.stderr
    assert "secret" not in run.stderr + run.stdout
    assert not Project(order.folder).ledger_file.exists()
    assert KEY not in run.stderr


def _asked(url: str, **headers: str) -> tuple[int, Message]:
    """How the server answers a question for flow runs: status and headers."""
    request = urllib.request.Request(f"{url}/flow_runs/filter", b"{}", {"Content-Type": "application/json"} | headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.headers


def test_the_private_server_is_for_its_command_alone(server: Host) -> None:
    """Without the run's password, under another name, or from a page of whatever origin nothing is told, and no origin is let in."""
    known = {"Authorization": f"Basic {b64encode(os.environ['PREFECT_API_AUTH_STRING'].encode()).decode()}"}
    own = server.url.removesuffix("/api")
    assert _asked(server.url, **known)[0] == 200
    assert _asked(server.url)[0] == 401
    assert _asked(server.url, Authorization="Basic Y2FsbHNoZWV0OmE=")[0] == 401
    for foreign in (
        {"Host": "callsheet.example:80"},
        {"Host": "127.0.0.1"},
        {"Origin": "https://evil.example"},
        {"Origin": own},
        {"Origin": "null"},
    ):
        status, headers = _asked(server.url, **known | foreign)
        assert status == 403, foreign
        assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_the_private_server_s_history_is_its_user_s_alone(server: Host, cache: Path) -> None:
    """Whoever shares the machine reads neither its database nor its log."""
    (home,) = (cache / "callsheet").glob("prefect-*")
    assert (home / "prefect.db").is_file()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


_STARTED = """
import os, sys
from callsheet.cli.prefect.server import start_early
with start_early() as host:
    if "ready" in sys.argv: host.ready()
    print(host.child.pid, host.url, os.environ["PREFECT_API_URL"] == host.url, "PREFECT_API_KEY" in os.environ, flush=True)
    sys.stdin.read()
"""


def _start(cache: Path, *words: str) -> tuple[subprocess.Popen[str], int, str]:
    """A process with a private server of its own: the process, the server's process id, its URL."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "PREFECT_API_KEY": KEY}
    parent = subprocess.Popen(
        [sys.executable, "-c", _STARTED, *words], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    line = parent.stdout.readline()
    child, url, told, leaked = line.split()
    assert (told, leaked) == ("True", "False")
    return parent, int(child), url


def _gone(process: int, within_s: float = 20.0) -> bool:
    """Whether a process ends; one that waits to be reaped has ended."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
def test_a_private_server_ends_with_its_command(cache: Path) -> None:
    """It answers while the command runs, and is gone when that has ended."""
    parent, server, url = _start(cache, "ready")
    with urllib.request.urlopen(f"{url}/health") as answer:
        assert answer.read() == b"true"
    parent.communicate("")
    assert parent.returncode == 0
    assert not Path(f"/proc/{server}").exists()


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("ready",)], ids=["starting", "ready"])
def test_a_private_server_dies_with_a_killed_command(words: tuple[str, ...], cache: Path) -> None:
    """kill -9 of the command, at its start or later, leaves no process behind."""
    parent, server, _url = _start(cache, *words)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert _gone(server)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    """Its last words are in the error, and the way without."""
    log = tmp_path / "server.log"
    log.write_text("warming up\nthe disk is full\n\n")
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
        host = Host("http://127.0.0.1:9/api", child, log)
        with pytest.raises(SetupError, match="the disk is full") as told:
            host.ready()
    assert "--no-prefect" in told.value.problems[0].help


def test_a_cache_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The private server needs a place of its own."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(SetupError, match="can't be made"):
        start_early()
