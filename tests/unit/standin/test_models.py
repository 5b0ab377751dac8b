"""What the stand-in sells: the pages' own examples pass at their prices, everything else is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.standin.runware.models import MODELS, wrong_task
from callsheet.standin.runware.wire import order_of
from tests.unit.standin.plain_client import FAST, LTX_2, LTX_23, Item, video

FIRST = {"frameImages": [{"image": "https://example.test/first.jpg", "frame": "first"}]}


@pytest.mark.parametrize(
    ("base", "more", "usd", "frames", "sound"),
    [
        (LTX_23, {"duration": 8, "fps": 25, "settings": {"audio": True}}, "0.64", 200, True),
        (LTX_23, {"width": 1080, "height": 1920, "duration": 8, "fps": 24}, "0.64", 192, True),
        (LTX_23, {"width": 2560, "height": 1440, "duration": 6, "fps": 50}, "0.96", 300, True),
        (LTX_23, {"width": 3840, "height": 2160, "duration": 10.0}, "3.20", 250, True),
        (LTX_23, {"settings": {"audio": False}}, "0.48", 150, False),
        (LTX_23, {"width": None, "height": None, "inputs": FIRST}, "0.48", 150, True),
        (LTX_2, {"width": 1280, "height": 704, "duration": 8, "fps": 24, "steps": 40, "CFGScale": 4}, "0.24", 192, True),
        (LTX_2, {"width": 1536, "height": 896, "duration": 8, "fps": 24, "CFGScale": 4.5, "inputs": FIRST}, "0.24", 192, True),
        (LTX_2, {"width": None, "height": None, "duration": 5, "fps": None, "negativePrompt": ""}, "0.15", 125, True),
        (LTX_2, {"duration": 20, "fps": 120, "settings": {"enhancePrompt": False}}, "0.60", 2400, True),
        (FAST, {"duration": 8, "providerSettings": {"lightricks": {"generateAudio": True}}}, "0.32", 200, True),
        (FAST, {"width": None, "height": None, "inputs": {"frameImages": ["aac49721-1964-481a-ae78-8a4e29b91402"]}}, "0.24", 150, False),
    ],
)
def test_a_request_of_the_pages_is_taken_at_its_list_price(base: Item, more: Item, usd: str, frames: int, sound: bool) -> None:
    """Price, frames and sound follow from the request and the model's defaults."""
    task = video(base, **more)
    assert wrong_task(task) == []
    order = order_of(task)
    assert (order.price, order.frames, order.sound) == (round(float(usd) * 1_000_000), frames, sound)
    assert (order.width, order.height) == (
        task.get("width", MODELS[order.model].size[0]),
        task.get("height", MODELS[order.model].size[1]),
    )


