"""What is sent to Runware: tasks as JSON, the same bytes for the same purchase."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.json_reading import Json, canonical, number
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request


def post(*tasks: Json) -> Request:
    """One POST of these tasks to the base URL itself."""
    return Request("POST", "", canonical(list(tasks)))


def task(ask: Ask, shown: Callable[[MediaRef], str]) -> Json:
    """The purchase as the service reads it, less what varies from attempt to attempt and how it is delivered; `shown` puts a file into text.

    `ask.params` come last: what they say goes over what is always sent.
    """
    if ask.last_frame or ask.audio:
        raise ValueError("this wire sends a first frame alone; no card of it sells more")
    frames = {"inputs": {"frameImages": [{"image": shown(ask.first_frame), "frame": "first"}]}} if ask.first_frame else {}
    optional = {"negativePrompt": ask.negative_prompt, "seed": ask.seed}
    return {
        "taskType": "videoInference",
        "model": ask.model,
        "positivePrompt": ask.prompt,
        **({"width": ask.size.width, "height": ask.size.height} if ask.sized else {}),
        "duration": number(Fraction(ask.duration_s)),
        "fps": number(ask.fps),
        "outputType": "URL",
        "outputFormat": "MP4",
        "deliveryMethod": "async",
        "numberResults": 1,
        **{name: value for name, value in optional.items() if value is not None},
        **frames,
        **ask.params,
    }


def sized(body: bytes) -> bool | None:
    """Whether the one task in a purchase names its width beside a first frame; None if it has none."""
    try:
        [bought] = json.loads(body)
        return "width" in bought if bought.get("inputs", {}).get("frameImages") else None
    except (ValueError, TypeError, AttributeError):
        return None


def sold(body: bytes) -> Sold | None:
    """Size, frame rate and length of the one task in a purchase; None if its bytes don't tell."""
    try:
        [bought] = json.loads(body, parse_float=Decimal)
        size = Size(int(bought["width"]), int(bought["height"]))
        return Sold(size, Fraction(bought["fps"]), Fraction(bought["duration"]))
    except (ValueError, TypeError, KeyError):
        return None
