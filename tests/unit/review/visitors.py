"""Whom the review's tests let in, and what stands in their list."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from callsheet.cli.commands.takes.review import snapshot_of
from callsheet.cli.options import Common
from callsheet.domain.mark import Role
from callsheet.review.decisions import Author
from callsheet.review.guarded import Guarded
from callsheet.review.review_app import LiveReview, create_app
from callsheet.review.review_media import ReviewMedia
from callsheet.store.project_folder import Project
from tests.unit.cli.calling import call

HOST = "127.0.0.1:4711"
#: what a stranger may write into a prompt
HOSTILE = "<img src=x onerror=alert(1)> <b>bold</b> =1+1"
LIST = f"""shot_id,sequence,prompt,model,duration_s,resolution,fps,takes
A010,one,"{HOSTILE}",runware/ltx-2,1,320x192,24,2
A020,one,A lamp is lit,runware/ltx-2,1,320x192,24,1
"""


class Visitor:
    """Somebody with the address of a role's page."""

    def __init__(self, app: Guarded, role: Role) -> None:
        self._app, self._prefix = app, f"/r/{role.value}-token/"
        self.headers = {"host": HOST, "origin": f"http://{HOST}"}

    async def ask(self, path: str, body: object = None, /, **headers: str) -> httpx.Response:
        """A GET, or a POST of `body`; `headers` take the place of those that the page sends."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=f"http://{HOST}") as client:
            if body is None:
                return await client.get(self._prefix + path, headers=sent)
            return await client.post(self._prefix + path, content=json.dumps(body), headers={"content-type": "application/json", **sent})

    async def state(self) -> dict[str, Any]:
        """What the page begins with."""
        return (await self.ask("api/state")).json()

    async def decide(self, kind: str, **said: Any) -> httpx.Response:
        """One decision about A010, unless it says otherwise."""
        self.said = {"uid": f"decision-{kind}-{id(said)}", "kind": kind, "list": "spot", "shot": "A010", **said}
        return await self.ask("api/decide", self.said)


class Review:
    """The review of a copy of the project, and its visitors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = ReviewMedia(Project(folder))
        self.live = LiveReview(lambda: snapshot_of(Common(folder=folder), None), self.media)
        authors = {f"{role.value}-token": Author(role, role.value) for role in Role}
        app = Guarded(create_app(self.live), f"http://{HOST}", authors)
        self.producer, self.client, self.other = (Visitor(app, role) for role in (Role.PRODUCER, Role.CLIENT_A, Role.CLIENT_B))

    def shot(self, name: str = "A010") -> Any:
        """A shot of the plan, as the command tells it."""
        takes = call("plan", "spot.csv", "--offline", "-C", str(self.folder), "--json").json["takes"]
        return [take for take in takes if take["shot"] == name]


def clips(state: dict[str, Any], shot: str = "A010") -> list[dict[str, Any]]:
    return next(one["clips"] for one in state["shots"] if one["shot"] == shot)
