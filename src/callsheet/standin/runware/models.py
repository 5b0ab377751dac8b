"""What Runware sells: each model's parameters, limits and prices, from its pages of 2026-03 to 2026-05.

Where the pages leave something open, the assumption is marked. Money is micro-USD, lengths are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from callsheet.standin.http.param_rules import (
    FLAG,
    FrameImages,
    Group,
    Here,
    Hundredths,
    Json,
    OneOf,
    Rule,
    Text,
    Whole,
    Word,
    Wrong,
    missing,
    wrong_fields,
)

_REQUIRED = ("taskUUID", "positivePrompt")
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)

_COMMON: Mapping[str, Rule] = {
    "taskType": OneOf(("videoInference",)),
    "taskUUID": Text(form=_UUID4, called="a UUID v4"),
    "model": Text(),
    "positivePrompt": Text(2, 10_000),
    "outputType": OneOf(("URL",)),
    "outputFormat": Word(("MP4", "WEBM", "MOV")),  # lower case: ComfyUI-Runware sends it (read, not tried)
    "outputQuality": Whole(20, 99),
    "webhookURL": Here(),
    "uploadEndpoint": Here(),
    "deliveryMethod": OneOf(("async",)),
    "safety": Group({"checkContent": FLAG, "mode": OneOf(("none", "fast", "full"))}),
    "ttl": Whole(60),
    "includeCost": FLAG,
    "numberResults": Whole(1, 4),
    "inputs": Group({"frameImages": FrameImages()}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model: its parameters beyond the common ones, its defaults, its prices."""

    air: str
    fields: Mapping[str, Rule]
    #: micro-USD per second by (width, height); None if every allowed size costs `per_second`
    sizes: Mapping[tuple[int, int], int] | None = None
    per_second: int = 0
    #: the default size
    size: tuple[int, int]
    #: whether a text-to-video request has to name a size
    size_required: bool = False
    duration: int
    fps: int = 25
    #: whether the clip has sound, from the request
    sound: Callable[[Json], bool]

    def rate(self, width: int, height: int) -> int:
        """Micro-USD per second at an allowed size."""
        return self.sizes[width, height] if self.sizes is not None else self.per_second


def _both_ways(*landscape: tuple[int, int, int]) -> dict[tuple[int, int], int]:
    """Prices by size, the same for portrait and landscape."""
    return {size: rate for w, h, rate in landscape for size in ((w, h), (h, w))}


def _setting(name: str, *, default: bool) -> Callable[[Json], bool]:
    return lambda task: bool(task.get("settings", {}).get(name, default))


_LTX_23 = Model(
    air="lightricks:ltx@2.3",
    fields={
        "width": Whole(1),
        "height": Whole(1),
        "duration": OneOf((6, 8, 10)),
        "fps": OneOf((24, 25, 48, 50)),
        "settings": Group({"audio": FLAG}),
    },
    sizes=_both_ways((1920, 1080, 80_000), (2560, 1440, 160_000), (3840, 2160, 320_000)),
    size=(1920, 1080),
    size_required=True,
    duration=6,
    sound=_setting("audio", default=True),
)

_LTX_2 = Model(
    air="lightricks:ltx@2",
    fields={
        "positivePrompt": Text(),
        "negativePrompt": Text(0),
        "width": Whole(128, 2048, 64),
        "height": Whole(128, 2048, 64),
        "duration": Whole(1, 20),
        "fps": Whole(1, 120),
        "steps": Whole(1, 100),
        "CFGScale": Hundredths(1, 20),
        "settings": Group({"enhancePrompt": FLAG}),
    },
    per_second=30_000,
    size=(1280, 704),  # assumed: the page names no default, and its examples have about this size
    duration=5,  # assumed: the page names no default, and gives the price of 5 seconds
    sound=lambda _task: True,
)

_LTX_2_FAST = Model(
    air="lightricks:2@1",
    fields={
        "width": Whole(1),
        "height": Whole(1),
        "duration": OneOf((6, 8, 10)),
        "fps": OneOf((25, 50)),
        "providerSettings": Group({"lightricks": Group({"generateAudio": FLAG})}),
    },
    # assumed: the page hides its sizes and prices; every example is 1920x1080 at 0.32 USD for 8 s
    sizes=_both_ways((1920, 1080, 40_000)),
    size=(1920, 1080),
    duration=6,
    sound=lambda task: bool(task.get("providerSettings", {}).get("lightricks", {}).get("generateAudio", False)),
)

MODELS: Mapping[str, Model] = {model.air: model for model in (_LTX_23, _LTX_2, _LTX_2_FAST)}


def wrong_task(task: Json) -> list[Wrong]:
    """Everything that is wrong with a videoInference task; empty if the model accepts it."""
    name = task.get("model")
    if name is None:
        return [missing("model")]
    model = MODELS.get(name) if isinstance(name, str) else None
    if model is None:
        return [Wrong("invalidModel", "model", f"This service has no model {name!r}.", tuple(MODELS))]
    found = wrong_fields(task, {**_COMMON, **model.fields}, _REQUIRED)
    return found or _wrong_size(model, task)


def _wrong_size(model: Model, task: Json) -> list[Wrong]:
    width, height = task.get("width"), task.get("height")
    if (width is None) != (height is None):
        return [missing("width" if width is None else "height")]
    if width is None:
        needed = model.size_required and "frameImages" not in task.get("inputs", {})
        return [missing("width"), missing("height")] if needed else []
    if model.sizes is not None and (width, height) not in model.sizes:
        allowed = tuple(f"{w}x{h}" for w, h in model.sizes)
        return [Wrong("unsupportedDimensions", ["width", "height"], f"{width}x{height} is not a size of {model.air}.", allowed)]
    return []
