"""Every command that a message prints is run by a test as it is printed; those that none runs yet stand here, and may only become fewer."""

from __future__ import annotations

from tests.house.printed_commands import printed_commands
from tests.unit.cli.printed_remedies import REMEDIES

#: run there, with all that an ending prints
_IN_ENDINGS = {"callsheet status {*} {*}"}  # tests/unit/cli/test_remedies.py

_NOT_RUN_YET: set[str] = set()


def test_every_printed_command_is_run_by_a_test() -> None:
    """A new message with a command needs a way to provoke it in `test_printed_commands`, and one that is run now leaves the list."""
    assert printed_commands().keys() - REMEDIES.keys() - _IN_ENDINGS == _NOT_RUN_YET


def test_what_is_run_is_still_printed() -> None:
    """No test runs a command that no message prints any more."""
    assert REMEDIES.keys() <= printed_commands().keys()
