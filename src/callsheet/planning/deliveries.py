"""The deliveries of every sequence of a list."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.picture_geometry import even
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.pricing.priced import Priced
from callsheet.settings.deliveries import delivery_from, film_rate
from callsheet.settings.values import Settings
from callsheet.store.file_names import safe

#: the size and rate for checking tables when no shot can be made
_ANY_SIZE, _ANY_FPS = Size(1280, 720), Fps(24)


def deliveries(
    house: Path, settings: Settings, first: Priced | None, problems: list[Problem], *, rated: bool = True
) -> tuple[Delivery, ...]:
    """The deliveries of every sequence: the `[deliver.NAME]` tables, otherwise one `web` in the project's resolution and fps, or those of
    the `first` shot that a model can make; if there is none, at some size and rate, to check the tables. What is wrong is added to
    `problems`; a delivery is then as its other keys say, so that its files can be checked. If not `rated`, the rate
    can't be read, and nothing is said of timecode.
    """
    ask = (first.ask or first.own) if first else None
    size = settings.size.value if settings.size else (first and first.shot.size) or (_even(ask.size) if ask else _ANY_SIZE)
    fps = settings.fps.value if settings.fps else (first and first.shot.fps) or (film_rate(Fps(ask.fps)) if ask else _ANY_FPS)
    tables = settings.deliver or ({} if settings.missed("deliver") else {"web": {}})
    whose = (("project", settings.name), *((name.replace("_", " "), text) for name, text in settings.billing.items()))
    named: list[Delivery] = []
    for name, table in tables.items():
        try:
            made = delivery_from(name, table, size, fps, house=house, tables=tables, document=settings.document)
        except InputError as error:
            told = [problem for problem in error.problems if rated or "fps" in table or problem.column != "timecode"]
            problems += [problem for problem in told if problem not in problems]  # once for a table that others are `like`
            wrong = {problem.column for problem in error.problems}
            sound = {key: value for key, value in table.items() if key not in wrong}
            if wrong & {"like", "font"} or len(sound) == len(table):
                continue
            try:
                made = delivery_from(name, sound, size, fps, house=house, tables=tables, document=settings.document)
            except InputError:
                continue
        around = replace(made.around, told=whose) if made.around.slate_s else made.around
        file = made.file.replace("{project}", safe(settings.name)) if "{project}" in made.file else made.file
        named.append(replace(made, file=file, around=around))
    return tuple(named)


def _even(size: Size) -> Size:
    """The nearest size that a film can have: an own clip's may be odd."""
    return Size(even(Fraction(size.width)), even(Fraction(size.height)))
