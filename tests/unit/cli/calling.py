"""Calling commands as a user's script does, in this process."""

from __future__ import annotations

import contextlib
import functools
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from callsheet.cli.app import run
from callsheet.cli.commands.begin.demo import environment
from callsheet.cli.output.documents import DOCUMENTS
from callsheet.report.json_documents import Failed
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running

#: two sequences, three takes, small enough to be filmed in a moment
LIST = """shot_id,sequence,prompt,model,duration_s,resolution,fps,takes
A010,one,A boat leaves the harbour,runware/ltx-2,1,320x192,24,2
A020,two,A lamp is lit,runware/ltx-2,1.5,320x192,24,1
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Its stdout as the one JSON document that it must be: that of the command's model."""
        return held_to_its_model(self.out)


def held_to_its_model(text: str) -> dict[str, Any]:
    """A document, which its model must allow. A document of errors alone is that of a command that could not do its work."""
    document: dict[str, Any] = json.loads(text)
    name = str(document.get("schema", "")).removeprefix("callsheet.").partition("/")[0]
    if name in DOCUMENTS:
        adapter("failed" if set(document) == {"schema", "errors"} and name != "check" else name).validate_json(f"[{text}]")
    return document


@functools.cache
def adapter(name: str) -> TypeAdapter[Any]:
    """The model of a list of such documents; a field that it doesn't have is an error."""
    model = Failed if name == "failed" else DOCUMENTS[name]
    return TypeAdapter(list[model], config=ConfigDict(extra="forbid", strict=True))


def call(*argv: str) -> Said:
    """Run one command line."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(argv)
    return Said(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def service(folder: Path, port: int = 0, **how: Any) -> Iterator[str]:
    """A stand-in that does jobs at once, and an environment that names it. Its port is part of the account: the same port sells the same clips again."""
    config = Config(**{"speed": 0.0, "state": folder / "standin", **how})
    with running(config, port) as url, environment({"RUNWARE_API_KEY": "test-key-91f3", "RUNWARE_BASE_URL": f"{url}/v1"}):
        yield url


def project(folder: Path, text: str = LIST) -> Path:
    """A project folder with a list."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spot.csv").write_text(text, encoding="utf-8")
    return folder
