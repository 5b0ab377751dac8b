"""Prefect around a run: the server in reach, or a private one; and the flow, loaded by path and run in this process.

Prefect itself is never imported here: the private server is a child, and the flows under the house bring it in. Its settings have to be in the environment
before that. The flow has a thread of its own: where a server dies in mid-run, Prefect's end can hang for good, long after the ledger is written.
"""

from __future__ import annotations

import http.client
import importlib
import importlib.metadata
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Protocol, TypeGuard, cast
from urllib.parse import urlsplit

from callsheet.cli.flowthread import FlowThread, stopping
from callsheet.domain.errors import PlaceError, Problem
from callsheet.engine.opening import last_outcome
from callsheet.engine.order import Order
from callsheet.engine.outcome import Outcome
from callsheet.project import house_root

#: longest wait for a private server, seconds: the first start of a user makes its database, on a machine that may be busy
START_S = 90.0
#: longest wait for the events of a run to be written down at its end, seconds
DRAIN_S = 30.0
#: how long Prefect may take to end once our outcome is known, seconds
TEARDOWN_S = 45.0
_STOP_S = 5.0
_LOG_BYTES = 1 << 20
_WITHOUT = "or give --no-prefect: the same run, without Prefect"

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


def in_reach() -> str | None:
    """The API URL of the server to use: `PREFECT_API_URL`, else the user's active Prefect profile's; None where neither names one."""
    return os.environ.get("PREFECT_API_URL", "").strip() or _profile().get("PREFECT_API_URL", "").strip() or None


def _profile() -> Mapping[str, str]:
    """The active profile, read as Prefect reads it but without it."""
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect").expanduser()
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlaceError(f"Prefect's profiles in {path} can't be read: {error}", help=f"correct that file, {_WITHOUT}") from None
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    return cast("Mapping[str, str]", profiles.get("profiles", {}).get(active, {}))


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
        while not _healthy(self.url):
            if child.poll() is not None:
                raise PlaceError(f"the private Prefect server ended at once: {self._last_words()}", help=f"see {self.log}, {_WITHOUT}")
            if time.monotonic() > deadline:
                raise PlaceError(
                    "the private Prefect server did not start in time", help=f"try again when the machine is less busy, {_WITHOUT}"
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
    _check(url)
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
            f"{home} can't be made: {error.strerror}", help=f"set XDG_CACHE_HOME to a folder that can be written, {_WITHOUT}"
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


def _healthy(url: str) -> bool:
    """Whether the private server answers yet. Its socket listens from the start, so an early question just waits."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=2.0)
    try:
        connection.request("GET", f"{place.path}/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _check(url: str) -> None:
    """PlaceError where the server that the user named isn't there. Credentials are Prefect's own matter: a refusal is an answer."""
    place = urlsplit(url)
    shown = f"{place.scheme}://{place.netloc.rpartition('@')[2]}{place.path}"
    help = f"start it, correct PREFECT_API_URL or the Prefect profile (the URL ends in /api), {_WITHOUT}"
    if place.scheme not in ("http", "https"):
        raise PlaceError(f"{shown} is not the URL of a Prefect server", help=help)
    try:
        with urllib.request.urlopen(f"{shown.rstrip('/')}/health", timeout=10.0) as answer:  # noqa: S310  # http or https, as was just seen
            answer.read()
    except urllib.error.HTTPError as error:
        if error.code not in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            raise PlaceError(f"{shown} answers, but not as a Prefect server does (HTTP {error.code})", help=help) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, ssl.SSLError):
            raise PlaceError(f"the Prefect server at {shown} can't be reached: {reason}", help=help) from None


class _Play(Protocol):
    def __call__(self, flow: object, parameters: Mapping[str, object], *, drain_s: float) -> Coroutine[None, None, None]: ...


def run_flow(host: Host, order: Order) -> Outcome:
    """Run the render flow for `order` in this process and return what became of it; Ctrl-C and SIGTERM end it in good order.

    Raises what the run raised (HeldError, InputError, PlaceError ...), PlaceError where the server isn't there, KeyboardInterrupt where the run was stopped before
    it had opened. Once the run has closed, an outcome is returned whatever becomes of Prefect.
    """
    flow, play = _load(house_root(order.folder), "render")
    host.ready()
    thread = FlowThread(lambda: play(flow, order.parameters(), drain_s=DRAIN_S if host.private else 0.0))
    before = last_outcome()
    with stopping(thread.stop):
        thread.start()
        thread.watch(lambda: last_outcome() is not before, teardown_s=TEARDOWN_S)
    outcome = last_outcome()
    failure = thread.failure()
    if outcome is None or outcome is before:
        raise failure or KeyboardInterrupt
    if failure and not _is_prefects(failure):
        raise failure
    return replace(outcome, problems=(*outcome.problems, *_record(thread, failure)))


def _record(thread: FlowThread, failure: PlaceError | None) -> tuple[Problem, ...]:
    """What has become of Prefect's record of a run that has itself ended well."""
    if failure:
        return failure.problems
    if thread.is_alive():
        return (
            Problem(
                code="prefect",
                message="the Prefect server stopped answering",
                help="its record of this run may be incomplete; the ledger is not",
            ),
        )
    return ()


def _is_prefects(failure: BaseException) -> TypeGuard[PlaceError]:
    """Whether it was Prefect that failed, and not the run."""
    return isinstance(failure, PlaceError) and failure.problems[0].code == "prefect"


def _load(root: Path, name: str) -> tuple[object, _Play]:
    """The flow and the function that plays it, from the house at `root`: never from a stranger's package of the same name."""
    sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(f"flows.{name}")
        play = importlib.import_module("flows._host").play
    finally:
        sys.path.remove(str(root))
    if not Path(module.__file__ or "").resolve().is_relative_to(root.resolve()):
        raise PlaceError(
            f"another package called flows, {module.__file__}, was in the way", help=f"run from an environment without it, {_WITHOUT}"
        )
    return getattr(module, name), cast("_Play", play)


def leave(code: int) -> NoReturn:
    """End this process with `code`, now that all is told: at most a few seconds later, even where threads of Prefect would keep it for ever."""
    threading.Thread(target=_leave_anyway, args=(code,), daemon=True).start()
    raise SystemExit(code)


def _leave_anyway(code: int) -> None:
    threading.main_thread().join()
    time.sleep(_STOP_S)
    os._exit(code)
