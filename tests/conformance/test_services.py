"""The suite that `callsheet services test` runs, for all that is registered; and for planted wrongs, since a guard that finds nothing wrong is no guard."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from callsheet.conformance import hearing, rehearsal, selling, sending
from callsheet.conformance.examples import load_examples
from callsheet.conformance.suite import CARD, TWIN, WIRE, examine, subject_of
from callsheet.conformance.verdicts import Check, Mark, Subject, run_check
from callsheet.domain.attempt import Cause
from callsheet.domain.errors import InputError, UsageError
from callsheet.services import registry
from callsheet.services.cards.card import Card, Price, load_cards
from callsheet.services.cards.sold_ranges import Numbers
from callsheet.services.deapi.wire import DeApi
from callsheet.services.lightricks.wire import Lightricks
from callsheet.services.protocol.answers import Accepted, Failed, Forgotten, JobAnswer, Lost, Refused, SubmitAnswer, Succeeded, Unread
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.request import Request, Response
from callsheet.services.registry import SERVICES, Service
from callsheet.services.runware.wire import Runware
from tests.keyless_wires import SERVICES as REELS

ROOT = Path(__file__).parents[2]
CARDS = load_cards(ROOT / "configs" / "cards")


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name == "runware" else [pytest.mark.slow]) for name in SERVICES])
def test_all_that_is_registered_passes(name: str) -> None:
    """Every wire with all its cards, and the cheapest of them against its stand-in: nothing fails, and what is missing is missing from the vendor's pages."""
    findings = list(examine(subject_of(name, ROOT)))
    assert [finding for finding in findings if finding.mark is Mark.FAIL] == []
    assert {finding.check for finding in findings if finding.mark is Mark.MISSING} <= {asked(selling.cards_say_what_is_known)}
    assert len(findings) == len(WIRE) + len(CARD) * sum(card.service == name for card in CARDS.values()) + len(TWIN)


def asked(check: Check) -> str:
    return (check.__doc__ or "").partition("\n")[0]


# -- planted wrongs, one for each check ---------------------------------------------------------------------------------------------------------


class Dice(Lightricks):
    """Its requests are never the same twice."""

    __slots__ = ()
    thrown: ClassVar = itertools.count()

    def submit(self, ask: Ask, key: str) -> Request:
        request = super().submit(ask, key)
        return replace(request, body=request.body + b" " * (next(self.thrown) % 2))


class Blunt(Lightricks):
    """All prompts are one to it."""

    __slots__ = ()

    def essence(self, ask: Ask) -> bytes:
        return super().essence(replace(ask, prompt=""))


class Texter(Lightricks):
    """Its questions are text, not bytes."""

    __slots__ = ()

    def poll(self, jobs: Sequence[str]) -> Request:
        text: Any = "{}"
        return Request("GET", "/x", text)


class Hasher(Lightricks):
    """It looks into a file before it is there."""

    __slots__ = ()

    def submit(self, ask: Ask, key: str) -> Request:
        request = super().submit(ask, key)
        told = len(ask.first_frame.data) if ask.first_frame and ask.first_frame.data else 0
        return replace(request, path=f"{request.path}?bytes={told}")


class Turned(Lightricks):
    """It takes width for height."""

    __slots__ = ()

    def sold(self, written: bytes) -> Sold | None:
        told = super().sold(written)
        return told and replace(told, size=type(told.size)(told.size.height, told.size.width))


class Stubborn(Lightricks):
    """It would have refused words tried again, believes that every 5xx is a refusal, and passes on what it is told."""

    __slots__ = ()

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        answer = super().read_submit(response, key)
        if isinstance(answer, Lost) or (isinstance(answer, Refused) and answer.cause is not Cause.STOP_LANE):
            return Refused(Cause.RETRY, response.body.decode(errors="replace"))
        return answer


class Hasty(Lightricks):
    """Whatever isn't running is done; whatever isn't found is gone."""

    __slots__ = ()

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        if response.status == 404:
            return [Forgotten(job) for job in jobs]
        if b"zz-unheard-of" in response.body:
            return [Succeeded(job, "https://example.com/x.mp4", None) for job in jobs]
        return super().read_poll(response, jobs)


class Floating(DeApi):
    """It reckons money in floats."""

    __slots__ = ()

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        news = super().read_poll(response, jobs)
        if isinstance(news, Unread) or not isinstance(news[0], Succeeded):
            return news
        amount = json.loads(response.body)["data"]["price"]["amount"]
        return [replace(news[0], cost=int(amount * 1_000_000) if isinstance(amount, float) else news[0].cost)]


class Misspelt(Lightricks):
    """It says `length` for `duration`."""

    __slots__ = ()

    def submit(self, ask: Ask, key: str) -> Request:
        request = super().submit(ask, key)
        return replace(request, body=request.body.replace(b'"duration"', b'"length"'))


class Wordy(Lightricks):
    """It sends no pictures."""

    __slots__ = ()

    def submit(self, ask: Ask, key: str) -> Request:
        if ask.first_frame:
            raise ValueError("this wire sends text alone")
        return super().submit(ask, key)


