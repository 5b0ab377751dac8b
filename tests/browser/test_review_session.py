"""Sessions at the review: forty shots decided by keys alone and what the next cut is; and several people at once, the command line and a run among them."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from callsheet.domain.mark import MarkKind, Role
from callsheet.review.page_state import current
from callsheet.review.review_app import PAGE, LiveReview
from callsheet.store.clip_store import clip_path
from callsheet.store.project_folder import Project
from tests.browser import chromium
from tests.browser.dailies import HEAD, bought, outside, person
from tests.browser.review_page import Person, page_of, served
from tests.film_reader import Cell, read_film
from tests.unit.cli.calling import call

SHOTS, TAKES = 40, 3
SEED = int(os.environ["CALLSHEET_TEST_SEED"])
#: joined of the first and third take: frames 0 to 10 and 11 to 23
JOINED = 7
#: the keys that join two takes, the second one going on where the first left off
JOIN_KEYS = ("1", "Home", "Shift+ArrowRight", "o", "e", "3", "ArrowRight", "i", "e", "E", "ArrowDown")
LIST = HEAD + "".join(f"K{n:03d},one,shot {n},runware/ltx-2,1,320x192,24,{TAKES}\n" for n in range(SHOTS))


#: a server that answers late, and refuses what was decided on a shot by somebody whom its author had not seen
_QUEUE = """
import { ServerStore } from %s;
const log = [], told = [];
globalThis.fetch = async (path, how) => {
  await new Promise((late) => setTimeout(late, 2));
  const answer = (ok, body) => ({ ok, json: async () => body });
  if (!how.method) return answer(true, path === "api/state" ? { last: log.length, shots: [] } : {});
  const body = JSON.parse(how.body);
  if (log.some((one, at) => one.shot === body.shot && at >= body.seen)) return answer(false, { error: "meanwhile", newer: {} });
  log.push({ shot: body.shot, kind: body.kind });
  if (body.kind === "last of mine") log.push({ shot: "B", kind: "pick" });
  return answer(true, { state: { last: log.length, shots: [] } });
};
const store = new ServerStore();
store.state = { last: 0, shots: [] };
const decide = (shot, kind) => store.decide({ list: "spot", shot }, { kind }, null).then(() => told.push("kept"), () => told.push("refused"));
await Promise.all([decide("A", "reject"), decide("A", "pick"), decide("C", "last of mine"), decide("B", "pick"), decide("D", "pick")]);
const said = [told.join(" "), log.map((one) => one.shot + " " + one.kind).join(", "), store.waiting.length].join("; ");
if (said !== "kept kept kept refused kept; A reject, A pick, C last of mine, B pick, D pick; 0") throw new Error(said);
"""


def test_decisions_that_come_faster_than_answers_are_kept_in_their_order() -> None:
    """Several of a shot at once are all the author's; one that another tab decided on meanwhile is refused, and the next ones are not."""
    script = _QUEUE % json.dumps((PAGE / "store.js").as_uri())
    subprocess.run(["node", "--input-type=module", "-e", script], check=True, timeout=60)


@dataclass(frozen=True)
class Wanted:
    """What is decided of a shot: the take that is picked; which of the other takes is rejected, 0 for none; whether the shot is to be retaken, too."""

    take: int
    rejected: int = 0
    again: bool = False


def _wanted(rng: random.Random) -> Wanted:
    take = rng.randint(1, TAKES)
    other = rng.choice([one for one in range(1, TAKES + 1) if one != take])
    return Wanted(take, rejected=other if rng.random() < 0.2 else 0)


def _decide(somebody: Person, shots: list[Wanted]) -> None:
    """Keys as fast as they can be pressed: no waiting for films, none for answers."""
    somebody.press("ArrowRight", "Enter")
    for number, shot in enumerate(shots):
        if number == JOINED:
            somebody.press(*JOIN_KEYS)
            continue
        if shot.rejected:
            somebody.press(str(shot.rejected), "x")
        somebody.press(str(shot.take), "a")
    somebody.until("document.body.page.store.waiting.length === 0 && document.body.page.viewer.early.length === 0")


