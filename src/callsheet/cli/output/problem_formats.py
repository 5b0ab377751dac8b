"""Problems of a list in several formats: for people in full or one line each, for GitHub, for code scanners."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from callsheet import __version__
from callsheet.cli.output.errors import grouped_lines
from callsheet.domain.errors import Problem
from callsheet.shotlist.explain import CODES

Format = Literal["full", "concise", "json", "github", "sarif"]


def formatted(problems: Sequence[Problem], format: Format) -> list[str]:
    """The problems in one of the formats, as lines. `json` is the command's own document, so it has no lines."""
    match format:
        case "concise":
            return [f"{_where(problem)}: {problem.code}: {_line(problem.message)}; {_line(problem.help)}" for problem in problems]
        case "github":
            return [annotation(problem) for problem in problems]
        case "sarif":
            return [json.dumps(sarif(problems), ensure_ascii=False, indent=2)]
        case "json":
            return []
        case "full":
            return grouped_lines(problems, explained=True)


def _where(problem: Problem) -> str:
    """`film.csv:8:C7`, which editors and terminals turn into a link."""
    return ":".join(
        str(part) for part in (problem.file or "callsheet", problem.line or problem.row, problem.cell or problem.column) if part
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def annotation(problem: Problem, level: Literal["error", "warning"] = "error") -> str:
    """A workflow command of GitHub Actions, with its characters escaped."""
    places = {"file": problem.file, "line": problem.line or problem.row, "title": problem.code}
    given = ",".join(f"{name}={_escaped(str(value), in_place=True)}" for name, value in places.items() if value)
    cell = f"{problem.cell or problem.column}: " if problem.cell or problem.column else ""
    text = f"{cell}{problem.message}\nhelp: {problem.help}"
    return f"::{level} {given}::{_escaped(text)}"


def _escaped(text: str, *, in_place: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if in_place else text


def sarif(problems: Sequence[Problem]) -> dict[str, object]:
    """SARIF 2.1.0, for code scanning."""
    codes = sorted({problem.code for problem in problems})
    rules = [{"id": code, "shortDescription": {"text": CODES[code].what if code in CODES else code}} for code in codes]
    results: list[dict[str, object]] = []
    for problem in problems:
        region = {"region": {"startLine": problem.line or problem.row}} if problem.line or problem.row else {}
        place = {"physicalLocation": {"artifactLocation": {"uri": problem.file or "project.toml"}, **region}}
        named = {"logicalLocations": [{"name": problem.cell or problem.column}]} if problem.cell or problem.column else {}
        text = f"{problem.message}. {problem.help}"
        results.append({"ruleId": problem.code, "level": "error", "message": {"text": text}, "locations": [{**place, **named}]})
    driver = {"name": "callsheet", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
