"""The vendor's own client, unmodified, against the stand-in: what the stand-in speaks is the wire that the vendor wrote."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from runware import Runware
from runware.errors import RunwareError

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.film_reader import read_film

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
TASK: dict[str, Any] = {
    "model": "lightricks:ltx@2",
    "positivePrompt": "a lighthouse",
    "width": 192,
    "height": 128,
    "duration": 1,
    "fps": 12,
    "includeCost": True,
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache for all stand-ins of this module."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def url(films: Path) -> Iterator[str]:
    """A stand-in without trouble."""
    with running(Config(speed=0, films=films)) as at:
        yield at


@pytest.fixture(params=["rest", "websocket"])
def transport(request: pytest.FixtureRequest) -> str:
    """Both ways that the client knows."""
    return request.param


@pytest.fixture
async def vendor(url: str, transport: str) -> AsyncIterator[Runware]:
    """The vendor's client, pointed at it."""
    async with client(url, transport) as made:
        yield made


def client(url: str, transport: str, key: str = "key", **more: Any) -> Runware:
    """The vendor's client as its manual makes it."""
    places = {"http_base_url": f"{url}/v1", "ws_base_url": f"ws{url.removeprefix('http')}/v1"}
    return Runware(api_key=key, transport=transport, retry_delay=1, **places, **more)


async def got(url: str) -> httpx.Response:
    """A plain GET."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(url)


async def test_it_submits_polls_and_gets_both_results(vendor: Runware, tmp_path: Path) -> None:
    """Two clips of one task, each with URL, seed and cost, and the first one plays."""
    results = await vendor.run({**TASK, "numberResults": 2})
    assert [result["cost"] for result in results] == [0.03, 0.03]
    assert len({result["videoUUID"] for result in results}) == 2
    (tmp_path / "clip.mp4").write_bytes((await got(results[0]["videoURL"])).content)
    assert read_film(tmp_path / "clip.mp4") == [(0, frame) for frame in range(12)]


async def test_its_other_questions_are_answered(vendor: Runware) -> None:
    """Account, response and archive of a finished task."""
    key = str(uuid4())
    await vendor.run({**TASK, "taskUUID": key})
    (account,) = await vendor.account_management({"operation": "getDetails"})
    assert account["balance"] == 999.97
    (response,) = await vendor.get_response({"taskUUID": key})
    assert response["videoURL"].endswith(".mp4")
    (archive,) = await vendor.get_task_details({"taskUUID": key})
    assert archive["request"][0]["taskUUID"] == key


@pytest.mark.parametrize("transport", ["rest"], indirect=True)
async def test_an_unknown_task_is_silence(vendor: Runware) -> None:
    """No error; over a WebSocket the client would wait for an item that never comes."""
    assert await vendor.get_response({"taskUUID": str(uuid4())}) == []


async def test_its_uploads_are_kept(vendor: Runware) -> None:
    """A data URI and bare base64, under both of its names; what was uploaded is a first frame, and what was deleted is gone."""
    text = base64.b64encode(_PNG).decode()
    (media,) = await vendor.media_storage({"operation": "upload", "media": f"data:image/png;base64,{text}"})
    (image,) = await vendor.image_upload({"image": text})
    assert [(await got(place)).content for place in (media["mediaURL"], image["imageURL"])] == [_PNG, _PNG]
    (result,) = await vendor.run({**TASK, "inputs": {"frameImages": [{"image": media["mediaUUID"], "frame": "first"}]}})
    assert result["videoURL"].endswith(".mp4")
    await vendor.media_storage({"operation": "delete", "media": media["mediaUUID"]})
    assert (await got(media["mediaURL"])).status_code == 404


async def test_a_wrong_upload_is_a_validation_error(vendor: Runware) -> None:
    """With the parameter's name."""
    with pytest.raises(RunwareError) as caught:
        await vendor.media_storage({"operation": "upload", "media": "not base64"})
    assert (caught.value.code, caught.value.parameter) == ("validation", "media")