def _clips(folder: Path) -> dict[tuple[str, int], list[Cell | None]]:
    """The frames of every take."""
    takes = call("status", "--json", "-C", str(folder)).json["takes"]
    return {(take["shot"], int(take["take"][-1])): read_film(clip_path(Project(folder), take["sha256"])) for take in takes}


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(600)
def test_forty_shots_are_reviewed_by_keys_alone(tmp_path: Path) -> None:
    """Two keys a shot, one where the take that is shown is the one: each decision is the one that was meant, whatever the films' and the server's pace.

    The next cut has the picked takes frame by frame, and the two parts of the joined shot without a frame between them or twice.
    """
    rng = random.Random(SEED)
    shots = [_wanted(rng) for _ in range(SHOTS)]
    with bought(tmp_path, LIST, cap="10", palette=256) as folder, person(folder, tmp_path) as there:
        if there is None:
            return
        somebody, url, _ = there
        clips = _clips(folder)
        somebody.go(page_of(url))
        somebody.until(f"document.querySelectorAll('button.take').length === {SHOTS * TAKES}")
        _decide(somebody, shots)
        keys = somebody.keys
        print(f"{SHOTS} shots of {TAKES} takes: {keys} keys, {keys / SHOTS:.2f} a shot")
        assert keys <= 2 + 2 * SHOTS + len(JOIN_KEYS) + 2 * sum(bool(shot.rejected) for shot in shots)
        assert somebody.ask("document.querySelector('.counts').textContent") == f"{SHOTS} of {SHOTS} picked"
        finished = call("finish", "spot.csv", "-C", str(folder), "--json")
        assert finished.code == 0, finished.err
        film = read_film(folder / finished.json["sequences"][0]["file"])
        takes = call("status", "--json", "-C", str(folder)).json["takes"]
    picked = {take["shot"]: int(take["take"][-1]) for take in takes if take["picked"]}
    meant = {f"K{number:03d}": shot.take for number, shot in enumerate(shots) if number != JOINED}
    assert {shot: take for shot, take in picked.items() if shot in meant} == meant, f"seed {SEED}"
    rows = [clips[f"K{number:03d}", shot.take] for number, shot in enumerate(shots)]
    rows[JOINED] = [*clips[f"K{JOINED:03d}", 1][:11], *clips[f"K{JOINED:03d}", 3][11:]]
    assert film == [cell for row in rows for cell in row], f"seed {SEED}"


CROWD_SHOTS = 5
CROWD_LIST = HEAD + "".join(f"T{n},one,shot {n},runware/ltx-2,1,320x192,24,2\n" for n in range(CROWD_SHOTS))
_WHO = {"tab": Role.PRODUCER, "other tab": Role.PRODUCER, "a": Role.CLIENT_A, "b": Role.CLIENT_B}


@contextmanager
def everybody(folder: Path, tmp_path: Path) -> Generator[tuple[dict[str, Person], LiveReview] | None]:
    """A tab for each of `_WHO`; None where there is no Chromium."""
    browser = chromium.found()
    if browser is None:
        yield None
        return
    with served(folder) as (url, live), ExitStack() as stack:
        people: dict[str, Person] = {}
        for number, (name, role) in enumerate(_WHO.items()):
            people[name] = stack.enter_context(chromium.tab(browser, tmp_path / f"profile-{number}", Person))
            people[name].go(page_of(url, role))
            people[name].until(f"document.querySelectorAll('button.take').length === {2 * CROWD_SHOTS}")
        yield people, live
        for one in people.values():
            assert outside(one, url) == []


def _said(live: LiveReview) -> list[tuple[str, str, str]]:
    return [(mark.who, mark.kind.value, mark.shot) for mark in current(live.now()).log]


