"""How each message that prints a command is provoked, what it asks to do besides, and what has to be true once its command was typed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from importlib import import_module
from pathlib import Path

import pytest
import uvicorn

from callsheet.cli.commands.buying import render
from callsheet.cli.detached import Background
from callsheet.conformance import suite
from callsheet.store.project_folder import Project
from tests.unit.cli.calling import LIST, Said, call, project
from tests.unit.cli.test_selections import MORE

Provoke = Callable[[Path], Said]
Act = Callable[[Path], object]


@dataclass(frozen=True)
class Remedy:
    """One printed command. `provoke` makes a command say it, in the project of the fixture `begin`; typed, it ends with `code` (3: `import` asks, and nobody
    is there to answer).
    """

    provoke: Provoke
    code: int = 0
    _: KW_ONLY
    begin: str = "copied"
    #: what is patched while it is provoked and typed
    stage: Callable[[pytest.MonkeyPatch], object] = lambda _patch: None
    #: words that the message has too, where other messages print such a command as well
    says: str = ""
    #: what the command looks like, where its skeleton says too little; all of them are then typed
    look: str = ""
    #: what the message asks for before the command is typed
    first: Act = lambda _folder: None
    #: what a person writes in place of a word in capitals
    fill: Mapping[str, str | Callable[[], str]] = field(default_factory=dict[str, str | Callable[[], str]])
    #: whether what the message promises is true afterwards, in the project's folder
    kept: Callable[[Said], bool] = lambda _said: True


def listed(text: str) -> Act:
    return lambda folder: project(folder, text)


def settings(text: str) -> Act:
    return lambda folder: (folder / "project.toml").write_text(text, encoding="utf-8")


def _free_port() -> int:
    """A port where nothing listens, here and by whatever else runs on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def after(*steps: Act | tuple[str, ...]) -> Provoke:
    """What the last command says, once the steps before it were taken: files written, or commands that must succeed."""

    def provoke(folder: Path) -> Said:
        *before, last = steps
        for step in before:
            if callable(step):
                step(folder)
            else:
                done = call(*step)
                assert done.code == 0, done
        assert not callable(last)
        return call(*last)

    return provoke


_PLAN = ("plan", "spot.csv", "--offline")
_RENDER = ("render", "spot.csv", "--yes", "--no-prefect")
_OTHERS = LIST.replace("A boat", "A ship").replace("A lamp", "A light")
_HEAD = LIST.partition("\n")[0]
_DEAR = f"{LIST}A050,three,A gale [[fault:overcharge]],runware/ltx-2,1,320x192,24,1\n"
_CHAIN = f"""{_HEAD},first_frame,params
B010,four,A boat,runware/ltx-2,1,320x192,24,2,,
B020,four,A lamp,runware/ltx-2,1,320x192,24,1,@B010#last,
"""
_UNFIT = _CHAIN.replace("24,2,,", "24,1,,safety.checkContent = true; safety.mode = fast").replace("A boat", "A boat [[fault:nsfw]]")


_DRAFTED = (settings('[draft]\nresolution = "256x144"\n'), listed(_OTHERS), _RENDER, ("pick", "A020"))


def told_nowhere(patch: pytest.MonkeyPatch) -> None:
    """An address for notifications where nobody listens."""
    patch.setenv("CALLSHEET_NOTIFY", "json://127.0.0.1:9/hook")


def anyway(*words: str) -> Act:
    """A command that needn't end with 0."""
    return lambda _folder: call(*words)


def plans(words: str) -> Callable[[Said], bool]:
    return lambda _said: words in call(*_PLAN).out


def shows(words: str) -> Callable[[Said], bool]:
    return lambda said: words in said.out + said.err


def delivers(_said: Said) -> bool:
    return call("deliver", "handed-over").code == 0


def take(name: str = "") -> Mapping[str, str]:
    """A take's only attempt (the first take's, where none is named), as `status` has it, with the take's own state."""
    takes = call("status", "--json").json["takes"]
    one = next(take for take in takes if name in ("", take["take"]))
    return {**one["attempts"][0], "state": one["state"]}


def without(*names: str) -> Act:
    """Files and folders of the state that got lost."""

    def lose(folder: Path) -> None:
        for name in names:
            path = folder / ".callsheet" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return lose


