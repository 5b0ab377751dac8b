"""What deAPI sells: the limits of its one model by endpoint, its price, and the list of models.

Its article gives modes, lengths, sizes and files. Assumptions, because only the service itself gives the true limits: edges from 416 to 1024 in
steps of 16 (all sizes in the article fit, although it also says "512 and more"), 1 to 50 steps, guidance 0 to 20; a field that isn't listed is
refused; the price, which isn't published, has a plausible amount and format; a better prompt costs nothing extra.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callsheet.standin.http.file_kinds import IMAGES, SOUNDS, kind
from callsheet.standin.http.multipart import Upload
from callsheet.standin.http.param_rules import FLAG, Here, Hundredths, OneOf, Rule, Text, Whole, Wrong, wrong_fields

CARD, MODEL = "deapi/ltx-2.3", "Ltx2_3_22B_Dist_INT8"
FPS = 24
GENERATIONS, ANIMATIONS, AUDIO_SYNCS = "generations", "animations", "audio-syncs"
#: accepted lengths of a sound, seconds
SOUND_S = (1.0, 11.0)

_DEFAULTS: Mapping[str, Any] = {"width": 1024, "height": 576, "frames": 121, "fps": FPS, "steps": 8, "guidance": 1.0}
_PRICED: Mapping[str, Rule] = {
    "model": OneOf((MODEL,)),
    "width": Whole(416, 1024, 16),
    "height": Whole(416, 1024, 16),
    "frames": Whole(49, 241),  # 8n+1 is the model's own grid; other lengths aren't refused
    "fps": OneOf((FPS,)),
    "steps": Whole(1, 50),
    "guidance": Hundredths(0, 20),
}
_ORDERED: Mapping[str, Rule] = {
    **_PRICED,
    "prompt": Text(1, 10_000),
    "seed": Whole(-1, 4_294_967_295),
    "webhook_url": Here(),
    "webhook_secret": Text(32, 255),
}
_FIELDS: Mapping[str, Mapping[str, Rule]] = {
    GENERATIONS: {**_ORDERED, "enhance_prompt": FLAG},
    ANIMATIONS: {**_ORDERED, "enhance_prompt": FLAG},
    AUDIO_SYNCS: _ORDERED,
}
_BYTES = {"first_frame_image": 10 << 20, "last_frame_image": 10 << 20, "audio": 20 << 20}
_FILES = {
    GENERATIONS: (),
    ANIMATIONS: ("first_frame_image", "last_frame_image"),
    AUDIO_SYNCS: ("first_frame_image", "last_frame_image", "audio"),
}
_FILES_NEEDED = {GENERATIONS: (), ANIMATIONS: ("first_frame_image",), AUDIO_SYNCS: ("audio",)}
#: tenths of the price of a film without files
_FACTORS = {GENERATIONS: 10, ANIMATIONS: 10, AUDIO_SYNCS: 11}
#: micro-USD for a million pixels, in all frames and steps together
_RATE = 88

Errors = dict[str, list[str]]


def from_text(fields: Mapping[str, str]) -> dict[str, object]:
    """A form's fields, with texts converted to numbers and flags. A text that is neither stays as it is, and its rule refuses it."""
    return {name: _value(_FIELDS[GENERATIONS].get(name), text) for name, text in fields.items()}


def _value(rule: Rule | None, text: str) -> object:
    if isinstance(rule, Whole | Hundredths) or rule is _PRICED["fps"]:
        try:
            return float(text) if isinstance(rule, Hundredths) else int(text)
        except ValueError:
            return text
    return {"true": True, "1": True, "false": False, "0": False}.get(text, text) if rule is FLAG else text


def wrong_order(endpoint: str, fields: Mapping[str, object], files: Mapping[str, Upload]) -> Errors:
    """Everything that is wrong with an order, by field, except a sound's length, which needs decoding."""
    found = _by_field(wrong_fields(fields, _FIELDS[endpoint], ("prompt", "model")))
    if "webhook_secret" in fields and "webhook_url" not in fields:
        found["webhook_secret"] = ["The webhook secret field needs a webhook url."]
    for name in _FILES_NEEDED[endpoint]:
        if name not in files:
            found[name] = [f"The {_spoken(name)} field is required."]
    for name, upload in files.items():
        if wrong := _wrong_file(endpoint, name, upload):
            found[name] = [wrong]
    return found


def wrong_question(endpoint: str, fields: Mapping[str, object]) -> Errors:
    """Everything wrong with a question for a film's price. For a text's it is worded as the order, less the wish for a better prompt; for the others
    only what bears on the price is taken.
    """
    return _by_field(wrong_fields(fields, _ORDERED if endpoint == GENERATIONS else _PRICED, ("model",)))


def _by_field(found: list[Wrong]) -> Errors:
    errors: Errors = {}
    for wrong in found:
        name = str(wrong.parameter)
        errors.setdefault(name, []).append(f"The {_spoken(name)} field is required." if wrong.code.startswith("missing") else wrong.message)
    return errors


def _wrong_file(endpoint: str, name: str, upload: Upload) -> str | None:
    if name not in _FILES[endpoint]:
        return f"Unknown parameter '{name}'."
    if len(upload.data) > _BYTES[name]:
        return f"The {_spoken(name)} field must not be greater than {_BYTES[name] >> 10} kilobytes."
    if kind(upload.data) not in (SOUNDS if name == "audio" else IMAGES):
        return (
            f"The {_spoken(name)} field must be a file of type: {'mp3, wav, ogg, flac' if name == 'audio' else 'jpg, png, gif, bmp, webp'}."
        )
    return None


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def filled(fields: Mapping[str, object]) -> dict[str, Any]:
    """The fields, with the model's defaults for those that are missing."""
    return {**_DEFAULTS, **fields}


def price(endpoint: str, fields: Mapping[str, object]) -> int:
    """A film's price in micro-USD, rounded up. An assumption of this stand-in."""
    whole = filled(fields)
    work = whole["width"] * whole["height"] * whole["frames"] * whole["steps"] * _RATE * _FACTORS[endpoint]
    return -(-work // 10_000_000)


def catalog() -> list[dict[str, Any]]:
    """Every model that the service lists, in its format; only one of them makes films here."""
    limits = {f"{edge}_{what}": value for what, edges in _LIMITS.items() for edge, value in zip(("min", "max"), edges, strict=True)}
    features = {"supports_steps": True, "supports_guidance": True, "supports_negative_prompt": False, "supports_last_frame": True}
    film: dict[str, Any] = {
        "name": "LTX-2.3 22B Distilled INT8",
        "slug": MODEL,
        "inference_types": {"txt2video": {"enabled": True}, "img2video": {"enabled": True}, "aud2video": {"enabled": True}},
        "info": {"limits": {**limits, "resolution_step": 16}, "features": features, "defaults": dict(_DEFAULTS)},
        "loras": [],
        "languages": [],
    }
    others = [("Flux schnell", "Flux1schnell", "txt2img"), ("Whisper large v3", "WhisperLargeV3", "vid2txt")]
    plain: list[dict[str, Any]] = [
        {"name": name, "slug": slug, "inference_types": {type_: {"enabled": True}}, "info": []} for name, slug, type_ in others
    ]
    return [film, *plain]


_LIMITS = {"width": (416, 1024), "height": (416, 1024), "frames": (49, 241), "fps": (FPS, FPS), "steps": (1, 50)}
