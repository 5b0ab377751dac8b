"""One real Prefect server for all tests that ask, started as the command starts its own; and a stand-in to buy from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.cli.prefect.server import Host, start_early
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests import prefect_database
from tests.flows.film import KEY
from tests.runners import remembering

#: of the private server that all tests share
_PASSWORD: list[str] = []


@pytest.fixture(autouse=True)
def _remembered() -> Iterator[None]:
    """All these runs buy the same few films."""
    with remembering():
        yield


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where private servers keep their database, which is made once."""
    folder = tmp_path_factory.mktemp("cache")
    prefect_database.put_into_cache(folder)
    return folder


@pytest.fixture(scope="session")
def private(cache: Path) -> Iterator[Host]:
    """The server; what it set in the environment is taken back."""
    before = dict(os.environ)
    os.environ["XDG_CACHE_HOME"] = str(cache)
    with start_early() as host:
        host.ready()
        password = os.environ["PREFECT_API_AUTH_STRING"]
        os.environ.clear()
        os.environ.update(before)
        _PASSWORD.append(password)
        yield host


@pytest.fixture
def server(private: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """The same server as one in reach: the environment names it."""
    monkeypatch.setenv("PREFECT_API_URL", private.url)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", _PASSWORD[-1])
    monkeypatch.setenv("PREFECT_LOGGING_TO_API_ENABLED", "false")
    return start_early()


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache that outlives each stand-in."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def standin(films: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stand-in that answers at once; the environment points at it."""
    with running(Config(speed=0, palette=1, films=films)) as url:
        monkeypatch.setenv("RUNWARE_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("RUNWARE_API_KEY", KEY)
        yield url
