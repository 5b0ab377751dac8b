"""Prompts as they are sent: the row's own in the sequence's or project's template, with each `@name` replaced by its text from refs.csv.
Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from callsheet.domain.errors import Problem
from callsheet.domain.shots.list_file import REFS
from callsheet.domain.shots.prompt_text import PLACE, named, names
from callsheet.domain.shots.shot import Shot
from callsheet.domain.wording import did_you_mean
from callsheet.settings.values import Setting, Settings
from callsheet.shotlist.refs import Refs


@dataclass(frozen=True, slots=True)
class Prompts:
    """Builds the final prompts of a project's rows."""

    settings: Settings
    refs: Refs

    def of(self, shot: Shot) -> Shot:
        """The row with its final prompt. A row without a prompt, such as one with the author's own clip, stays without."""
        template = self.template(shot.sequence)
        if not shot.prompt or not (template or self.refs.there):
            return shot
        text = template.value.replace(PLACE, shot.prompt) if template else shot.prompt
        return replace(shot, prompt=named(text, self.refs.texts) if self.refs.there else text)

    def template(self, sequence: str) -> Setting[str] | None:
        """The template for a sequence's rows: its own, otherwise the project's."""
        return self.settings.prompts_of.get(sequence, self.settings.prompt)

    def problems(self, shots: Iterable[tuple[Shot, Collection[str]]]) -> Iterator[Problem]:
        """Names that refs.csv doesn't have: in rows, each given with its faulty columns, and in templates."""
        if not self.refs.there:
            return
        for shot, faulty in shots:
            for name in dict.fromkeys(names(shot.prompt)) if "prompt" not in faulty else ():
                if name.casefold() not in self.refs.by_name:
                    origin = shot.origin
                    yield self._unknown(name).at(
                        file=origin.file, row=origin.row, line=origin.line, column="prompt", shot=shot.shot_id or None
                    )
        templates = [self.settings.prompt, *self.settings.prompts_of.values()]
        for template in (one for one in templates if one):
            for name in dict.fromkeys(names(template.value)):
                if name.casefold() not in self.refs.by_name:
                    problem = self._unknown(name)
                    yield replace(
                        problem, message=f"{template.origin}: {problem.message}", file=template.origin.split()[0], column="prompt"
                    )

    def notes(self, shots: Sequence[Shot]) -> list[str]:
        """Templates for sequences that the list doesn't have."""
        known = {shot.sequence for shot in shots}
        return [
            f"{template.origin} is for a sequence that this list doesn't have"
            for sequence, template in self.settings.prompts_of.items()
            if sequence not in known
        ]

    def _unknown(self, name: str) -> Problem:
        known = [ref.name for ref in self.refs.by_name.values()]
        near = did_you_mean(name, known, f"{REFS} has {', '.join(known[:20]) or 'none'}.")
        return Problem(code="unknown-ref", message=f"@{name} is not in {REFS}", help=f"{near} To send it unchanged, write @@{name}")
