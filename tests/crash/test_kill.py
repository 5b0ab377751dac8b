"""kill -9 of a whole render, again and again, against a service that makes trouble: nothing is lost, nothing is paid twice."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import read
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import text, usd
from callsheet.store.project_folder import Project
from tests import command, prefect_database
from tests.film_reader import read_film

#: of the slow runs; the nightly job asks for five hundred
SHOTS = int(os.environ.get("KILL_SHOTS", "40"))
FAULTS = ("lost-ack=0.05", "unavailable=0.025", "unavailable-after=0.025", "truncate=0.05")
#: where each lost answer stays a doubt, and fewer shots are bought
ROUGH = ("lost-ack=0.08", "unavailable=0.04", "unavailable-after=0.04", "truncate=0.1", "poll-502=0.05", "status-synonyms=0.3")


@dataclass(frozen=True)
class Sold:
    """What is bought of a service, as cheap and small as it gets, and how it is finished: `path` is what its base URL adds to the stand-in's."""

    model: str
    size: str
    finished: str
    fps: int
    path: str

    @property
    def service(self) -> str:
        return self.model.partition("/")[0]

    @property
    def settings(self) -> str:
        quick = f"[lanes.{self.service}]\nslots = 6\nquarantine_s = 4.0\npoll_first_s = 0.1\npoll_max_s = 0.5\n[attempts]\nunavailable_wait_s = 0.1\n"
        return f'[project]\nfps = "{self.fps}"\nresolution = "{self.finished}"\n{quick}'


def slow(*values: object, nightly: bool = True) -> object:
    """A case that repeats at length what a quick one shows."""
    return pytest.param(*values, marks=[pytest.mark.slow, *([pytest.mark.nightly] if nightly else [])])


