"""The vendor's own examples, from its pages (prompts cut short, parameters exact): our requests are those, and we read its answers."""

from __future__ import annotations

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.money import text, usd
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.fit import Fit, Wanted, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.protocol.answers import Succeeded
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Response
from callsheet.services.runware.wire import Runware
from callsheet.shotlist.read import read

HERE = Path(__file__).parent
VENDOR: dict[str, Any] = json.loads((HERE.parents[1] / "configs" / "examples" / "runware.json").read_text())
ANSWERS = {answer["name"]: answer["body"]["data"][0] for answer in VENDOR["answers"] if answer["means"] == "Succeeded"}
EXAMPLES: list[dict[str, Any]] = [
    {
        "model": one["model"],
        "text_to_video": "first_frame" not in one["shot"],
        "request": one["sends"]["fields"],
        "response": ANSWERS[one["name"]],
    }
    for one in VENDOR["requests"]
    if one["name"] in ANSWERS
]
TEXT_TO_VIDEO = [example for example in EXAMPLES if example["text_to_video"]]
CARDS = load_cards(HERE.parents[1] / "configs" / "cards")
#: how many examples of a request and its answer each vendor's page has
ON_THE_PAGES = {"runware/ltx-2.3": 4, "runware/ltx-2": 3, "runware/ltx-2-fast": 3}
#: ours alone: how it is delivered, and that its cost is told
OURS = {"taskUUID", "includeCost", "deliveryMethod", "numberResults", "outputType", "outputFormat"}
#: what the examples were billed; where the list of the same page says more, both stand here
LIST_AND_BILL = {
    "runware/ltx-2.3": ("0.64", "0.48"),
    "runware/ltx-2": ("0.24", "0.24"),
    "runware/ltx-2-fast": ("0.32", "0.32"),
}


def name_of(example: dict[str, Any]) -> str:
    return f"{example['model'].partition('/')[2]}-{example['request']['taskUUID'][:4]}"


def as_row(example: dict[str, Any]) -> dict[str, str]:
    """The example as an author would write it in a shot list."""
    asked = example["request"]
    return {
        "shot_id": "S0010",
        "prompt": asked["positivePrompt"],
        "model": example["model"],
        "duration_s": str(asked["duration"]),
        "resolution": f"{asked['width']}x{asked['height']}",
        "fps": str(asked["fps"]),
        "negative_prompt": asked.get("negativePrompt", ""),
        "params": params_of(asked),
        "first_frame": asked["inputs"]["frameImages"][0]["image"] if "inputs" in asked else "",
    }


def params_of(asked: dict[str, Any]) -> str:
    """What has no column of its own, as the cell `params` has it."""
    named = {name: asked[name] for name in ("steps", "CFGScale") if name in asked} | {
        f"settings.{name}": value for name, value in asked.get("settings", {}).items() if name != "audio"
    }
    return json.dumps(named) if named else ""


def fitted(example: dict[str, Any], folder: Path) -> tuple[Fit, Card]:
    row = as_row(example)
    with (folder / "list.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row.keys())
        writer.writeheader()
        writer.writerow(row)
    shot = read(folder / "list.csv", "list.csv").shots[0]
    assert shot.model
    assert shot.duration_s
    assert shot.size
    assert shot.fps
    wanted = Wanted(
        prompt=shot.prompt,
        duration_s=shot.duration_s,
        size=shot.size,
        fps=shot.fps,
        sound=shot.sound,
        negative_prompt=shot.negative_prompt,
        params=dict(shot.params),
        first_frame=MediaRef.of_url(shot.first_frame) if shot.first_frame else None,
    )
    return fit(wanted, CARDS[shot.model]), CARDS[shot.model]


def compared(request: dict[str, Any]) -> dict[str, Any]:
    """A request less what is ours alone."""
    return {name: value for name, value in request.items() if name not in OURS}


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_a_row_becomes_the_vendors_own_request(example: dict[str, Any], tmp_path: Path) -> None:
    """From a row of CSV to the JSON of the page, number for number."""
    fit_, _ = fitted(example, tmp_path)
    assert fit_.ask
    [task] = json.loads(Runware().submit(fit_.ask, "a-key").body)
    assert json.dumps(compared(task), sort_keys=True) == json.dumps(compared(example["request"]), sort_keys=True)
    assert task["taskUUID"] == "a-key"
    assert task["includeCost"] is True


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_the_vendors_answer_is_a_clip_with_its_exact_cost(example: dict[str, Any]) -> None:
    """Every answer of the pages, wrapped as a poll wraps it, is read as done, with the cost to the micro-dollar."""
    answer = example["response"]
    job = answer["taskUUID"]
    read_ = Runware().read_poll(Response(200, {}, json.dumps({"data": [answer]}).encode()), [job])
    assert isinstance(read_, list)
    [done] = read_
    assert isinstance(done, Succeeded)
    assert done.url == answer["videoURL"]
    assert done.cost == usd(str(answer["cost"]))
    assert done.told.get("seed") == answer.get("seed")


@pytest.mark.parametrize("example", TEXT_TO_VIDEO, ids=name_of)
def test_list_price_and_bill_of_every_example(example: dict[str, Any], tmp_path: Path) -> None:
    """The quote is the list's; where the bill was another, the card's notes say both."""
    fit_, card = fitted(example, tmp_path)
    assert fit_.ask
    listed, billed = LIST_AND_BILL[card.name]
    assert text(quote(card, fit_.ask).micros) == listed
    assert Decimal(str(example["response"]["cost"])) == Decimal(billed)
    said = " ".join(card.notes)
    assert billed in said
    assert listed in said


def test_the_examples_are_all_there() -> None:
    """As many as each page shows, of requests and of answers; none is lost by a slip."""
    assert Counter(example["model"] for example in EXAMPLES) == ON_THE_PAGES
    assert len(ANSWERS) == len(TEXT_TO_VIDEO) + 3 == 10
    assert len({example["request"]["taskUUID"] for example in EXAMPLES}) == 10
