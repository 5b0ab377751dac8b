"""Notifications for people who aren't watching a run: thresholds, doubts and its end, each once. Sent from a thread of its own; a failure
is reported and stops nothing.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from callsheet.buying.cap_monitor import is_threshold
from callsheet.domain.errors import SetupError
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent
from callsheet.runs.outcome import Outcome
from callsheet.settings.environment import addresses
from callsheet.settings.tables.notices import Cause
from callsheet.settings.values import Settings
from callsheet.transport.notifications import notify

#: longest wait for notifications at a run's end, seconds
CLOSES_S = 15.0

Send = Callable[[str, str], list[str]]


class Notices:
    """One run's notifications. `say` is told what could not be sent."""

    def __init__(self, name: str, causes: tuple[Cause, ...], send: Send, say: Callable[[str], None]) -> None:
        self._name, self._causes, self._send, self._say = name, causes, send, say
        self._told: set[tuple[Cause, str]] = set()
        self._waiting: queue.SimpleQueue[tuple[str, str] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failed: list[str] = []

    @classmethod
    def of(cls, settings: Settings, say: Callable[[str], None]) -> Notices:
        """The notifications that a project wants. Addresses are read where they are used, and written nowhere."""

        def send(title: str, body: str) -> list[str]:
            try:
                found = [address for variable in settings.notify.variables.value for address in addresses(variable)]
            except SetupError as error:
                return [error.message]
            return notify(found, title, body)

        wanted = any(_has(variable) for variable in settings.notify.variables.value)
        return cls(settings.name, settings.notify.on.value if wanted else (), send, say)

    def notify(self, event: RunEvent) -> None:
        """Notify people of an event."""
        cause = Cause.THRESHOLD if is_threshold(event) else Cause.DOUBT if event.kind == "in_doubt" else None
        if cause is not None:
            subject = event.text if cause is Cause.THRESHOLD else ""
            take = f"{event.take}: " if event.take else ""
            self._tell(cause, subject, f"{take}{event.text}")

    def ended(self, outcome: Outcome) -> None:
        """Notify people of the run's end."""
        if outcome.capped:
            self._tell(Cause.CAP, "", f"{outcome.capped.message}. {outcome.capped.help}")
        if outcome.state == "needs_decision":
            self._tell(
                Cause.DECISION, "", "; ".join(problem.message for problem in outcome.all_problems) or "takes wait for a person to decide"
            )
        counts, state = outcome.counts, outcome.state.replace("_", " ")
        numbers = f"{counts.bought} bought, {counts.kept} kept, {counts.failed} failed, {counts.in_doubt} in doubt, {counts.not_bought} not bought"
        self._tell(Cause.DONE, "", f"{state}: {numbers}; {text(outcome.money.settled)} USD spent")

    def close(self) -> None:
        """Wait briefly until everything is sent; then report what could not be."""
        if self._thread is None:
            return
        self._waiting.put(None)
        self._thread.join(CLOSES_S)
        late = ["a notification was still being sent when the run ended"] if self._thread.is_alive() else []
        for words in dict.fromkeys((*self._failed, *late)):
            self._say(words)

    def _tell(self, cause: Cause, subject: str, body: str) -> None:
        if cause not in self._causes or (cause, subject) in self._told:
            return
        self._told.add((cause, subject))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="notices", daemon=True)
            self._thread.start()
        self._waiting.put((f"callsheet {self._name}: {cause.value}", body))

    def _work(self) -> None:
        while (one := self._waiting.get()) is not None:
            self._failed += self._send(*one)


def _has(variable: str) -> bool:
    """Whether an address is given; a keyring that doesn't answer is reported when the address is used."""
    try:
        return bool(addresses(variable))
    except SetupError:
        return True
