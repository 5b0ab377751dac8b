"""Files and answers that several tests of wires use."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Response

KEY = "5a6a1b1e-0000-4000-8000-000000000001"
OTHER = "5a6a1b1e-0000-4000-8000-000000000002"
PNG = MediaRef.of_bytes("refs/pier at dusk.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), size=Size(1920, 1080))
JPG = MediaRef.of_bytes("refs/night.jpg", b"\xff\xd8\xff\xe0 night", size=Size(1920, 1080))
WAV = MediaRef.of_bytes("voice.wav", b"RIFF\x00\x00\x00\x00WAVEfmt ", seconds=Fraction(5))
LINK = MediaRef.of_url("https://example.com/pier.png")


def ask(**more: Any) -> Ask:
    """A purchase of 5 s at 1280x720, with `more` in place of its fields."""
    values: dict[str, Any] = {
        "model": "Lightricks/LTX-2.3",
        "prompt": "Ein Fischerhafen, „ruhig“\r\n--callsheet",
        "size": Size(1280, 720),
        "fps": Fraction(25),
        "duration_s": Decimal(5),
        "frames": 125,
        "sound": True,
    }
    return Ask(**(values | more))


def answer(status: int, body: object = b"", **headers: str) -> Response:
    """An HTTP answer: bytes and text as they are, anything else as JSON; header names with `_` for `-`."""
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)
