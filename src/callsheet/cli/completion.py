"""`callsheet completion`: above the application, since it asks it for all commands."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.cli.app import build
from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_compared import Completion

Shell = Literal["bash", "zsh", "fish"]


def completion(
    shell: Annotated[Shell, Parameter(help="Your shell.")],
    /,
    *,
    common: Common = HERE,  # noqa: ARG001  # it reads no project, but takes the options that all commands take
) -> Answer:
    """The shell's completion of commands and options."""
    script = build().generate_completion(shell=shell)
    document: Completion = {"schema": schema("completion"), "shell": shell, "script": script}
    return Answer(document=document, lines=script.rstrip().split("\n"))
