"""A Prefect server to run flows on: the one in reach, or a private one that ends with the command.

Prefect itself is never imported here: the private server is a child. Its settings have to be in the environment before Prefect is.
"""

from __future__ import annotations

import importlib.metadata
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from callsheet.cli.prefect.find_server import WITHOUT, check, healthy, in_reach
from callsheet.domain.errors import PlaceError

#: longest wait for a private server, seconds: the first start of a user makes its database, on a machine that may be busy
START_S = 90.0
_STOP_S = 5.0
_LOG_BYTES = 1 << 20

#: for Prefect in this process, unless the user has set them: what happened is told by callsheet, and nothing is sent home
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
    """A Prefect server to run flows on. `child` is its process where it is private; leaving the context stops that."""

    url: str
    child: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    @property
    def private(self) -> bool:
        """Whether the server is our own child, which ends with this command."""
        return self.child is not None

    def ready(self, deadline_s: float = START_S) -> None:
        """Wait until the server answers. PlaceError where a private one doesn't start within `deadline_s` seconds."""
        if self.child is not None:
            self._await(self.child, time.monotonic() + deadline_s)

    def _await(self, child: subprocess.Popen[bytes], deadline: float) -> None:
        while not healthy(self.url):
            if child.poll() is not None:
                raise PlaceError(f"the private Prefect server ended at once: {self._last_words()}", help=f"see {self.log}, {WITHOUT}")
            if time.monotonic() > deadline:
                raise PlaceError(
                    "the private Prefect server did not start in time", help=f"try again when the machine is less busy, {WITHOUT}"
                )
            time.sleep(0.05)

    def _last_words(self) -> str:
        said = self.log.read_text(errors="replace").split("\n") if self.log else []
        return next((line.strip() for line in reversed(said) if line.strip()), "it said nothing")

    def close(self) -> None:
        """Stop the private server and see it gone; a server in reach is left alone."""
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
    """The server in reach, or a private one that begins to start now and is waited for in `run_flow`. Sets the environment for Prefect.

    PlaceError where a server that was named isn't there: never is another one used in its place.
    """
    url = in_reach()
    if url is None:
        return _private()
    check(url)
    os.environ["PREFECT_API_URL"] = url
    _be_quiet()
    return Host(url)


def _be_quiet() -> None:
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def _private() -> Host:
    """Start a server of our own: on a free port of the loopback, on the user's own small database."""
    home = _home()
    log = home / "server.log"
    with socket.create_server(("127.0.0.1", 0)) as listener, _appending(log) as sink:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        child = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("private_server.py")), str(listener.fileno())],
            cwd=home,
            env=_environment() | _SERVER | {"PREFECT_HOME": str(home), "PREFECT_API_URL": url},
            stdin=subprocess.PIPE,  # held open and never written: its end is how the child learns of ours
            stdout=sink,
            stderr=sink,
            pass_fds=(listener.fileno(),),
            start_new_session=True,  # Ctrl-C is for this command, which still has to report to the server
        )
    _settle_in(url, home)
    return Host(url, child, log)


def _home() -> Path:
    """Where the private server keeps its history: one place per user and version of Prefect.

    Per user, so that its database is made once (4 CPU seconds) and not in every project; per version, since an older Prefect can't read a newer one's.
    It may be deleted: what matters is in the project's ledger.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser()
    home = cache / "callsheet" / f"prefect-{importlib.metadata.version('prefect')}"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlaceError(
            f"{home} can't be made: {error.strerror}", help=f"set XDG_CACHE_HOME to a folder that can be written, {WITHOUT}"
        ) from None
    return home


@contextmanager
def _appending(log: Path) -> Generator[int]:
    """The log, open for a child that appends to it; begun anew where it has grown."""
    fresh = os.O_TRUNC if log.exists() and log.stat().st_size > _LOG_BYTES else 0
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | fresh, 0o600)
    try:
        yield sink
    finally:
        os.close(sink)


def _environment() -> dict[str, str]:
    """This process's environment less what the user set for a Prefect server of theirs (database, credentials, tests), and less every API key."""
    return {name: value for name, value in os.environ.items() if _kept(name) and not name.endswith("_API_KEY")}


def _kept(name: str) -> bool:
    return not name.startswith(("PREFECT_", "PREFECT__")) or name.startswith("PREFECT_LOGGING_")


def _settle_in(url: str, home: Path) -> None:
    """Point this process's Prefect at the private server, past any proxy, and at nothing else."""
    for name in [name for name in os.environ if not _kept(name)]:
        del os.environ[name]
    os.environ |= {"PREFECT_API_URL": url, "PREFECT_HOME": str(home), "PREFECT_LOGGING_TO_API_ENABLED": "false"}
    _be_quiet()
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
