"""A document that says two things of sizes beside a first frame: one is tried, a refusal is answered once by the other, and what worked is kept to."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from callsheet.domain.attempt import Reason
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.runs import session
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests.project_stage import Stage
from tests.project_steps import views
from tests.scripted_runware import Shop

HEAD = "shot_id,prompt,model,duration_s,resolution,fps,first_frame\n"
FRAME = "https://assets.example/pier.jpg"
ROW = f"S1,a lighthouse in the rain,runware/ltx-2.3,6,1920x1080,24,{FRAME}\n"
OTHER = f"S2,a boat in the rain,runware/ltx-2.3,6,1920x1080,24,{FRAME}\n"


class Strict(Shop):
    """Takes a first frame or a size, not both; `also_alone`: takes a picture alone neither."""

    also_alone = False
    words = ("invalidWidth", "Either provide inputs.frameImages, or specify width/height.")

    def _submit(self, key: str, word: str, request: httpx.Request) -> httpx.Response:
        [task] = json.loads(request.content)
        if "inputs" in task and ("width" in task or self.also_alone):
            return self._errors(400, key, *self.words)
        return super()._submit(key, word, request)


@pytest.fixture
def strict(film: bytes, remembered: None, monkeypatch: pytest.MonkeyPatch) -> Strict:
    made = Strict(film)
    made.cost = 0.48
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")
    monkeypatch.setenv("RUNWARE_BASE_URL", made.host + "/v1")
    monkeypatch.setattr(session, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))
    return made


def tasks(shop: Shop) -> list[dict[str, Any]]:
    return [json.loads(body)[0] for body in shop.bodies]


def sizes(shop: Shop) -> list[bool]:
    """Whether each purchase, as it left, named a size."""
    return ["width" in task and "height" in task for task in tasks(shop)]


async def test_a_refused_size_is_left_out_once_and_for_the_account(stage: Stage, strict: Strict) -> None:
    """Refused free of charge, asked again without width and height under another key, held at the dearest size, settled at the receipt; the next shot
    goes without them at once."""
    stage.write(HEAD + ROW)
    planned = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan
    assert any("up to 1.92 USD are put on hold for it" in note for note in planned.notes), planned.notes
    outcome = await stage.render()
    assert outcome.counts.bought == 1
    assert sizes(strict) == [True, False]
    assert len({task["taskUUID"] for task in tasks(strict)}) == 2
    assert tasks(strict)[1]["inputs"] == {"frameImages": [{"frame": "first", "image": FRAME}]}
    [take] = views(stage)
    first, second = take.attempts
    assert (first.reason, first.settled, first.quote) == (Reason.REFUSED, 0, 480_000)
    assert (second.quote, second.settled) == (1_920_000, 480_000)
    stage.write(HEAD + ROW + OTHER)
    assert (await stage.render()).counts.bought == 1
    assert sizes(strict) == [True, False, False]


async def test_a_service_that_takes_both_is_sent_both(stage: Stage, shop: Shop) -> None:
    """One purchase, with its size."""
    shop.cost = 0.48
    stage.write(HEAD + ROW)
    assert (await stage.render()).counts.bought == 1
    assert sizes(shop) == [True]


async def test_neither_reading_is_tried_twice(stage: Stage, strict: Strict) -> None:
    """Refused in both, the shot is to be mended: nothing was bought."""
    strict.also_alone = True
    stage.write(HEAD + ROW)
    outcome = await stage.render()
    assert (outcome.counts.bought, outcome.counts.failed) == (0, 1)
    assert sizes(strict) == [True, False]
    assert strict.bill == {}


async def test_another_refusal_is_no_question_of_sizes(stage: Stage, strict: Strict) -> None:
    """Nothing is asked again where the refusal names neither."""
    strict.words = ("invalidPositivePrompt", "The prompt is wrong.")
    stage.write(HEAD + ROW)
    assert (await stage.render()).counts.failed == 1
    assert sizes(strict) == [True]


async def test_a_lost_answer_is_no_proof(stage: Stage, shop: Shop) -> None:
    """Where no answer came the same key and the same bytes are asked for again, never the other reading."""
    shop.cost = 0.48
    shop.submits = ["dropped", "ok"]
    stage.write(HEAD + ROW)
    assert (await stage.render()).counts.bought == 1
    assert len(set(shop.bodies)) == 1
    assert sizes(shop) == [True, True]
