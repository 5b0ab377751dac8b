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

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request, pack, unpack
from callsheet.services.registry import SERVICES
from callsheet.standin.bytecompute.negotiation import granted
from callsheet.standin.bytecompute.wire import spec_asked
from callsheet.standin.http.multipart import read_form
from callsheet.standin.runware.models import wrong_task
from callsheet.standin.runware.wire import order_of

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

#: what the parameter tables of Runware's three pages have in common, and some values that they don't allow
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "outputFormat": st.sampled_from(["MP4", "WEBM", "MOV", "mov", "AVI"]),
    "outputQuality": st.integers(20, 99) | st.integers(0, 120),
    "safety.checkContent": st.booleans() | st.just("on"),
    "safety.mode": st.sampled_from(["none", "fast", "full", "slow"]),
    "ttl": st.integers(60, 100_000) | st.integers(0, 60),
    "uploadEndpoint": st.sampled_from(["https://bucket.example.com/a.mp4", "http://127.0.0.1:9/a.mp4", "http://bucket.example.com/a.mp4"]),
}
EXTRAS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "runware/ltx-2.3": COMMON,
    "runware/ltx-2-fast": COMMON,
    "runware/ltx-2": COMMON
    | {
        "steps": st.integers(1, 100) | st.integers(-1, 120),
        "CFGScale": st.decimals(1, 20, places=2) | st.decimals(0, 25, places=3),
        "settings.enhancePrompt": st.booleans(),
    },
    "deapi/ltx-2.3": {
        "steps": st.integers(1, 60) | st.just(0),
        "guidance": st.decimals(0, 10, places=1) | st.just(-1),
        "enhance_prompt": st.booleans(),
    },
    "bytecompute/ltx-2.3": {"aspect_ratio": st.sampled_from(["16:9", "4:3", "1:1", "3:4", "4:5", "9:16", "2:1"])},
}
#: what is callsheet's own to set, or nobody's
OTHERS = st.dictionaries(
    st.sampled_from(["width", "numberResults", "webhookURL", "taskUUID", "includeCost", "settings.audio", "seed", "mood", "safety.level"]),
    st.integers(1, 4),
    min_size=1,
    max_size=2,
)


