"""deAPI from end to end against the stand-in: its own prices, its callbacks, and what becomes of a lost answer."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests import command
from tests.unit.cli.calling import call, project

HEAD = "shot_id,prompt,model,duration_s,resolution\n"
LIST = HEAD + "A,a pier,deapi/ltx-2.3,2,512x896\nB,a boat,deapi/ltx-2.3,2,512x896\nC,a lamp,deapi/ltx-2.3,3,512x896\n"
LOST = HEAD + "A,a pier [[fault:lost-ack]],deapi/ltx-2.3,2,512x896\n"


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running(Config(speed=0.0, palette=1, state=tmp_path / "standin")) as url:
        monkeypatch.setenv("DEAPI_BASE_URL", url)
        monkeypatch.setenv("RUNWARE_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("DEAPI_API_KEY", "canary-3f7a")
        monkeypatch.setenv("RUNWARE_API_KEY", "canary-3f7a")
        yield url


def asked(url: str, what: str) -> Any:
    with urllib.request.urlopen(f"{url}/standin/{what}", timeout=10) as answer:
        return json.load(answer)


@contextlib.contextmanager
def receiver(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`callsheet hooks` as its user starts it, at the address that the project names; gives the file of what it said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("CALLSHEET_CALLBACK_URL", f"http://127.0.0.1:{port}")
    log = folder.parent / "hooks.log"
    words = ("hooks", "--port", str(port), "-C", str(folder))
    with log.open("w") as file, command.start(*words, stdout=subprocess.PIPE, stderr=file.fileno(), remembering=True) as process:
        assert process.stdout
        assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"
        try:
            yield log
        finally:
            process.terminate()


def test_three_shots_cost_what_was_quoted_and_the_ledger_is_the_bill(standin: str, tmp_path: Path) -> None:
    """Two questions for three takes; the plan is saved with its prices and rendered as saved."""
    folder = project(tmp_path / "film", LIST)
    plan = call("plan", "spot.csv", "--cap", "1", "--out", "plan.json", "-C", str(folder), "--json").json
    assert all(take["quoted"] and take["reason"].startswith("new; quoted 2") for take in plan["takes"])
    saved = json.loads((folder / "plan.json").read_text())
    assert [take["quoted"] for take in saved["takes"]] == [take["quoted"] for take in plan["takes"]]
    assert asked(standin, "requests")["tasks"] == {"deapi generations price": 2}
    done = call("render", "plan.json", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert done.code == 0, done.err
    assert asked(standin, "requests")["tasks"]["deapi generations price"] == 2
    bill = asked(standin, "bill")
    assert (len(bill["jobs"]), bill["total"]) == (3, done.json["money"]["settled"])
    assert bill["total"] == plan["totals"]["price"]
    [film] = done.json["sequences"]
    assert (film["frames"], film["fps"], film["complete"]) == (168, "24", True)


def test_a_quote_that_is_higher_than_the_bill_is_the_hold(standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never less than what is charged; the rest goes back."""
    folder = project(tmp_path / "film", HEAD + "A,a pier,deapi/ltx-2.3,2,512x896\n")
    price = float(call("plan", "spot.csv", "-C", str(folder), "--json").json["totals"]["price"])
    monkeypatch.setenv("CALLSHEET_LEDGER", f"sqlite:///{tmp_path}/other.db")
    with running(Config(speed=0.0, palette=1, faults={"quote-higher": 1.0})) as dearer:
        monkeypatch.setenv("DEAPI_BASE_URL", dearer)
        done = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json").json
        status = call("status", "-C", str(folder), "--json").json
        assert asked(dearer, "bill")["total"] == done["money"]["settled"] == status["takes"][0]["settled"]
    assert float(status["takes"][0]["attempts"][0]["price"]) > price
    assert status["money"]["held"] == "0.00"


