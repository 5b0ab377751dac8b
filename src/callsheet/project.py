"""The user's folder: where things are, whose it is, and the lock that one run holds."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from callsheet.domain.errors import HeldError, InputError, PlaceError

_STATE = ".callsheet"


@dataclass(frozen=True)
class Project:
    """A project folder. Nothing has to exist in it but a shot list; reading creates nothing."""

    folder: Path

    @property
    def state(self) -> Path:
        """`.callsheet/`: everything that must be kept."""
        return self.folder / _STATE

    @property
    def settings_file(self) -> Path:
        """`project.toml`, which need not exist."""
        return self.folder / "project.toml"

    @property
    def ledger_file(self) -> Path:
        """The default ledger."""
        return self.state / "ledger.db"

    @property
    def clips(self) -> Path:
        """Bought clips, named by content: `clips/ab/cd/<sha256>.mp4`."""
        return self.state / "clips"

    @property
    def parts(self) -> Path:
        """Downloads that are not finished; same file system as `clips`."""
        return self.state / "parts"

    @property
    def normalized(self) -> Path:
        """Normalized clips, named by content key; may be deleted."""
        return self.state / "normalized"

    @property
    def finished(self) -> Path:
        """What each finished file was made from, so that nothing is made twice."""
        return self.state / "finished"

    @property
    def logs(self) -> Path:
        """Logs of runs."""
        return self.state / "logs"

    @property
    def out(self) -> Path:
        """Deliveries and reports; may be deleted and rebuilt."""
        return self.folder / "out"

    @cached_property
    def identity(self) -> str:
        """The project's own random id, made when it is first written to."""
        try:
            return str(json.loads((self.state / "project.json").read_text())["id"])
        except FileNotFoundError:
            return self._christen()
        except (ValueError, KeyError, TypeError) as error:
            raise PlaceError(
                f"{_STATE}/project.json can't be read: {error}", help="restore it from a backup; it names the project in its ledger"
            ) from None

    @property
    def exists(self) -> bool:
        """Whether something was ever written here."""
        return (self.state / "project.json").is_file()

    def _christen(self) -> str:
        self.state.mkdir(parents=True, exist_ok=True)
        identity = secrets.token_hex(8)
        beside = self.state / f"project.{os.getpid()}.part"
        beside.write_text(json.dumps({"schema": "callsheet.project/1", "id": identity}) + "\n")
        try:
            os.link(beside, self.state / "project.json")
        except FileExistsError:  # another process was first: its id counts
            return str(json.loads((self.state / "project.json").read_text())["id"])
        finally:
            beside.unlink()
        return identity

    @contextmanager
    def lock(self, *, wait: bool = False) -> Generator[None]:
        """Hold the project: one run at a time. A kernel lock, so it dies with its process. HeldError where another has it."""
        self.state.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.state / "run.lock", timeout=-1 if wait else 0)
        try:
            lock.acquire()
        except Timeout:
            raise HeldError(
                "another run holds this project", help="wait for it to end, or give --wait to queue behind it; reading commands work meanwhile"
            ) from None
        try:
            yield
        finally:
            lock.release()

    def relative(self, path: Path) -> str:
        """A path as users see it: relative to the project folder where it is inside."""
        path = path.resolve()
        folder = self.folder.resolve()
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def list_file(self, name: str) -> Path:
        """The shot list that `name` means, seen from the project folder. InputError where there is none."""
        path = (self.folder / name).resolve()
        if not path.is_file():
            near = ", ".join(sorted(p.name for pattern in ("*.csv", "*.parquet") for p in self.folder.glob(pattern)))
            raise InputError(f"there is no shot list {name}", help=f"here are: {near}" if near else "give the path of a .csv or .parquet file")
        return path


def house_root(folder: Path) -> Path:
    """Where flows and configs are: the nearest ancestor of the project folder that is a house, else the one in the wheel, else the source tree."""
    package = Path(__file__).resolve().parent
    for place in (folder.resolve(), *folder.resolve().parents, package / "_project", package.parent.parent):
        if (place / "flows" / "render.py").is_file() and (place / "configs" / "cards").is_dir():
            return place
    raise PlaceError("callsheet's own flows and configs are missing", help="install callsheet again")
