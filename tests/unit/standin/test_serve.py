"""A stand-in as a process: one line, a clean end."""

from __future__ import annotations

import signal
import socket
import threading
from functools import partial
from pathlib import Path

import pytest

from callsheet.cli.serving import serve
from callsheet.domain.errors import SetupError
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running, server
from tests.unit.standin.plain_client import video
from tests.unit.standin.test_job_book import served


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, films: Path, sig: signal.Signals) -> None:
    """Exit code 0 with a job still running, and nothing on stdout after the first line."""
    child, service = served(tmp_path, films, 0.001)
    assert service.url.startswith("http://127.0.0.1:")
    service.post(video())
    child.send_signal(sig)
    assert child.wait(10) == 0
    assert child.stdout is not None
    assert child.stdout.read() == ""
    child.stdout.close()


def test_a_taken_port_is_told() -> None:
    """With what to do about it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SetupError, match="can't listen on"):
            serve(partial(server, Config()), "127.0.0.1", taken.getsockname()[1], lambda _url: None)


def test_running_leaves_no_thread(films: Path) -> None:
    """Neither the server's nor the film crew's."""
    before = set(threading.enumerate())
    with running(Config(speed=0, films=films)) as url:
        assert url.startswith("http://127.0.0.1:")
    assert set(threading.enumerate()) == before
