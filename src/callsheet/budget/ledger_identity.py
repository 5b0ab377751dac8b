"""Whose ledger this is: a project knows its ledger's id, its own folder and its machine, so that nothing is bought twice on the word of another book, an empty one,
or a copy.

`.callsheet/project.json` has all three since the project's first run. A backup that is put back, or a copy on another machine, brings its own: so each machine also
notes, outside the folder, the ledger that it last saw. Where they don't agree with what is found, only a person knows what happened.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from callsheet.budget import on_demand
from callsheet.domain.errors import HumanError, Problem
from callsheet.settings.values import Settings
from callsheet.store.machine import this_machine
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.budget.ledger.store import Ledger

ACCEPT_LEDGER = "callsheet doctor --accept-ledger"
ACCEPT_COPY = "callsheet doctor --accept-copy"
#: a copy's problems: they stop what buys, and nothing else
_COPIED = frozenset({"copied_folder", "other_machine"})


def ledger_location(project: Project, settings: Settings) -> Path | str:
    """The ledger named by `CALLSHEET_LEDGER`, otherwise the project's own file."""
    return settings.ledger or project.ledger_file


def identity_problems(project: Project, settings: Settings) -> list[Problem]:
    """What a person has to decide before anything is bought; empty if ledger and folder are the project's own. Creates nothing."""
    if not project.exists:
        left = [path for path in (project.state / "ledger.db", project.clips) if path.exists()]
        if not left:
            return []
        # a new id would start without a cap, and buy everything again
        message = f".callsheet/project.json is missing, and {project.relative(left[0])} shows that purchases were made here"
        help = f"restore it from a backup; or run `{ACCEPT_LEDGER}` to use the project that its ledger knows, with its cap"
        return [Problem(code="strange_ledger", message=message, help=help)]
    place = ledger_location(project, settings)
    copied = _copy(project) or _elsewhere(project, place if isinstance(place, Path) else on_demand.store.place_of(place).file)
    return [problem for problem in (_ledger(project, settings), copied) if problem]


def refuse_strange(project: Project, settings: Settings, *, buy: bool) -> None:
    """Stop a run that would use the wrong ledger, or buy in a copied folder: HumanError, with the command that confirms it."""
    found = [problem for problem in identity_problems(project, settings) if buy or problem.code not in _COPIED]
    if found:
        raise HumanError(found[0].message, problems=found)


def record_identity(project: Project, ledger: Ledger) -> None:
    """Record the project's ledger, its folder, its machine and its number of attempts: at the beginning and at the end of a run."""
    if _is_own(project, ledger):
        found = {"ledger": ledger.id, "attempts": str(on_demand.read.count(ledger, project.identity))}
        project.record(**found, folder=str(project.folder.resolve()), file=_number(ledger.file), machine=this_machine())
        project.note_seen(**found)


def record_run(project: Project, ledger: Ledger, run: str) -> None:
    """Record the run that is in the ledger and has bought nothing yet: a ledger that doesn't know it is older than what that run buys, also where it is killed."""
    if _is_own(project, ledger):
        project.record(run=run)
        project.note_seen(run=run)


def accept_ledger(project: Project, settings: Settings) -> str:
    """Make the ledger at the project's location its own; without one, the next run creates it. Returns what was done, for people."""
    with project.lock():
        place = ledger_location(project, settings)
        if not on_demand.store.exists(place):
            project.record(**({} if project.exists else {"id": secrets.token_hex(8)}))
            _accepted(Project(project.folder), ledger="", attempts="0", run="")
            return "the project has no ledger now: the next run creates one, and doesn't know what was bought before"
        said = "this is now the project's ledger"
        if not project.exists:  # the lost id is in the ledger, as long as that has only one project
            with closing(on_demand.store.open_ledger(place)) as ledger:
                projects = on_demand.read.projects(ledger)
            project.record(id=projects[0] if len(projects) == 1 else secrets.token_hex(8))
            if len(projects) > 1:
                said += (
                    f", which knows {len(projects)} projects, and not which of them this is: it is a new one there, with no cap in force"
                )
        project = Project(project.folder)  # by the id that it has now
        known = _known(place, project.identity)
        _accepted(project, ledger=known.id, attempts=str(known.attempts), run="")
        return said


