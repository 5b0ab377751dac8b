"""A team's Prefect for tests: a server started from our own lock, a process worker, the deployments of deployments/, and what the server says of them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from tests import prefect_database
from tests.flows.film import ask
from tests.house.sources import ROOT

T = TypeVar("T")
_QUICK = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE": "100",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "DO_NOT_TRACK": "1",
}


class Studio:
    """A server and a worker that can be stopped and started again on the same database."""

    def __init__(self, home: Path, database: str, environment: dict[str, str]) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{_free_port()}/api"
        own = {"PREFECT_HOME": str(home), "PREFECT_API_URL": self.url, "PREFECT_API_DATABASE_CONNECTION_URL": database}
        self.environment = os.environ | _QUICK | own | environment
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start both, and wait until the server answers."""
        self._spawn("server", "server", "start", "--port", self.url.split(":")[2].partition("/")[0])
        self.until(self._answers, "the server's answer")
        if not ask(self.url, "work_pools/filter"):
            ask(self.url, "work_pools/", {"name": "callsheet", "type": "process"})
        self._spawn("worker", "worker", "start", "--pool", "callsheet", "--type", "process")

    def stop(self) -> None:
        """End both, the worker first."""
        for name in ("worker", "server"):
            child = self._children.pop(name, None)
            if child is None:
                continue
            child.send_signal(signal.SIGINT)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def command(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """One of Prefect's own commands, in the house's root."""
        words_ = (sys.executable, "-m", "prefect", "--no-prompt", *words)
        return subprocess.run(words_, cwd=ROOT, env=self.environment | environment, capture_output=True, text=True, check=False)

    def deploy(self, folder: Path) -> None:
        """Deploy all of deployments/prefect.yaml for the film in `folder`."""
        done = self.command(
            "deploy", "--prefect-file", "deployments/prefect.yaml", "--all", CALLSHEET_HOUSE=str(ROOT), CALLSHEET_FILM=str(folder)
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def deployment(self, name: str) -> dict[str, Any]:
        """A deployment by its name."""
        (found,) = [one for one in ask(self.url, "deployments/filter") if one["name"] == name]
        return found

    def schedule(self, name: str, schedule: dict[str, Any], parameters: dict[str, Any], *, active: bool = True) -> None:
        """Give a deployment one more schedule."""
        ask(
            self.url,
            f"deployments/{self.deployment(name)['id']}/schedules",
            [{"schedule": schedule, "active": active, "parameters": parameters}],
        )

    def start_run(self, name: str, environment: dict[str, str] | None = None, **parameters: Any) -> dict[str, Any]:
        """Ask for a run of a deployment now, with `environment` over the worker's."""
        places = {"CALLSHEET_HOUSE": str(ROOT)} | (environment or {})
        question = {"parameters": parameters, "job_variables": {"env": places}}
        made: Any = ask(self.url, f"deployments/{self.deployment(name)['id']}/create_flow_run", question)
        return made

    def ended(self, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first flow run that `what` is said of, once it has ended."""

        def look() -> dict[str, Any] | None:
            ended = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
            found = [run for run in ask(self.url, "flow_runs/filter", {"sort": "EXPECTED_START_TIME_ASC"}) if what(run)]
            return next((run for run in found if run["state"]["type"] in ended), None)

        return self.until(look, "a flow run's end")

    def logs(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """What stands in a flow run's log."""
        return ask(self.url, "logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"})

    def until(self, look: Callable[[], T | None], what: str, within_s: float = 120.0) -> T:
        """What `look` finds as soon as it finds something; AssertionError with what both said where that takes longer than `within_s` seconds."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            for name, child in self._children.items():
                assert child.poll() is None, f"the {name} ended: {self._said(name)}"
            time.sleep(0.5)
        raise AssertionError(f"no {what} in {within_s} s\n{self._said('server')}\n{self._said('worker')}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=2) as answer:
                return answer.read() == b"true"
        except (OSError, urllib.error.URLError):
            return False

    def _spawn(self, name: str, *words: str) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", "prefect", *words],
                cwd=self.home,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _said(self, name: str) -> str:
        log = self.home / f"{name}.log"
        return f"--- {name}\n{log.read_text(errors='replace')[-4000:]}" if log.exists() else ""


@contextmanager
def studio(home: Path, database: str | None = None, **environment: str) -> Iterator[Studio]:
    """A studio on a SQLite database of its own, or on the `database` that a URL names; gone when the block is left."""
    home.mkdir(parents=True, exist_ok=True)
    if database is None:
        prefect_database.put_into(home)
    made = Studio(home, database or f"sqlite+aiosqlite:///{home / 'prefect.db'}", environment)
    try:
        made.start()
        yield made
    finally:
        made.stop()


def soon() -> str:
    """A moment from now, as the API wants it: late enough that a schedule with this anchor begins with it."""
    return (datetime.now(UTC) + timedelta(seconds=8)).isoformat()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
