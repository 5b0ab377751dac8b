"""What every test can rely on."""

from __future__ import annotations

import os
import random
import socket

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.conftest import SEED


def test_no_test_reaches_the_network() -> None:
    """A connection to anywhere but this machine is refused before it leaves."""
    with socket.socket() as outward, pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 443))


def test_this_machine_can_be_reached() -> None:
    """Servers of the tests' own are on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as inward:
        assert inward.getpeername() == listener.getsockname()


def test_the_environment_says_nothing() -> None:
    """No key, no service, no setting of the developer's own reaches a test; what a machine remembers is the test's own, too."""
    assert os.environ.pop("XDG_STATE_HOME").startswith(os.environ["HOME"])
    telling = [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL")) or name.startswith(("PREFECT_", "XDG_"))]
    own = [name for name in os.environ if name.startswith("CALLSHEET_") and not name.startswith("CALLSHEET_TEST_")]
    assert telling + own == []


def test_what_a_test_sets_ends_with_it(request: pytest.FixtureRequest) -> None:
    """The next test doesn't see it: the fixture that guards the environment is in every test."""
    assert "_environment" in request.fixturenames
    os.environ["CALLSHEET_LEDGER"] = "sqlite:///elsewhere.db"


def test_the_test_before_left_nothing() -> None:
    """See the one above."""
    assert "CALLSHEET_LEDGER" not in os.environ


def test_a_seed_can_be_repeated(seed: int) -> None:
    """It is the run's, which the header shows, made this test's own."""
    assert os.environ[SEED].isdecimal()
    assert random.Random(seed).random() == random.Random(seed).random()