def adopt_folder(project: Project, settings: Settings) -> str:
    """Make a copied folder a project of its own, with a new id: it continues no attempt of the original. Returns what was done, for people."""
    with project.lock():
        original = project.identity
        project.record(id=secrets.token_hex(8), folder=str(project.folder.resolve()), machine=this_machine(), attempts="0", run="")
    place = ledger_location(Project(project.folder), settings)
    project.record(ledger=_known(place, "").id if on_demand.store.exists(place) else "")
    if on_demand.store.exists(place):
        with closing(on_demand.store.open_ledger(place)) as ledger:
            on_demand.marks.copy(ledger, original, Project(project.folder).identity)
    return (
        "this folder is now a project of its own, with no cap in force; its clips, picks, rejects and retakes are kept,"
        " and the original is unchanged"
    )


class _Known(NamedTuple):
    """A ledger's id, the number of the project's attempts in it, and whether it knows the project's last runs."""

    id: str
    attempts: int
    runs: bool = True


def _known(place: Path | str, project: str, runs: Collection[str] = ()) -> _Known:
    with closing(on_demand.store.open_to_read(place)) as ledger:
        return _Known(ledger.id, on_demand.read.count(ledger, project), all(on_demand.read.has_run(ledger, run) for run in runs))


def _accepted(project: Project, **values: str) -> None:
    """Recorded in the folder and on this machine, from which it may be bought from now on."""
    project.record(**values, machine=this_machine())
    project.note_seen(**values)


def _is_own(project: Project, ledger: Ledger) -> bool:
    """Whether the folder is the project's own, and no copy of it."""
    return _copy(project) is None and _elsewhere(project, ledger.file) is None


def _ledger(project: Project, settings: Settings) -> Problem | None:
    folders, here = project.recorded, project.seen
    known = folders.get("ledger") if "ledger" in folders else here.get("ledger")  # put back from before its first run
    if not known:
        return None
    witnesses = [folders, here] if here.get("ledger") == known else [folders]
    attempts = max(int(witness.get("attempts", "0")) for witness in witnesses)
    runs = {witness["run"] for witness in witnesses if witness.get("run")}
    newest = f"restore the newest one; if this folder is a copy, run `{ACCEPT_COPY}` to make it a project of its own"
    place = ledger_location(project, settings)
    named = "the one in CALLSHEET_LEDGER" if settings.ledger else project.relative(project.ledger_file)
    if not on_demand.store.exists(place):
        message, fix = f"this project's ledger is missing: {named}", "restore it from your backup"
    elif (found := _known(place, project.identity, runs)).id != known:
        message = f"this is not the project's ledger: {named}"
        fix = "restore the right one, or correct CALLSHEET_LEDGER"
    elif found.attempts < attempts:  # a restored backup, or an older copy from a file service
        message = f"this is an older copy of the project's ledger: {named} has {found.attempts} of {attempts} attempts"
        fix = newest
    elif not found.runs:
        message = f"this is an older copy of the project's ledger: {named} does not have the project's last run"
        fix = newest
    else:
        return None
    return Problem(
        code="strange_ledger", message=message, help=f"{fix}; or run `{ACCEPT_LEDGER}`, which may buy again what only the old ledger knows"
    )


def _copy(project: Project) -> Problem | None:
    """The recorded folder still is this project, and differs from this one."""
    known = project.recorded
    original = Path(known.get("folder", ""))
    if not known.get("folder") or original == project.folder.resolve():
        return None
    there, here = original / ".callsheet" / "project.json", project.state / "project.json"
    try:
        same = json.loads(there.read_text()).get("id") == known["id"] and not there.samefile(here)
    except (OSError, ValueError, AttributeError):
        return None  # it no longer exists: the folder was moved
    if not same:
        return None
    help = f"run `{ACCEPT_COPY}` to make it a project of its own; or work in the original"
    return Problem(code="copied_folder", message=f"this folder is a copy of {original}, and both would buy the same takes", help=help)


def _elsewhere(project: Project, file: Path | None) -> Problem | None:
    """The project's runs were on another machine, which may have the folder still. Its ledger is a file, so each of the two would buy by its own."""
    known, here = project.recorded, this_machine()
    if file is None or known.get("machine", "") in ("", here) or project.seen:
        return None
    if not here and known.get("file") == _number(file):  # a container, into which the very folder is mounted
        return None
    ways = f"if it was moved here for good, run `{ACCEPT_LEDGER}`; if it is a copy, run `{ACCEPT_COPY}` to make it a project of its own"
    return Problem(
        code="other_machine",
        message="this project was last rendered on another machine, and both would buy the same takes",
        help=f"{ways}. Machines that take turns at one folder have one name in CALLSHEET_MACHINE",
    )


def _number(file: Path | None) -> str:
    """What tells a ledger's file from a copy of it; empty if there is none."""
    return str(file.stat().st_ino) if file and file.exists() else ""
