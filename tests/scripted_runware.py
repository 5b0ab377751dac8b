"""A scripted service that speaks Runware's wire as its page describes it, written for tests alone: not our stand-in.

Each purchase is answered by the next word of a script; polls and the archive tell what was really accepted. It keeps its own bill.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx

COST = 0.09


@dataclass
class Shop:
    """`submits` and `polls` are scripts (the last word of each repeats): ok, lost (taken, no answer), dropped (not taken, no answer), 503 (not taken),
    503-after (taken), 429, 402, 400, refuse, html; polls: done, running, fail, fail-billed, 502, 401, empty, garbage. `film` is what a download gives."""

    film: bytes
    submits: list[str] = field(default_factory=lambda: ["ok"])
    polls: list[str] = field(default_factory=lambda: ["done"])
    downloads: list[str] = field(default_factory=lambda: ["ok"])
    host: str = "http://127.0.0.1:9"
    cost: float | None = COST
    #: what else is told of each finished job
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    jobs: dict[str, int] = field(default_factory=dict[str, int])
    bill: dict[str, float] = field(default_factory=dict[str, float])
    bodies: list[bytes] = field(default_factory=list[bytes])
    asked: list[str] = field(default_factory=list[str])
    forgets: bool = False
    #: what comes of `film` where a connection ends early
    cut: bytes = b""
    #: how far its clock is ahead, seconds; None: it tells no time
    ahead_s: float | None = None

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._dated)

    async def _dated(self, request: httpx.Request) -> httpx.Response:
        answer = await self.answer(request)
        if self.ahead_s is not None:
            answer.headers["date"] = format_datetime(datetime.now(UTC) + timedelta(seconds=self.ahead_s), usegmt=True)
        return answer

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        if request.method == "GET":
            return self._download(self._next(self.downloads), request)
        [task, *more] = json.loads(request.content)
        self.asked.append(task["taskType"])
        match task["taskType"]:
            case "videoInference":
                self.bodies.append(request.content)
                return self._submit(task["taskUUID"], self._next(self.submits), request)
            case "getResponse":
                return self._poll([task["taskUUID"], *(other["taskUUID"] for other in more)], self._next(self.polls), request)
            case _:
                return self._archive(task["taskUUID"])

    @staticmethod
    def _next(script: list[str]) -> str:
        return script.pop(0) if len(script) > 1 else script[0]

    def _submit(self, key: str, word: str, request: httpx.Request) -> httpx.Response:
        if word == "dropped":
            raise httpx.ReadError("connection reset", request=request)
        if word == "unconnected":
            raise httpx.ConnectError("connection refused", request=request)
        if word in ("ok", "lost", "503-after") and key in self.jobs:
            return self._errors(400, key, "conflictTaskUUID", "this task exists")
        if word in ("ok", "lost", "503-after"):
            self.jobs[key] = 0
        if word == "lost":
            raise httpx.ReadTimeout("no answer", request=request)
        if word == "ok":
            return httpx.Response(200, json={"data": [{"taskType": "videoInference", "taskUUID": key}]})
        return self._refusal(word, key)

    def _refusal(self, word: str, key: str) -> httpx.Response:
        refusals: dict[str, Callable[[], httpx.Response]] = {
            "503": lambda: httpx.Response(503, text="<html>busy</html>"),
            "503-after": lambda: httpx.Response(503, text="<html>busy</html>"),
            "html": lambda: httpx.Response(200, text="<html>hello</html>"),
            "429": lambda: self._errors(429, key, "rateLimitExceeded", "slow down"),
            "402": lambda: self._errors(402, key, "insufficientCredits", "no balance"),
            "400": lambda: self._errors(400, key, "invalidWidth", "width is wrong"),
            "refuse": lambda: self._errors(400, key, "contentPolicyViolation", "not this"),
        }
        return refusals[word]()

    def _poll(self, keys: list[str], word: str, request: httpx.Request) -> httpx.Response:
        match word:
            case "502":
                return httpx.Response(502, text="bad gateway")
            case "401":
                return httpx.Response(401, json={"errors": [{"code": "invalidApiKey", "message": "who?"}]})
            case "garbage":
                return httpx.Response(200, text="{")
            case "reset":
                raise httpx.ReadError("reset", request=request)
            case "empty":
                return httpx.Response(200, json={"data": []})
            case _:
                known = [] if self.forgets else [key for key in keys if key in self.jobs]
                return httpx.Response(200, json=self._told(known, word))

    def _told(self, keys: list[str], word: str) -> dict[str, Any]:
        if word == "running":
            return {"data": [{"taskUUID": key, "status": "processing", "progress": "40"} for key in keys]}
        if word.startswith("fail"):
            code = word.partition(" ")[2] or "providerError"
            return {"errors": [{"code": code, "status": "error", "message": "the model fell over", "taskUUID": key} for key in keys]}
        for key in keys:
            self.bill[key] = self.cost or 0.09
        return {"data": [self._item(key) for key in keys]}

    def _item(self, key: str) -> dict[str, Any]:
        item: dict[str, Any] = {
            "taskUUID": key,
            "taskType": "videoInference",
            "status": "success",
            "videoUUID": key,
            "seed": 7,
            **self.more,
        }
        item["videoURL"] = f"{self.host}/films/{key}.mp4"
        return item if self.cost is None else {**item, "cost": self.cost}

    def _archive(self, key: str) -> httpx.Response:
        if key in self.jobs and not self.forgets:
            return httpx.Response(200, json={"data": [{"taskUUID": key, "request": [], "response": {"data": [self._item(key)]}}]})
        return self._errors(404, key, "taskNotFound", "no such task")

    @staticmethod
    def _errors(status: int, key: str, code: str, message: str) -> httpx.Response:
        return httpx.Response(status, json={"errors": [{"code": code, "message": message, "taskUUID": key, "taskType": "videoInference"}]})

    def _download(self, word: str, request: httpx.Request) -> httpx.Response:
        match word:
            case "unconnected":
                raise httpx.ConnectError("connection refused", request=request)
            case "untrusted":
                raise httpx.ConnectError("handshake", request=request) from ssl.SSLCertVerificationError(1, "self-signed")
            case "br":
                return httpx.Response(200, headers={"content-encoding": "br"}, content=flow(b"\x1b\x03\x00"))
            case "truncated":
                return httpx.Response(200, headers={"content-length": str(len(self.film))}, content=flow(self.film[: len(self.film) // 2]))
            case "open" | "open-cut":  # neither the length nor its pieces' lengths are announced
                content = self.film if word == "open" else self.cut
                return httpx.Response(200, headers={"transfer-encoding": "identity"}, content=flow(content))
            case "502" | "503" | "404" | "403" | "410":
                return httpx.Response(int(word))
            case _ if word in INSTEAD:
                return httpx.Response(200, content=flow(INSTEAD[word]))
            case _:
                return httpx.Response(200, content=flow(self.film))


#: what comes with 200 in place of a clip: in the way are all but the first, which are bytes that no decoder reads
INSTEAD = {
    "rotten": b"\0\0\0\x18ftypmp42 and then nothing that is a film\0" * 20,
    "html": b"<!doctype html><p>Sign in to this network</p>" * 20,
    "xml": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "json": b'{"error": "the link has expired"}',
    "text": b"upstream connect error",
    "empty": b"",
}


async def flow(content: bytes) -> AsyncIterator[bytes]:
    """A body that comes piece by piece, as from a socket."""
    for start in range(0, len(content), 1 << 16):
        yield content[start : start + (1 << 16)]


def films(folder: Path) -> Iterator[Path]:
    """The clips on a project's shelf."""
    return (folder / ".callsheet" / "clips").rglob("*.mp4")
