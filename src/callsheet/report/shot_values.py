"""The values of one shot's purchase: each value, its origin, and what its model makes of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from callsheet.domain.shots.list_file import REFS
from callsheet.domain.shots.params import flat, value_text
from callsheet.domain.shots.prompt_text import names
from callsheet.domain.shots.shot import Shot
from callsheet.domain.timebase import Fps, fps_text
from callsheet.planning.project_plan import Prepared
from callsheet.pricing.model_params import wanted
from callsheet.pricing.price_row import size_given
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card
from callsheet.services.cards.file_rules import COLUMNS as FILES
from callsheet.services.cards.verdict import Verdict, VerdictKind
from callsheet.settings.values import Setting, T
from callsheet.shotlist.cell_places import CellPlace
from callsheet.shotlist.columns.cells import seconds_text
from callsheet.shotlist.columns.column import CLEARED
from callsheet.shotlist.columns.columns import BY_NAME, COLUMNS
from callsheet.transport.redact import without_secrets

#: layers, from a single shot to all shots
Layer = Literal["cell", "sequence", "project", "environment", "file", "card", "default"]
#: columns shown as `resolution`
_EDGES = ("width", "height")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotValue:
    """One value: `where` as a person would look it up. `granted` and `why` if the model changes it."""

    column: str
    value: str | None
    layer: Layer
    where: str
    #: the cell's text, where it isn't the value
    written: str | None = None
    granted: str | None = None
    why: str = ""


def shot_values(item: Priced, prepared: Prepared, places: Mapping[str, CellPlace]) -> tuple[ShotValue, ...]:
    """Every column's value for a shot, in the columns' order; then the parameters sent to its model."""
    verdicts = {verdict.field: verdict for verdict in item.fit.verdicts if verdict.kind is not VerdictKind.EXACT}
    filled = dict(item.shot.cells)
    found = [
        _judged(
            _cell(name, item, places, prepared) or _cleared(name, item, prepared, places) or _inherited(name, item, prepared),
            verdicts.get(name),
        )
        for name in (column.name for column in COLUMNS if column.name not in (*_EDGES, "params"))
    ]
    further = sorted(name for name in filled if name not in BY_NAME)
    own = (_cell(name, item, places, prepared) for name in further)
    return (*found, *(value for value in own if value), *_params(item, prepared, places))


def _judged(value: ShotValue, verdict: Verdict | None) -> ShotValue:
    """The value with what its model makes of it."""
    if verdict is None:
        return value
    return replace(value, granted=verdict.granted or verdict.kind.value, why=verdict.why)


def _cell(name: str, item: Priced, places: Mapping[str, CellPlace], prepared: Prepared) -> ShotValue | None:
    """The row's own value; None if it has none."""
    shot = item.shot
    if name in shot.cleared or (shot.shape and name in ("resolution", "also")):  # its shape is the one that it is bought in
        return None
    text = dict(shot.cells).get(name)
    if text is None:
        return None
    place = places.get(name) or _edges(places)
    value = shot.prompt if name == "prompt" else without_secrets(text) if name in FILES else text
    return ShotValue(
        column=name,
        value=value,
        layer="cell",
        where="; ".join([_where(shot, place), *(_around(shot, place, prepared) if name == "prompt" else ())]),
        written=place.text if place and place.text not in (text, value) else None,
    )


def _cleared(name: str, item: Priced, prepared: Prepared, places: Mapping[str, CellPlace]) -> ShotValue | None:
    """The value if the row says `none`: the model's own, or nothing. None if it doesn't."""
    shot, card = item.shot, prepared.cards.get(item.model)
    if name not in shot.cleared or shot.shape:
        return None
    where = f"{_where(shot, places.get(name))} clears it"
    own = {"resolution": str(card.size.default), "fps": fps_text(Fps(card.fps.default))}.get(name) if card else None
    if own:
        where = f"{where}: card {item.model}"
    return ShotValue(column=name, value=own, layer="cell", where=where, written=CLEARED)


def _around(shot: Shot, place: CellPlace | None, prepared: Prepared) -> Iterator[str]:
    """What else a prompt consists of: its template, and the refs that it uses."""
    template, refs = prepared.prompts.template(shot.sequence), prepared.prompts.refs
    if template:
        yield template.origin
    written = f"{template.value if template else ''} {place.text if place else ''}"
    for name in dict.fromkeys(name.casefold() for name in names(written)) if refs.there else ():
        if ref := refs.by_name.get(name):
            pictures = f" ({', '.join(ref.pictures)})" if ref.pictures else ""
            yield f"@{ref.name} of {REFS} row {ref.row}{pictures}"


def _edges(places: Mapping[str, CellPlace]) -> CellPlace | None:
    """The cells of width and height as one."""
    width, height = (places.get(name) for name in _EDGES)
    if not (width and height):
        return None
    cell = f"{width.cell} + {height.cell}" if width.cell and height.cell else None
    return CellPlace(cell, f"{width.header} + {height.header}", f"{width.text} x {height.text}")