@pytest.mark.parametrize(
    ("base", "more", "code", "parameter"),
    [
        (LTX_2, {"model": "lightricks:ltx@9"}, "invalidModel", "model"),
        (LTX_2, {"model": None}, "missingModel", "model"),
        (LTX_2, {"model": ["lightricks:ltx@2"]}, "invalidModel", "model"),
        (LTX_2, {"taskUUID": "not-a-uuid"}, "invalidTaskUUID", "taskUUID"),
        (LTX_2, {"taskUUID": "5a6a2d2e-1111-1111-8111-111111111111"}, "invalidTaskUUID", "taskUUID"),
        (LTX_2, {"taskUUID": None}, "missingTaskUUID", "taskUUID"),
        (LTX_2, {"positivePrompt": None}, "missingPositivePrompt", "positivePrompt"),
        (LTX_2, {"positivePrompt": ""}, "invalidPositivePrompt", "positivePrompt"),
        (LTX_23, {"positivePrompt": "x"}, "invalidPositivePrompt", "positivePrompt"),
        (LTX_23, {"positivePrompt": "x" * 10_001}, "invalidPositivePrompt", "positivePrompt"),
        (LTX_2, {"width": None}, "missingWidth", "width"),
        (LTX_2, {"height": None}, "missingHeight", "height"),
        (LTX_2, {"height": 1080}, "invalidHeight", "height"),
        (LTX_2, {"width": 64}, "invalidWidth", "width"),
        (LTX_2, {"width": 2112}, "invalidWidth", "width"),
        (LTX_2, {"width": 128.0}, "invalidWidth", "width"),
        (LTX_2, {"duration": 0}, "invalidDuration", "duration"),
        (LTX_2, {"duration": 21}, "invalidDuration", "duration"),
        (LTX_2, {"duration": 2.5}, "invalidDuration", "duration"),
        (LTX_2, {"duration": True}, "invalidDuration", "duration"),
        (LTX_2, {"fps": 121}, "invalidFps", "fps"),
        (LTX_2, {"steps": 0}, "invalidSteps", "steps"),
        (LTX_2, {"CFGScale": 4.555}, "invalidCFGScale", "CFGScale"),
        (LTX_2, {"CFGScale": "4"}, "invalidCFGScale", "CFGScale"),
        (LTX_2, {"settings": {"audio": True}}, "unknownParameter", "settings.audio"),
        (LTX_2, {"settings": True}, "invalidSettings", "settings"),
        (LTX_2, {"seed": 7}, "unknownParameter", "seed"),
        (LTX_2, {"deliveryMethod": "sync"}, "invalidDeliveryMethod", "deliveryMethod"),
        (LTX_2, {"numberResults": 5}, "invalidNumberResults", "numberResults"),
        (LTX_2, {"outputFormat": "AVI"}, "invalidOutputFormat", "outputFormat"),
        (LTX_2, {"outputQuality": 100}, "invalidOutputQuality", "outputQuality"),
        (LTX_2, {"ttl": 59}, "invalidTtl", "ttl"),
        (LTX_2, {"includeCost": 1}, "invalidIncludeCost", "includeCost"),
        (LTX_2, {"safety": {"mode": "strict"}}, "invalidMode", "safety.mode"),
        (LTX_2, {"webhookURL": "https://example.test/"}, "unsupportedParameter", "webhookURL"),
        (LTX_2, {"inputs": {"frameImages": []}}, "invalidFrameImages", "inputs.frameImages"),
        (LTX_2, {"inputs": {"frameImages": ["a", "b"]}}, "invalidFrameImages", "inputs.frameImages"),
        (LTX_2, {"inputs": {"frameImages": [{"frame": "first"}]}}, "missingImage", "inputs.frameImages.image"),
        (LTX_2, {"inputs": {"frameImages": [{"image": "a", "frame": "last"}]}}, "invalidFrame", "inputs.frameImages.frame"),
        (LTX_2, {"inputs": {"audio": "a.wav"}}, "unknownParameter", "inputs.audio"),
        (LTX_23, {"width": 1280, "height": 720}, "unsupportedDimensions", ["width", "height"]),
        (LTX_23, {"width": 1920, "height": 1920}, "unsupportedDimensions", ["width", "height"]),
        (LTX_23, {"duration": 7}, "invalidDuration", "duration"),
        (LTX_23, {"duration": "8"}, "invalidDuration", "duration"),
        (LTX_23, {"fps": 30}, "invalidFps", "fps"),
        (LTX_23, {"steps": 40}, "unknownParameter", "steps"),
        (LTX_23, {"negativePrompt": "fog"}, "unknownParameter", "negativePrompt"),
        (FAST, {"fps": 24}, "invalidFps", "fps"),
        (FAST, {"width": 1280, "height": 704}, "unsupportedDimensions", ["width", "height"]),
        (FAST, {"settings": {"audio": True}}, "unknownParameter", "settings"),
        (FAST, {"providerSettings": {"lightricks": {"audio": True}}}, "unknownParameter", "providerSettings.lightricks.audio"),
    ],
)
def test_a_wrong_request_is_refused_by_code_and_parameter(base: Item, more: Item, code: str, parameter: Any) -> None:
    """Exactly the one thing that is wrong is named."""
    found = wrong_task(video(base, **more))
    assert [(wrong.code, wrong.parameter) for wrong in found] == [(code, parameter)]


def test_a_size_is_required_where_no_image_gives_it() -> None:
    """ltx@2.3 needs both edges for text to video; the other two have defaults."""
    assert [wrong.code for wrong in wrong_task(video(LTX_23, width=None, height=None))] == ["missingWidth", "missingHeight"]
    assert wrong_task(video(LTX_2, width=None, height=None)) == []


def test_everything_wrong_is_told_at_once() -> None:
    """Three faults give three complaints."""
    found = wrong_task(video(LTX_23, fps=30, duration=7, mood="blue"))
    assert {wrong.parameter for wrong in found} == {"fps", "duration", "mood"}