LTX = CARDS["lightricks/ltx-2.3"]
UNSOLD = LTX.model_copy(update={"fps": Numbers.model_construct(exact=(), range=None, default=25)})
FREE = LTX.model_copy(update={"price": Price.model_construct(usd_per_s=Decimal(0))})
ASKED = LTX.model_copy(update={"price": Price(quote=True)})
PLANTED: list[tuple[Check, Any, Card | None]] = [
    (sending.key_is_stable, Dice(), None),
    (sending.essence_is_the_purchase, Blunt(), None),
    (sending.packed_requests_round_trip, Texter(), None),
    (sending.files_go_in_their_places, Hasher(), None),
    (sending.sold_reads_back, Turned(), None),
    (sending.requests_are_the_vendors, Misspelt(), None),
    (hearing.answers_mean_what_they_say, Stubborn(), None),
    (hearing.strange_answers_prove_nothing, Stubborn(), None),
    (hearing.strange_answers_are_no_news, Hasty(), None),
    (hearing.unknown_states_are_no_success, Hasty(), None),
    (hearing.money_is_exact, Floating(), None),
    (hearing.secrets_stay_secret, Stubborn(), None),
    (selling.every_wish_is_answered, Lightricks(), UNSOLD),
    (selling.what_is_sold_can_be_sent, Wordy(), None),
    (selling.what_is_sold_has_a_price, Lightricks(), FREE),
    (selling.what_is_sold_has_a_price, Lightricks(), ASKED),
]


def subject(wire: Any, card: Card | None = None) -> Subject:
    """A wire in its service's place, with the service's cards and examples, or with one card."""
    real = subject_of(wire.service, ROOT)
    return Subject(replace(real.service, wire=wire), {card.name: card} if card else real.cards, real.examples)


@pytest.mark.parametrize(("check", "wire", "card"), PLANTED)
def test_a_planted_wrong_is_found(check: Check, wire: Any, card: Card | None) -> None:
    """The check fails, and says why; the real wire passes it."""
    found = run_check(check, subject(wire, card), "planted")
    assert (found.mark, bool(found.said)) == (Mark.FAIL, True)
    assert run_check(check, subject_of(wire.service, ROOT), "real").mark is Mark.PASS


class Generous(Runware):
    """It says that a clip cost a micro-dollar more."""

    __slots__ = ()

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        news = super().read_poll(response, jobs)
        if isinstance(news, Unread):
            return news
        return [replace(one, cost=(one.cost or 0) + 1) if isinstance(one, Succeeded) else one for one in news]


class Careless(Runware):
    """A lost answer is a refusal to it, so that the next attempt buys once more."""

    __slots__ = ()

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        answer = super().read_submit(response, key)
        return Refused(Cause.RETRY, "try again") if isinstance(answer, Lost) else answer


class Gloomy(Runware):
    """Everything is taken, even with a wrong key, and every job has failed."""

    __slots__ = ()

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        return Accepted(key)

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        return [Failed(job, Cause.RETRY, "it fell over") for job in jobs]


AT_THE_TWIN: list[tuple[Check, Any, str]] = [
    (rehearsal.three_takes_and_the_bill, Generous(), "the ledger says"),
    (rehearsal.trouble_costs_nothing_twice, Careless(), "unavailable-after*1: the bill says"),
    (rehearsal.a_killed_run_is_resumed, Gloomy(), "should be received"),
    (rehearsal.a_key_leaves_no_trace, Gloomy(), "the run reports no problem"),
]


@pytest.mark.parametrize(("check", "wire", "said"), AT_THE_TWIN)
def test_a_planted_wrong_is_found_at_the_stand_in(check: Check, wire: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ledger, the bill and the files show in the end tells on a wire that looks right."""
    planted = subject(wire, CARDS["runware/ltx-2"])
    monkeypatch.setitem(registry.KNOWN, wire.service, planted.service)
    found = run_check(check, planted, "planted")
    assert found.mark is Mark.FAIL
    assert any(said in one for one in found.said), found.said


def test_every_check_has_its_planted_wrong() -> None:
    """A check is not added without one; the two that only say what is missing can't fail."""
    planted = {check for check, *_ in (*PLANTED, *AT_THE_TWIN)}
    assert {*WIRE, *CARD, *TWIN} - planted == {hearing.families_are_covered, selling.cards_say_what_is_known}


def test_what_is_missing_is_said() -> None:
    """A new service without examples, without a stand-in and with a bare card fails nothing, and is told what to write."""
    service = REELS["blind"]
    bare = LTX.model_copy(update={"name": "blind/reel", "service": "blind", "advice": ()})
    new = Subject(Service(service.wire, service.base_url, service.key_env, service.url_env), {bare.name: bare}, None)
    checks = (*CARD, hearing.answers_mean_what_they_say, hearing.families_are_covered, hearing.money_is_exact)
    found = {check: run_check(check, new, "new") for check in checks}
    assert found[hearing.money_is_exact].said == ("no examples: write configs/examples/blind.json",)
    assert found[selling.cards_say_what_is_known].mark is Mark.MISSING
    assert not [one for one in found.values() if one.mark is Mark.FAIL]


def test_a_family_without_an_example_is_missing() -> None:
    """By name."""
    real = subject_of("deapi", ROOT)
    assert real.examples
    fewer = real.examples.model_copy(update={"answers": tuple(one for one in real.examples.answers if one.family != "content")})
    found = run_check(hearing.families_are_covered, replace(real, examples=fewer), "deapi")
    assert (found.mark, found.said) == (Mark.MISSING, ("no example of content",))


def test_a_name_that_is_none_is_told() -> None:
    """With the nearest that there is."""
    with pytest.raises(UsageError) as refused:
        subject_of("lightrick", ROOT)
    assert refused.value.problems[0].help == "did you mean lightricks?"


def test_examples_that_can_not_be_read_are_told(tmp_path: Path) -> None:
    """With file and place."""
    (tmp_path / "reel.json").write_text('{"source": "x", "answers": [{"name": "y"}]}')
    with pytest.raises(InputError) as refused:
        load_examples(tmp_path, "reel")
    assert "answers.0.to" in refused.value.problems[0].message
    assert load_examples(tmp_path, "other") is None