def extras(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters for a model: mostly none or its own, seldom others."""
    own: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({}, optional=EXTRAS.get(name, {}))
    return st.one_of(st.just({}), own, own, own, OTHERS)


CASES = st.sampled_from(sorted(CARDS)).flatmap(
    lambda name: st.tuples(st.just(name), WISHES, extras(name), st.booleans()).map(
        lambda drawn: (drawn[0], replace(drawn[1], params=drawn[2], own_size=drawn[3], kept_s=4500))
    )
)


@settings(max_examples=800, deadline=None, print_blob=True)
@given(case=CASES)
def test_a_request_is_legal_or_the_shot_is_refused_with_a_reason(case: tuple[str, Wanted]) -> None:
    """Never an illegal request, never a refusal without words, never a file or a parameter that is dropped unsaid."""
    name, wanted = case
    card = CARDS[name]
    found = fit(wanted, card, quotes=True)
    event(f"{name}: {'sold' if found.ask else 'refused'}")
    if found.ask is None:
        assert all(verdict.why for verdict in found.of(VerdictKind.UNSUPPORTED))
        assert found.of(VerdictKind.UNSUPPORTED)
        return
    wire = SERVICES[card.service].wire
    request = wire.submit(found.ask, KEY)
    CHECKERS[name](request, wanted)
    assert unpack(pack(request)) == request
    sold = wire.sold(pack(request))
    if sold is None:
        assert card.inputs.audio_sets_length
        assert found.ask.audio, "only a film as long as its sound has no length in its request"
        return
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
    assert task["numberResults"] == 1
    assert task["includeCost"] is True
    assert 20 <= task.get("outputQuality", 20) <= 99
    assert set(task.get("safety", {})) <= {"checkContent", "mode"}
    assert isinstance(task.get("safety", {}).get("checkContent", True), bool)
    assert task.get("safety", {}).get("mode", "none") in ("none", "fast", "full")
    assert task.get("ttl", 60) >= 60
    assert task.get("uploadEndpoint", "https://").startswith(("https://", "http://127.0.0.1"))
    _nothing_lost(task, wanted)
    frames = task.get("inputs", {}).get("frameImages", [])
    assert len(frames) == (wanted.first_frame is not None)
    assert all(frame["frame"] in ("first", 0) and frame["image"].startswith(("https://", "data:image/")) for frame in frames)
    assert wanted.last_frame is None
    assert wanted.audio is None
    return task


def _nothing_lost(task: dict[str, Any], wanted: Wanted) -> None:
    """Every parameter that was written stands in the task, at its dotted path; only the life of an address is ever raised."""
    for path, value in wanted.params.items():
        found: Any = task
        for step in path.split("."):
            found = found[step]
        same_number = isinstance(value, Decimal) and isinstance(found, int | float) and Decimal(str(found)) == value
        alike = found >= value if path == "ttl" else str(found).casefold() == str(value).casefold() or found == value or same_number
        assert alike or (found, value) == (True, "on"), (path, found, value)


def _only(task: dict[str, Any], *more: str) -> None:
    common = {"taskType", "taskUUID", "model", "positivePrompt", "width", "height", "duration", "fps", "inputs", "includeCost"}
    given = {"outputType", "outputFormat", "outputQuality", "deliveryMethod", "numberResults", "safety", "ttl", "uploadEndpoint"}
    assert set(task) <= common | given | set(more)


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
    assert Decimal(str(task["CFGScale"])) * 100 % 1 == 0
    assert task["settings"] == {"enhancePrompt": wanted.params.get("settings.enhancePrompt", False)}, "nobody's words are rewritten unasked"


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
    assert "aspect_ratio" not in texts, "never beside a resolution, which is always sent"
    width, height = map(int, texts["resolution"].split("x"))
    if shape := wanted.params.get("aspect_ratio"):
        assert Fraction(width, height) == Fraction(*map(int, str(shape).split(":")))
    short, long = sorted((width, height))
    assert 512 <= short <= 1080
    assert long <= 1920
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
    boost = {"enhance_prompt"} & set(wanted.params)
    left_out = (
        {"steps", "guidance"} - set(wanted.params) if endpoint == "audio-syncs" else set[str]()
    )  # which are left to the service there
    assert not left_out & set(texts)
    assert set(texts) | left_out == {"prompt", "model", "width", "height", "frames", "fps", "steps", "guidance", "seed"} | boost
    assert not boost or (endpoint != "audio-syncs" and texts["enhance_prompt"] in (False, "false"))
    assert texts["model"] == "Ltx2_3_22B_Dist_INT8"
    listed = ["1024x576", "896x512", "576x1024", "512x896", "960x416", "1024x432", "768x768", "1024x1024"]
    width, height = int(texts["width"]), int(texts["height"])
    inside = 512 <= min(width, height) <= max(width, height) <= 1024 and width % 16 == height % 16 == 0
    assert inside or f"{width}x{height}" in listed
    frames = int(texts["frames"])
    assert frames % 8 == 1
    assert 49 <= frames <= 241
    assert int(texts["fps"]) == 24
    assert -1 <= int(texts["seed"]) <= 4_294_967_295
    asked = {"steps": wanted.params.get("steps", 8), "guidance": wanted.params.get("guidance", 1)}
    assert {name: Decimal(str(texts[name])) for name in asked if name in texts} == {
        name: asked[name] for name in asked if name not in left_out
    }
    assert all(
        content.startswith(SOUNDS if name == "audio" else PICTURES) and len(content) <= 10_000_000 for name, content in files.items()
    )
    if isinstance(wanted.audio, MediaRef) and wanted.audio.seconds:
        heard = min(wanted.audio.seconds, Fraction(wanted.duration_s))  # what goes on beyond its shot is cut before it is sent
        assert wanted.audio.seconds >= 1
        assert frames >= heard * 24 - 4, "of what the shot holds no more is cut than the nearest length does"


def _lightricks(request: Request, wanted: Wanted) -> None:
    """From a public description of the service's own API; sizes, lengths and rates as Runware's page of the same model."""
    endpoint = "audio-to-video" if wanted.audio else "image-to-video" if wanted.first_frame else "text-to-video"
    assert (request.method, request.path, request.content_type) == ("POST", f"/v2/{endpoint}", "application/json")
    task = json.loads(request.body)
    files = {"image_uri": wanted.first_frame, "last_frame_uri": wanted.last_frame, "audio_uri": wanted.audio}
    assert {name for name in files if name in task} == {name for name, given in files.items() if given is not None}
    assert set(task) <= {"model", "prompt", "resolution", "duration", "fps", "generate_audio", "camera_motion", "enhance_prompt", *files}
    assert task["model"] == "ltx-2-3-pro"
    assert {*map(int, task["resolution"].split("x"))} in ({1920, 1080}, {2560, 1440}, {3840, 2160})
    assert task.get("duration", 6) in (2, 3, 4, 5, 6, 8, 10)
    assert task.get("fps", 24) in (24, 25, 48, 50)
    assert task.get("generate_audio", wanted.sound) is wanted.sound


CHECKERS: dict[str, Callable[[Request, Wanted], None]] = {
    "runware/ltx-2.3": _ltx_2_3,
    "runware/ltx-2": _ltx_2,
    "runware/ltx-2-fast": _ltx_2_fast,
    "bytecompute/ltx-2.3": _bytecompute,
    "deapi/ltx-2.3": _deapi,
    "lightricks/ltx-2.3": _lightricks,
}


def test_every_card_has_a_checker() -> None:
    """A new card needs one."""
    assert set(CHECKERS) == set(CARDS)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(case=CASES)
def test_the_hold_covers_the_bill(case: tuple[str, Wanted]) -> None:
    """A second witness of the pages finds nothing wrong with what leaves, and what it would bill is never more than what is held."""
    name, wanted = case
    card = CARDS[name]
    ask = fit(wanted, card, quotes=True).ask
    bill = BILLS.get(card.service)
    if ask is None or bill is None:
        return
    assert bill(SERVICES[card.service].wire.submit(ask, KEY), wanted) <= quote(card, ask).micros


def _runware_bill(request: Request, wanted: Wanted) -> int:
    [task] = json.loads(request.body)
    if str(wanted.params.get("uploadEndpoint", "")).startswith("https://"):
        del task["uploadEndpoint"]  # the stand-in puts clips on this machine only
    assert wrong_task(task) == []
    order = order_of(task)
    return order.price * order.results


def _bytecompute_bill(request: Request, _wanted: Wanted) -> int:
    return granted(spec_asked(read_form(request.content_type, request.body))).price


#: what the stand-in would charge for a request, for each service that publishes a formula
BILLS: dict[str, Callable[[Request, Wanted], int]] = {"runware": _runware_bill, "bytecompute": _bytecompute_bill}
