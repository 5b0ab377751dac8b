"""Notifications of a run, received by a real HTTP server through apprise: each cause once, nothing secret said, and no failure of theirs ends a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunEvent
from callsheet.runs.notices import Notices
from callsheet.settings.tables.notices import Cause
from tests.project_stage import QUICK, Stage
from tests.scripted_runware import Shop
from tests.unit.cli.calling import call
from tests.unit.report.made_up_project import outcome, view

CAPPED = '[[cap]]\nscope = "project"\nusd = "0.10"\nwarn_at = [50]\n'
SECRET = "tok-7c1e-never-told"


@pytest.fixture
def received() -> Iterator[tuple[list[dict[str, Any]], str]]:
    """What a receiver was sent, and its apprise URL, with a token in it."""
    got: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append({**body, "token": self.headers.get("X-Token")})
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield got, f"json://127.0.0.1:{server.server_port}/hook?+X-Token={SECRET}"
        server.shutdown()


async def test_a_run_tells_each_cause_once(
    stage: Stage, shop: Shop, received: tuple[list[dict[str, Any]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A threshold while it goes, then the cap and the end; addresses come from the variable alone, and are told nowhere."""
    got, url = received
    monkeypatch.setenv("TEAM_CHANNEL", url)
    (stage.folder / "project.toml").write_text(QUICK + CAPPED + '[notify]\nvariables = ["TEAM_CHANNEL"]\n')
    stage.write(
        "shot_id,prompt,model,duration_s,resolution,fps\n" + "".join(f"S{n},a boat {n},runware/ltx-2,3,320x192,24\n" for n in (1, 2, 3))
    )
    ended = await stage.render(cap=None)
    assert ended.exit is Exit.MONEY
    titles = [one["title"].rpartition(": ")[2] for one in got]
    assert titles == ["threshold", "cap", "done"], titles
    assert "% used" in got[0]["message"]
    assert "1 bought" in got[-1]["message"]
    assert {one["token"] for one in got} == {SECRET}
    assert SECRET not in " ".join(told.text for told in stage.told) + json.dumps([{**one, "token": ""} for one in got])


@pytest.mark.parametrize("address", [f"json://127.0.0.1:9/{SECRET}", f"nothing://{SECRET}", SECRET])
async def test_a_notification_that_fails_fails_no_run(stage: Stage, shop: Shop, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted, without the address; the take is bought, and the run completed."""
    monkeypatch.setenv("CALLSHEET_NOTIFY", address)
    ended = await stage.render()
    assert (ended.exit, ended.counts.bought) == (Exit.DONE, 1)
    (note,) = [told.text for told in stage.told if "notification" in told.text]
    assert SECRET not in note, note


def test_only_what_is_wanted_is_told_and_once() -> None:
    """Two doubts are one cause; what is not in `on` is not sent."""
    sent: list[tuple[str, str]] = []

    def send(title: str, body: str) -> list[str]:
        sent.append((title, body))
        return ["it was refused"]

    said: list[str] = []
    notices = Notices("film", (Cause.DOUBT, Cause.DECISION), send, said.append)
    for text in ("no answer came", "no answer came, again"):
        notices.notify(RunEvent(kind="in_doubt", text=text, at=""))
    notices.notify(RunEvent(kind="cap", text="50 % used: cap project", at=""))
    notices.ended(outcome(view()))
    notices.close()
    assert (sent, said) == ([("callsheet film: doubt", "no answer came")], ["it was refused"])


async def test_nobody_is_told_where_no_address_is_given(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable, no thread, no word."""
    monkeypatch.delenv("CALLSHEET_NOTIFY", raising=False)
    await stage.render()
    assert not [told for told in stage.told if "notification" in told.text]
    assert "notices" not in {thread.name for thread in threading.enumerate()}


def doctor_says(folder: Path, *argv: str) -> tuple[int, dict[str, str]]:
    """Its exit code, and what it says of notifications."""
    answer = call("doctor", *argv, "-C", str(folder), "--json")
    [check] = [check for check in answer.json["checks"] if check["name"] == "notify"]
    return answer.code, check


def test_doctor_sends_one_message_and_says_what_cant_be_sent(
    tmp_path: Path, received: tuple[list[dict[str, Any]], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sends none unasked; an address is checked all the same, and never shown."""
    got, url = received
    monkeypatch.delenv("CALLSHEET_NOTIFY", raising=False)
    assert doctor_says(tmp_path)[1]["mark"] == "note"
    assert doctor_says(tmp_path, "--notify")[1]["mark"] == "fail"
    monkeypatch.setenv("CALLSHEET_NOTIFY", url)
    assert (doctor_says(tmp_path)[1]["mark"], got) == ("fine", [])
    assert doctor_says(tmp_path, "--notify")[1]["mark"] == "fine"
    assert [one["title"].rpartition(": ")[2] for one in got] == ["test"]
    for address, words in ((f"nothing://{SECRET}", "not an address"), (f"json://127.0.0.1:9/{SECRET}", "could not be reached")):
        monkeypatch.setenv("CALLSHEET_NOTIFY", address)
        code, check = doctor_says(tmp_path, "--notify")
        assert (code, words in check["says"], SECRET in str(check)) == (5, True, False)
