"""Lightricks' wire: what it writes for each mode, and what it makes of answers."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.lightricks.wire import Lightricks
from callsheet.services.protocol.answers import Absent, Accepted, Failed, Forgotten, Lost, Refused, Running, Succeeded, Unread
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.request import Response, pack
from tests.unit.services.asks import KEY, LINK, PNG, WAV, answer, ask

WIRE = Lightricks()
JOB = "0b5a1f6e@image-to-video"


def sent(**more: Any) -> tuple[str, dict[str, Any]]:
    request = WIRE.submit(ask(**more), KEY)
    return f"{request.method} {request.path}", json.loads(request.body)


def test_a_text() -> None:
    """One object to the text's endpoint; our key is nowhere."""
    where, fields = sent(params={"generate_audio": True})
    assert where == "POST /v2/text-to-video"
    assert fields == {
        "model": "Lightricks/LTX-2.3",
        "prompt": ask().prompt,
        "resolution": "1280x720",
        "duration": 5,
        "fps": 25,
        "generate_audio": True,
    }
    assert KEY.encode() not in pack(WIRE.submit(ask(), KEY))


def test_pictures() -> None:
    """Addresses as they are, bytes as data URIs."""
    where, fields = sent(first_frame=LINK, last_frame=PNG)
    assert where == "POST /v2/image-to-video"
    assert (fields["image_uri"], fields["last_frame_uri"]) == (LINK.url, PNG.uri)


def test_a_sound() -> None:
    """Neither length nor a switch for the sound: the film is as long as the sound, and carries it."""
    where, fields = sent(audio=WAV, first_frame=PNG, params={"generate_audio": True})
    assert where == "POST /v2/audio-to-video"
    assert fields.keys() == {"model", "prompt", "resolution", "fps", "audio_uri", "image_uri"}


@pytest.mark.parametrize("files", [{"last_frame": PNG}, {"last_frame": PNG, "first_frame": PNG, "audio": WAV}])
def test_a_mode_that_there_is_not(files: dict[str, Any]) -> None:
    """Never sent."""
    with pytest.raises(ValueError, match="fit"):
        sent(**files)


def test_what_was_sold() -> None:
    """Read back; of a sound's film the length is not in the bytes."""
    assert WIRE.sold(pack(WIRE.submit(ask(), KEY))) == Sold(Size(1280, 720), Fraction(25), Fraction(5))
    assert WIRE.sold(pack(WIRE.submit(ask(audio=WAV), KEY))) is None
    assert WIRE.essence(ask(first_frame=PNG)) != WIRE.essence(ask(first_frame=LINK)) != WIRE.essence(ask())


def test_an_id_means_accepted_at_its_endpoint() -> None:
    """A job is called by both, and asked after there."""
    taken = replace(answer(202, {"id": "0b5a1f6e", "created_at": "2026-08-01T10:00:00Z"}), path="/v2/image-to-video")
    assert WIRE.read_submit(taken, KEY) == Accepted(JOB)
    assert WIRE.read_submit(replace(answer(202, {"id": 7}), path="/v2/image-to-video"), KEY) == Accepted("7@image-to-video")
    request = WIRE.poll([JOB])
    assert (request.method, request.path, request.body) == ("GET", "/v2/image-to-video/0b5a1f6e", b"")
    assert WIRE.poll(["a/b@x/y"]).path == "/v2/x%2Fy/a%2Fb"


def test_an_id_without_its_endpoint() -> None:
    """One that a person gave is looked for among texts; not to find it there proves nothing."""
    assert WIRE.poll(["0b5a1f6e"]).path == "/v2/text-to-video/0b5a1f6e"
    gone = answer(404, {"type": "error", "error": {"type": "not_found_error", "message": "Job not found."}})
    assert WIRE.read_poll(gone, ["0b5a1f6e"]) == [Absent("0b5a1f6e")]
    assert WIRE.read_poll(gone, [JOB]) == [Forgotten(JOB)]


