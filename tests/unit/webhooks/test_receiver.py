"""The receiver of callbacks: what is kept, what is refused, and that nothing secret is told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from callsheet.budget.ledger.inbox import inbox_of
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.buying.lanes.callbacks import CallReceipt, callback_of, store_call
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import LedgerError
from callsheet.services.protocol.callback import Call, Callback
from callsheet.settings.load import load
from callsheet.store.project_folder import Project
from callsheet.webhooks.receiver import LONGEST_BODY, create_app
from tests.ledger_bids import bid, cap, hold

DEFAULTS = Path(__file__).parents[3] / "configs" / "defaults.toml"
EVENT = {"event": "job.processing", "delivery_id": "d-1", "data": {"job_request_id": "job-1", "status": "processing"}}


@dataclass
class Client:
    """Sends requests to an application, without a socket."""

    app: Starlette

    def post(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self.request("POST", path, **more))

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, **more)


@dataclass
class Post:
    """A receiver of a project that has one attempt at each of two services."""

    client: Client
    ledger: Ledger
    attempts: dict[str, Attempt]
    callback: Callback
    said: list[str] = field(default_factory=list[str])

    def runware(self, token: str | None = None, *, key: str = "", body: object = None) -> int:
        key = key or self.attempts["runware"].key
        token = self.callback.token(key) if token is None else token
        return self.client.post(f"/hooks/runware/{key}?token={token}", json=body or {"taskUUID": key, "videoURL": "u"}).status_code

    def deapi(
        self, body: object = EVENT, *, at: int | None = None, secret: str = "", key: str = "", headers: dict[str, str] | None = None
    ) -> int:
        key, at = key or self.attempts["deapi"].key, int(time.time()) if at is None else at
        raw = json.dumps(body).encode()
        mac = hmac.new((secret or self.callback.token(key)).encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
        signed = {"X-DeAPI-Timestamp": str(at), "X-DeAPI-Signature": f"sha256={mac}"} if headers is None else headers
        return self.client.post(f"/hooks/deapi/{key}", content=raw, headers=signed).status_code

    def kept(self, service: str) -> list[str]:
        return inbox_of(self.ledger, service, self.attempts[service].key)


def attempt_at(ledger: Ledger, project: Project, service: str) -> Attempt:
    made = bid(f"S-{service}", project=project.identity, model=f"{service}/ltx")
    return hold(ledger, replace(made, names=replace(made.names, service=service)))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    (tmp_path / "project.toml").write_text('[project]\ncallback_url = "https://films.example.com"\n')
    project = Project(tmp_path)
    settings = load(DEFAULTS, project.settings_file)
    ledger = open_ledger(tmp_path / "ledger.db")
    cap(ledger, 10_000_000, project=project.identity)
    attempts = {service: attempt_at(ledger, project, service) for service in ("runware", "deapi")}
    callback = callback_of(project, settings, "runware")
    assert callback
    said: list[str] = []
    client = Client(create_app(partial(store_call, project, settings, ledger), said.append))
    yield Post(client, ledger, attempts, callback, said)
    ledger.close()


def test_each_services_own_call_is_kept_once(post: Post) -> None:
    """As it came; again is taken with thanks and kept no second time."""
    assert [post.runware(), post.runware(), post.deapi(), post.deapi()] == [200] * 4
    assert [len(post.kept("runware")), post.kept("deapi")] == [1, [json.dumps(EVENT)]]
    assert "again" in post.said[1]


def test_a_strangers_call_is_not_found(post: Post) -> None:
    """Wrong secret, no secret, another attempt's secret, another service's, a service that calls nobody: one answer for all, and nothing is kept."""
    other = "5a6a1b1e-0000-4000-8000-000000000009"
    codes = [
        post.runware("0" * 64),
        post.runware(""),
        post.runware(post.callback.token(post.attempts["deapi"].key)),
        post.runware(key=other),
        post.runware(key=post.attempts["deapi"].key),
        post.deapi(key=other),
        post.deapi(key=post.attempts["runware"].key),
        *(post.client.post(f"/hooks/{service}/{other}?token=x").status_code for service in ("bytecompute", "nobody", "deapi")),
        *(post.client.post(path).status_code for path in ("/hooks/runware/", "/hooks/runware/x", "/hooks/runware/..%2f..%2fetc", "/")),
    ]
    assert codes == [404] * len(codes)
    assert (post.kept("runware"), post.kept("deapi")) == ([], [])


def test_a_signature_is_checked_with_its_time(post: Post) -> None:
    """A bad one, a stale one, one of the future, none."""
    now = int(time.time())
    codes = [post.deapi(secret="x" * 32), post.deapi(at=now - 400), post.deapi(at=now + 400), post.deapi(headers={})]
    assert (codes, post.kept("deapi")) == ([404] * 4, [])


def test_an_oversized_body_is_refused_before_it_is_read(post: Post) -> None:
    """By its announced length, and where it comes in pieces without one; and what has the right size is taken."""
    key = post.attempts["runware"].key
    url = f"/hooks/runware/{key}?token={post.callback.token(key)}"

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LONGEST_BODY // 1024 + 1):
            yield b"x" * 1024

    codes = [
        post.client.post(url, content=b"x" * (LONGEST_BODY + 1)).status_code,
        post.client.post(url, content=pieces()).status_code,
        post.client.post(url, content=b"x", headers={"content-length": "-1"}).status_code,
        post.client.post(url, content=b"x" * LONGEST_BODY).status_code,
    ]
    assert codes == [413, 413, 413, 200]
    assert len(post.kept("runware")) == 1


def test_only_posts_are_taken(post: Post) -> None:
    """A browser that follows the address changes nothing."""
    assert asyncio.run(post.client.request("GET", f"/hooks/runware/{post.attempts['runware'].key}")).status_code == 405


def test_garbage_from_the_service_itself_is_kept_as_it_is(post: Post) -> None:
    """It only makes us look; what it says is believed by nobody."""
    key = post.attempts["runware"].key
    url = f"/hooks/runware/{key}?token={post.callback.token(key)}"
    assert post.client.post(url, content=b"\xff\x00{").status_code == 200


def test_a_ledger_that_can_not_be_written_asks_for_another_call() -> None:
    """503, so that the service calls again."""

    def broken(_service: str, _call: Call) -> CallReceipt:
        raise LedgerError("the disk is full")

    said: list[str] = []
    answer = Client(create_app(broken, said.append)).post("/hooks/runware/5a6a1b1e-0000-4000-8000-000000000009")
    assert (answer.status_code, said) == (503, ["a call could not be stored: the disk is full"])


def test_nothing_secret_is_told(post: Post) -> None:
    """Neither secrets nor bodies, neither of calls that are taken nor of those that are refused."""
    post.runware()
    post.runware("0" * 64)
    post.deapi()
    post.deapi(secret="x" * 32)
    told = "\n".join(post.said)
    assert len(post.said) == 4
    for secret in ("0" * 16, "x" * 16, "job-1", post.callback.secret.hex(), *(post.callback.token(a.key) for a in post.attempts.values())):
        assert secret not in told


def test_without_an_address_nothing_is_believed(tmp_path: Path) -> None:
    """A project that told nobody where to call has no secret either, and makes none."""
    project = Project(tmp_path)
    settings = load(DEFAULTS, project.settings_file)
    ledger = open_ledger(tmp_path / "ledger.db")
    assert store_call(project, settings, ledger, "runware", Call("k", "t", {}, b"")) is CallReceipt.STRANGE
    assert not project.state.exists()
    ledger.close()


def test_a_projects_secret_is_its_owners_alone_and_stays(tmp_path: Path) -> None:
    """32 random bytes in a file that others can't read; another project has another."""
    (tmp_path / "other").mkdir()
    mine, again, other = Project(tmp_path), Project(tmp_path), Project(tmp_path / "other")
    assert mine.hook_secret == again.hook_secret != other.hook_secret
    assert len(mine.hook_secret) == 32
    assert (mine.state / "hooks.secret").stat().st_mode & 0o077 == 0
