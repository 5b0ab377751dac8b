"""The `[sequences.NAME]` and `[cuts.NAME]` tables of project.toml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from callsheet.settings.tables.project import PromptTemplate, Shapes
from callsheet.toml_file.table import Expected, Table, due, key, plain_text

_FILM_LENGTH = re.compile(r"\d+(?:\.\d+)?\s*s?|\d+\s*f(?:rames)?|\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}")


def film_length(value: object) -> str:
    """The wanted length of a film: `30`, `750f` or `00:00:30:00`; its frames are counted once its rate is known. ValueError with a message."""
    text = plain_text(value).strip()
    if not _FILM_LENGTH.fullmatch(text):
        raise ValueError(f"{text!r} is not a length such as 30 (seconds), 750f or 00:00:30:00")
    return text


FilmLength = Annotated[
    str,
    BeforeValidator(film_length),
    Expected("a length such as 30 (seconds), 750f or 00:00:30:00"),
    WithJsonSchema({"type": ["string", "number"]}),
]


class SequenceTable(Table):
    """Settings of one sequence."""

    length: FilmLength | None = key("wanted length of its cut: seconds, frames or timecode", "750f")
    also: Shapes | None = key("further shapes to buy its shots in", "9:16")
    prompt: PromptTemplate | None = key(
        "template for its rows' prompts, with {prompt}; used instead of the project's", "{prompt}, at night"
    )


class CutTable(Table):
    """A shorter film made from the shots that it names."""

    shots: Annotated[tuple[str, ...], Field(strict=False, min_length=1), Expected("a list of shots")] = due(
        "its shots, each optionally with its own length and in-point", ["S0010", "S0020=1.5@0.5"]
    )
    sequence: str | None = key("the sequence that it is a cut of; default: the one that has the shots", "spot")