@pytest.mark.slow
@pytest.mark.nightly
def test_nothing_that_anybody_says_is_lost(tmp_path: Path) -> None:
    """Random decisions of all four, a few at a time without waiting: each is written, or its author is told what they missed and sees it.

    In the end all tabs show the same picks and the same wishes, which are the ledger's.
    """
    rng = random.Random(SEED)
    with bought(tmp_path / "bought", CROWD_LIST) as folder, everybody(folder, tmp_path) as there:
        if there is None:
            return
        people, live = there
        sent: dict[str, int] = dict.fromkeys(people, 0)
        for one in people.values():
            one.ask("window.refused = 0; document.body.page.store.decide = ((decide) => function (...said) {"
                    "return decide.apply(this, said).catch((error) => { window.refused += 1; throw error; }); })(document.body.page.store.decide)")  # fmt: skip
        for _ in range(30):
            name = rng.choice([*people])
            for _ in range(rng.randint(1, 3)):
                shot, take, key = rng.randrange(CROWD_SHOTS), rng.randrange(2), rng.choice("aaxr")
                people[name].ask(f"document.querySelectorAll('button.take')[{2 * shot + take}].focus()")
                people[name].press(key)
                sent[name] += 1
        for one in people.values():
            one.until("document.body.page.store.waiting.length === 0")
        said = _said(live)
        for name, role in _WHO.items():
            refused = sum(people[tab].ask("window.refused") for tab, other in _WHO.items() if other is role)
            all_sent = sum(sent[tab] for tab, other in _WHO.items() if other is role)
            assert len([one for one in said if one[0] == role.value]) == all_sent - refused, f"seed {SEED}: {name}"
        assert not people["a"].ask("window.refused + 0") and not people["b"].ask("window.refused + 0"), (
            "clients' wishes are never overtaken"
        )
        for one in people.values():
            one.until(f"document.body.page.store.state.last === {live.now().last}")
        shown = {name: one.ask(_SHOWN) for name, one in people.items()}
        assert len(set(shown.values())) == 1, f"seed {SEED}: {shown}"
        marks = live.now().marks
        assert sorted(json.loads(shown["tab"])[0]) == sorted(marks.picks.values()), f"seed {SEED}"


_SHOWN = """JSON.stringify([document.body.page.store.state.shots.flatMap((shot) => shot.clips.filter((clip) => clip.picked).map((clip) => clip.id)),
  document.body.page.store.state.shots.flatMap((shot) => shot.wishes.map((wish) => [wish.role, wish.kind, wish.clip]))])"""


@pytest.mark.slow
@pytest.mark.nightly
def test_what_happens_elsewhere_is_seen(tmp_path: Path) -> None:
    """A pick at the command line, a note of a client's, and a clip that a run brings: the page shows them by itself, and what is being written stays."""
    with bought(tmp_path / "bought", CROWD_LIST) as folder, everybody(folder, tmp_path) as there:
        if there is None:
            return
        people, live = there
        tab = people["tab"]
        tab.press("ArrowRight", "Enter")
        tab.settled()
        tab.press("n", *"half a")
        assert call("pick", "T1.t2", "-C", str(folder)).code == 0
        people["a"].press("ArrowRight", "Enter")
        people["a"].settled()
        people["a"].press("n", *"brighter", "Enter")
        tab.until("document.body.page.store.shot('spot:T1').clips.some((clip) => clip.picked)")
        tab.until("document.body.page.store.shot('spot:T0').notes.length === 1")
        tab.press(*" word", "Enter")
        tab.until("document.body.page.store.shot('spot:T0').notes.length === 2")
        assert [note["body"]["text"] for note in tab.ask("document.body.page.store.shot('spot:T0').notes")] == ["brighter", "half a word"]
        assert call("retake", "T2", "-C", str(folder)).code == 0
        assert call("render", "spot.csv", "--yes", "--no-prefect", "-C", str(folder)).code == 0
        tab.until("document.body.page.store.shot('spot:T2').clips.length === 4")
        assert [mark.kind for mark in live.now().log if mark.shot == "T2"] == [MarkKind.RETAKE]
        assert all(one.complaints == [] for one in people.values())
