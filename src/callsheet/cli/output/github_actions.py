"""What GitHub Actions shows for a command: problems and failed takes on their rows, and a run's outcome on the job's page."""

from __future__ import annotations

import os
from pathlib import Path

from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.problem_formats import annotation


def publish(answer: Answer) -> None:
    """Print annotations on stderr, where the runner reads them too, and append the summary to the file that the runner names. Does nothing
    if `check` printed them already.
    """
    if any(line.startswith("::error ") for line in answer.lines):
        return
    say(*(annotation(problem) for problem in answer.problems), *(annotation(problem, level="warning") for problem in answer.failed))
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place and answer.summary:
        try:
            with Path(place).open("a", encoding="utf-8") as file:
                file.write("\n".join(answer.summary) + "\n")
        except OSError as error:  # the command has finished, and its answer is written
            say(f"callsheet: the job summary can't be written to {place}: {error.strerror or type(error).__name__}")
