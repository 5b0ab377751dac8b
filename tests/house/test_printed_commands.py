"""Every command that a message prints is run by a test as it is printed; those that none runs yet stand here, and may only become fewer."""

from __future__ import annotations

from tests.house.printed_commands import printed_commands
from tests.unit.cli.test_printed_commands import REMEDIES

#: run there, with all that an ending prints
_IN_ENDINGS = {"callsheet status {*} {*}"}  # tests/unit/cli/test_remedies.py

_NOT_RUN_YET = {
    "callsheet approve {} v{} --delivery {}",
    "callsheet approve {} {} --delivery {} --as-is",
    "callsheet cards price",
    "callsheet cards price {}",
    "callsheet doctor",
    "callsheet hooks",
    "callsheet pick {}",
    "callsheet plan",
    "callsheet plan --quote",
    "callsheet reconcile --invoice FILE",
    "callsheet recover",
    "callsheet recover S0010.t1 {}",
    "callsheet recover TAKE --job ID",
    "callsheet recover {*}",
    "callsheet recover {}",
    "callsheet render {*} {*}",
    "callsheet retake {*}",
    "callsheet review",
    "callsheet review --import",
    "callsheet services MODEL",
    "callsheet services test MODEL",
    "callsheet services test runware",
    "callsheet settle {}",
    "callsheet status LIST",
    "callsheet {} {*}",
}


def test_every_printed_command_is_run_by_a_test() -> None:
    """A new message with a command needs a way to provoke it in `test_printed_commands`, and one that is run now leaves the list."""
    assert printed_commands().keys() - REMEDIES.keys() - _IN_ENDINGS == _NOT_RUN_YET


def test_what_is_run_is_still_printed() -> None:
    """No test runs a command that no message prints any more."""
    assert REMEDIES.keys() <= printed_commands().keys()