RUNWARE = Sold("runware/ltx-2", "320x192", "320x192", 24, "/v1")
OTHERS = {
    sold.service: sold
    for sold in (
        Sold("bytecompute/ltx-2.3", "512x512", "256x256", 25, "/v1"),
        Sold("deapi/ltx-2.3", "896x512", "448x256", 24, ""),
        Sold("lightricks/ltx-2.3", "1920x1080", "480x270", 24, ""),
    )
}
#: shots that each begin with the last frame of the one before
LINKS = 5
#: how it is run, of how many shots, and how often it is killed: runs through Prefect start slower and are killed alike, so half as many shots will do
RUNS = [("alone", 14, 2), slow("alone", SHOTS, 5), slow("prefect", SHOTS // 2, 5, nightly=False)]
#: where it is bought, of how many shots, and how often it is killed: the other services' films are larger
AWAY = [("bytecompute", 6, 1), *(slow(service, max(12, SHOTS // 5), 5) for service in OTHERS)]


@contextmanager
def standin(state: Path, seed: int, faults: Sequence[str] = FAULTS) -> Iterator[str]:
    """The stand-in as a process of its own; its first line is its address."""
    asked = [part for fault in faults for part in ("--fault", fault)]
    words = ("standin", "--port", "0", "--seed", str(seed), "--speed", "40", "--state", str(state), *asked)
    process = command.start(*words, stdout=subprocess.PIPE, remembering=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(20)


def bill(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url + "/standin/bill", timeout=10) as answer:
        return json.load(answer)


def environment(url: str, folder: Path, sold: Sold = RUNWARE) -> dict[str, str]:
    services = ("RUNWARE_", *(f"{name.upper()}_" for name in OTHERS))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CALLSHEET_", *services))}
    name = sold.service.upper()
    return {**own, f"{name}_API_KEY": "made-up", f"{name}_BASE_URL": url + sold.path, "XDG_CACHE_HOME": str(folder / "cache")}


def shot_list(folder: Path, shots: int, sold: Sold = RUNWARE) -> None:
    rows = [f"S{n:03d},{prompt(n)},{sold.model},1,{sold.size},{'north' if n < shots // 2 else 'south'}" for n in range(shots)]
    (folder / "storm.csv").write_text("shot_id,prompt,model,duration_s,resolution,sequence\n" + "\n".join(rows) + "\n")
    (folder / "project.toml").write_text(sold.settings)


def prompt(n: int) -> str:
    return f"wave number {n} against the rocks"


def progress(folder: Path) -> int:
    """How far a run is: clips in place and clips normalized."""
    state = folder / ".callsheet"
    made = (("clips", "*.mp4"), ("normalized", "*.f32"))  # a clip that fits has only its sound made
    return sum(1 for name, files in made for _ in (state / name).rglob(files)) if state.exists() else 0


def killed_at(words: Sequence[str], folder: Path, env: dict[str, str], point: int) -> bool:
    """Start a render and kill its whole process group as soon as it is `point` far; whether it was still running then."""
    with (folder / "render.log").open("wb") as log:
        process = command.start(*words, folder=folder, environment=env, session=True, stderr=log.fileno())
    while process.poll() is None and progress(folder) < point:
        time.sleep(0.01)
    while process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # it has no group of its own yet, or ended at this moment
            time.sleep(0.01)
            continue
        process.wait(10)
        return True
    return False


def left_behind(folder: Path) -> list[str]:
    """Processes that still work in or on the folder; the service itself and its filming are not the run's."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                place = str((entry / "cwd").readlink())
            except OSError:
                continue
            theirs = "standin" in command or str(folder / "service") in command
            if state != "Z" and (str(folder) in command or place == str(folder)) and not theirs:
                found.append(command)
    return found


def gone(folder: Path) -> list[str]:
    """What is left once the kernel has had a moment to end the children of a killed group."""
    deadline = time.monotonic() + 10
    while (left := left_behind(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.mark.timeout(900 + 10 * SHOTS)
@pytest.mark.parametrize(("how", "shots", "kills"), RUNS)
def test_a_render_killed_at_any_points_pays_each_take_once(tmp_path: Path, seed: int, how: str, shots: int, kills: int) -> None:
    """Kills of the process group at seeded points of its progress, then a last run: every sequence finished, each take paid once, ledger = bill."""
    points = sorted(random.Random(seed).sample(range(1, 2 * shots - 8), kills))
    print(f"seed {seed}: killed when {points} of {2 * shots} files are there")
    shot_list(tmp_path, shots)
    if how == "prefect":
        prefect_database.put_into_cache(tmp_path / "cache")
    with standin(tmp_path / "service", seed) as url:
        env = environment(url, tmp_path)
        words = ["render", "storm.csv", "--cap", "50", "--yes", *(["--no-prefect"] if how == "alone" else [])]
        hits = [killed_at(words, tmp_path, env, point) for point in points]
        assert all(hits), f"a run ended before its kill: {hits}\n" + (tmp_path / "render.log").read_text()
        assert gone(tmp_path) == []
        last = command.run(*words, "--json", folder=tmp_path, environment=env, timeout=600 + 5 * shots)
        assert last.returncode == 0, last.stdout + last.stderr
        check(tmp_path, json.loads(last.stdout), bill(url), shots)
        assert gone(tmp_path) == []


@pytest.mark.timeout(900 + 12 * SHOTS)
@pytest.mark.parametrize(("service", "shots", "kills"), AWAY)
def test_without_a_key_every_doubt_is_held_and_shown(tmp_path: Path, seed: int, service: str, shots: int, kills: int) -> None:
    """Kills and lost answers on a wire that can't be asked: two doubts stop a run, the next goes on; each take is received or in doubt, none paid twice."""
    sold = OTHERS[service]
    points = sorted(random.Random(seed).sample(range(1, shots), kills))
    print(f"seed {seed}: killed when {points} of {2 * shots} files are there")
    shot_list(tmp_path, shots, sold)
    with standin(tmp_path / "service", seed, ROUGH) as url:
        env = environment(url, tmp_path, sold)
        words = ["render", "storm.csv", "--cap", "100", "--yes", "--no-prefect"]
        for point in points:
            killed_on_the_way(words, tmp_path, env, point)
            assert gone(tmp_path) == []
        told = last_runs(words, tmp_path, env, shots)
        status = command.run("status", "--json", folder=tmp_path, environment=env)
        held_and_shown(tmp_path, told, json.loads(status.stdout), bill(url), shots)
        in_order(tmp_path, told["sequences"], sold)


def killed_on_the_way(words: Sequence[str], folder: Path, env: dict[str, str], point: int) -> None:
    """As `killed_at`; a run that two doubts stopped before is followed by another, which must come further."""
    before = -1
    while not killed_at(words, folder, env, point):
        assert progress(folder) > before, "a run bought nothing:\n" + (folder / "render.log").read_text()
        before = progress(folder)


def last_runs(words: Sequence[str], folder: Path, env: dict[str, str], shots: int) -> Any:
    """Undisturbed runs until every take is received or in doubt; what the last one said. A run that two doubts stop leaves takes that were never charged."""
    for _ in range(shots):
        done = command.run(*words, "--json", folder=folder, environment=env, timeout=600 + 10 * shots)
        told = json.loads(done.stdout)
        counts = told["counts"]
        assert done.returncode == (6 if counts["in_doubt"] else 1 if counts["failed"] else 0), done.stdout + done.stderr
        if not counts["not_bought"] and not counts["failed"]:
            return told
    raise AssertionError(f"{shots} runs were not enough")


def held_and_shown(folder: Path, told: Any, status: Any, billed: Any, shots: int) -> None:
    """Billed = received + in doubt, job by job; every doubt's money is counted and its take is shown; every other take has its clip."""
    attempts = attempts_of(folder)
    doubts = {str(attempt.take.shot) for attempt in attempts if attempt.state is State.IN_DOUBT}
    received = {attempt.take.shot: attempt for attempt in attempts if attempt.state is State.RECEIVED}
    accepted = accepted_jobs(folder / "service", shots)
    known = [str(attempt.job).partition("@")[0] for attempt in attempts if attempt.job]
    print(f"{len(accepted)} accepted, {len(received)} received, {len(doubts)} in doubt, {told['money']}, billed {billed['total']}")
    assert len(known) == len(set(known)) == len(received), "an attempt's job is another one's too, or has no clip"
    unknown = [shot for job, shot in accepted.items() if job not in known]
    assert len(unknown) == len(set(unknown)), "an attempt was accepted twice"
    assert set(unknown) <= doubts
    assert received.keys() | doubts == {f"S{n:03d}" for n in range(shots)}
    assert not received.keys() & doubts, "a take in doubt was bought again"
    in_doubt = sum(attempt.doubt for attempt in attempts)
    costs = {job["job"]: usd(job["cost"]) for job in billed["jobs"]}
    by_balance = sum(attempt.settled for attempt in attempts if attempt.state is State.IN_DOUBT)
    assert by_balance <= sum(cost for job, cost in costs.items() if job not in known), "a balance told of a charge that is on no bill"
    assert usd(told["money"]["settled"]) == sum(costs[job] for job in known) + by_balance
    assert usd(billed["total"]) <= usd(told["money"]["settled"]) + in_doubt
    assert (told["money"]["in_doubt"], told["money"]["held"], told["counts"]["in_doubt"]) == (text(in_doubt), "0.00", len(doubts))
    states = {take["shot"]: take for take in status["takes"]}
    assert {shot for shot, take in states.items() if take["state"] == "in_doubt"} == doubts
    for shot in received:
        assert hashlib.sha256((folder / states[shot]["file"]).read_bytes()).hexdigest() == states[shot]["sha256"]


def attempts_of(folder: Path) -> list[Attempt]:
    """The whole book, summed again."""
    ledger = open_ledger(folder / ".callsheet" / "ledger.db")
    try:
        assert audit(ledger) == []
        return read.attempts(ledger, Project(folder).known_id)
    finally:
        ledger.close()


def accepted_jobs(state: Path, shots: int) -> dict[str, str]:
    """Every purchase that the service took, by its job's id: the shot whose words it had."""
    shot_of = {prompt(n): f"S{n:03d}" for n in range(shots)}
    lines = [json.loads(line) for line in (state / "book.jsonl").read_text().splitlines()]
    orders = [line["accepted"]["order"] for line in lines if "accepted" in line]
    return {order["key"]: shot_of[order["prompt"]] for order in orders}


def in_order(folder: Path, sequences: Any, sold: Sold) -> None:
    """Every shot that has a take stands where it belongs, frame by frame; the others are slates of the same length."""
    for film in sequences:
        frames = [cell and cell[1] for cell in read_film(folder / film["file"])]
        assert film["frames"] == len(frames) == sold.fps * len(film["shots"])
        for shot in film["shots"]:
            seen = frames[shot["record_in"] : shot["record_in"] + shot["frames"]]
            assert seen == (list(range(sold.fps)) if shot["take"] else [None] * sold.fps), shot


def check(folder: Path, told: dict[str, object], billed: dict[str, object], shots: int) -> None:
    jobs = billed["jobs"]
    assert isinstance(jobs, list)
    keys = [job["key"] for job in jobs]
    assert len(keys) == len(set(keys)) == shots, f"{len(keys)} jobs were billed for {shots} takes"
    assert told["state"] == "completed"
    money, sequences = told["money"], told["sequences"]
    assert isinstance(money, dict)
    assert isinstance(sequences, list)
    assert (money["settled"], money["held"], money["in_doubt"]) == (billed["total"], "0.00", "0.00")
    assert money["settled"] == text(shots * 30_000)
    ledger = open_ledger(folder / ".callsheet" / "ledger.db")
    assert audit(ledger) == []
    ledger.close()
    for film in sequences:
        assert film["complete"]
        assert film["frames"] == RUNWARE.fps * len(film["shots"])
        frames = [frame for _, frame in read_film(folder / film["file"])]
        assert frames == list(range(RUNWARE.fps)) * len(film["shots"])


def chain_list(folder: Path) -> None:
    """Five shots of one sequence, each from the second on `@prev`."""
    rows = [f"S{n},hour {n} at the pier,{RUNWARE.model},1,{RUNWARE.size},{'@prev' if n > 1 else ''}" for n in range(1, LINKS + 1)]
    (folder / "storm.csv").write_text("shot_id,prompt,model,duration_s,resolution,first_frame\n" + "\n".join(rows) + "\n")
    (folder / "project.toml").write_text(f"{RUNWARE.settings}[continuity]\nmax_links = {LINKS - 1}\n")


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_chain_killed_between_links_pays_each_link_once(tmp_path: Path, seed: int) -> None:
    """Killed twice, when so many clips are there; the last run buys the rest: five jobs, ledger = bill, each frame of the clip that stands before it."""
    points = sorted(random.Random(seed).sample(range(1, LINKS), 2))
    chain_list(tmp_path)
    with standin(tmp_path / "service", seed, ()) as url:
        env = environment(url, tmp_path)
        words = ["render", "storm.csv", "--cap", "50", "--yes", "--no-prefect"]
        assert [killed_at(words, tmp_path, env, point) for point in points] == [True, True], (tmp_path / "render.log").read_text()
        assert gone(tmp_path) == []
        last = command.run(*words, "--json", folder=tmp_path, environment=env, timeout=300)
        assert last.returncode == 0, last.stdout + last.stderr
        told, billed = json.loads(last.stdout), bill(url)
    jobs = billed["jobs"]
    assert isinstance(jobs, list)
    assert len(jobs) == LINKS, f"{len(jobs)} jobs were billed for {LINKS} links; killed at {points}"
    assert (told["money"]["settled"], told["money"]["held"], told["money"]["in_doubt"]) == (billed["total"], "0.00", "0.00")
    received = {attempt.take.shot: attempt for attempt in attempts_of(tmp_path) if attempt.state is State.RECEIVED}
    assert sorted(received) == [f"S{n}" for n in range(1, LINKS + 1)]
    for n in range(2, LINKS + 1):
        [frame] = received[f"S{n}"].files
        before = received[f"S{n - 1}"].sha256
        assert before
        assert frame.source.startswith(f"{before}#"), f"S{n} begins with {frame.source}, and S{n - 1} is {before}"
