"""Further parameters of a shot: what a model does with the author's values, and what callsheet sets itself. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from callsheet.domain.shots.params import Plain, value_text
from callsheet.domain.shots.shot import Size
from callsheet.domain.wording import nearest
from callsheet.services.cards.param import Param, Sent, exact
from callsheet.services.cards.verdict import Verdict, VerdictKind

#: fields that callsheet sets itself in any service's request, and the column to use instead; "" if there is none
OURS: Mapping[str, str] = {
    "model": "model",
    "positivePrompt": "prompt",
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "negative_prompt": "negative_prompt",
    "duration": "duration_s",
    "frames": "duration_s",
    "width": "resolution",
    "height": "resolution",
    "resolution": "resolution",
    "fps": "fps",
    "seed": "seed",
    "numberResults": "takes",
    "inputs": "first_frame",
    "frameImages": "first_frame",
    "image": "first_frame",
    "image_uri": "first_frame",
    "first_frame": "first_frame",
    "first_frame_uri": "first_frame",
    "first_frame_image": "first_frame",
    "last_frame": "last_frame",
    "last_frame_uri": "last_frame",
    "last_frame_image": "last_frame",
    "audio": "audio",
    "audio_uri": "audio",
    "taskType": "",
    "taskUUID": "",
    "outputType": "",
    "deliveryMethod": "",
    "includeCost": "",
    "webhookURL": "",
    "webhook_url": "",
    "webhook_secret": "",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A model's parameters: its own name, the parameters, and the path of its sound's switch, which is not a parameter."""

    model: str
    params: Mapping[str, Param]
    switch: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A shot's other values, as far as they affect parameters: its files, whether its row sets a size, and how many seconds a clip's
    address has to be valid.
    """

    files: frozenset[str] = frozenset()
    own_size: bool = False
    kept_s: int = 0


@dataclass(frozen=True, slots=True)
class Granted:
    """What is sent, by dotted path; the size that a parameter stood for; and a verdict for each parameter."""

    sent: Mapping[str, Sent] = field(default_factory=dict[str, Sent])
    delivery: Mapping[str, Sent] = field(default_factory=dict[str, Sent])
    size: Size | None = None
    verdicts: tuple[Verdict, ...] = ()


def grant(wanted: Mapping[str, Plain], offer: Offer, now: Situation) -> Granted:
    """The verdict on each parameter at a model: sent, raised, or refused with the fix."""
    sent: dict[str, Sent] = {}
    delivery: dict[str, Sent] = {}
    size: Size | None = None
    verdicts: list[Verdict] = []
    for name, value in wanted.items():
        verdict, given = _one(name, value, offer, now)
        verdicts.append(verdict)
        if given is None:
            continue
        param = offer.params[name]
        if param.sizes:
            size = param.sizes[str(given)]
        else:
            (delivery if param.delivery else sent)[param.path or name] = given
    return Granted(sent, delivery, size, tuple(verdicts))


def column(path: str, offer: Offer) -> str:
    """The column that a field of a request, by dotted path, comes from; "" if the card or callsheet sets it, not the author."""
    if path == offer.switch:
        return "sound"
    if any(path == (param.path or name) for name, param in offer.params.items() if not param.sizes and not param.delivery):
        return "params"
    return _ours(path) or ""


def nested(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted path as nested objects."""
    found: dict[str, Any] = {}
    for path, value in paths.items():
        *parents, leaf = path.split(".")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
        place[leaf] = value
    return found


def wrong(name: str, value: Plain, offer: Offer) -> str:
    """What is wrong with a parameter whatever the shot; "" if nothing is."""
    if why := _reserved(name, offer.switch):
        return why
    param = offer.params.get(name)
    if param is None:
        return f"{offer.model} has no parameter of this name; {_hint(name, list(offer.params))}"
    try:
        param.read(value)
    except ValueError as error:
        return f"{offer.model} takes {error}" + (f": {param.why}" if param.why else "")
    return ""


def faults(offer: Offer, send: Mapping[str, Sent]) -> Iterator[str]:
    """What is wrong with a card's parameters: a name that callsheet reserves, or a constant value that is not sold."""
    for name, param in offer.params.items():
        for path in {name, param.path or name}:
            if (why := _reserved(path, offer.switch)) and not param.sizes:
                yield f"params.{name}: {why}"
        if param.delivery and "." in (param.path or name):
            yield f"params.{name}: parameters for the delivery of a clip are at the top level of a request"
    by_path = {param.path or name: param for name, param in offer.params.items()}
    for path, value in send.items():
        try:
            if path in by_path:
                by_path[path].read(exact(value))
        except ValueError as error:
            yield f"send.{path} = {value!r} is not sold: {error}"


def _reserved(name: str, switch: str | None) -> str | None:
    """Why nobody may set `name` in a request by hand; None if one may."""
    if name == switch:
        return "callsheet sets it from the column sound"
    ours = _ours(name)
    if ours is None:
        return None
    return f"callsheet sets it from the column {ours}" if ours else "callsheet sets it itself"


def _ours(path: str) -> str | None:
    """The column of a field that callsheet sets itself, "" if it has none; None if it isn't callsheet's."""
    first = path.partition(".")[0].casefold()
    return next((column for ours, column in OURS.items() if ours.casefold() == first), None)


def _one(name: str, value: Plain, offer: Offer, now: Situation) -> tuple[Verdict, Sent | None]:
    # an address is shown without what follows its `?`, which may be a secret
    shown = f"{name} = {value.partition('?')[0] if isinstance(value, str) else value_text(value)}"
    why = wrong(name, value, offer) or _misplaced(offer.params[name], offer.model, now)
    if why:
        return Verdict("params", VerdictKind.UNSUPPORTED, shown, "", why), None
    param = offer.params[name]
    given = param.read(value)
    lacking = [name for name in param.only_with if name not in now.files]
    beside = [name for name in param.idle_with if name in now.files]
    if lacking or beside:
        idle = f"it does nothing {f'without {lacking[0]}' if lacking else f'beside {beside[0]}'}, and is not sent"
        return Verdict("params", VerdictKind.DROPPED, shown, "", idle), None
    if param.outlasts_queue and isinstance(given, int) and given < now.kept_s:
        raised = f"the clip's address has to be valid until it is fetched: {now.kept_s} s with this project's settings"
        return Verdict("params", VerdictKind.SNAPPED, shown, f"{name} = {now.kept_s}", raised), now.kept_s
    return Verdict("params", VerdictKind.EXACT, shown, shown), given


def _misplaced(param: Param, model: str, now: Situation) -> str:
    if param.sizes and now.own_size:
        return "the row also sets a resolution; use one or the other"
    beside = [name for name in param.not_with if name in now.files]
    return f"{model} does not accept it together with {' and '.join(beside)}" if beside else ""


def _hint(name: str, known: Sequence[str]) -> str:
    """The name that was meant, by the whole or by its last part; else all that there are."""
    leaves = {leaf.rpartition(".")[2].casefold(): leaf for leaf in known} | {leaf.casefold(): leaf for leaf in known}
    near = nearest(name.casefold(), leaves) or nearest(name.rpartition(".")[2].casefold(), leaves)
    if near:
        return f"did you mean {leaves[near]}?"
    return f"there are {', '.join(known)}" if known else "it has none"