def test_offline_refuses_and_a_dead_service_is_exit_5(standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With words, and with the whole plan; render holds nothing."""
    folder = project(tmp_path / "film", LIST)
    offline = call("plan", "spot.csv", "--offline", "-C", str(folder), "--json")
    assert (offline.code, offline.json["errors"][0]["code"], len(offline.json["takes"])) == (4, "unpriced", 3)
    assert asked(standin, "requests")["posts"] == 0
    monkeypatch.setenv("DEAPI_BASE_URL", "http://127.0.0.1:9")
    dead = call("plan", "spot.csv", "-C", str(folder), "--json")
    assert (dead.code, dead.json["takes"][0]["action"]) == (5, "blocked")
    assert "deapi gave no quote" in dead.json["takes"][0]["reason"]
    assert call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder)).code == 5
    assert call("plan", "spot.csv", "--offline", "--quote", "-C", str(folder)).code == 2


def test_a_lost_answer_is_found_by_its_callback_and_paid_once(standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service names the job to the purchase's own address; what the receiver says has neither key nor secret."""
    folder = project(tmp_path / "film", LOST)
    (folder / "project.toml").write_text("[attempts]\nunavailable_wait_s = 0.2\n")
    with receiver(folder, monkeypatch) as log:
        done = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert done.code == 0, done.err
        said = log.read_text()
    assert "the service called back" in done.err
    bill = asked(standin, "bill")
    assert (len(bill["jobs"]), bill["total"]) == (1, done.json["money"]["settled"])
    key = call("status", "-C", str(folder), "--json").json["takes"][0]["attempts"][0]["key"]
    assert f"deapi called about {key}" in said
    secret = (folder / ".callsheet" / "hooks.secret").read_text()
    for words in (said, done.err, done.out):
        assert secret not in words
        assert "canary-3f7a" not in words
        assert "webhook_secret" not in words


def test_without_a_callback_it_stays_in_doubt_and_its_charge_counts_as_paid(standin: str, tmp_path: Path) -> None:
    """Never sent again: the job is charged there once, which the account's balance tells; its clip is in doubt until the service calls or a person looks."""
    folder = project(tmp_path / "film", LOST)
    (folder / "project.toml").write_text("[attempts]\nunavailable_wait_s = 0.01\n[lanes.deapi]\ncharge_lag_s = 0.05\n")
    first = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    again = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert (first.code, again.code) == (6, 6)
    [job] = asked(standin, "bill")["jobs"]
    status = call("status", "-C", str(folder), "--json").json
    assert (status["takes"][0]["state"], status["money"]["settled"], status["money"]["in_doubt"]) == ("in_doubt", job["cost"], "0.00")
    assert again.json["counts"]["in_doubt"] == 1


def test_hooks_needs_an_address(tmp_path: Path) -> None:
    """Without one no service is told where to call: exit 3, with what to write."""
    said = call("hooks", "-C", str(project(tmp_path / "film")))
    assert said.code == 3
    assert "callback_url" in said.err


def test_a_model_without_a_list_has_no_price_to_record(standin: str, tmp_path: Path) -> None:
    """Its service is asked; only that it is to be believed again can be said."""
    folder = str(project(tmp_path / "film", LIST))
    wrong = call("cards", "price", "deapi/ltx-2.3", "--usd-per-s", "0.01", "--source", "a page", "-C", folder)
    assert wrong.code == 2
    assert "has no list price to record: deapi is asked" in wrong.err
    assert call("cards", "price", "deapi/ltx-2.3", "--source", "a page", "-C", folder).code == 2
    assert call("cards", "price", "runware/ltx-2", "--as-quoted", "--source", "a page", "-C", folder).code == 2
    assert call("cards", "price", "runware/ltx-2", "--source", "a page", "-C", folder).code == 2
    said = call("cards", "price", "deapi/ltx-2.3", "--as-quoted", "--source", "their support", "-C", folder, "--json")
    assert (said.code, said.json["as_quoted"], said.json["usd_per_s"]) == (0, True, None)


def test_a_price_that_is_recorded_before_anything_is_bought_counts(standin: str, tmp_path: Path) -> None:
    """The ledger that the command makes is the project's."""
    folder = str(project(tmp_path / "film", HEAD + "A,a pier,runware/ltx-2,2,1280x704\n"))
    assert call("cards", "price", "runware/ltx-2", "--usd-per-s", "0.05", "--source", "their page", "-C", folder).code == 0
    assert call("plan", "spot.csv", "-C", folder, "--json").json["totals"]["price"] == "0.10"


def test_a_charge_far_beyond_its_quote_freezes_until_a_person_says_so(standin: str, tmp_path: Path) -> None:
    """The word that ends it is that the service's quotes hold again."""
    folder = project(tmp_path / "film", HEAD + "A,a pier [[fault:overcharge]],deapi/ltx-2.3,2,512x896\n")
    call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder))
    (folder / "spot.csv").write_text(HEAD + "B,a boat,deapi/ltx-2.3,2,512x896\n")
    frozen = call("plan", "spot.csv", "-C", str(folder), "--json").json["takes"][0]
    assert frozen["action"] == "blocked"
    assert frozen["reason"].endswith("; `callsheet cards price deapi/ltx-2.3 --as-quoted --source WHERE`")
    call("cards", "price", "deapi/ltx-2.3", "--as-quoted", "--source", "their support", "-C", str(folder))
    assert call("plan", "spot.csv", "-C", str(folder), "--json").json["takes"][0]["action"] == "buy"


def test_a_dry_run_is_shown_beside_what_is_held(standin: str, tmp_path: Path) -> None:
    """Asked of the service, which books nothing."""
    folder = str(project(tmp_path / "film", HEAD + "A,a pier,runware/ltx-2-fast,6,1920x1080\n"))
    plain = call("plan", "spot.csv", "-C", folder, "--json").json
    assert any("plan --quote" in note for note in plain["notes"])
    assert "dry_runs" not in plain
    [run] = call("plan", "spot.csv", "--quote", "-C", folder, "--json").json["dry_runs"]
    assert (run["price"], run["held"], run["takes"]) == ("0.24", "0.24", ["A.t1"])
    assert asked(standin, "bill")["total"] == "0.00"


def test_a_job_that_its_service_forgets_says_until_when(standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the run's end and in `status`: ByteCompute keeps a job for a day."""
    monkeypatch.setenv("BYTECOMPUTE_BASE_URL", f"{standin}/v1")
    monkeypatch.setenv("BYTECOMPUTE_API_KEY", "canary-3f7a")
    folder = project(tmp_path / "film", HEAD + "A,a pier [[fault:stuck]],bytecompute/ltx-2.3,4,640x512\n")
    (folder / "project.toml").write_text("[lanes.bytecompute]\npatience_s = 0.1\npoll_first_s = 0.02\n")
    ended = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder))
    assert ended.code == 1
    assert "at bytecompute is kept until 20" in ended.out
    [waits] = call("status", "-C", str(folder), "--json").json["kept_until"]
    assert (waits["take"], waits["service"]) == ("A.t1", "bytecompute")
    assert f"job {waits['job']} at bytecompute is kept until" in call("status", "-C", str(folder)).out
