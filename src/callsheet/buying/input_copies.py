"""The files sent with a purchase, as they were at its hold."""

from __future__ import annotations

from dataclasses import replace

from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import SetupError
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.store.clip_store import input_path
from callsheet.store.project_folder import Project


def inputs_of(project: Project, attempt: Attempt) -> dict[str, MediaRef]:
    """The files of an attempt by their digests, as they were at its hold. SetupError if one is missing, or its bytes have changed."""
    inputs: dict[str, MediaRef] = {}
    for file in attempt.files:
        if not file.sha256:
            continue
        path = input_path(project, file.sha256)
        try:
            copy = MediaRef.of_bytes(file.cell, path.read_bytes())
        except FileNotFoundError:
            copy = None
        except OSError as error:
            raise SetupError(
                f"{project.relative(path)}, the copy of {file.cell} that is sent, can't be read: {error.strerror}",
                help="check the project's disk and who may read it, then run again",
            ) from error
        if copy is None or copy.sha256 != file.sha256:
            gone = "no longer exists" if copy is None else "was changed"
            raise SetupError(
                f"{project.relative(path)}, the copy of {file.cell} that is sent, {gone}",
                help="restore .callsheet from a backup; or put the same file back under the name in its row, and run again",
            )
        inputs[file.sha256] = replace(copy, mime=file.mime)
    return inputs