async def test_a_balance_in_its_other_shape_passes_too(films: Path, transport: str) -> None:
    """The client hands on whatever it is."""
    with running(Config(speed=0, films=films, faults={"balance-object": 1.0})) as url:
        async with client(url, transport) as vendor:
            (account,) = await vendor.account_management({"operation": "getDetails"})
    assert account["balance"] == {"amount": 1000.0, "currency": "USD"}


async def test_a_retired_model_needs_only_its_task_type(vendor: Runware) -> None:
    """The client's own catalogue has no `lightricks:2@1` any more; the stand-in still sells it."""
    (result,) = await vendor.run(
        {"taskType": "videoInference", "model": "lightricks:2@1", "positivePrompt": "a lighthouse", "fps": 25, "includeCost": True}
    )
    assert result["cost"] == 0.24


async def test_a_bad_key_is_an_auth_error(url: str, transport: str) -> None:
    """401 and invalidApiKey over REST; a refused session over a WebSocket."""
    with pytest.raises(RunwareError) as caught:
        async with client(url, transport, "bad-key") as vendor:
            await vendor.account_management({"operation": "getDetails"})
    assert caught.value.code == "auth"
    assert caught.value.status_code == (401 if transport == "rest" else None)


@pytest.mark.parametrize(("more", "code", "parameter"), [({"width": 100}, "validation", "width"), ({"mood": "blue"}, "validation", "mood")])
async def test_a_wrong_parameter_is_a_validation_error(vendor: Runware, more: dict[str, Any], code: str, parameter: str) -> None:
    """With the parameter's name; over REST a 400."""
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, **more})
    assert (caught.value.code, caught.value.parameter) == (code, parameter)
    assert caught.value.status_code in (400, None)


@pytest.mark.parametrize("shape", ["", "[[fault:error-in-data]]"])
@pytest.mark.parametrize(("fault", "code"), [("fail-billed", "provider"), ("refuse", "safety")])
async def test_a_failed_job_is_understood_in_both_shapes(vendor: Runware, fault: str, code: str, shape: str) -> None:
    """In errors and in data alike."""
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, "positivePrompt": f"x [[fault:{fault}]] {shape}"})
    assert caught.value.code == code


@pytest.mark.parametrize("transport", ["rest"], indirect=True)
async def test_it_loses_a_paid_job_when_the_acknowledgement_is_lost(vendor: Runware, url: str) -> None:
    """What our client must do better: it sends again, is refused by conflictTaskUUID, and gives up a job that was accepted and billed."""
    key = str(uuid4())
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, "taskUUID": key, "positivePrompt": "x [[fault:lost-ack]]"})
    assert (caught.value.code, caught.value.parameter) == ("validation", "taskUUID")
    (job,) = (await got(f"{url}/standin/jobs")).json()["jobs"]
    assert job["key"] == key


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
async def test_over_a_websocket_it_keeps_a_paid_job_when_the_acknowledgement_is_lost(vendor: Runware, url: str) -> None:
    """The line drops, it comes back, sends again, and takes the conflict for the acknowledgement that it missed: one job, billed once."""
    (result,) = await vendor.run({**TASK, "positivePrompt": "x [[fault:lost-ack]]"})
    assert result["cost"] == 0.03
    bill = (await got(f"{url}/standin/bill")).json()
    assert (bill["total"], len(bill["jobs"])) == ("0.03", 1)


@pytest.mark.parametrize("transport", ["websocket"], indirect=True)
async def test_a_job_outlives_its_websocket(vendor: Runware, url: str) -> None:
    """A poll whose line drops is asked again on the next line, in the same session."""
    results = await vendor.run({**TASK, "positivePrompt": "x [[fault:poll-502*1]]"})
    assert [result["status"] for result in results] == ["success"]
