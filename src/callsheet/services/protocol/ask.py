"""What is bought: a purchase in words that the card has already made legal, and what its written bytes say of it again. Pure."""

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
    """What is bought, in words that the card has already made legal. Lengths in seconds, `frames` as the service will make them."""

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
    #: whether the picture's size goes along; else the first frame says it
    sized: bool = True
    last_frame: MediaRef | None = None
    #: a sound that drives the picture
    audio: MediaRef | None = None
    #: to how many seconds it is cut before it is sent; None if it goes as it is
    audio_s: Fraction | None = None
    #: further parameters of the model by the card's own names
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: parameters that say how the clip is delivered and not what is filmed: they are no part of the essence
    delivery: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Sold:
    """What a purchase asked for, read back from its written bytes: enough to tell which purchases are of one kind."""

    size: Size
    fps: Fraction
    seconds: Fraction
