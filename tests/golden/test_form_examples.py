"""The examples of the two services that take forms, from their pages (prompts cut short, parameters exact): our requests are those, and we read their answers.

deAPI's guide has three requests, a table of lengths and the shape of a job; ByteCompute's page has a table of parameters and one error.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.answers import Accepted, Forgotten, Running, Succeeded
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.multipart import text_fields
from callsheet.services.protocol.request import Request, Response
from callsheet.shotlist.read import read

HERE = Path(__file__).parent
VENDOR: dict[str, Any] = json.loads((HERE.parents[1] / "configs" / "examples" / "deapi.json").read_text())
EXAMPLES: list[dict[str, Any]] = [{"mode": one["name"], **one["sends"]} for one in VENDOR["requests"]]
CARDS = load_cards(HERE.parents[1] / "configs" / "cards")
#: what we always send beyond the guide's examples: the rate that the vendor's own client demands
ALWAYS = {"fps": 24}
PICTURE = MediaRef.of_bytes("portrait.jpg", b"\xff\xd8\xff\xe0 portrait")
VOICE = MediaRef.of_bytes("voice_clip.wav", b"RIFF\x00\x00\x00\x00WAVE", seconds=Fraction(5))


def row_of(fields: dict[str, Any], model: str, seconds: str) -> dict[str, str]:
    """The example as an author would write it in a shot list."""
    size = f"{fields['width']}x{fields['height']}"
    return {
        "shot_id": "S0010",
        "prompt": fields["prompt"],
        "model": model,
        "duration_s": seconds,
        "resolution": size,
        "seed": str(fields.get("seed", "")),
        "params": json.dumps({name: fields[name] for name in ("steps", "guidance") if name in fields}),
    }


def asked(row: dict[str, str], folder: Path, files: dict[str, MediaRef] | None = None) -> Ask:
    """What a row becomes, with the files that it names as they were read."""
    with (folder / "list.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row.keys())
        writer.writeheader()
        writer.writerow(row)
    shot = read(folder / "list.csv", "list.csv").shots[0]
    assert shot.model
    assert shot.duration_s
    assert shot.size
    card = CARDS[shot.model]
    wanted = Wanted(
        prompt=shot.prompt,
        duration_s=shot.duration_s,
        size=shot.size,
        fps=shot.fps or Fraction(card.fps.default),
        seed=shot.seed,
        params=dict(shot.params),
    )
    ask = fit(replace(wanted, **(files or {})), card, quotes=True).ask  # type: ignore[arg-type]  # the fields' own type
    assert ask
    return ask


def sent(request: Request) -> dict[str, Any]:
    """A request's fields, numbers as numbers: a form has only text."""
    if request.content_type == "application/json":
        return json.loads(request.body)
    return {
        name: text if name in ("prompt", "model") else json.loads(text)
        for name, text in text_fields(request.body, request.content_type).items()
    }


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["mode"])
def test_a_row_becomes_the_vendors_own_request(example: dict[str, Any], tmp_path: Path) -> None:
    """From a row of CSV to endpoint, fields and files of the guide, number for number."""
    files = {"audio": ("audio", VOICE), "first_frame_image": ("first_frame", PICTURE)}
    named = dict(files[name] for name in example["files"])
    request = DeApi().submit(asked(row_of(example["fields"], "deapi/ltx-2.3", "5"), tmp_path, named), "a-key")
    assert request.path == example["path"]
    assert sent(request) == ALWAYS | example["fields"]
    for name, mime in example["files"].items():
        assert f'name="{name}"; filename="{name}.'.encode() in request.body
        assert f"Content-Type: {mime}".encode() in request.body


@pytest.mark.parametrize(("seconds", "frames"), [("2", 49), ("5", 121), ("8", 193), ("10", 241)])
def test_the_guides_table_of_lengths(seconds: str, frames: int, tmp_path: Path) -> None:
    """Seconds of sound and frames of film."""
    row = row_of(EXAMPLES[0]["fields"], "deapi/ltx-2.3", seconds)
    assert asked(row, tmp_path, {"audio": replace(VOICE, seconds=Fraction(seconds))}).frames == frames


def test_the_guides_way_through_a_job() -> None:
    """The id of `data.request_id`, then `pending` or `processing`, then `done` with `result_url`."""
    wire = DeApi()

    def said(**data: object) -> Response:
        return Response(200, {}, json.dumps({"data": data}).encode())

    assert wire.read_submit(said(request_id="c08a339c"), "a-key") == Accepted("c08a339c")
    assert wire.read_poll(said(status="processing", progress=0), ["c08a339c"]) == [Running("c08a339c", 0.0)]
    done = said(status="done", result_url="https://r/x.mp4", price={"amount": 0.001737, "is_estimated": False})
    assert wire.read_poll(done, ["c08a339c"]) == [Succeeded("c08a339c", "https://r/x.mp4", 1_737)]


def test_the_pages_parameters_and_nothing_else(tmp_path: Path) -> None:
    """Every field of a ByteCompute form stands in the page's table, with a value that it allows."""
    fields = {"prompt": "A pier", "width": 1920, "height": 1080}
    for files in ({}, {"first_frame": PICTURE}, {"first_frame": PICTURE, "last_frame": PICTURE}):
        request = ByteCompute().submit(asked(row_of(fields, "bytecompute/ltx-2.3", "10"), tmp_path, files), "a-key")
        text = text_fields(request.body, request.content_type)
        assert text == {"model": "Lightricks/LTX-2.3", "prompt": "A pier", "resolution": "1920x1080", "duration": "10", "fps": "25"}
        assert request.path == "/generate"


@pytest.mark.parametrize(
    ("size", "seconds", "usd"),
    [("1280x720", "10", "0.2"), ("1920x1080", "10", "0.4"), ("1282x720", "5", "0.2"), ("512x512", "4", "0.08")],
)
def test_the_pages_prices(size: str, seconds: str, usd: str, tmp_path: Path) -> None:
    """0.02 USD/s up to 921,600 pixels, 0.04 above."""
    width, height = size.split("x")
    ask = asked(row_of({"prompt": "A pier", "width": width, "height": height}, "bytecompute/ltx-2.3", seconds), tmp_path)
    assert quote(CARDS["bytecompute/ltx-2.3"], ask).micros == int(Decimal(usd) * 1_000_000)


def test_the_pages_error() -> None:
    """A job that is not found, as the page shows it."""
    body = b'{"type": "error", "error": {"type": "not_found", "message": "Job \'550e8400-...\' not found"}}'
    assert ByteCompute().read_poll(Response(404, {}, body), ["550e8400-..."]) == [Forgotten("550e8400-...")]


def test_the_examples_are_all_there() -> None:
    """Three requests, one for each endpoint."""
    assert len({example["path"] for example in EXAMPLES}) == len(EXAMPLES) == 3
