"""Questions about a list that have to be answered before it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one value of the mapping: in which table (none: at the top), under which name, with answers to choose from and their
    meanings. With `others`, the answer is one of these headers, and `name` is our column that it becomes. `number`: the answer is a
    whole number.
    """

    table: tuple[str, ...]
    name: str
    text: str
    choices: tuple[tuple[str, str], ...]
    others: tuple[str, ...] = ()
    number: bool = False

    def answered(self, said: dict[str, Any]) -> bool:
        """Whether a mapping's document has the answer."""
        table: Any = said.get(self.table[0], {}) if self.table else said
        if self.others:
            return self.name in table.values() or self.name in said.get("compose", {})
        return self.name in table or (self.table == ("length",) and self.name in said.get("length", {}))

    def answer(self, value: str) -> dict[str, Any]:
        """A mapping's document with only this answer."""
        entry: dict[str, Any] = {value: self.name} if self.others else {self.name: int(value) if self.number else value}
        return {self.table[0]: entry} if self.table else entry

    def example(self) -> str:
        """How a file for --map answers it, as one line of TOML."""
        value = self.choices[0][0] if self.choices else "..."
        entry = (value, f'"{self.name}"') if self.others else (self.name, value if self.number else f'"{value}"')
        return ".".join([*self.table, f'"{entry[0]}"']) + f" = {entry[1]}"