@pytest.mark.parametrize(
    ("status", "kind", "means"),
    [
        (400, "invalid_request_error", Cause.FIX_SHOT),
        (401, "authentication_error", Cause.STOP_LANE),
        (402, "insufficient_funds_error", Cause.STOP_LANE),
        (422, "content_filtered_error", Cause.CONTENT),
        (422, "a_word_that_nobody_knows", Cause.FIX_SHOT),
    ],
)
def test_refusals(status: int, kind: str, means: Cause) -> None:
    """By the type, else by the status."""
    found = WIRE.read_submit(answer(status, {"type": "error", "error": {"type": kind, "message": "No."}}), KEY)
    assert isinstance(found, Refused)
    assert found.cause is means


@pytest.mark.parametrize(
    "response",
    [answer(202, {"created_at": "now"}), answer(202, {"id": ""}), answer(529, {"error": {"type": "overloaded_error", "message": "x"}})],
)
def test_what_proves_nothing(response: Response) -> None:
    """No id, or the service's own trouble: perhaps taken."""
    assert isinstance(WIRE.read_submit(response, KEY), Lost)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"status": "pending"}, Running(JOB)),
        ({"status": "processing"}, Running(JOB)),
        ({"status": "completed", "result": {"video_url": "https://x/y.mp4"}}, Succeeded(JOB, "https://x/y.mp4", None)),
        ({"status": "completed", "result": None}, Running(JOB, None, "the service reports success but names no clip")),
        ({"status": "resting"}, Running(JOB, None, "the service says 'resting', which is not a known status")),
        ({"status": "failed"}, Failed(JOB, Cause.UNKNOWN, "failed: the service failed without giving a reason", 0, "failed")),
        (
            {"status": "failed", "error": {"type": "content_filtered_error", "message": "No."}},
            Failed(JOB, Cause.CONTENT, "content_filtered_error: No.", 0, "content_filtered_error"),
        ),
    ],
)
def test_looks(said: dict[str, Any], means: object) -> None:
    """Done only with a clip's address; no cost is told."""
    assert WIRE.read_poll(answer(200, {"id": "0b5a1f6e", **said}), [JOB]) == [means]


def test_an_answer_that_names_another_job_is_no_news() -> None:
    """Its clip is not taken for this job's."""
    done = {"status": "completed", "result": {"video_url": "https://x/y.mp4"}}
    found = WIRE.read_poll(answer(200, {"id": "another", **done}), [JOB])
    assert isinstance(found, Unread)
    assert JOB in found.message
    assert WIRE.read_poll(answer(200, {"id": "0B5A1F6E", **done}), [JOB]) == [Succeeded(JOB, "https://x/y.mp4", None)]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_look_that_is_refused(status: int) -> None:
    """No news of the job."""
    assert isinstance(WIRE.read_poll(answer(status, {"error": {"type": "api_error", "message": "x"}}), [JOB]), Unread)


def test_a_film_to_a_sound_is_as_long_as_the_sound() -> None:
    """The next length that is sold is paid; what comes, and is checked, are the sound's frames."""
    card = load_cards(Path(__file__).parents[3] / "configs" / "cards")["lightricks/ltx-2.3"]
    wanted = Wanted(prompt="She speaks", duration_s=Decimal(7), size=Size(1920, 1080), fps=Fraction(25))
    heard = replace(wanted, audio=replace(WAV, seconds=Fraction("7.21")), own_length=False)
    spoken = fit(heard, card).ask
    assert spoken
    assert (spoken.duration_s, spoken.frames, spoken.audio_s) == (8, 181, None)
    cut = fit(replace(heard, own_length=True), card).ask
    assert cut
    assert (cut.duration_s, cut.frames, cut.audio_s) == (8, 175, 7)
    silent = fit(wanted, card).ask
    assert silent
    assert (silent.duration_s, silent.frames) == (8, 200)
    assert fit(replace(heard, audio=replace(WAV, seconds=Fraction("20.5"))), card).ask is None
