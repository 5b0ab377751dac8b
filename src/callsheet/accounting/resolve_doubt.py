"""A person's decision on an attempt that no service can answer for: its job, its file, that it was paid, or that it was not. Each is booked
as late evidence in the attempt's own history; nothing is sent and nothing is bought.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from callsheet.budget import ledger_identity
from callsheet.budget.ledger import read, receipts, write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.project_ledger import open_named
from callsheet.clock import Clock
from callsheet.cutting.typed_marks import meant
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import HumanError, InputError, MediaError, UsageError
from callsheet.domain.money import text
from callsheet.domain.typed import typed
from callsheet.planning.project_plan import Prepared
from callsheet.qc.acceptance import judge, ordered
from callsheet.qc.inspect_file import Inspected, inspect_file
from callsheet.store import clip_store
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A person's decision; exactly one of these. `file` is a clip that was downloaded by hand, `job` an id from the service's own pages."""

    file: Path | None = None
    job: str | None = None
    write_off: bool = False
    release: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """The command-line options that were given."""
        given = {"--file": self.file is not None, "--job": self.job is not None, "--write-off": self.write_off, "--release": self.release}
        return tuple(name for name, is_given in given.items() if is_given)


def record_word(prepared: Prepared, names: Sequence[str], word: Word) -> list[str]:
    """Record `word` for the takes in `names`, with one line for each. All names are resolved before the first is recorded. UsageError if
    the word or a take is missing, ambiguous or in the wrong state, InputError for a file that is not a clip, HumanError for another
    take's clip or job, LockedError if a run has the project locked.
    """
    [option, *more] = word.options
    if more:
        raise UsageError(f"{option} and {more[0]} contradict each other", help="give one of them")
    if not names:
        doubtful = [take.take for take in prepared.view.takes if any(one.state is State.IN_DOUBT for one in take.attempts)]
        help = f"write `{typed('recover', doubtful[0], option)}`; " if doubtful else "no take is in doubt; "
        raise UsageError(f"{option} needs a take", help=f"{help}`callsheet status` shows every take")
    if (word.file or word.job) and len(names) > 1:
        raise UsageError(f"{option} needs exactly one TAKE, and {len(names)} are given", help="run the command once for each take")
    with _book(prepared) as ledger:
        attempts = [_meant(prepared, ledger, name, word, option) for name in names]
        return [_booked(prepared, ledger, attempt, word) for attempt in attempts]


@contextmanager
def _book(prepared: Prepared) -> Generator[Ledger]:
    """The project's ledger, while no run has it locked."""
    project = prepared.project
    with project.lock(), closing(open_named(project, prepared.settings)) as ledger, ledger.locked(project.identity):
        ledger_identity.record_identity(project, ledger)
        yield ledger


def _meant(prepared: Prepared, ledger: Ledger, name: str, word: Word, option: str) -> Attempt:
    """The one attempt that a name means, in a state that allows this decision."""
    _, takes = meant(prepared.view.takes, name)
    wanted = (State.IN_DOUBT, State.READY) if word.file else (State.IN_DOUBT,)
    now = [read.reread(ledger, attempt) for take in takes for attempt in take.attempts]
    fitting = [attempt for attempt in now if attempt.state in wanted]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(
            f"{name} means {' and '.join(str(attempt.take) for attempt in fitting)}", help=f"write recover {fitting[0].take} {option}"
        )
    states = " or ".join(state.value.replace("_", " ") for state in wanted)
    is_now = f"it is {now[-1].state.value.replace('_', ' ')}" if now else "nothing has been bought for it"
    raise UsageError(f"{name} is not {states}: {is_now}", help=f"{option} is for a take that is {states}; `callsheet status` shows them")


def _booked(prepared: Prepared, ledger: Ledger, attempt: Attempt, word: Word) -> str:
    name, at = attempt.name, Clock().text()
    if word.file:
        return _adopted(prepared, ledger, attempt, word.file)
    if word.job:
        _no_others(ledger, attempt, word.job)
        write.move(ledger, attempt, Kind.ACCEPTED, {"job": word.job, "by": "a person"}, at=at)
        return f"{name}: job {word.job} is recorded; asking {attempt.service} about it"
    reason = Reason.WRITTEN_OFF if word.write_off else Reason.RELEASED_UNSENT
    said = "is written off and counts as paid" if word.write_off else "was never charged: its money is released"
    write.move(ledger, attempt, Kind.CLOSED, {"message": f"a person reports that it {said}"}, at=at, reason=reason)
    return f"{name} {said}, {text(attempt.doubt)} USD"


@dataclass(frozen=True, slots=True)
class _Shelved:
    """A clip that was stored."""

    sha256: str
    size: int
    looked: Inspected


def _adopted(prepared: Prepared, ledger: Ledger, attempt: Attempt, file: Path) -> str:
    """Store a file that a person downloaded, and book the attempt as received. Its hold is settled in full, because no service reported the
    cost. It is checked like a fetched clip, and its findings are recorded.
    """
    clip = _shelved(prepared.project, ledger, attempt, file)
    by = {"by": "a person"}
    if attempt.state is State.IN_DOUBT:
        attempt = write.move(ledger, attempt, Kind.ACCEPTED, {"job": f"file {clip.sha256[:12]}", **by}, at=Clock().text())
        told = {"url": None, "told": {"cost_reported": False}, **by}
        attempt = write.move(ledger, attempt, Kind.READY, told, at=Clock().text())
    found = judge(clip.looked, attempt, ordered(attempt, prepared.cards.get(attempt.model)), prepared.settings.qc)
    body = {"sha256": clip.sha256, "size": clip.size, "findings": [one.json() for one in found], **clip.looked.length.noted, **by}
    attempt = write.move(ledger, attempt, Kind.RECEIVED, body, at=Clock().text())
    said = f"{attempt.name} is received from {file.name}, cost {text(attempt.settled)} USD"
    return "; ".join([said, *(one.message for one in found)])


def _shelved(project: Project, ledger: Ledger, attempt: Attempt, file: Path) -> _Shelved:
    """Copy, inspect, hash and store. The user's own file is left unchanged."""
    if not file.is_file():
        raise InputError(f"no file {file}", help="give the path of the clip that you downloaded")
    part = clip_store.new_part(project, attempt.key)
    try:
        shutil.copyfile(file, part)
        looked = inspect_file(part)
        sha256, size = digest(part), part.stat().st_size
        _own(project, ledger, sha256, file)
        clip_store.put(project, part, sha256)
    except MediaError as error:
        raise InputError(f"{file.name} is not a clip: {error}", help="download it again from the service's own pages") from error
    finally:
        part.unlink(missing_ok=True)
    return _Shelved(sha256, size, looked)


def _no_others(ledger: Ledger, attempt: Attempt, job: str) -> None:
    """HumanError for a job that another attempt of the ledger already has: its clip and its cost are that one's."""
    number, _ = receipts.named(ledger, [job], attempt.service).get(job, (int(attempt.id), ""))
    if number != int(attempt.id):
        [other] = read.numbered(ledger, [number])
        help = f"look in {attempt.service}'s job list for the job of {attempt.take}; if there is none, `{typed('recover', attempt.take)} --release`"
        raise HumanError(f"job {job} is already that of {other.name}", help=help)


def _own(project: Project, ledger: Ledger, sha256: str, file: Path) -> None:
    """Two takes never share a clip."""
    other = next((attempt for attempt in read.attempts(ledger, project.identity) if attempt.sha256 == sha256), None)
    if other:
        raise HumanError(f"{file.name} is already the clip of {other.take}", help="give the clip of the take that you named")