def invoiced(usd: str) -> Act:
    """The service's invoice, with one job."""
    return lambda folder: (folder / "invoice.csv").write_text(f"job,usd\n{take()['job']},{usd}\n", encoding="utf-8")


def believed(usd: str) -> Callable[[Said], bool]:
    """The cost is booked, and the next run has nothing to ask."""
    return lambda _said: take()["settled"] == usd and call(*_RENDER).code == 0


def a_copy(folder: Path) -> None:
    original = folder.parent / "original"
    shutil.copytree(folder, original)
    Project(folder).record(folder=str(original))


def commented(folder: Path) -> None:
    """What a client sends back: a retake is wished."""
    [share] = (folder / ".callsheet" / "review" / "shares").iterdir()
    decisions = [{"uid": "comment-0001", "list": "spot", "shot": "A010", "kind": "retake"}]
    said = {"schema": "callsheet.review-comments/1", "share": share.stem, "role": "client-a", "who": "x", "decisions": decisions}
    (folder / "comments.json").write_text(json.dumps(said), encoding="utf-8")


def job_at_deapi() -> str:
    with urllib.request.urlopen(f"{os.environ['DEAPI_BASE_URL']}/standin/bill", timeout=10) as answer:
        return str(json.load(answer)["jobs"][0]["job"])


