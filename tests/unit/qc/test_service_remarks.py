"""What a service says of its own clip becomes a finding."""

from __future__ import annotations

from fractions import Fraction

import pytest

from callsheet.domain.shots.shot import Size
from callsheet.qc.service_remarks import check_remarks
from callsheet.services.protocol.ask import Sold

ASKED = Sold(Size(1280, 720), Fraction(25), Fraction(5))


@pytest.mark.parametrize(
    "told", [{}, {"adjustments": None}, {"adjustments": []}, {"seed": 7, "nsfw": False}, {"nsfw": "false"}, {"nsfw": 0}]
)
def test_nothing_told_is_nothing_found(told: dict[str, object]) -> None:
    """Nor is a flag that says no."""
    assert check_remarks(told, ASKED) == []


@pytest.mark.parametrize("flag", [True, "true", 1, "yes", "explicit"])
def test_a_flag_is_a_failing_finding(flag: object) -> None:
    """Whatever its word, unless it is a no."""
    assert [(one.code, one.severity) for one in check_remarks({"nsfw": flag}, ASKED)] == [("nsfw", "fail")]


@pytest.mark.parametrize(
    ("parameter", "applied", "severity"),
    [
        ("fps", 25, "note"),
        ("fps", "25.0", "note"),
        ("fps", 50, "fail"),
        ("duration", "5", "note"),
        ("duration", 4, "fail"),
        ("duration", 0, "fail"),
        ("resolution", "1280x720", "note"),
        ("Resolution", "1024x576", "fail"),
        ("resolution", "smaller", "fail"),
        ("steps", 8, "fail"),
    ],
)
def test_only_an_adjustment_to_what_was_asked_for_is_a_note(parameter: str, applied: object, severity: str) -> None:
    """The plan asks for what it foretells; everything else, and what can't be read, is not what was ordered."""
    told: dict[str, object] = {"adjustments": [{"parameter": parameter, "requested": "?", "applied": applied}]}
    [finding] = check_remarks(told, ASKED)
    assert (finding.code, finding.severity) == ("adjusted" if severity == "fail" else "adjusted-foretold", severity)
    assert f"{applied}" in finding.message


def test_an_adjustment_of_an_unknown_purchase_fails() -> None:
    """Where its bytes don't tell what was asked for, nothing can have been foretold."""
    assert check_remarks({"adjustments": {"fps": 25}}, None)[0].severity == "fail"


def test_each_adjustment_is_a_finding_of_its_own() -> None:
    """And the flag comes after them."""
    told: dict[str, object] = {"adjustments": {"fps": 25, "duration": 4}, "nsfw": True}
    assert [one.severity for one in check_remarks(told, ASKED)] == ["note", "fail", "fail"]
