"""One film of twelve shots as an operator has it on Prefect's page: a bad row, a cap in the middle, a cancel, and a doubt."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.flows.film import KEY, ask
from tests.flows.studio import Studio, studio

_SHOTS = {
    "storm": ("The lamp goes out", "Waves over the pier", "The keeper climbs", "Lightning on the rocks", "The lamp is lit"),
    "rescue": ("A boat turns over", "Two lanterns on the beach", "The rope is thrown", "A hand takes hold"),
    "calm": ("Morning over the bay", "The boat comes home", "Tea in the tower"),
}
#: the shot whose answer is lost by a service that can't be asked by our key
LOST = "C020"


def shot_list(*, without: str = "") -> str:
    """The list: eleven shots at one service for 0.06 USD each, and one at another, which loses its answer."""
    rows = ["shot_id,sequence,prompt,model,duration_s,resolution,fps"]
    for letter, (sequence, prompts) in zip("ABC", _SHOTS.items(), strict=True):
        for number, prompt in enumerate(prompts, start=1):
            shot = f"{letter}0{number}0"
            if shot == without:
                continue
            sold = "bytecompute/ltx-2.3,2,512x512,25" if shot == LOST else "runware/ltx-2,2,320x192,24"
            rows.append(f"{shot},{sequence},{prompt}{' [[fault:lost-ack]]' if shot == LOST else ''},{sold}")
    return "\n".join([*rows, ""])


@dataclass(frozen=True)
class Night:
    """Its flow runs in order, and the film's folder. The service takes two takes at once."""

    folder: Path
    bad_row: dict[str, Any]
    capped: dict[str, Any]
    stopped: dict[str, Any]
    doubtful: dict[str, Any]


@contextmanager
def night_studio(home: Path, films: Path) -> Generator[Studio]:
    """A server and a worker whose services are one stand-in, a little quicker than life."""
    with running(Config(speed=5, palette=12, films=films, burn=True)) as url:
        places = {"RUNWARE_BASE_URL": f"{url}/v1", "RUNWARE_API_KEY": KEY}
        places |= {"BYTECOMPUTE_BASE_URL": f"{url}/v1", "BYTECOMPUTE_API_KEY": KEY}
        with studio(home, **places) as made:
            yield made


def play_night(made: Studio, folder: Path) -> Night:
    """Run after run on the `nightly` deployment, each as the one before left the film."""
    folder.mkdir(parents=True)
    (folder / "project.toml").write_text('[project]\nname = "Lighthouse"\n[lanes.runware]\nslots = 2\n')
    list = folder / "lighthouse.csv"
    made.deploy(folder)

    def start(cap: str) -> dict[str, Any]:
        return made.start_run("nightly", list="lighthouse.csv", cap=cap)

    def end(run: dict[str, Any]) -> dict[str, Any]:
        return made.ended(lambda one: one["id"] == run["id"])

    list.write_text(shot_list().replace("A030,storm,The keeper climbs,runware/ltx-2,2,", "A030,storm,The keeper climbs,runware/ltx-2,two,"))
    bad_row = end(start("0.40"))
    list.write_text(shot_list())
    capped = end(start("0.40"))
    list.write_text(shot_list(without=LOST))
    run = start("5.00")
    made.until(lambda: any(" received: " in line["message"] for line in made.logs(run)), "a received clip")
    ask(made.url, f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
    stopped = end(run)
    list.write_text(shot_list())
    return Night(folder, bad_row, capped, stopped, end(start("5.00")))
