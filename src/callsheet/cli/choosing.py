"""The takes that patterns and options select, and those that can be selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from callsheet.cli.options import Choosing
from callsheet.cli.project_state import ProjectState, list_state
from callsheet.domain.errors import UsageError
from callsheet.domain.selection import Candidate, Chosen, Conditions, choose
from callsheet.domain.shots.list_file import may_be_list
from callsheet.domain.take import TakeId
from callsheet.planning.outlook.chosen_takes import only
from callsheet.planning.project_plan import Prepared
from callsheet.report.remedies import failures


def candidates(state: ProjectState) -> list[Candidate]:
    """The takes of all lists that were read, in their order, then those that only the ledger has."""
    views = {take.take: take for take in state.view.takes}
    planned = {take.take: take for one in state.lists for take in one.plan.takes}
    failed = {take for failure in failures(views.values()) for take in failure.takes}
    order = [*planned, *(take for take in views if take not in planned)]
    found: list[Candidate] = []
    for take in order:
        view, plan = views.get(take), planned.get(take)
        failing = view is not None and view.chosen is not None and view.chosen.failing
        found.append(
            Candidate(
                take=take,
                sequence=plan.shot.sequence if plan else view.sequence if view else "",
                model=plan.model if plan else view.model if view else "",
                stale=(view is not None and view.stale) or (plan is not None and bool(plan.stale)),
                failed=take in failed or failing,
                price=(plan.again or None) if plan else None,
            )
        )
    return found


def refuse_further_lists(words: Sequence[str]) -> None:
    """UsageError if a pattern that should select takes is a second list."""
    if further := next((word for word in words if may_be_list(PurePath(word))), None):
        raise UsageError(
            f"{further} is a second shot list, and this command takes only one",
            help="run the command once for each list; quote patterns such as '*', or the shell puts file names in their place",
        )


@dataclass(frozen=True, slots=True)
class Selected:
    """What a command line selects: patterns, and options that hold for all of them."""

    words: Sequence[str]
    choosing: Choosing

    def among(self, state: ProjectState) -> frozenset[TakeId] | None:
        """The takes that are meant; None if nothing is selected, which means all. UsageError if a pattern matches nothing, or no take is left."""
        if self.everything:
            return None
        return frozenset(one.take for one in some(self.words, self.choosing.conditions, candidates(state)))

    @property
    def everything(self) -> bool:
        """Whether nothing is selected."""
        return not self.words and not self.choosing.conditions.given


def of_list(prepared: Prepared, shots: Sequence[str], choosing: Choosing) -> Prepared:
    """The list's plan with only the selected takes; the whole plan if nothing is selected. UsageError if a pattern matches nothing, or no
    take is left.
    """
    takes = Selected(shots, choosing).among(list_state(prepared))
    return prepared if takes is None else only(prepared, takes)


def some(words: Sequence[str], conditions: Conditions, known: Sequence[Candidate]) -> tuple[Chosen, ...]:
    """The takes that are meant. UsageError if a pattern matches nothing, or no take is left."""
    if file := next((word for word in words if may_be_list(PurePath(word)) and ":" not in word), None):
        help = "leave the list's file out: S0010.t1, or LIST:S0010.t1; and quote patterns such as '*', or the shell puts file names in their place"
        raise UsageError(f"{file} is a file, not a take", help=help)
    found = choose(words, conditions, known)
    if not found:
        raise UsageError("no take matches all of these conditions", help="remove a condition; `callsheet status` shows every take")
    return found