def _where(shot: Shot, place: CellPlace | None) -> str:
    row = f"{shot.origin.file} row {shot.origin.row}"
    return f"{shot.origin.file} {place.cell}" if place and place.cell else row


def _inherited(name: str, item: Priced, prepared: Prepared) -> ShotValue:
    """The value if the row has none: the sequence's, the project's, a file's, or the model's own."""
    settings, card, shot = prepared.settings, prepared.cards.get(item.model), item.shot
    match name:
        case "sequence":
            return ShotValue(column=name, value=shot.sequence, layer="file", where=f"the name of {shot.origin.file}")
        case "model" if item.own is None:
            return _setting(name, settings.model, item.model)
        case "duration_s":
            return _length(item, prepared)
        case "resolution":
            return _resolution(item, prepared, card)
        case "fps" if settings.fps:
            return _setting(name, settings.fps, fps_text(settings.fps.value))
        case "fps" if card:
            return _of_card(name, fps_text(Fps(card.fps.default)), item, prepared)
        case "also" if shot.shape is None and shot.also is not None:
            value = "; ".join(map(str, shot.also)) or "off"
            if shot.sequence in settings.also_of:
                return ShotValue(column=name, value=value, layer="sequence", where=f"project.toml [sequences.{shot.sequence}] also")
            return _setting(name, settings.also, value) if settings.also else _default(name)
        case _:
            return _default(name)


def _length(item: Priced, prepared: Prepared) -> ShotValue:
    name, text = "duration_s", seconds_text(item.used_s)
    if item.own is not None:
        return ShotValue(column=name, value=text, layer="file", where=f"the length of {item.own.name}")
    voice = prepared.inputs.of(item.shot).voice
    if voice is not None and voice.seconds is not None:
        return ShotValue(column=name, value=text, layer="file", where=f"the length of {voice.cell}")
    setting = prepared.settings.duration_s
    return _setting(name, setting, seconds_text(setting.value))


def _resolution(item: Priced, prepared: Prepared, card: Card | None) -> ShotValue:
    settings, shot, name = prepared.settings, item.shot, "resolution"
    size = size_given(shot, settings) or (card.size.default if card else None)
    if shot.shape and size:
        layer: Layer = "cell" if "also" in dict(shot.cells) else "sequence" if shot.sequence in settings.also_of else "project"
        return ShotValue(
            column=name, value=str(shot.shape.at(size)), layer=layer, where=f"also {shot.shape} of {shot.row_id}", written=str(size)
        )
    if settings.size:
        return _setting(name, settings.size, str(settings.size.value))
    return _of_card(name, str(size), item, prepared) if size else _default(name)


def _setting(name: str, setting: Setting[T], value: str) -> ShotValue:
    layer: Layer = "project" if setting.origin.startswith("project.toml") else "environment"
    if setting.origin == "default":
        return ShotValue(column=name, value=value, layer="default", where="configs/defaults.toml")
    return ShotValue(column=name, value=value, layer=layer, where=setting.origin)


def _of_card(name: str, value: str, item: Priced, prepared: Prepared) -> ShotValue:
    whose = "" if prepared.cards[item.model] == prepared.shipped.get(item.model) else "the project's own "
    return ShotValue(column=name, value=value, layer="card", where=f"{whose}card {item.model}")


def _default(name: str) -> ShotValue:
    return ShotValue(column=name, value=None, layer="default", where=BY_NAME[name].default)


def _params(item: Priced, prepared: Prepared, places: Mapping[str, CellPlace]) -> Iterator[ShotValue]:
    """The model's parameters: the row's, over the project's, over those that its card always sends."""
    card = prepared.cards.get(item.model)
    if card is None or item.own is not None:
        return
    own, project = dict(item.shot.params), prepared.settings.params.get(item.model)
    given = wanted(item.shot, prepared.settings, item.model)
    judged = [verdict for verdict in item.fit.verdicts if verdict.field == "params" and verdict.kind is not VerdictKind.EXACT]
    for name, value in sorted(given.items()):
        column, text = f"params.{name}", without_secrets(value_text(value))
        if name in own or project is None:
            said = ShotValue(column=column, value=text, layer="cell", where=_where(item.shot, places.get("params")))
        else:
            said = ShotValue(column=column, value=text, layer="project", where=project.origin)
        yield _judged(said, next((verdict for verdict in judged if verdict.wanted.startswith(f"{name} = ")), None))
    said_paths = {card.params[name].path or name for name in given if name in card.params}
    for path, value in flat(item.ask.params) if item.ask else ():
        if path not in said_paths and path != card.sound.switch:
            yield _of_card(f"params.{path}", value_text(value), item, prepared)
