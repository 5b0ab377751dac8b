"""Who is told where to call, and that news in the inbox make a run look at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from callsheet.budget.ledger.inbox import put_inbox
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying import listening
from callsheet.buying.lanes.callbacks import wire_at
from callsheet.services.protocol.abilities import Calls
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load
from callsheet.settings.values import Setting, Settings
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account
from tests.project_stage import QUICK, Stage
from tests.scripted_runware import Shop
from tests.unit.services.asks import KEY

DEFAULTS = Path(__file__).parents[4] / "configs" / "defaults.toml"


def account(service: str, url: str) -> Account:
    return Account(service, url, f"{service} {url}", own_url=True)


@pytest.mark.parametrize(
    ("address", "url", "tells"),
    [
        ("https://films.example.com", "https://api.example.com", True),
        ("https://films.example.com", "http://127.0.0.1:9", False),
        ("http://127.0.0.1:8020", "http://127.0.0.1:9", True),
        ("http://127.0.0.1:8020", "https://api.example.com", False),
        (None, "https://api.example.com", False),
    ],
)
@pytest.mark.parametrize("service", ["runware", "deapi", "bytecompute"])
def test_only_who_can_reach_the_address_is_told_it(tmp_path: Path, service: str, address: str | None, url: str, tells: bool) -> None:
    """A vendor can't call this machine, and a rehearsal calls nobody else; ByteCompute calls nobody."""
    settings = load(DEFAULTS, tmp_path / "project.toml")
    settings = replace(settings, callback_url=Setting(address, "here") if address else None)
    wire = wire_at(Project(tmp_path), settings, account(service, url), service)
    assert (wire != SERVICES[service].wire) is (tells and isinstance(wire, Calls))


def test_an_accounts_own_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then none is sent along."""
    monkeypatch.setenv("DEAPI_WEBHOOK_SECRET", "w" * 40)
    settings = replace(load(DEFAULTS, tmp_path / "project.toml"), callback_url=Setting("https://films.example.com", "here"))
    wire = wire_at(Project(tmp_path), settings, account("deapi", "https://api.example.com"), "deapi")
    assert "w" * 40 not in repr(wire)
    assert wire.recovery == "tokened"


async def test_news_in_the_inbox_end_the_wait_at_once(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look would come after a minute; the call comes first. The purchase named its own address, and the run's files don't tell its secret."""
    stage_settings(stage, monkeypatch)
    monkeypatch.setattr(listening, "_EVERY_S", 0.01)
    shop.polls = ["running", "done"]
    answer, looks = shop.answer, asyncio.Event()

    async def told(request: httpx.Request) -> httpx.Response:
        if b"getResponse" in request.content:
            looks.set()
        return await answer(request)

    monkeypatch.setattr(shop, "answer", told)
    run = asyncio.create_task(stage.render())
    await asyncio.wait_for(looks.wait(), 10)
    [key] = shop.jobs
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    put_inbox(ledger, service="runware", token=KEY, body="{}", at="2026-11-21T09:00:00.000Z")
    put_inbox(ledger, service="runware", token=key, body="{}", at="2026-11-21T09:00:00.000Z")
    ledger.close()
    outcome = await asyncio.wait_for(run, 30)
    assert (outcome.counts.bought, stage.kinds().count("news")) == (1, 1)
    [task] = json.loads(shop.bodies[0])
    address, _, token = task["webhookURL"].partition("?token=")
    assert address == f"http://127.0.0.1:8020/hooks/runware/{key}"
    assert not any(token in told.text for told in stage.told)


def stage_settings(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A lane that looks a second time only after a minute, in a project that services may call."""
    text = QUICK.replace("poll_max_s = 0.01", "poll_max_s = 60.0\npoll_factor = 100000").replace("patience_s = 0.5", "patience_s = 60.0")
    (stage.folder / "project.toml").write_text(text)
    monkeypatch.setenv("CALLSHEET_CALLBACK_URL", "http://127.0.0.1:8020")
    return load(DEFAULTS, stage.folder / "project.toml")