def unreachable(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:9/v1")


def in_front(patch: pytest.MonkeyPatch) -> None:
    """What would go on in the background is done at once."""

    def start(_project: Project, words: Sequence[str], log: Path) -> Background:
        done = call(*words)
        assert done.code == 0, done
        return Background(os.getpid(), log, began=True)

    patch.setattr(render, "start_detached", start)


def many(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(import_module("callsheet.cli.commands.takes.status"), "_MANY", 0)


def no_purchases(patch: pytest.MonkeyPatch) -> None:
    """What is bought at the stand-in has its own tests."""
    patch.setattr(suite, "TWIN", ())


def visited(patch: pytest.MonkeyPatch) -> None:
    """Servers that end once somebody has looked at their page."""
    started = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        await started(self, sockets)
        if sockets and threading.current_thread() is threading.main_thread():
            threading.Thread(target=look, args=(self, sockets[0].getsockname()[1]), daemon=True).start()

    def look(server: uvicorn.Server, port: int) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as visitor:
                visitor.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answers.append(visitor.recv(100))
        finally:
            server.should_exit = True

    answers.clear()
    patch.setattr(uvicorn.Server, "startup", startup)


answers: list[bytes] = []


def answered(_said: Said) -> bool:
    return answers[0].startswith(b"HTTP/1.1 ")


#: by the command that is printed, as `printed_commands` writes it
REMEDIES: dict[str, Remedy] = {
    "callsheet init": Remedy(after(lambda folder: (folder / "spot.csv").unlink(), ("plan",))),
    "callsheet docs": Remedy(after(("docs", "zzzz"))),
    "callsheet explain": Remedy(after(("explain", "nothing-of-ours"))),
    "callsheet explain {}": Remedy(after(listed(LIST.replace("1.5,", "soon,")), ("check", "spot.csv"))),
    "callsheet status": Remedy(after(("pick", "A099.t1"))),
    "callsheet finish {}": Remedy(after(("pick", "A020"))),
    "callsheet finish": Remedy(
        after(lambda folder: shutil.rmtree(folder / ".callsheet" / "finished"), ("approve", "one", "v001")),
        kept=lambda _said: call("approve", "one", "v001").code == 0,
    ),
    "callsheet check": Remedy(after(("show", "ZZZZ"))),
    "callsheet plan --out {}": Remedy(
        after(lambda folder: (folder / "broken.plan").write_text('{"schema": "callsheet.plan/1"'), ("render", "broken.plan")),
        kept=lambda _said: call("render", "broken.plan").code == 0,
    ),
    "callsheet deliver handover": Remedy(
        after(("approve", "one", "v001", "--as-is")), kept=lambda _said: Path("handover", "SHA256SUMS").is_file()
    ),
    "callsheet schema {}": Remedy(after(("schema", "project", "--sheet", "x.xlsx"))),
    "callsheet show {}:{} --json": Remedy(after(("show", "A010"))),
    "callsheet import": Remedy(after(listed(LIST.replace("A010", "Mar-01")), ("check", "spot.csv")), 3),
    "callsheet hold --undo {*}": Remedy(after(("hold", "A020"), listed(_OTHERS), _PLAN), kept=plans("3 to buy")),
    "callsheet {} *": Remedy(after(("hold",))),
    "callsheet {} {}": Remedy(after(("reject",))),
    "callsheet resume": Remedy(after(("pause",)), kept=lambda _said: not call("status", "--json").json["paused"]),
    "callsheet retake {}": Remedy(after(("pick", "A020"), listed(_OTHERS), (*_PLAN, "-v")), kept=plans("3 to buy")),
    "callsheet render": Remedy(after(listed(MORE), ("pick", "A030")), kept=shows("2 bought")),
    "callsheet render {} --cap {}": Remedy(after(listed(MORE), (*_PLAN, "--cap", "0.13")), kept=shows("2 bought")),
    "callsheet render {}": Remedy(after(listed(MORE), ("plan", "spot.csv", "--out", "today.plan")), kept=shows("2 bought")),
    # drafts
    "callsheet render {} --final": Remedy(after(*_DRAFTED, _PLAN), kept=shows("1 bought")),
    "callsheet render {} --final --cap {}": Remedy(after(*_DRAFTED, (*_PLAN, "--final", "--cap", "0.01")), kept=shows("1 bought")),
    "callsheet review {*} {*}": Remedy(after(*_DRAFTED[:2], _RENDER), stage=visited, kept=answered),
    "callsheet doctor --notify": Remedy(after(("doctor",)), 5, stage=told_nowhere, kept=shows("could not be reached")),
    "callsheet plan {} --out {}": Remedy(after((*_PLAN, "--against", "spot.csv"))),
    "callsheet plan {*} {*}": Remedy(after(listed(MORE), (*_RENDER, "--cap", "0.13")), 4),
    "callsheet render {*} --cap {} {*}": Remedy(after(listed(MORE), (*_RENDER, "--cap", "0.13")), kept=plans("0 to buy")),
    "callsheet report {*} {*}": Remedy(after(_RENDER), kept=lambda _said: bool([*Path("out").glob("*.html")])),
    "callsheet approve {} v{}": Remedy(after(("approve", "one")), kept=delivers),
    "callsheet import {}": Remedy(after(listed(LIST.replace("shot_id", "Shot Nr.")), ("check", "spot.csv"))),
    "callsheet check {}": Remedy(after(listed(LIST.replace("shot_id", "Shot Nr.")), ("import", "spot.csv"))),
    "callsheet {} {} {*}": Remedy(after(("init", "new"))),
    "callsheet attach": Remedy(after(("pause",), ("resume",))),
    # approved versions
    "callsheet approve {} v{} --delivery {}": Remedy(after(("approve", "one", "v009")), kept=delivers),
    "callsheet approve {} {} --delivery {} --as-is": Remedy(
        after(listed(MORE), anyway("finish", "spot.csv"), ("approve", "two", "v002")), kept=delivers
    ),
    # prices
    "callsheet cards price {} --usd-per-s {} --source {}": Remedy(
        after(
            listed(MORE), ("cards", "price", "runware/ltx-2", "--usd-per-s", "0.01", "--source", "a page"), ("plan", "spot.csv", "--quote")
        ),
        kept=plans("0.09 USD at list price"),
    ),
    "callsheet cards price {}": Remedy(
        after(listed(_DEAR), anyway(*_RENDER), listed(f"{_DEAR}A060,three,A calm,runware/ltx-2,1,320x192,24,1\n"), _PLAN),
        says="runware/ltx-2 is frozen",
        fill={"X": "0.045", "WHERE": "their page of today"},
        kept=plans("1 to buy"),
    ),
    "callsheet plan --quote": Remedy(
        after(listed(f"{LIST}A030,two,A ship,runware/ltx-2-fast,6,1920x1080,25,1\n"), _PLAN), kept=shows("dry run of 1 take")
    ),
    "callsheet reconcile {*} --invoice FILE": Remedy(
        after(("settle", "A010.t1", "--charged", "0.05", "--source", "a page")),
        6,
        first=invoiced("0.05"),
        fill={"FILE": "invoice.csv"},
        kept=shows("correct by 0.02"),
    ),
    "callsheet reconcile --service {} --invoice FILE --yes": Remedy(
        after(_RENDER), begin="cheap", first=invoiced("0.02"), fill={"FILE": "invoice.csv"}, kept=believed("0.02")
    ),
    "callsheet settle {}": Remedy(after(_RENDER), begin="cheap", fill={"USD": "0.02", "WHERE": "invoice 17"}, kept=believed("0.02")),
    # doubts, and what was lost here
    "callsheet recover": Remedy(
        after(without("clips"), ("status",)), says="its clip is missing", kept=lambda _said: call("finish", "spot.csv").code == 0
    ),
    "callsheet recover {} {}": Remedy(after(("recover", "--write-off")), begin="doubtful", kept=lambda _said: take()["state"] == "closed"),
    "callsheet recover {}": Remedy(
        after(("recover",)), begin="doubtful", fill={"ID": job_at_deapi}, kept=lambda _said: take()["state"] == "received"
    ),
    "callsheet recover {*}": Remedy(
        after(without("clips", "finished", "normalized"), ("finish", "spot.csv")),
        says="next: callsheet recover",
        kept=lambda _said: call("finish", "spot.csv").code == 0,
    ),
    "callsheet doctor": Remedy(
        after(settings("[lanes.runware]\noutage_s = 0.001\n[attempts]\nunavailable_wait_s = 0.01\n"), _RENDER),
        stage=unreachable,
        says="runware can't be reached",
        kept=shows("127.0.0.1:9"),
    ),
    "callsheet doctor --accept-ledger": Remedy(after(without("ledger.db"), _RENDER), kept=plans("3 to buy")),
    "callsheet doctor --accept-copy": Remedy(after(a_copy, _RENDER), kept=plans("3 kept")),
    # chains
    "callsheet pick {}": Remedy(after(listed(_UNFIT), anyway(*_RENDER), _PLAN), says="has findings (nsfw)", kept=plans("1 to buy")),
    "callsheet retake {*}": Remedy(
        after(listed(_CHAIN), anyway(*_RENDER), ("pick", "B010.t2"), _PLAN), says="stale, kept: 1", kept=plans("1 to buy")
    ),
    # the next step
    "callsheet plan": Remedy(after(listed(f"{LIST}Total,,,,,,,3\n"), ("check", "spot.csv")), first=listed(LIST), kept=shows("3 kept")),
    "callsheet plan {} {*} --out {}": Remedy(
        after(listed(MORE), (*_PLAN, "--out", "today.plan"), ("render", "today.plan", "A030")),
        kept=lambda _said: "1 bought" in call("render", "today.plan", "--yes", "--no-prefect").out,
    ),
    "callsheet render {} -C {}": Remedy(after(("plan", "../spot.csv", "-C", "out")), kept=shows("0 bought")),
    "callsheet render {} --yes": Remedy(after(listed(MORE), ("render", "--yes")), kept=shows("2 bought")),
    "callsheet render {*} {*}": Remedy(
        after(listed(MORE), ("render", "spot.csv", "--no-buy")), look="callsheet render spot.csv", kept=shows("2 bought")
    ),
    "callsheet {} {*}": Remedy(
        after(listed(MORE), (*_RENDER, "--detach")),
        stage=in_front,
        look="callsheet (attach|pause|status)",
        kept=shows("nothing new is bought"),
    ),
    "callsheet hooks": Remedy(
        after(("schema", "project")),
        stage=visited,
        first=settings(f'[project]\ncallback_url = "http://127.0.0.1:{_free_port()}"\n'),
        kept=answered,
    ),
    "callsheet review --import FILE": Remedy(
        after(("review", "--share", "share.zip")), first=commented, fill={"FILE": "comments.json"}, kept=shows("1 new")
    ),
    "callsheet review": Remedy(
        after(("review", "--share", "share.zip"), commented, ("review", "--import", "comments.json")), stage=visited, kept=answered
    ),
    # pages
    "callsheet docs tutorial": Remedy(after(("docs",)), kept=shows("# Your first film")),  # a demo ends with it, too
    "callsheet docs {}": Remedy(after(("docs",)), kept=shows("# ")),
    "callsheet services {}": Remedy(after(("services", "runware/ltx-2", "runware")), kept=shows("  sold")),
    "callsheet services test {}": Remedy(after(("services", "runware/ltx-2", "x")), stage=no_purchases, kept=shows("0 failed")),
    "callsheet services test runware": Remedy(after(("services", "test")), stage=no_purchases, kept=shows("0 failed")),
    "callsheet status {}": Remedy(after(("status",)), stage=many, kept=shows("A010.t1")),
}
