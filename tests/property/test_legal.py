"""Whatever a shot wishes, at any model: the request is legal by a checker that was written from the vendors' tables, or the shot is refused with a reason.

The checker knows nothing of cards, fit or wires: it reads the bytes that would leave, with Python's own parsers.
"""

from __future__ import annotations

import email
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from email.message import Message
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from hypothesis import event, given, settings
from hypothesis import strategies as st

from callsheet.domain.shot import Size
from callsheet.services.cards import load_cards
from callsheet.services.fit import Kind, Wanted, fit
from callsheet.services.mediaref import MediaRef
from callsheet.services.registry import SERVICES
from callsheet.services.wire import Request, pack, unpack

CARDS = load_cards(Path(__file__).parents[2] / "configs" / "cards")
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
PICTURES = (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF....WEBP")
SOUNDS = (b"ID3", b"RIFF....WAVE", b"OggS", b"fLaC")

EDGES = st.integers(8, 4096) | st.sampled_from([416, 432, 512, 576, 720, 768, 896, 1024, 1080, 1280, 1920])
RATES = st.sampled_from(["24000/1001", "24", "25", "30", "48", "50", "60", "12.5", "240"]).map(Fraction)
PICTURE = st.builds(
    lambda head, tail, size: MediaRef.of_bytes("a picture", head + tail, size=size),
    st.sampled_from(PICTURES),
    st.binary(max_size=40),
    st.none() | st.builds(Size, EDGES, EDGES),
) | st.just(MediaRef.of_url("https://example.com/a.png"))
SOUND = st.builds(
    lambda head, tail, seconds: MediaRef.of_bytes("a sound", head + tail, seconds=seconds),
    st.sampled_from(SOUNDS),
    st.binary(max_size=40),
    st.fractions(Fraction(1, 2), 12, max_denominator=48_000),
)
ODD = st.just(MediaRef.of_bytes("a text", b"hello")) | st.just("a cell that nobody read.png")
#: most shots want what some model has; the last wants anything
FILES = st.one_of(
    st.just({}),
    st.just({}),
    st.fixed_dictionaries({"first_frame": PICTURE}),
    st.fixed_dictionaries({"first_frame": PICTURE, "last_frame": PICTURE}),
    st.fixed_dictionaries({"audio": SOUND}, optional={"first_frame": PICTURE}),
    st.fixed_dictionaries({}, optional={"first_frame": PICTURE | ODD, "last_frame": PICTURE | ODD, "audio": SOUND | ODD}),
)
PLAIN = st.builds(
    Wanted,
    prompt=st.text(st.characters(exclude_categories=("Cs",)), min_size=2, max_size=60),
    duration_s=st.decimals(min_value="0.001", max_value="10", places=3) | st.decimals(min_value="0.001", max_value="21", places=3),
    size=st.builds(Size, EDGES, EDGES),
    fps=RATES,
    sound=st.booleans(),
    negative_prompt=st.none() | st.just("rain"),
    seed=st.none() | st.integers(0, 1 << 32) | st.integers(0, 1 << 34),
)
WISHES = st.builds(lambda wish, files: replace(wish, **files), PLAIN, FILES)


@settings(max_examples=500, deadline=None, print_blob=True)
@given(wanted=WISHES, name=st.sampled_from(sorted(CARDS)))
def test_a_request_is_legal_or_the_shot_is_refused_with_a_reason(wanted: Wanted, name: str) -> None:
    """Never an illegal request, never a refusal without words, never a file that is dropped unsaid."""
    card = CARDS[name]
    found = fit(wanted, card, quotes=True)
    event(f"{name}: {'sold' if found.ask else 'refused'}")
    if found.ask is None:
        assert all(verdict.why for verdict in found.of(Kind.UNSUPPORTED))
        assert found.of(Kind.UNSUPPORTED)
        return
    wire = SERVICES[card.service].wire
    request = wire.submit(found.ask, KEY)
    CHECKERS[name](request, wanted)
    assert unpack(pack(request)) == request
    sold = wire.sold(pack(request))
    assert sold
    assert (sold.size, sold.fps) == (found.ask.size, found.ask.fps)
    assert sold.seconds == Fraction(found.ask.frames) / found.ask.fps


def _runware(request: Request, wanted: Wanted) -> dict[str, Any]:
    """What is common to the three pages."""
    assert (request.method, request.path, request.content_type) == ("POST", "", "application/json")
    [task] = json.loads(request.body)
    assert task["taskType"] == "videoInference"
    assert task["deliveryMethod"] == "async"
    assert task["taskUUID"] == KEY
    assert 1 <= task["numberResults"] <= 4
    assert task["outputFormat"] in ("MP4", "WEBM", "MOV")
    frames = task.get("inputs", {}).get("frameImages", [])
    assert len(frames) == (wanted.first_frame is not None)
    assert all(frame["frame"] in ("first", 0) and frame["image"].startswith(("https://", "data:image/")) for frame in frames)
    assert wanted.last_frame is None
    assert wanted.audio is None
    return task


def _only(task: dict[str, Any], *more: str) -> None:
    common = {"taskType", "taskUUID", "model", "positivePrompt", "width", "height", "duration", "fps", "inputs", "includeCost"}
    assert set(task) <= common | {"outputType", "outputFormat", "deliveryMethod", "numberResults", *more}


def _ltx_2_3(request: Request, wanted: Wanted) -> None:
    task = _runware(request, wanted)
    _only(task, "settings")
    assert task["model"] == "lightricks:ltx@2.3"
    assert 2 <= len(task["positivePrompt"]) <= 10_000
    edges = {task["width"], task["height"]}
    assert edges in ({1920, 1080}, {2560, 1440}, {3840, 2160})
    assert task["duration"] in (6, 8, 10)
    assert task["fps"] in (24, 25, 48, 50)
    assert task["settings"] == {"audio": wanted.sound}


def _ltx_2(request: Request, wanted: Wanted) -> None:
    task = _runware(request, wanted)
    _only(task, "settings", "negativePrompt", "steps", "CFGScale")
    assert task["model"] == "lightricks:ltx@2"
    assert all(128 <= task[edge] <= 2048 and task[edge] % 64 == 0 for edge in ("width", "height"))
    assert isinstance(task["duration"], int)
    assert 1 <= task["duration"] <= 20
    assert isinstance(task["fps"], int)
    assert 1 <= task["fps"] <= 120
    assert 1 <= task["steps"] <= 100
    assert 1 <= task["CFGScale"] <= 20


def _ltx_2_fast(request: Request, wanted: Wanted) -> None:
    task = _runware(request, wanted)
    _only(task, "providerSettings")
    assert task["model"] == "lightricks:2@1"
    assert (task["width"], task["height"]) == (1920, 1080)
    assert task["duration"] in (6, 8, 10)
    assert task["fps"] in (25, 50)
    assert task["providerSettings"] == {"lightricks": {"generateAudio": wanted.sound}}


def _form(request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
    """A form's text fields and its files, by the standard library."""
    message = email.message_from_bytes(f"Content-Type: {request.content_type}\r\n\r\n".encode() + request.body)
    assert message.get_content_type() == "multipart/form-data"
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for part in cast("list[Message]", message.get_payload()):
        name, content = str(part.get_param("name", header="content-disposition")), cast("bytes", part.get_payload(decode=True))
        assert name not in texts | files
        if part.get_filename() is None:
            texts[name] = content.decode()
        else:
            files[name] = content
    return texts, files


def _bytecompute(request: Request, wanted: Wanted) -> None:
    assert (request.method, request.path) == ("POST", "/generate")
    texts, files = _form(request)
    assert set(texts) <= {
        "model",
        "prompt",
        "image_uri",
        "first_frame_uri",
        "last_frame_uri",
        "duration",
        "resolution",
        "aspect_ratio",
        "fps",
    }
    assert set(files) <= {"image", "first_frame", "last_frame"}
    assert texts["model"] == "Lightricks/LTX-2.3"
    assert texts["prompt"]
    width, height = map(int, texts["resolution"].split("x"))
    assert 512 <= width <= 1920
    assert 512 <= height <= 1080
    assert 4 <= int(texts["duration"]) <= 10
    assert texts["fps"] in ("25", "50")
    places = {name.removesuffix("_uri") for name in (*texts, *files)} & {"image", "first_frame", "last_frame"}
    assert len(places) == sum(1 for name in (*texts, *files) if name.removesuffix("_uri") in places), "each place is filled once"
    assert places in (set(), {"image"}, {"first_frame", "last_frame"})
    assert len(places) == (wanted.first_frame is not None) + (wanted.last_frame is not None)
    assert all(content.startswith(PICTURES) for content in files.values())


def _deapi(request: Request, wanted: Wanted) -> None:
    endpoint = request.path.removeprefix("/api/v2/videos/")
    texts, files = (json.loads(request.body), {}) if endpoint == "generations" else _form(request)
    needed, others = {"generations": (set[str](), set[str]()), "animations": ({"first_frame_image"}, {"last_frame_image"})}.get(
        endpoint, ({"audio"}, {"first_frame_image"})
    )
    assert needed <= set(files) <= needed | others
    assert len(files) == sum(given is not None for given in (wanted.first_frame, wanted.last_frame, wanted.audio))
    assert set(texts) == {"prompt", "model", "width", "height", "frames", "fps", "steps", "guidance", "seed"}
    assert texts["model"] == "Ltx2_3_22B_Dist_INT8"
    listed = ["1024x576", "896x512", "576x1024", "512x896", "960x416", "1024x432", "768x768", "1024x1024"]
    assert f"{texts['width']}x{texts['height']}" in listed
    frames = int(texts["frames"])
    assert frames % 8 == 1
    assert 49 <= frames <= 241
    assert int(texts["fps"]) == 24
    assert -1 <= int(texts["seed"]) <= 4_294_967_295
    assert (int(texts["steps"]), Decimal(str(texts["guidance"]))) == (8, 1)
    assert all(
        content.startswith(SOUNDS if name == "audio" else PICTURES) and len(content) <= 10_000_000 for name, content in files.items()
    )
    if isinstance(wanted.audio, MediaRef) and wanted.audio.seconds:
        assert 1 <= wanted.audio.seconds <= Fraction(241, 24)
        assert frames >= wanted.audio.seconds * 24, "no speech is cut"


CHECKERS: dict[str, Callable[[Request, Wanted], None]] = {
    "runware/ltx-2.3": _ltx_2_3,
    "runware/ltx-2": _ltx_2,
    "runware/ltx-2-fast": _ltx_2_fast,
    "bytecompute/ltx-2.3": _bytecompute,
    "deapi/ltx-2.3": _deapi,
}


def test_every_card_has_a_checker() -> None:
    """A new card needs one."""
    assert set(CHECKERS) == set(CARDS)
