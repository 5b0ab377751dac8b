"""What every sequence of a list is finished into."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.timebase import Fps
from callsheet.pricing.priced import Priced
from callsheet.settings.deliveries import delivery_from
from callsheet.settings.values import Settings
from callsheet.store.file_names import safe


def deliveries(house: Path, settings: Settings, first: Priced | None) -> tuple[Delivery, ...]:
    """What every sequence is finished into: `[deliver.NAME]` tables, else one `web` in the project's resolution and fps, else those of the `first` shot
    that a model can make. Nothing where there is no such shot."""
    if first is None or first.ask is None:
        return ()
    size = settings.size.value if settings.size else first.shot.size or first.ask.size
    fps = settings.fps.value if settings.fps else first.shot.fps or Fps(first.ask.fps)
    tables = settings.deliver or {"web": {}}
    whose = (("project", settings.name), *((name.replace("_", " "), text) for name, text in settings.billing.items()))
    named: list[Delivery] = []
    for name, table in tables.items():
        made = delivery_from(name, table, size, fps, house=house, tables=tables)
        around = replace(made.around, told=whose) if made.around.slate_s else made.around
        named.append(replace(made, file=made.file.replace("{project}", safe(settings.name)), around=around))
    return tuple(named)
