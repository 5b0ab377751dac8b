"""For every test: no network but this machine, an environment that says nothing, and a seed that is told."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.runners import remembered

pytest_plugins = ["tests.project_stage"]

SEED = "CALLSHEET_TEST_SEED"
_TELLING = ("_API_KEY", "_BASE_URL")
_OWNED = ("CALLSHEET_", "PREFECT_", "PREFECT__", "XDG_", "GITHUB_")
_HOME = "CALLSHEET_TEST_HOME"
_KEPT = frozenset({SEED, _HOME, "CALLSHEET_TEST_PG", "CALLSHEET_FFMPEG"})
#: a disk in memory, and the bytes that have to be free there: a test's files are small and soon gone, and each commit of a ledger waits for its disk
_MEMORY = Path("/dev/shm")
_ROOM = 2 << 30
#: needs the Prefect server, which a worker starts once
_ALONE = "tests/flows/"
#: where the tests share a server and a worker of their own, and wait more than they work
_STUDIO = "tests/flows/test_nightly.py"
#: where each test has a server of its own, and waits for the clock
_CLOCK = "tests/flows/test_schedules.py"
#: where the tests share the sources as they are parsed
_HOUSE = "tests/house/"
#: where each test is long enough to be shared out alone
_SINGLY = ("tests/crash/", _CLOCK)
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"})


def pytest_configure(config: pytest.Config) -> None:
    """Before anything of ours is imported: clean the environment, and settle the seed that xdist's workers inherit."""
    os.environ.setdefault(SEED, str(secrets.randbelow(2**32)))
    for name in [name for name in os.environ if _tells(name)]:
        del os.environ[name]
    # a machine that keeps no bytecode has each of the processes that tests start compile hundreds of modules anew
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if "PYTEST_XDIST_WORKER" not in os.environ:
        if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM:
            os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
        # what a user keeps at home decides nothing here, and nothing is left there
        config.add_cleanup((home := tempfile.TemporaryDirectory(prefix="callsheet-tests-")).cleanup)
        os.environ[_HOME] = home.name
    os.environ["HOME"] = os.environ[_HOME]
    remembered()


def _tells(name: str) -> bool:
    """Whether a variable could change what a test sees."""
    return name not in _KEPT and (name.endswith(_TELLING) or name.startswith(_OWNED) or name.upper() in _PROXIES)


def pytest_report_header() -> str:
    """How to repeat this run's randomness."""
    return f"seed: {SEED}={os.environ[SEED]}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What one worker has to do alone comes first, then what waits for the clock, so that nobody is idle at the end."""
    items.sort(key=lambda item: (not item.nodeid.startswith(_ALONE), item.nodeid.startswith(_CLOCK)))


class Sharing(LoadScopeScheduling):
    """How xdist's workers share the tests: by file, since a file's fixtures are made once; what needs the Prefect server goes to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_SINGLY):
            return nodeid
        if nodeid.startswith(_STUDIO):
            return _STUDIO
        if nodeid.startswith(_HOUSE):
            return _HOUSE
        return _ALONE if nodeid.startswith(_ALONE) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    """Our own sharing: `--dist loadgroup` doesn't group with the pytest that is locked here."""
    return Sharing(config, log)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """What a test sets in the environment ends with it, and so does what this machine notes of its projects: many are copies of one."""
    before = dict(os.environ)
    os.environ["XDG_STATE_HOME"] = os.path.join(os.environ["HOME"], "state", secrets.token_hex(8))  # noqa: PTH118 # made when it is first used
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """A seed of this test's own, the same again for the same `CALLSHEET_TEST_SEED`; shown where the test fails."""
    base = os.environ[SEED]
    request.node.add_report_section("setup", "seed", f"repeat with {SEED}={base}")
    return zlib.crc32(f"{base} {request.node.nodeid}".encode())
