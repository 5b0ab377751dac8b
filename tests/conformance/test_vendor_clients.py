"""The vendor's other clients, each unmodified, over a WebSocket: what the JavaScript SDK and the older Python one ask is answered as they need it.

`test_vendor_sdk.py` has the newer Python one over both of its transports. No registry has a client of deAPI's: what its clients on GitHub send is held
in tests/unit/standin/test_deapi.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests import vendor_clients

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
HERE = Path(__file__).parent / "clients"
Client = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache for all stand-ins of this module."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def url(films: Path) -> Iterator[str]:
    """A stand-in that does jobs at once."""
    with running(Config(speed=0, films=films)) as at:
        yield at


def javascript(scenario: str, url: str) -> dict[str, Any]:
    """`@runware/sdk-js` in Node.js."""
    folder = vendor_clients.sdk_js()
    script = folder / f"drive-{os.getpid()}.mjs"
    shutil.copyfile(HERE / "runware_js.mjs", script)  # a module is looked for beside the script that imports it
    return _said([vendor_clients.node(), str(script), scenario, url], {})


def python(scenario: str, url: str) -> dict[str, Any]:
    """`runware` in a process of its own."""
    folder = vendor_clients.old_python()
    return _said([sys.executable, "-S", str(HERE / "runware_python.py"), scenario, url], {"PYTHONPATH": str(folder)})


def _said(command: list[str], more: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, env={**os.environ, **more})
    assert done.stdout, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(params=[javascript, python], ids=["sdk-js", "runware"])
def client(request: pytest.FixtureRequest, url: str) -> Callable[[str], dict[str, Any]]:
    """One of the two, asked for a scenario at the stand-in's WebSocket."""
    return lambda scenario: request.param(scenario, f"ws{url.removeprefix('http')}/v1")


def bill(url: str) -> tuple[str, int]:
    """What was charged, and for how many jobs."""
    with urllib.request.urlopen(f"{url}/standin/bill", timeout=10) as answer:
        told = json.load(answer)
    return told["total"], len(told["jobs"])


def downloaded(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


def test_it_submits_polls_and_gets_both_results(client: Callable[[str], dict[str, Any]], url: str) -> None:
    """Two clips of one task, each with its id, address and cost, and each is a film."""
    films = client("results")["result"]
    assert len({film["videoUUID"] for film in films}) == 2
    assert [film["cost"] for film in films] == [0.03, 0.03]
    assert all(downloaded(film["videoURL"])[4:8] == b"ftyp" for film in films)
    assert bill(url) == ("0.06", 1)


def test_its_uploads_are_kept_and_filmed(client: Callable[[str], dict[str, Any]]) -> None:
    """A picture under both of the names that uploads have; the first one is a first frame."""
    made = client("upload")["result"]
    assert downloaded(made["image"]["imageURL"]).startswith(b"\x89PNG")
    assert made["media"]["mediaUUID"]
    assert [film["cost"] for film in made["film"]] == [0.03] if isinstance(made["film"], list) else made["film"]["cost"] == 0.03


@pytest.mark.parametrize(("scenario", "code"), [("wrong", "invalidWidth"), ("failed", "contentPolicyViolation")])
def test_its_errors_arrive(client: Callable[[str], dict[str, Any]], url: str, scenario: str, code: str) -> None:
    """A refused parameter and a job that ends as refused content: by their codes, and nothing is charged."""
    told = client(scenario)
    assert told["error"]["code"] == code
    assert bill(url) == ("0.00", 0)


def test_a_bad_key_is_told_at_once(client: Callable[[str], dict[str, Any]]) -> None:
    """An error of an authentication names the task that it answers: without that neither client sees it, one for a minute, the other for good."""
    told = client("bad-key")
    assert "The API key is not valid." in told["error"]["message"]
    assert told["seconds"] < 5


def test_it_comes_back_after_a_lost_line(client: Callable[[str], dict[str, Any]], url: str) -> None:
    """A poll whose line drops is asked again on the next one."""
    told = client("lost-line")
    assert "result" in told, told
    assert bill(url) == ("0.03", 1)


@pytest.mark.parametrize(
    ("client", "total"), [(javascript, ("0.06", 2)), (python, ("0.03", 1))], indirect=["client"], ids=["sdk-js", "runware"]
)
def test_what_becomes_of_a_lost_answer(client: Callable[[str], dict[str, Any]], url: str, total: tuple[str, int]) -> None:
    """Both come back and have a film. The JavaScript SDK asks under another key, and so it pays twice: what our client must do better."""
    told = client("lost-answer")
    assert "result" in told, told
    assert bill(url) == total
