"""The `[project]` table: defaults for every shot, and who pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from callsheet.domain.hosts import loopback
from callsheet.domain.shots.prompt_text import template
from callsheet.domain.shots.shot import Shape, shapes
from callsheet.toml_file.table import Expected, Name, PictureSize, Rate, Table, exact_text, key, plain_text

#: the longest URL that services accept, minus the path to one attempt
_LONGEST_CALLBACK = 1800


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(plain_text(name))
    except (KeyError, ValueError, OSError):
        raise PydanticCustomError("type", "") from None


def _callback(text: str) -> str:
    """The address that services call: https, or http on this machine for rehearsals."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{text[:80]!r} is not a valid http(s) URL") from None
    if not (parts.scheme == "https" and host) and not (parts.scheme == "http" and loopback(host)):
        raise ValueError(f"services don't call {text[:80]!r}: use https (http only for this machine)")
    if parts.query or parts.fragment or parts.username is not None or len(text) > _LONGEST_CALLBACK:
        raise ValueError(f"{text[:80]!r} has more than a host and a path: leave out ?, # and user names")
    return text.rstrip("/")


Shapes = Annotated[
    tuple[Shape, ...],
    BeforeValidator(lambda value: shapes(value) if isinstance(value, str) else value),
    Expected('one or more shapes in a text, such as "9:16; 1:1"'),
    WithJsonSchema({"type": "string"}),
]
PromptTemplate = Annotated[str, AfterValidator(template)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), Expected("a time zone such as Europe/Berlin"), WithJsonSchema({"type": "string"})]
Length = Annotated[Decimal, BeforeValidator(exact_text), Field(gt=0, le=3600), WithJsonSchema({"type": ["number", "string"]})]
Services = Annotated[tuple[str, ...], Field(strict=False), Expected("a list of services")]
Models = Annotated[tuple[str, ...], Field(strict=False), Expected("a list of models")]


class ProjectTable(Table):
    """Defaults for every shot whose row doesn't set them, and who pays for it."""

    name: Name | None = key("the project's name; default: the folder's", "Lighthouse")
    fps: Rate | None = key("frame rate of the cut", "24", unit="frames/s")
    resolution: PictureSize | None = key("picture size of the cut", "1280x720", unit="pixels")
    model: str | None = key("model for shots whose row names none", "runware/ltx-2")
    services: Services | None = key("services to which requests may be sent; default: those of the models in the list", ["runware"])
    fallback: Models | None = key("models to use, in this order, if a shot's own isn't available", ["runware/ltx-2"])
    timezone: Zone | None = key("time zone for caps on a day or a month", "Europe/Berlin")
    duration_s: Length | None = key("length of shots whose row has none", 5, unit="s")
    rounding: Literal["even", "each"] | None = key("`each` rounds each shot to whole frames; `even` keeps a sequence's total", "even")
    also: Shapes | None = key("further shapes to buy each shot in", "9:16; 1:1")
    prompt: PromptTemplate | None = key("template for each row's prompt, with {prompt}", "{prompt}, 35mm film, soft light")
    callback_url: Annotated[str, AfterValidator(_callback)] | None = key(
        "public address of `callsheet hooks`, which services call when a job is done", "https://films.example.com"
    )
    client: Name | None = key("client, for slates and reports", "Coastal Trust")
    job: Name | None = key("job number", "4711")
    purchase_order: Name | None = key("purchase order", "PO-2026-17")
