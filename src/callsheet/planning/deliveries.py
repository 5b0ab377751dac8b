"""What every sequence of a list is finished into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.pricing.priced import Priced
from callsheet.settings.deliveries import delivery_from, film_rate
from callsheet.settings.values import Settings
from callsheet.store.file_names import safe

#: to check tables with where no shot can be made
_ANY_SIZE, _ANY_FPS = Size(1280, 720), Fps(24)


def deliveries(house: Path, settings: Settings, first: Priced | None) -> tuple[Delivery, ...]:
    """What every sequence is finished into: `[deliver.NAME]` tables, else one `web` in the project's resolution and fps, else those of the `first` shot
    that a model can make; where there is no such shot, at some size and rate, to see whether the tables are right. InputError with all that is wrong."""
    ask = (first.ask or first.own) if first else None
    size = settings.size.value if settings.size else (first and first.shot.size) or (ask.size if ask else _ANY_SIZE)
    fps = settings.fps.value if settings.fps else (first and first.shot.fps) or (film_rate(Fps(ask.fps)) if ask else _ANY_FPS)
    tables = settings.deliver or {"web": {}}
    whose = (("project", settings.name), *((name.replace("_", " "), text) for name, text in settings.billing.items()))
    named: list[Delivery] = []
    problems: list[Problem] = []
    for name, table in tables.items():
        try:
            made = delivery_from(name, table, size, fps, house=house, tables=tables, document=settings.document)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]  # of a table that others are like, once
            continue
        around = replace(made.around, told=whose) if made.around.slate_s else made.around
        named.append(replace(made, file=made.file.replace("{project}", safe(settings.name)), around=around))
    if problems:
        raise InputError.of(problems)
    return tuple(named)
