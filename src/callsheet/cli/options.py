"""Options that several commands take, with their `--help` texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.domain.errors import UsageError
from callsheet.domain.money import Micros, corrected_amount, text, usd
from callsheet.domain.selection import Conditions
from callsheet.domain.shots.list_file import by_list
from callsheet.domain.wording import listed
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.shotlist.mapping import keep_encoding
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Common:
    """Options of every command."""

    folder: Annotated[Path, Parameter(name=["-C", "--folder"], help="Project folder to work in.")] = Path()
    house: Annotated[
        Path | None,
        Parameter(help="Use the flows, cards and configs in this folder instead of the installed ones. You can also set CALLSHEET_HOUSE."),
    ] = None
    json: Annotated[bool, Parameter(negative="", help="Print exactly one JSON document on stdout, even if the command fails.")] = False
    ascii: Annotated[bool, Parameter(negative="", help="Draw with ASCII characters only. You can also set CALLSHEET_ASCII=1.")] = False

    @property
    def project(self) -> Project:
        """The project folder that was named. UsageError if it isn't a folder."""
        if not self.folder.is_dir():
            raise UsageError(f"{self.folder} is not a folder", help="give an existing project folder with -C")
        return Project(self.folder.resolve())

    def the_list(self, list: str | None) -> str:
        """The list that was named, or the folder's only one. UsageError if it has none, or several."""
        if list is not None:
            return list
        found = [file for files in by_list(self.project.tables()).values() for file in files]
        if len(found) == 1:
            return found[0]
        help = f"name one of {listed(found, 6)}" if found else "name a shot list; `callsheet init` begins a project with one"
        raise UsageError(f"this folder has {len(found) or 'no'} shot lists, so one has to be named", help=help)

    @property
    def settings(self) -> Settings:
        """The project's settings. InputError with everything that is wrong with project.toml or the environment."""
        return load(house_root() / "configs" / "defaults.toml", self.project.settings_file)


HERE = Common()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ForList(Common):
    """Options of the commands that read a list for the first time."""

    encoding: Annotated[
        str | None,
        Parameter(
            help="Encoding of the list, such as cp1252, if it isn't UTF-8, UTF-16 or UTF-32. callsheet saves the encoding in NAME.mapping.toml next to the list."
        ),
    ] = None

    def settle(self, list: str) -> None:
        """Save the encoding that was given, so that all later commands read the list with it. UsageError or InputError if it can't be
        saved.
        """
        if self.encoding is not None:
            keep_encoding(self.project.list_file(list), list, self.encoding)


LIST_HERE = ForList()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ForCut(ForList):
    """Options of the commands that show the length of the cut."""

    length: Annotated[
        str | None,
        Parameter(
            help="Compare the length of the cut with this one, in seconds (30), frames (750f) or timecode. If the list has several sequences, write NAME=30, where NAME is the sequence."
        ),
    ] = None


CUT_HERE = ForCut()

ListFile = Annotated[
    str | None,
    Parameter(
        help="Shot list: a .csv, .xlsx, .parquet, .jsonl or .md file, relative to the project folder. Default: the only list in that folder."
    ),
]
OptionalList = Annotated[
    str | None,
    Parameter(help="Shot list: a .csv, .xlsx, .parquet, .jsonl or .md file, relative to the project folder. Default: the whole project."),
]
CapText = Annotated[
    str | None,
    Parameter(
        name="--cap",
        help="The most that this project may ever cost, in USD, such as 25 or 4.80. The cap stays in force until you give another.",
    ),
]
ChosenTakes = Annotated[
    str,
    Parameter(
        help="Takes: S0010.t2, SEQUENCE/*, SEQUENCE/*.t1, S0010-S0040. You can also select takes with --stale, --failed, --model or --cheaper-than."
    ),
]
Port = Annotated[int, Parameter(help="Port to listen on; 0 takes a free one.")]
Flag = Parameter(negative="")
FINAL = "Where project.toml has a [draft] table: buy the takes that you picked among the drafts, as their rows say, instead of drafts."


def amount(option: str, value: str | None) -> Micros | None:
    """A sum of USD from the command line, micro-USD; None if none was given. UsageError if it isn't one."""
    if value is None:
        return None
    try:
        micros = usd(value)
    except ValueError as error:
        raise UsageError(f"{option}: {error}", help=_meant(option, value)) from None
    if micros < 0:
        raise UsageError(f"{option}: {text(micros)} is negative", help=_meant(option, value))
    return micros


def _meant(option: str, value: str) -> str:
    """How to write the same amount, if there is no doubt which it is: a cap that is typed as it is suggested allows no more than was meant."""
    amount = corrected_amount(value)
    return f"write {option} {amount}" if amount else f"write {option} and an amount in USD, with a point before the cents: 4.80"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Choosing:
    """Conditions that select takes, in addition to patterns."""

    stale: Annotated[bool, Flag, Parameter(help="Only takes whose row or first frame has changed since the take was bought.")] = False
    failed: Annotated[bool, Flag, Parameter(help="Only takes whose last attempt produced no clip, or a clip that failed its checks.")] = (
        False
    )
    model: Annotated[str | None, Parameter(help="Only takes of this model, such as runware/ltx-2.3.")] = None
    cheaper_than: Annotated[str | None, Parameter(help="Only takes whose list price is below this amount in USD.")] = None

    @property
    def conditions(self) -> Conditions:
        """The conditions as the grammar has them. UsageError if the amount isn't one."""
        most = amount("--cheaper-than", self.cheaper_than)
        return Conditions(stale=self.stale, failed=self.failed, model=self.model, cheaper_than=most)


ANY = Choosing()


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ForChosenCut(ForCut, Choosing):
    """Options of `plan`: how to read the list, the wanted length of its cut, and which takes to plan."""


CHOSEN_CUT_HERE = ForChosenCut()
