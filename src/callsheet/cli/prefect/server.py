"""A Prefect server to run flows on: the one that is configured, or a private one that ends with the command. Prefect itself is never
imported here, because its settings have to be in the environment first; the private server is a child process.
"""

from __future__ import annotations

import importlib.metadata
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from callsheet.cli.prefect.find_server import WITHOUT, check_server, healthy, server_url
from callsheet.domain.errors import SetupError
from callsheet.media.ffmpeg.child_environment import child_environment

#: longest wait for a private server, seconds: a user's first start creates its database, on a machine that may be busy
START_S = 180.0
_STOP_S = 5.0
_AUTH = "PREFECT_SERVER_API_AUTH_STRING"
_LOG_BYTES = 1 << 20

#: for Prefect in this process, unless the user has set them: callsheet reports what happens, and no telemetry is sent
_QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL", "DO_NOT_TRACK": "1"}
#: for the private server
_SERVER = {
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "DO_NOT_TRACK": "1",
}


@dataclass
class Host:
    """A Prefect server to run flows on. `child` is its process if it is private; leaving the context stops it."""

    url: str
    child: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    @property
    def private(self) -> bool:
        """Whether the server is a child process that ends with this command."""
        return self.child is not None

    def ready(self, deadline_s: float = START_S) -> None:
        """Wait until the server answers. SetupError if a private one doesn't start within `deadline_s` seconds."""
        deadline = time.monotonic() + deadline_s
        while self.child is not None and not healthy(self.url):
            if self.child.poll() is not None:
                lines = self.log.read_text(errors="replace").split("\n") if self.log else []
                last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
                raise SetupError(f"the private Prefect server exited at once: {last}", help=f"see {self.log}, {WITHOUT}")
            if time.monotonic() > deadline:
                help = f"try again when the machine is less busy, {WITHOUT}"
                raise SetupError("the private Prefect server did not start in time", help=help)
            time.sleep(0.05)

    def close(self) -> None:
        """Stop the private server and wait for its end; a configured server is left alone."""
        if self.child is None or self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def start_early() -> Host:
    """The configured server, or a private one that starts now and is awaited in `run_flow`. Sets the environment for Prefect. SetupError if
    a configured server doesn't answer: it is never replaced by another one.
    """
    url = server_url()
    if url is None:
        return _start_private()
    check_server(url)
    os.environ["PREFECT_API_URL"] = url
    _be_quiet()
    return Host(url)


def _be_quiet() -> None:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def _start_private() -> Host:
    """Start a private server: on a free port of the loopback, with the user's own small database."""
    home = _home()
    log = home / "server.log"
    auth = f"callsheet:{secrets.token_urlsafe(24)}"  # made for this run: other users of the machine and pages in a browser don't have it
    grown = log.exists() and log.stat().st_size > _LOG_BYTES  # then it is created anew
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if grown else 0), 0o600)
    with socket.create_server(("127.0.0.1", 0)) as listener, os.fdopen(sink):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        child = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("private_server.py")), str(listener.fileno())],
            cwd=home,
            env=child_environment(also=("PREFECT_LOGGING_",)) | _SERVER | {"PREFECT_HOME": str(home), "PREFECT_API_URL": url, _AUTH: auth},
            stdin=subprocess.PIPE,  # held open and never written: when it closes, the child knows that this process has ended
            stdout=sink,
            stderr=sink,
            pass_fds=(listener.fileno(),),
            start_new_session=True,  # Ctrl-C is for this command, which still has to report to the server
        )
    for name in [*os.environ]:  # the user's settings for a Prefect server of their own: database, credentials, tests
        if name.startswith("PREFECT_") and not name.startswith("PREFECT_LOGGING_"):
            del os.environ[name]
    # Prefect in this process uses only the private server, and no proxy
    os.environ |= {
        "PREFECT_API_URL": url,
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_HOME": str(home),
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
    }
    _be_quiet()
    pass_proxies_by("127.0.0.1")
    return Host(url, child, log)


def pass_proxies_by(host: str) -> None:
    """Add `host` to what this process reaches without a proxy. The variable in small letters counts where both are set, as for every request:
    set alone, it would hide the user's own list in capitals.
    """
    theirs = os.environ.get("no_proxy" if "no_proxy" in os.environ else "NO_PROXY", "").strip()
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = theirs if theirs == "*" else ",".join(filter(None, (theirs, host)))


def _home() -> Path:
    """Where the private server keeps its history: one folder per user and version of Prefect. Per user, so that its database is created
    once (4 CPU seconds) and not in every project; per version, because an older Prefect can't read a newer one's. You can delete it:
    everything that matters is in the project's ledger.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser()
    home = cache / "callsheet" / f"prefect-{importlib.metadata.version('prefect')}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)  # its database has lists, folders and costs, and its log has errors
    except OSError as error:
        raise SetupError(
            f"{home} can't be made: {error.strerror}", help=f"set XDG_CACHE_HOME to a folder that can be written, {WITHOUT}"
        ) from None
    return home
