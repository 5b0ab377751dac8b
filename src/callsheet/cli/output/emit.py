"""The only place that writes an answer to stdout."""

from __future__ import annotations

import json
import os
import sys
from itertools import islice

from callsheet.cli.output.answer import Answer, say, to_nowhere
from callsheet.cli.output.glyphs import shown
from callsheet.cli.output.table import width, wrapped_lines
from callsheet.domain.errors import Exit

#: how many pieces of a document's text are joined at a time
_PIECES = 10_000


def emit(answer: Answer, *, as_json: bool) -> int:
    """Write the answer and return its exit code. A reader that closed the pipe (`| head`) is no error; any other failure to write is a
    setup error.
    """
    code = int(answer.exit)
    try:
        _write(answer, as_json=as_json)
    except BrokenPipeError:
        to_nowhere(sys.stdout)
    except OSError as error:
        to_nowhere(sys.stdout)
        say(f"callsheet: the answer can't be written to stdout: {error.strerror or type(error).__name__}")
        code = code or int(Exit.SETUP)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        from callsheet.cli.output.github_actions import publish  # noqa: PLC0415 # needed only there

        publish(answer)
    return code


def _write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        errors = {"errors": [problem.json() for problem in answer.problems]} if answer.problems else {}
        pieces = json.JSONEncoder(ensure_ascii=False, indent=2).iterencode({**answer.document, **errors})
        # all of it before any is written, so that what fails leaves no half document; joined, since its pieces alone take ten times the memory
        sys.stdout.writelines([*iter(lambda: "".join(islice(pieces, _PIECES)), ""), "\n"])
    else:
        sys.stdout.write(shown("".join(f"{line}\n" for line in answer.lines)))
    sys.stdout.flush()
    if not as_json:
        say(*wrapped_lines(answer.notes, width(sys.stderr)))
