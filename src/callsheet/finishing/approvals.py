"""Approved versions: which films may be approved, and the log of approvals in `.callsheet/approvals.json`. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from callsheet.domain.approval import Approval
from callsheet.domain.errors import HumanError, Problem, UsageError
from callsheet.domain.typed import typed
from callsheet.domain.wording import did_you_mean, listed
from callsheet.finishing.film_record import FilmRecord, Version
from callsheet.store.decision_log import add_rows, read_log, unreadable
from callsheet.store.project_folder import Project

_LOG = "approvals"


@dataclass(frozen=True, slots=True)
class Choice:
    """A version of a film that a person named."""

    film: FilmRecord
    version: Version


def approval_log(project: Project) -> list[Approval]:
    """All approvals and withdrawals, oldest first. SetupError if the log can't be read."""
    try:
        return [Approval(**row) for row in read_log(project, _LOG)]
    except TypeError as error:
        raise unreadable(_LOG, error) from None


def add(project: Project, rows: Iterable[Approval]) -> None:
    """Add rows to the log, after those that other processes have added."""
    add_rows(project, _LOG, map(asdict, rows))


def of_sequence(known: Sequence[FilmRecord], sequence: str, delivery: str | None) -> list[FilmRecord]:
    """The films of a sequence, or the one of a delivery. UsageError if there are none of that name."""
    films = [one for one in known if one.sequence == sequence]
    if not films:
        names = sorted({one.sequence for one in known})
        help = did_you_mean(sequence, names, f"there are films of {', '.join(names)}" if names else "`callsheet finish` makes them")
        raise UsageError(f"there is no film of a sequence {sequence}", help=help)
    found = [one for one in films if delivery in (None, one.delivery)]
    if not found:
        names = [one.delivery for one in films]
        raise UsageError(f"{sequence} has no delivery {delivery}", help=did_you_mean(str(delivery), names, f"it has {', '.join(names)}"))
    return found


def choose(films: Sequence[FilmRecord], number: int, *, as_is: bool) -> list[Choice]:
    """This version of each of the films. UsageError if one has no such version, HumanError if one is incomplete or failed its check unless it is to be
    approved as it is: all at once."""
    chosen = [(film, film.numbered(number)) for film in films]
    absent = [_absent(film, number) for film, version in chosen if version is None]
    if absent:
        raise UsageError(absent[0].message, problems=absent)
    found = [Choice(film, version) for film, version in chosen if version is not None]
    unfit = [_unfit(one) for one in found if not as_is and wrong(one.version)]
    if unfit:
        raise HumanError(unfit[0].message, problems=unfit)
    return found


def wrong(version: Version) -> str:
    """What a film lacks, in words; empty if nothing."""
    facts = version.facts
    slates = (
        f"{', '.join(facts['missing'])} {'is' if len(facts['missing']) == 1 else 'are'} replaced by {'a slate' if len(facts['missing']) == 1 else 'slates'}"
        if facts["missing"]
        else ""
    )
    gone = f"{', '.join(facts['removed'])} missing from the list" if facts["removed"] else ""
    drafts: list[str] = facts.get("drafts", [])
    shown = f"{listed(drafts, 4)} {'shows a draft' if len(drafts) == 1 else 'show drafts'}" if drafts else ""
    failed = f"it failed its check ({', '.join(facts['failing'])})" if facts["failing"] else ""
    return "; ".join(part for part in (slates, gone, shown, failed) if part)


def rehearsed(version: Version) -> str:
    """Which of a film's pictures are from a rehearsal, in words; empty if none are, or it was made before this was recorded."""
    shots: list[str] = version.facts.get("rehearsed", [])
    return f"{listed(shots, 4)} {'shows' if len(shots) == 1 else 'show'} a rehearsal's test pictures" if shots else ""


def _absent(film: FilmRecord, number: int) -> Problem:
    numbers = film.numbers
    message = f"{film.sequence} {film.delivery} has no version v{number:03d}"
    if not numbers:
        return Problem(code=UsageError.code, message=message, help="`callsheet finish` makes it")
    newest = typed("approve", film.sequence, f"v{numbers[-1]:03d}", "--delivery", film.delivery)
    return Problem(code=UsageError.code, message=message, help=f"its newest is v{numbers[-1]:03d}: {newest}")


def _unfit(choice: Choice) -> Problem:
    name, number = choice.film, f"v{choice.version.number:03d}"
    return Problem(
        code=HumanError.code,
        message=f"{name.sequence} {name.delivery} {number} is not whole: {wrong(choice.version)}",
        help=f"to approve it as it is: {typed('approve', name.sequence, number, '--delivery', name.delivery, '--as-is')}",
    )
