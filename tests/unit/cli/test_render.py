"""`render`, `finish`, `recover`, `status`, `costs`, `report`, `doctor` against a stand-in, as a script uses them."""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from callsheet.report import takes_frame
from tests.unit.cli.calling import LIST, call, held_to_its_model, project, service
from tests.unit.cli.conftest import Rendered

SEQUENCE_FIELDS = {
    "sequence", "delivery", "version", "file", "frames", "fps", "width", "height", "duration_s", "loudness_lufs", "true_peak_dbtp", "complete", "missing",
    "removed", "shots",
}  # fmt: skip
TAKE_FIELDS = {
    "take",
    "list",
    "shot",
    "sequence",
    "service",
    "model",
    "state",
    "picked",
    "stale",
    "file",
    "sha256",
    "held",
    "settled",
    "findings",
    "attempts",
}
ATTEMPT_FIELDS = {"n", "state", "reason", "billed", "key", "job", "price", "held", "settled"}


def asked() -> Any:
    """What the stand-in was asked so far."""
    with urllib.request.urlopen(os.environ["RUNWARE_BASE_URL"].removesuffix("/v1") + "/standin/requests") as answer:
        return json.load(answer)


def render(folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """Render the list without Prefect."""
    said = call("render", "spot.csv", "--no-prefect", "-C", str(folder), "--json", *more)
    return said.code, said.json


def test_a_render_has_the_contracts_fields(filmed: Rendered) -> None:
    """State, counts, money, caps and sequences; both films stand where the document says."""
    found = filmed.said.json
    assert found["schema"] == "callsheet.render/1"
    assert found["state"] == "completed"
    assert found["counts"] == {"bought": 3, "kept": 0, "failed": 0, "in_doubt": 0, "not_bought": 0}
    assert found["money"] == {"currency": "USD", "cap": "1.00", "settled": "0.12", "held": "0.00", "in_doubt": "0.00", "headroom": "0.88"}
    assert [film["sequence"] for film in found["sequences"]] == ["one", "two"]
    assert all(set(film) >= SEQUENCE_FIELDS for film in found["sequences"])
    assert [(film["frames"], film["fps"], film["complete"]) for film in found["sequences"]] == [(24, "24", True), (36, "24", True)]
    assert found["sequences"][0]["shots"][0].keys() >= {"shot", "take", "record_in", "frames", "padded_frames", "stale"}
    assert all((filmed.folder / film["file"]).is_file() for film in found["sequences"])


def test_a_log_has_a_line_for_each_event_with_a_clock(filmed: Rendered) -> None:
    """Where stderr is no terminal, every event is a line that begins with the time in UTC; stdout has the document alone."""
    events = [line for line in filmed.said.err.splitlines() if line[8:9] == "Z"]
    assert sum(" received " in line for line in events) == 3
    assert sum(" submit " in line for line in events) == 3
    assert "Plan: 3 to buy, 0 kept." in filmed.said.err
    assert "test-key-91f3" not in filmed.said.err + filmed.said.out


def test_a_second_render_finds_nothing_to_do(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 0, all kept, no request to the service, Prefect never loaded."""
    before = asked()
    code, found = render(copied)
    assert asked() == before
    assert (code, found["state"]) == (0, "completed")
    assert found["counts"]["kept"] == 3
    assert all(film["version"] == 1 for film in found["sequences"])
    monkeypatch.setattr("callsheet.cli.drive_run.start_early", lambda: pytest.fail("Prefect was started"))
    said = call("render", "spot.csv", "-C", str(copied))  # without --no-prefect
    assert said.code == 0
    assert "completed: 0 bought, 3 kept" in said.out


@pytest.mark.parametrize(("options", "word"), [(["--cap", "1"], "--yes"), (["--yes"], "--cap")])
def test_nothing_is_bought_without_a_cap_or_a_yes(options: list[str], word: str, tmp_path: Path) -> None:
    """No cap in force, or nobody to ask: exit 4 with what to type, and the service is asked nothing."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        before = asked()
        said = call("render", "spot.csv", "--no-prefect", "-C", str(folder), "--json", *options)
        assert asked() == before
    assert said.code == 4
    assert word in said.json["errors"][0]["help"]
    assert not (folder / "out").exists()


def test_a_bad_list_is_refused_before_anything(tmp_path: Path) -> None:
    """Exit 3 with every fault; nothing is written."""
    folder = project(tmp_path / "film", LIST.replace("320x192", "320p"))
    with service(tmp_path):
        code, found = render(folder, "--cap", "1", "--yes")
    assert code == 3
    assert len(found["errors"]) == 2
    assert not (folder / ".callsheet").exists()


def test_a_cap_buys_what_fits_and_the_next_run_only_the_rest(tmp_path: Path) -> None:
    """Exit 4 at the cap with what fits in buying order; a higher cap buys the missing takes."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        code, found = render(folder, "--cap", "0.10", "--yes")
        assert (code, found["state"]) == (4, "cap_reached")
        assert (found["counts"]["bought"], found["counts"]["not_bought"]) == (2, 1)
        assert found["money"]["settled"] == "0.09"
        code, found = render(folder, "--cap", "0.12", "--yes")
    assert (code, found["counts"]["bought"], found["counts"]["kept"]) == (0, 1, 2)
    assert found["money"] == {"currency": "USD", "cap": "0.12", "settled": "0.12", "held": "0.00", "in_doubt": "0.00", "headroom": "0.00"}


def test_a_saved_plan_is_bought_exactly(tmp_path: Path) -> None:
    """A row that came to the list since is not bought; the takes of the plan are."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        assert call("plan", "spot.csv", "--out", "spot.plan", "-C", str(folder)).code == 0
        project(folder, LIST + "A030,two,A ship turns,runware/ltx-2,1,320x192,24,1\n")
        said = call("render", "spot.plan", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
        status = call("status", "spot.csv", "-C", str(folder), "--json").json
    assert said.json["counts"]["bought"] == 3
    assert said.json["money"]["settled"] == "0.12"
    assert {take["take"]: take["state"] for take in status["takes"]}["A030.t1"] == "not_bought"


def test_a_plan_whose_request_changed_is_stale(tmp_path: Path) -> None:
    """Another prompt is another request: exit 6, naming the take, and nothing is bought."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        call("plan", "spot.csv", "--out", "spot.plan", "-C", str(folder))
        project(folder, LIST.replace("A lamp is lit", "A lamp goes out"))
        said = call("render", "spot.plan", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert said.code == 6
    assert [(error["code"], error["take"]) for error in said.json["errors"]] == [("stale_plan", "spot:A020.t1")]
    assert not (folder / "out").exists()


def test_failures_are_told_by_cause_with_one_remedy(tmp_path: Path) -> None:
    """Refused content ends with 6 and says what to change; the other take is bought and its sequence finished."""
    folder = project(tmp_path / "film", LIST.replace("A lamp is lit", "A lamp is lit [[fault:refuse]]"))
    with service(tmp_path):
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder))
    assert said.code == 6
    assert "needs decision: 2 bought, 0 kept, 1 failed" in said.out
    assert "x 1 failed: the service refused the content: A020.t1" in said.out
    assert "help: change the prompt" in said.out
    assert "film: out/one_web_v001.mp4" in said.out


def test_finish_rebuilds_what_was_deleted_at_no_cost(copied: Path) -> None:
    """out/ may be deleted: the same bytes come back under the same name, and the service is asked nothing."""
    before = {path.name: path.read_bytes() for path in (copied / "out").glob("*.mp4")}
    shutil.rmtree(copied / "out")
    asked_before = asked()
    said = call("finish", "spot.csv", "-C", str(copied), "--json")
    assert asked() == asked_before
    assert said.code == 0
    assert said.json["schema"] == "callsheet.finish/1"
    assert {path.name: path.read_bytes() for path in (copied / "out").glob("*.mp4")} == before


def test_finish_cuts_what_is_there_of_a_list_that_has_grown(copied: Path) -> None:
    """A shot that was never bought stands as a slate of its length, the sequence is incomplete, exit 1; nobody is asked and nothing bought."""
    project(copied, LIST + "A030,two,A ship turns,runware/ltx-2,1,320x192,24,1\nA040,three,Never bought,runware/ltx-2,1,320x192,24,1\n")
    before = asked()
    said = call("finish", "spot.csv", "-C", str(copied), "--json")
    assert asked() == before
    assert said.code == 1
    films = {film["sequence"]: film for film in said.json["sequences"]}
    assert (films["one"]["complete"], films["two"]["complete"], films["two"]["missing"], films["two"]["frames"]) == (
        True,
        False,
        ["A030"],
        60,
    )
    assert films.keys() == {"one", "two"}


def test_recover_has_nothing_to_do_after_a_whole_run(copied: Path) -> None:
    """Nothing is open: exit 0, nothing bought."""
    said = call("recover", "-C", str(copied), "--json")
    assert (said.code, said.json["state"], said.json["counts"]["bought"]) == (0, "completed", 0)


@pytest.mark.parametrize("argv", [["status"], ["status", "spot.csv"], ["costs"]])
def test_status_and_costs_have_the_contracts_fields(argv: list[str], filmed: Rendered) -> None:
    """Every take with its attempts; money as text; the clip's path relative to the project."""
    said = call(*argv, "-C", str(filmed.folder), "--json")
    assert said.code == 0
    takes = said.json["takes"]
    assert [take["take"] for take in takes] == ["A010.t1", "A010.t2", "A020.t1"]
    assert all(set(take) >= TAKE_FIELDS and set(take["attempts"][0]) >= ATTEMPT_FIELDS for take in takes)
    assert all((filmed.folder / take["file"]).is_file() and take["state"] == "received" for take in takes)
    assert said.json["money"]["settled"] == "0.12"


def test_status_of_a_changed_list_shows_what_is_stale_and_not_bought(copied: Path) -> None:
    """A changed row's take is stale, a new row's is not bought; nothing is written."""
    changed = LIST.replace("A lamp is lit", "A lamp goes out") + "A030,two,A ship turns,runware/ltx-2,1,320x192,24,1\n"
    project(copied, changed)
    takes = {take["take"]: take for take in call("status", "spot.csv", "-C", str(copied), "--json").json["takes"]}
    assert (takes["A020.t1"]["stale"], takes["A020.t1"]["state"]) == (True, "received")
    assert takes["A030.t1"]["state"] == "not_bought"
    assert takes["A010.t1"]["stale"] is False
    assert "stale: row changed since" in call("status", "spot.csv", "-C", str(copied)).out


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("sequence", ["one", "two"]),
        ("shot", ["spot:A010", "spot:A020"]),
        ("model", ["runware/ltx-2"]),
        ("list", ["spot"]),
        ("service", ["runware"]),
        ("client", ["no client named"]),
        ("attempt", ["A010.t1 #1", "A010.t2 #1", "A020.t1 #1"]),
    ],
)
def test_costs_sum_to_what_was_spent(by: str, names: list[str], filmed: Rendered) -> None:
    """Whatever they are summed by, the groups add up to the project's money."""
    found = call("costs", "--by", by, "-C", str(filmed.folder), "--json").json
    assert [group["name"] for group in found["groups"]] == names
    assert sum(Decimal(group["settled"]) for group in found["groups"]) == Decimal(found["money"]["settled"])


def test_costs_are_a_table_for_spreadsheets(copied: Path) -> None:
    """The sums and nothing else; whose they are stands in project.toml, and a name is never calculated."""
    (copied / "project.toml").write_text('[project]\nclient = "=HYPERLINK(1)"\njob = "Spot, spring"\n', encoding="utf-8")
    head = "tries,clips,list_usd,spent_usd,held_usd,in_doubt_usd"
    said = call("costs", "--by", "client", "--csv", "-C", str(copied))
    assert (said.code, said.out) == (0, f"client,{head}\n'=HYPERLINK(1),3,3,0.12,0.12,0.00,0.00\n")
    assert call("costs", "--by", "job", "--csv", "-C", str(copied)).out.splitlines()[1].startswith('"Spot, spring",3,3,')


def test_report_writes_the_page_and_the_table(copied: Path) -> None:
    """One HTML file and one Parquet file; pandas reads the latter in one line, money exact."""
    said = call("report", "spot.csv", "-C", str(copied), "--json")
    assert (said.code, said.json["report"], said.json["table"]) == (0, "out/report.html", "out/takes.parquet")
    assert [film["sequence"] for film in said.json["sequences"]] == ["one", "two"]
    twin = held_to_its_model((copied / said.json["twin"]).read_text(encoding="utf-8"))
    assert ([take["take"] for take in twin["takes"]], twin["money"]) == (["A010.t1", "A010.t2", "A020.t1"], said.json["money"])
    html = (copied / "out" / "report.html").read_text(encoding="utf-8")
    assert "A boat leaves the harbour" in html
    assert html.count("data:image/webp;base64,") == 3
    table = pd.read_parquet(copied / "out" / "takes.parquet")
    assert table["settled"].sum() == Decimal("0.12")
    assert takes_frame.takes(copied)["take"].tolist() == ["A010.t1", "A010.t2", "A020.t1"]


def test_doctor_tells_keys_and_addresses_without_showing_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is set is told as set, another address is shown without its password, and what is no address fails, exit 5."""
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-3f7a")
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://me:canary-pw@127.0.0.1:9/v1")
    monkeypatch.delenv("DEAPI_API_KEY", raising=False)
    said = call("doctor", "-C", str(project(tmp_path)))
    assert said.code == 0
    assert "RUNWARE_API_KEY is set, http://127.0.0.1:9/v1" in said.out
    assert "no key (DEAPI_API_KEY is not set), https://api.deapi.ai" in said.out
    assert "canary" not in said.out + said.err
    for wrong in ("api.runware.ai/v1", "https://", "http://[::1", "http://host:port/v1"):
        monkeypatch.setenv("RUNWARE_BASE_URL", wrong)
        told = call("doctor", "-C", str(tmp_path), "--json")
        assert (told.code, [error["message"] for error in told.json["errors"]]) == (
            5,
            ["runware: RUNWARE_BASE_URL is not a valid http(s) URL"],
        )


def test_doctor_finds_a_missing_and_a_changed_clip(copied: Path) -> None:
    """Sound at first; then a lost clip and, with --deep, a damaged one are told with what to do, exit 5."""
    assert call("doctor", "-C", str(copied), "--json").code == 0
    clips = sorted((copied / ".callsheet" / "clips").rglob("*.mp4"))
    damaged = bytearray(clips[1].read_bytes())
    damaged[-1] ^= 1
    clips[1].chmod(0o644)
    clips[1].write_bytes(damaged)
    clips[0].unlink()
    said = call("doctor", "--deep", "-C", str(copied), "--json")
    assert said.code == 5
    told = " ".join(error["message"] for error in said.json["errors"])
    assert "missing: " in told
    assert "changed since they were bought: " in told
    assert "test-key-91f3" not in said.out
