"""An ask: a purchase in terms that the card has already made legal, and what its written bytes say about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.media_ref import MediaRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A purchase in terms that the card has already made legal. Lengths in seconds, `frames` as the service will make them."""

    #: the vendor's own name of the model
    model: str
    prompt: str
    size: Size
    fps: Fraction
    duration_s: Decimal
    frames: int
    sound: bool
    negative_prompt: str | None = None
    seed: int | None = None
    first_frame: MediaRef | None = None
    #: whether the picture's size is sent; otherwise the first frame determines it
    sized: bool = True
    last_frame: MediaRef | None = None
    #: a sound that drives the picture
    audio: MediaRef | None = None
    #: the seconds to which it is trimmed before it is sent; None if it isn't
    audio_s: Fraction | None = None
    #: further parameters of the model by the card's own names
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: parameters for how the clip is delivered, not what is filmed: they aren't part of the essence
    delivery: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Sold:
    """A purchase's order, read back from its written bytes: enough to tell which purchases are of one kind."""

    size: Size
    fps: Fraction
    seconds: Fraction
