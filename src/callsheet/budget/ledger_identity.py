"""Whose ledger this is: a project knows its ledger's id and its own folder, so that nothing is bought twice on the word of another book, an empty one, or a copy.

`.callsheet/project.json` has both since the project's first run. Where they don't agree with what is found, only a person knows what happened.
"""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from pathlib import Path

from callsheet.budget.ledger import marks, read
from callsheet.budget.ledger.store import Ledger, exists, open_ledger, open_to_read
from callsheet.domain.errors import HumanError, Problem
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project

ACCEPT_LEDGER = "callsheet doctor --accept-ledger"
ACCEPT_COPY = "callsheet doctor --accept-copy"


def ledger_location(project: Project, settings: Settings) -> Path | str:
    """The ledger that `CALLSHEET_LEDGER` names, else the project's own file."""
    return settings.ledger or project.ledger_file


def identity_problems(project: Project, settings: Settings) -> list[Problem]:
    """What a person has to say something about before anything is bought; empty where ledger and folder are the project's own. Makes nothing."""
    if not project.exists:
        left = [path for path in (project.state / "ledger.db", project.clips) if path.exists()]
        if not left:
            return []
        # a new name would begin with no cap, and buy it all again
        message = f".callsheet/project.json is missing, and {project.relative(left[0])} shows that something was bought here before"
        help = f"bring it back from a backup; or `{ACCEPT_LEDGER}` takes the project that its ledger knows, with its cap"
        return [Problem(code="strange_ledger", message=message, help=help)]
    return [problem for problem in (_ledger(project, settings), _copy(project)) if problem]


def refuse_strange(project: Project, settings: Settings, *, buy: bool) -> None:
    """Stop a run that would work with the wrong ledger, or buy in a copied folder: HumanError, with the command that says it is meant so."""
    found = [problem for problem in identity_problems(project, settings) if buy or problem.code != "copied_folder"]
    if found:
        raise HumanError(found[0].message, problems=found)


def record_identity(project: Project, ledger: Ledger) -> None:
    """Write down which ledger and which folder are the project's, and how many attempts it has, for whoever holds it: when a run begins, and when it ends."""
    if _copy(project) is None:
        project.record(ledger=ledger.id, folder=str(project.folder.resolve()), attempts=str(read.count(ledger, project.identity)))


def accept_ledger(project: Project, settings: Settings) -> str:
    """Take the ledger that stands there for the project's own, or none, so that the next run makes one. Gives what was done, for people."""
    with project.lock():
        place = ledger_location(project, settings)
        if not exists(place):
            project.record(**({} if project.exists else {"id": secrets.token_hex(8)}), ledger="", attempts="0")
            return "the project has no ledger now: the next run makes a new one, and knows nothing of what was bought before"
        if not project.exists:  # what is lost is in the ledger, as long as it has one project
            with closing(open_ledger(place)) as ledger:
                known = read.projects(ledger)
            project.record(id=known[0] if len(known) == 1 else secrets.token_hex(8))
        known = _known(place, project.identity)
        project.record(ledger=known[0], attempts=str(known[1]))
        return "this ledger is the project's from now on"


def adopt_folder(project: Project, settings: Settings) -> str:
    """Make a copied folder a project of its own, with a new id: no attempt of the original is gone on with here. Gives what was done, for people."""
    with project.lock():
        original = project.identity
        project.record(id=secrets.token_hex(8), folder=str(project.folder.resolve()), attempts="0")
    place = ledger_location(Project(project.folder), settings)
    project.record(ledger=_known(place, "")[0] if exists(place) else "")
    if exists(place):
        with closing(open_ledger(place)) as ledger:
            marks.copy(ledger, original, Project(project.folder).identity)
    return (
        "this folder is a project of its own from now on, with no cap in force; its clips, picks, rejects and retakes are kept,"
        " and the original is left alone"
    )


def _known(place: Path | str, project: str) -> tuple[str, int]:
    """A ledger's id, and how many attempts of the project it has."""
    with closing(open_to_read(place)) as ledger:
        return ledger.id, read.count(ledger, project)


def _ledger(project: Project, settings: Settings) -> Problem | None:
    known, attempts = project.recorded.get("ledger"), int(project.recorded.get("attempts", "0"))
    if not known:
        return None
    place = ledger_location(project, settings)
    named = "the one that CALLSHEET_LEDGER names" if settings.ledger else project.relative(project.ledger_file)
    if not exists(place):
        message, fix = f"this project's ledger is missing: {named}", "restore it from your backup"
    elif (found := _known(place, project.identity))[0] != known:
        message = f"this is not the project's ledger but another one: {named}"
        fix = "bring the right one back, or correct CALLSHEET_LEDGER"
    elif found[1] < attempts:  # a backup that was put back, or a file service's older copy
        message = f"this is an older copy of the project's ledger: {named} knows {found[1]} of {attempts} attempts"
        fix = "bring the newest one back"
    else:
        return None
    return Problem(
        code="strange_ledger", message=message, help=f"{fix}; or `{ACCEPT_LEDGER}`, and what the old one knows may be bought again"
    )


def _copy(project: Project) -> Problem | None:
    """The folder that was recorded still is this project, and it is another one than this."""
    known = project.recorded
    original = Path(known.get("folder", ""))
    if not known.get("folder") or original == project.folder.resolve():
        return None
    there, here = original / ".callsheet" / "project.json", project.state / "project.json"
    try:
        same = json.loads(there.read_text()).get("id") == known["id"] and not there.samefile(here)
    except (OSError, ValueError, AttributeError):
        return None  # nothing there: the folder was moved
    if not same:
        return None
    help = f"`{ACCEPT_COPY}` makes it a project of its own; or work in the original"
    return Problem(code="copied_folder", message=f"this folder is a copy of {original}, and both would buy the same takes", help=help)
