"""`callsheet services test`: every check with its mark, what is missing, and exit code 1 where one fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from callsheet.conformance import suite
from callsheet.domain.attempt import Cause
from callsheet.services import registry
from callsheet.services.lightricks.wire import Lightricks
from callsheet.services.protocol.answers import Lost, Refused, SubmitAnswer
from callsheet.services.protocol.request import Response
from tests.unit.cli.calling import call


@pytest.fixture(autouse=True)
def _no_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is bought at the stand-in has its own tests."""
    monkeypatch.setattr(suite, "TWIN", ())


def test_a_wire_that_holds(tmp_path: Path) -> None:
    """Exit 0; missing is told and is no failure."""
    said = call("services", "test", "lightricks", "-C", str(tmp_path), "--json")
    assert said.code == 0
    document = said.json
    assert (document["schema"], document["subject"]) == ("callsheet.services-test/1", "lightricks")
    assert document["counts"] == {"pass": len(suite.WIRE) + len(suite.CARD) - 1, "fail": 0, "missing": 1}
    [missing] = [check for check in document["checks"] if check["result"] == "missing"]
    assert missing["subject"] == "lightricks/ltx-2.3"
    assert any("no list price of its own" in one for one in missing["said"])


def test_in_text(tmp_path: Path) -> None:
    """A line for each check, what is missing below it, and the count."""
    said = call("services", "test", "lightricks/ltx-2.3", "-C", str(tmp_path))
    lines = said.out.splitlines()
    assert lines[0].split()[:2] == ["pass", "lightricks"]
    assert lines[-1].startswith("lightricks/ltx-2.3: ")
    assert lines[-1].endswith("0 failed, 1 missing something")
    assert "nothing is paid" in said.err


@dataclass(frozen=True, slots=True)
class Sure(Lightricks):
    """A wire that takes a lost answer for a refusal."""

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        answer = Lightricks.read_submit(self, response, key)
        return Refused(Cause.RETRY, "no") if isinstance(answer, Lost) else answer


def test_a_wire_that_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, with an error for all that was found."""
    monkeypatch.setitem(registry.KNOWN, "lightricks", replace(registry.KNOWN["lightricks"], wire=Sure()))
    said = call("services", "test", "lightricks", "-C", str(tmp_path), "--json")
    assert said.code == 1
    assert {problem["code"] for problem in said.json["errors"]} == {"conformance"}
    text = call("services", "test", "lightricks", "-C", str(tmp_path))
    assert text.code == 1
    assert "FAIL" in text.out


@pytest.mark.parametrize("words", [("test",), ("test", "nobody"), ("test", "lightricks/ltx-9"), ("lightricks", "deapi")])
def test_a_name_is_needed(words: tuple[str, ...], tmp_path: Path) -> None:
    """Usage, with the names that there are."""
    said = call("services", *words, "-C", str(tmp_path))
    assert said.code == 2
    assert said.err
