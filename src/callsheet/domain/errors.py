"""What can go wrong, and who has to act.

    CallsheetError
    ├── UsageError        the command was not understood            exit 2   correct the command
    ├── InputError        the list or a setting is wrong            exit 3   correct the cells; nothing was spent
    ├── MoneyError        a cap refused, or none is in force        exit 4   raise the cap, or buy less
    ├── SetupError        the machine, service or credentials         exit 5   fix what is named, run again
    │   ├── LedgerError   the ledger can't be read or written
    │   ├── MediaError    ffmpeg failed, or a file is not media
    │   │   └── MediaFault    ffmpeg can't work here; nothing is said of the file
    │   └── ServiceError  a service can't be reached or said no
    ├── HumanError        a person has to decide                    exit 6   decide, run again
    ├── DeliveryError     a finished file failed its check          exit 7   see the finding
    └── LockedError       another run holds the project             exit 8   wait for it, or use --wait

Anything else that escapes is a defect of ours (exit 70). Interrupted is 130.
Every error carries at least one `Problem`: what happened, where, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from enum import IntEnum


class Exit(IntEnum):
    """The command's exit codes; users' scripts depend on them (contract)."""

    DONE = 0
    PARTIAL = 1
    USAGE = 2
    INPUT = 3
    MONEY = 4
    SETUP = 5
    HUMAN = 6
    DELIVERY = 7
    LOCKED = 8
    TO_BUY = 10
    DEFECT = 70
    INTERRUPTED = 130


#: If several apply, the first of these is used.
PRECEDENCE = (
    Exit.DEFECT,
    Exit.INTERRUPTED,
    Exit.LOCKED,
    Exit.SETUP,
    Exit.INPUT,
    Exit.MONEY,
    Exit.HUMAN,
    Exit.DELIVERY,
    Exit.PARTIAL,
    Exit.TO_BUY,
    Exit.USAGE,
    Exit.DONE,
)


def worst(codes: Iterable[Exit]) -> Exit:
    """The one exit code to use if several apply; DONE if none does."""
    return min(codes, key=PRECEDENCE.index, default=Exit.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: what, where and what to do. `row` counts as a spreadsheet does (the header is row 1), `line` as a text
    editor does. `column` is our name of the column, `header` the user's own if it differs, `cell` the spreadsheet's address, such as C7.
    `mended` is the corrected text of the cell, if there is only one.
    """

    code: str
    message: str
    help: str
    file: str | None = None
    row: int | None = None
    line: int | None = None
    column: str | None = None
    header: str | None = None
    cell: str | None = None
    mended: str | None = None
    shot: str | None = None
    take: str | None = None

    def json(self) -> dict[str, object]:
        """The contract's `errors` entry: fields that don't apply are left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def at(self, **place: str | int | None) -> Problem:
        """The same problem with its location (file, row, line, column, shot, take)."""
        return replace(self, **place)  # type: ignore[arg-type]  # replace() checks the names itself


class CallsheetError(Exception):
    """Something went wrong that callsheet can explain."""

    exit = Exit.DEFECT
    code = "error"

    def __init__(self, message: str, *, help: str = "", problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = tuple(problems) or (Problem(code=self.code, message=message, help=help),)

    @property
    def message(self) -> str:
        """The first sentence of what happened."""
        return str(self)


class UsageError(CallsheetError):
    """The command was not understood."""

    exit, code = Exit.USAGE, "usage"


class InputError(CallsheetError):
    """The shot list or a setting is wrong. Nothing was spent."""

    exit, code = Exit.INPUT, "input"

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> InputError:
        """Everything that is wrong, at once."""
        found = tuple(problems)
        return cls(found[0].message if len(found) == 1 else f"{len(found)} errors in the input", problems=found)


class MoneyError(CallsheetError):
    """A cap refused, or no cap is in force."""

    exit, code = Exit.MONEY, "money"


class SetupError(CallsheetError):
    """The machine, the service or the credentials are not usable."""

    exit, code = Exit.SETUP, "place"


class LedgerError(SetupError):
    """The ledger can't be read or written: nothing more is sent."""

    code = "ledger"


class MediaError(SetupError):
    """ffmpeg failed, or a file is not the expected media."""

    code = "media"


class MediaFault(MediaError):
    """ffmpeg could not work here: it is missing, was killed, or ran out of memory, disk or time. This says nothing about the file."""


class ServiceError(SetupError):
    """A service can't be reached, or refuses this account."""

    code = "service"


class HumanError(CallsheetError):
    """A person has to decide before the run can continue."""

    exit, code = Exit.HUMAN, "human"


class DeliveryError(CallsheetError):
    """A finished file failed its own check."""

    exit, code = Exit.DELIVERY, "delivery"


class LockedError(CallsheetError):
    """Another run has this project locked."""

    exit, code = Exit.LOCKED, "held"
