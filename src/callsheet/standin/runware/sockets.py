"""Runware's side of the wire over a WebSocket: after authentication, the same arrays of tasks in text frames; answers are frames of data or of errors.

Frames have no status, and Runware's own client reads only the errors of a frame that has any. So data and errors are sent in separate frames, each error with its task.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import cast
from uuid import uuid4

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from callsheet.standin.http.downloads import HANG_UP
from callsheet.standin.http.reply import Item, Reply
from callsheet.standin.http.stage import Stage
from callsheet.standin.runware.wire import NO_TASKS, NOT_SIGNED_IN, Runware, Task, bad_key, read_tasks, signed_in, signing_in


class Sockets:
    """Accepts WebSockets at `/v1`."""

    def __init__(self, stage: Stage, wire: Runware) -> None:
        self._stage, self._wire = stage, wire

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        return [WebSocketRoute("/v1", self._talk)]

    async def _talk(self, socket: WebSocket) -> None:
        await socket.accept()
        self._stage.base = "http" + str(socket.base_url).rstrip("/").removeprefix("ws")
        session = _Session(self._wire, dry=socket.query_params.get("dryRun") == "1")
        try:
            while True:
                reply = session.reply(await _frame(socket))
                if reply.dropped or (isinstance(reply.body, str) and not reply.hangs):  # a gateway's error page is not a frame
                    await _hang_up(socket)
                    return
                for frame in _frames(reply):
                    await socket.send_text(json.dumps(frame))
        except WebSocketDisconnect:
            return


class _Session:
    """One client's conversation."""

    def __init__(self, wire: Runware, *, dry: bool) -> None:
        self._wire, self._dry = wire, dry
        self._key_is_good = False

    def reply(self, raw: bytes) -> Reply:
        """The answer to a frame."""
        tasks = read_tasks(raw)
        if tasks is None:
            return NO_TASKS
        signing, tasks = signing_in(tasks)
        if signing:
            problem = bad_key(signing, "")
            self._key_is_good = problem is None
            if problem:
                return _told_of(problem, [signing])
        if not self._key_is_good:
            return _told_of(NOT_SIGNED_IN, tasks)
        session = [signed_in(str(signing.get("connectionSessionUUID") or uuid4()))] if signing else []
        return _told_of(self._wire.answered(tasks, session, dry=self._dry), tasks)


def _told_of(reply: Reply, tasks: Sequence[Task]) -> Reply:
    """The reply, with a task for each error: a refusal of the whole request becomes one error for each of its tasks."""
    if isinstance(reply.body, str) or "errors" not in reply.body:
        return reply
    errors = cast("list[Item]", reply.body["errors"])
    named = [
        error if "taskUUID" in error else {**error, "taskType": task.get("taskType"), "taskUUID": task.get("taskUUID")}
        for error in errors
        for task in (tasks if "taskUUID" not in error else tasks[:1])
    ]
    return Reply(reply.status, {**reply.body, "errors": named})


def _frames(reply: Reply) -> list[Item]:
    """A frame of data and a frame of errors; none if there is no answer."""
    if reply.hangs or isinstance(reply.body, str):
        return []
    frames = [{name: reply.body[name]} for name in ("data", "errors") if reply.body.get(name)]
    return frames or [{"data": []}]


async def _frame(socket: WebSocket) -> bytes:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    return message.get("bytes") or (message.get("text") or "").encode()


async def _hang_up(socket: WebSocket) -> None:
    """Drop the connection without closing it properly, if the server can."""
    end = cast("Callable[[], None] | None", socket.scope.get("extensions", {}).get(HANG_UP))
    if end is None:
        await socket.close(1011)
        return
    end()
    while (await socket.receive())["type"] != "websocket.disconnect":
        continue
