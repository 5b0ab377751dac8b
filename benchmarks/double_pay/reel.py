"""The made-up services of the tests (tests/keyless_wires.py) as real processes: a front before the stand-in, and callsheet with their wires.

python reel.py serve KIND STANDIN FOLDER SEED      the service; its first line is its URL
python reel.py render KIND FOLDER                  callsheet render on it
python reel.py status FOLDER                       callsheet status --json, knowing their wires
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from callsheet.budget.ledger import inbox  # noqa: E402  # the folder above must be found first
from callsheet.budget.ledger.store import open_ledger  # noqa: E402
from callsheet.cli import app as commands  # noqa: E402
from callsheet.clock import Clock  # noqa: E402
from callsheet.planning import read_project  # noqa: E402
from callsheet.services import registry  # noqa: E402
from callsheet.services.cards import card  # noqa: E402
from callsheet.store.project_folder import Project  # noqa: E402
from tests import keyless_wires  # noqa: E402

#: 10 % lost answers, 5 % 503 (half of them after it was taken), 2 % of polls 502, 15 % of callbacks lost
LOST, BEFORE, AFTER, POLL, CALLBACK = 0.10, 0.025, 0.025, 0.02, 0.15
KEY = {"Authorization": "Bearer front"}


class Front:
    """Takes purchases, has the stand-in film them, and answers badly."""

    def __init__(self, kind: str, films: str, folder: Path, seed: int) -> None:
        self.kind, self.films, self.folder = kind, films, folder
        self.chance = random.Random(seed)
        self.client = httpx.AsyncClient(timeout=60, headers=KEY)

    async def buy(self, request: Request) -> Response:
        """POST /jobs."""
        fate = self.chance.random()
        if fate < BEFORE:
            return Response(status_code=503)
        asked = await request.json()
        job = await self._order(asked)
        if self.kind == "tokened" and self.chance.random() >= CALLBACK:
            self._call_back(asked["webhook_token"], job)
        if fate < BEFORE + AFTER:
            return Response(status_code=503)
        if fate < BEFORE + AFTER + LOST:
            raise ConnectionResetError("the answer is lost")
        return JSONResponse({"job": job}, 201)

    async def poll(self, request: Request) -> Response:
        """POST /poll."""
        if self.chance.random() < POLL:
            return Response(status_code=502)
        jobs = (await request.json())["jobs"]
        asked = [{"taskType": "getResponse", "taskUUID": job} for job in jobs]
        answer = (await self.client.post(f"{self.films}/v1", json=asked)).json()
        news = {item["taskUUID"]: _news(item) for item in answer.get("data", [])}
        return JSONResponse({"jobs": {job: news.get(job, {"status": "unknown"}) for job in jobs}})

    async def _order(self, asked: dict[str, Any]) -> str:
        job, (width, height) = str(uuid.uuid4()), asked["size"].split("x")
        order = {
            "taskType": "videoInference",
            "taskUUID": job,
            "model": "lightricks:ltx@2",
            "positivePrompt": asked["prompt"],
            "width": int(width),
            "height": int(height),
            "duration": int(asked["seconds"]),
            "fps": int(asked["fps"]),
            "outputType": "URL",
            "outputFormat": "MP4",
            "deliveryMethod": "async",
            "numberResults": 1,
            "includeCost": True,
        }
        (await self.client.post(f"{self.films}/v1", json=[order])).raise_for_status()
        return job

    def _call_back(self, token: str, job: str) -> None:
        """What a receiver of webhooks does with a callback: it is put into the project's inbox, and moves nothing."""
        ledger = open_ledger(Project(self.folder).ledger_file)
        inbox.put_inbox(ledger, service=self.kind, token=token, body=json.dumps({"job": job}), at=Clock().text())
        ledger.close()


def _news(item: dict[str, Any]) -> dict[str, Any]:
    if item.get("status") != "success":
        return {"status": "running"}
    return {"status": "done", "url": item["videoURL"], "cost": str(item["cost"])}


def serve(kind: str, films: str, folder: Path, seed: int) -> None:
    """Serve until terminated."""
    front = Front(kind, films, folder, seed)
    app = Starlette(routes=[Route("/jobs", front.buy, methods=["POST"]), Route("/poll", front.poll, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    config = server.config
    socket = config.bind_socket()
    print(f"http://127.0.0.1:{socket.getsockname()[1]}", flush=True)
    server.run(sockets=[socket])


def know(kind: str) -> None:
    """Have callsheet know the service and what it sells."""
    registry.KNOWN[kind] = keyless_wires.SERVICES[kind]
    shipped = card.load_cards

    def load(folder: Path) -> dict[str, card.Card]:
        known = shipped(folder)
        reel = keyless_wires.card(kind, known["runware/ltx-2"])
        return {**known, reel.name: reel}

    read_project.load_cards = load


def main() -> int:
    """One of the three."""
    match sys.argv[1:]:
        case ["serve", kind, films, folder, seed]:
            serve(kind, films, Path(folder), int(seed))
            return 0
        case ["render", kind, folder]:
            know(kind)
            return commands.run(["render", "storm.csv", "--cap", "20", "--yes", "--no-prefect", "-C", folder])
        case ["status", folder]:
            for kind in keyless_wires.SERVICES:
                know(kind)
            return commands.run(["status", "--json", "-C", folder])
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
