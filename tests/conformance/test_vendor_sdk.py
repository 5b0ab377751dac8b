"""The vendor's own client, unmodified, against the stand-in: what the stand-in speaks is the wire that the vendor wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from runware import Runware
from runware.errors import RunwareError

from callsheet.standin.config import Config
from callsheet.standin.serve import running
from tests.film import read_film

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


@pytest.fixture
async def vendor(url: str) -> AsyncIterator[Runware]:
    """The vendor's client, pointed at it."""
    async with client(url) as made:
        yield made


def client(url: str, key: str = "key", **more: Any) -> Runware:
    """The vendor's client as its manual makes it, over REST."""
    return Runware(api_key=key, transport="rest", http_base_url=f"{url}/v1", retry_delay=1, **more)


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
    """Account, response and archive of a finished task, and silence about an unknown one."""
    key = str(uuid4())
    await vendor.run({**TASK, "taskUUID": key})
    (account,) = await vendor.account_management({"operation": "getDetails"})
    assert account["balance"] == 999.97
    (response,) = await vendor.get_response({"taskUUID": key})
    assert response["videoURL"].endswith(".mp4")
    (archive,) = await vendor.get_task_details({"taskUUID": key})
    assert archive["request"][0]["taskUUID"] == key
    assert await vendor.get_response({"taskUUID": str(uuid4())}) == []


async def test_a_retired_model_needs_only_its_task_type(vendor: Runware) -> None:
    """The client's own catalogue has no `lightricks:2@1` any more; the stand-in still sells it."""
    (result,) = await vendor.run(
        {"taskType": "videoInference", "model": "lightricks:2@1", "positivePrompt": "a lighthouse", "fps": 25, "includeCost": True}
    )
    assert result["cost"] == 0.24


async def test_a_bad_key_is_an_auth_error(url: str) -> None:
    """401 and invalidApiKey, as the client classifies them."""
    async with client(url, "bad-key") as vendor:
        with pytest.raises(RunwareError) as caught:
            await vendor.account_management({"operation": "getDetails"})
    assert (caught.value.code, caught.value.status_code) == ("auth", 401)


@pytest.mark.parametrize(("more", "code", "parameter"), [({"width": 100}, "validation", "width"), ({"mood": "blue"}, "validation", "mood")])
async def test_a_wrong_parameter_is_a_validation_error(vendor: Runware, more: dict[str, Any], code: str, parameter: str) -> None:
    """400, with the parameter's name."""
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, **more})
    assert (caught.value.code, caught.value.parameter, caught.value.status_code) == (code, parameter, 400)


@pytest.mark.parametrize("shape", ["", "[[fault:error-in-data]]"])
@pytest.mark.parametrize(("fault", "code"), [("fail-billed", "provider"), ("refuse", "safety")])
async def test_a_failed_job_is_understood_in_both_shapes(vendor: Runware, fault: str, code: str, shape: str) -> None:
    """In errors and in data alike."""
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, "positivePrompt": f"x [[fault:{fault}]] {shape}"})
    assert caught.value.code == code


async def test_it_loses_a_paid_job_when_the_acknowledgement_is_lost(vendor: Runware, url: str) -> None:
    """What our client must do better: it sends again, is refused by conflictTaskUUID, and gives up a job that was accepted and billed."""
    key = str(uuid4())
    with pytest.raises(RunwareError) as caught:
        await vendor.run({**TASK, "taskUUID": key, "positivePrompt": "x [[fault:lost-ack]]"})
    assert (caught.value.code, caught.value.parameter) == ("validation", "taskUUID")
    (job,) = (await got(f"{url}/standin/jobs")).json()["jobs"]
    assert job["key"] == key
