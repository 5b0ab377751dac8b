"""The laws of every world, checked after each event, and once more when the dust has settled.

Never two accepted submits for one attempt, never a success without its verified file, never a state or a word that nobody mapped, never more than the cap,
never a dollar that the service bills and the book doesn't count.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from callsheet.budget.ledger import read, store
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from tests.crash.speakers.base import Job, film_of

if TYPE_CHECKING:
    from tests.crash.world import World

#: where an attempt's money is: all of its hold, and in no other bucket
_BUCKETS = {State.HELD: "held", State.SUBMITTING: "held", State.SUBMITTED: "held", State.IN_DOUBT: "doubt"}
_MONEY = (
    "select a.attempt, coalesce(sum(d_held), 0), coalesce(sum(d_doubt), 0), coalesce(sum(d_settled), 0), a.quote"
    " from attempt a left join entry e on e.attempt = a.attempt group by a.attempt"
)
#: of each attempt what its hold allowed; late evidence may add to it, and an invoice takes away what was never charged
_AUTHORISED = (
    "select coalesce(sum(min(used, quote)), 0) from (select a.quote, sum(d_held + d_doubt + d_settled) as used"
    " from entry e join attempt a using (attempt) where e.kind <> 'correction' or e.d_settled < 0 group by e.attempt)"
)
_RECEIVED = (
    "select a.attempt, a.shot || '.t' || a.take, json_extract(e.body, '$.sha256')"
    " from event e join attempt a using (attempt) where e.kind = 'received'"
)


class Broken(AssertionError):
    """A law does not hold."""


class Laws:
    """One world's judge. `must` breaks the world where its first argument is false."""

    def __init__(self, world: World, must: Callable[[bool, str], None]) -> None:
        self._world, self._must = world, must

    def check(self, when: str) -> None:
        """What must hold after every event."""
        money = {int(number): tuple(map(int, sums)) for number, *sums in self._world.rows(_MONEY)}
        [(authorised,)] = self._world.rows(_AUTHORISED)
        cap, jobs = self._world.cap, self._world.vendor.jobs
        self._must(authorised <= cap, f"{when}: {authorised} authorised under a cap of {cap}")
        self._must(all(min(sums) >= 0 for sums in money.values()), f"{when}: a negative bucket")
        takes, attempts = Counter[tuple[str, bool]](), Counter[int]()
        for job in jobs:
            *counted, quote = money.get(job.attempt, (0, 0, 0, 0))
            due = min(job.bought, quote)
            self._must(sum(counted) >= due, f"{when}: {job.take} costs {job.cost} and the book counts {sum(counted)}")
            attempts[job.attempt] += 1
            takes[job.take, job.draft] += job.end != "fail"
        self._must(max(attempts.values(), default=0) <= 1, f"{when}: an attempt was accepted twice")
        self._must(max(takes.values(), default=0) <= 1, f"{when}: a take was bought twice at one quality")
        self._in_place(when)
        bill = sum(min(job.bought, money[job.attempt][3]) for job in jobs if job.attempt in money)
        self._must(bill <= cap, f"{when}: {bill} billed under a cap of {cap}")

    def _in_place(self, when: str) -> None:
        """Received is the row and the file, the very one that the attempt's own job made: after every event, and after every cut of the power."""
        jobs = {job.attempt: job.id for job in self._world.vendor.jobs}
        for number, take, sha256 in self._world.rows(_RECEIVED):
            clip = clip_store.clip_path(Project(self._world.folder), sha256)
            content = clip.read_bytes() if clip.is_file() else b""
            film = film_of(content)
            self._must(film is not None, f"{when}: {take} is received and its clip is not in place")
            same = film == jobs.get(int(number)) and hashlib.sha256(content).hexdigest() == sha256
            self._must(same, f"{when}: {take} is received and the clip in its place is another one, of job {film}")

    def moved(self, attempt: Attempt, when: str) -> None:
        """An attempt's state is one of the seven, its money is where that state has it, and an end has a reason that says what to do."""
        name = f"{when}: {attempt.name}"
        bucket = _BUCKETS.get(attempt.state) if not attempt.settled else None  # settled already: the account's balance said so
        held, doubt = (attempt.quote if bucket == each else 0 for each in ("held", "doubt"))
        self._must(
            (attempt.held, attempt.doubt) == (held, doubt),
            f"{name} is {attempt.state.value} and has {attempt.held} held and {attempt.doubt} in doubt",
        )
        if attempt.state is not State.CLOSED:
            return
        self._must(isinstance(attempt.reason, Reason), f"{name} is closed for no reason")
        refused = attempt.reason is Reason.REFUSED
        self._must(not refused or attempt.cause not in (None, Cause.UNKNOWN), f"{name} is refused, and nobody says what to do")
        self._must(attempt.reason is not Reason.FAILED or attempt.cause is not None, f"{name} has failed, and nobody says why")

    def written(self, attempt: Attempt, when: str) -> None:
        """What an event was said to have made of an attempt is what the book makes of it."""
        ledger = store.open_ledger(Project(self._world.folder).ledger_file)
        self._must(read.reread(ledger, attempt) == attempt, f"{when}: {attempt.name} is another in the book")

    def last_check(self) -> Sequence[Attempt]:
        """What must hold when the dust has settled and undisturbed runs have come to their end. Gives the attempts."""
        attempts = attempts_of(store.open_ledger(Project(self._world.folder).ledger_file))
        bills = {job.attempt: job for job in self._world.vendor.jobs}
        for attempt in attempts:
            self._last_of(attempt, bills.get(int(attempt.id)))
        self._world.drafts.last_check(attempts)
        return attempts

    def _last_of(self, attempt: Attempt, job: Job | None) -> None:
        name, keyed = attempt.name, self._world.kind.recovery == "keyed"
        bought = job.bought if job else 0
        match attempt.state.value:
            case "received":
                clip = clip_store.clip_path(Project(self._world.folder), attempt.sha256 or "")
                intact = clip.is_file() and film_of(clip.read_bytes()) == (job.id if job else None)
                self._must(intact, f"{name} is received and its clip is not in place")
                self._must(attempt.settled == bought, f"{name}: {attempt.settled} in the book, {bought} on the bill")
            case "closed" if attempt.reason and attempt.reason.value in ("expired", "written_off"):
                self._must(attempt.settled >= min(bought, attempt.quote), f"{name}: {attempt.settled} in the book, {bought} on the bill")
                given_up = job is not None and (not keyed or job.lost != "")
                self._must(given_up, f"{name} was given up though its clip can be had")
            case "closed":
                self._must(attempt.settled == bought, f"{name}: {attempt.settled} in the book, {bought} on the bill")
                lost = bought == 0 or job is None or job.end != "ok" or job.lost != ""
                self._must(lost, f"{name} was closed ({attempt.reason}) though its clip can be had")
            case "in_doubt":
                self._must(attempt.job is None, f"{name} is in doubt and its job is known")
                self._must(attempt.doubt + attempt.settled >= min(bought, attempt.quote), f"{name}: the doubt counts less than the bill")
                self._must(not keyed or self._forgettable(attempt), f"{name} is in doubt on a keyed wire")
            case state:
                self._must(False, f"{name} is stranded: {state}")

    def _forgettable(self, attempt: Attempt) -> bool:
        """Whether the key was older than the service is sure to remember, by its own clock or ours, or nobody knew how old it was: ours was put back meanwhile, or the
        machine was started again and the service had told no time before.
        """
        rows = {
            kind: (at, body)
            for kind, at, body in self._world.rows(f"select kind, max(at), body from event where attempt = {attempt.id} group by kind")
        }
        (sent, said), (lost, _) = rows["intent"], rows["lost"]
        passed = (datetime.fromisoformat(lost) - datetime.fromisoformat(sent)).total_seconds()
        times = self._world.times
        really = times[attempt.id, "lost"] - times[attempt.id, "intent"]
        unknown = self._world.cuts > 0 and "there" not in json.loads(said)
        return max(passed, really) > 86_400 or passed < -300 or unknown


def attempts_of(ledger: Any) -> list[Attempt]:
    """Every attempt of the book."""
    with ledger.reading() as connection:
        return read._folded(connection, [])
