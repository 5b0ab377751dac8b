"""The user's folder: its paths, its id, and the lock that one run holds."""

from __future__ import annotations

import json
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from callsheet.domain.errors import InputError, LockedError, SetupError
from callsheet.domain.shots.foreign_text import clean, fault
from callsheet.domain.shots.list_file import may_be_list
from callsheet.store import atomic_files
from callsheet.store.machine import local_state, this_machine

_STATE = ".callsheet"
_SECRET_BYTES = 32
#: for so long a lock may be in the way that is only looked at, seconds: see `status.run_mark`
_GLANCE_S = 0.25


@dataclass(frozen=True)
class Project:
    """A project folder. It needs nothing but a shot list; reading creates nothing."""

    folder: Path

    @cached_property
    def state(self) -> Path:
        """`.callsheet/`: everything that must be kept."""
        return self.folder / _STATE

    @property
    def settings_file(self) -> Path:
        """`project.toml`, which is optional."""
        return self.folder / "project.toml"

    @property
    def cards(self) -> Path:
        """This project's own cards, if any: they override shipped ones."""
        return self.folder / "cards"

    @property
    def ledger_file(self) -> Path:
        """The default ledger."""
        return self.locks / "ledger.db"

    @cached_property
    def network(self) -> str | None:
        """The kind of network file system that the folder is on (`nfs4`); None on a local one."""
        return network_file_system(self.folder)

    @property
    def locks(self) -> Path:
        """The folder of the default ledger and the locks: the state, or on a network file system, where locks are unreliable, a folder on
        this machine.
        """
        return self.state if self.network is None else local_state(self.identity)

    @cached_property
    def clips(self) -> Path:
        """Bought clips, named by content: `clips/ab/cd/<sha256>.mp4`."""
        return self.state / "clips"

    @property
    def inputs(self) -> Path:
        """The author's files that were sent with purchases, named by content: `inputs/ab/<sha256>`."""
        return self.state / "inputs"

    @property
    def parts(self) -> Path:
        """Unfinished downloads; on the same file system as `clips`."""
        return self.state / "parts"

    @property
    def normalized(self) -> Path:
        """Conformed clips, named by content key; may be deleted."""
        return self.state / "normalized"

    @property
    def finished(self) -> Path:
        """What each finished file was made from, so that nothing is made twice."""
        return self.state / "finished"

    @property
    def out(self) -> Path:
        """Deliveries and reports; may be deleted and rebuilt."""
        return self.folder / "out"

    @cached_property
    def identity(self) -> str:
        """The project's own random id, created when it is first written to."""
        return self.recorded.get("id") or self._christen()

    @cached_property
    def hook_secret(self) -> bytes:
        """The source of the callbacks' secrets: random, the project's own, readable only by its owner; created when it is first needed."""
        assert self.identity, "a secret belongs to a project with an id"
        place = self.state / "hooks.secret"
        if not place.exists():
            part = atomic_files.part_path(place)
            part.touch(mode=0o600)
            part.write_text(secrets.token_hex(_SECRET_BYTES))
            with suppress(FileExistsError):  # another process was first: use its secret
                atomic_files.add(part, place)
            part.unlink(missing_ok=True)
        try:
            found = bytes.fromhex(place.read_text())
        except ValueError:
            found = b""
        if len(found) != _SECRET_BYTES:
            raise SetupError(
                f"{_STATE}/hooks.secret can't be read",
                help="delete it; a new one is created, and calls about earlier purchases are then ignored",
            )
        return found

    @property
    def known_id(self) -> str:
        """The id for readers: empty if there is none yet."""
        return self.identity if self.exists else ""

    @property
    def recorded(self) -> dict[str, str]:
        """The content of `.callsheet/project.json`: `id`, and since its first run `folder` (real path), `machine`, `ledger` (the ledger's
        id) and `file` (which file that is). Empty if there is none.
        """
        try:
            found = json.loads((self.state / "project.json").read_text())
            return {**found, "id": str(found["id"])}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError) as error:
            raise SetupError(
                f"{_STATE}/project.json can't be read: {error}", help="restore it from a backup; it names the project in its ledger"
            ) from None

    def record(self, **values: str) -> None:
        """Record facts of the project, while holding its lock; does nothing if they are recorded already."""
        now = {"schema": "callsheet.project/1", **self.recorded, **values}
        if now != self.recorded:
            atomic_files.write(self.state / "project.json", json.dumps(now) + "\n")

    @property
    def seen(self) -> dict[str, str]:
        """What runs on this machine noted of the project outside its folder: `ledger`, `attempts` and `run`, as in `recorded`. Empty if there is
        nothing: no run was made here, or that place can't be written or read.
        """
        try:
            found = json.loads(self._seen.read_text())
            return {"ledger": str(found["ledger"]), "attempts": str(int(found["attempts"])), "run": str(found["run"])}
        except (OSError, RuntimeError, ValueError, KeyError, TypeError):  # the second: a user without a home
            return {}

    def note_seen(self, **values: str) -> None:
        """Note the same, where a backup of the folder doesn't put it back; nothing if that can't be written."""
        now = {"ledger": "", "attempts": "0", "run": "", **self.seen, **values}
        if now != self.seen:
            with suppress(OSError, RuntimeError):
                atomic_files.write(self._seen, json.dumps(now) + "\n")

    @property
    def _seen(self) -> Path:
        return local_state(self.identity) / f"seen-{this_machine() or 'here'}.json"  # a home may be shared by machines

    @property
    def exists(self) -> bool:
        """Whether anything was ever written here."""
        return (self.state / "project.json").is_file()

    def _christen(self) -> str:
        """Give the project an id that survives a power cut: a project that lost its id would buy everything again."""
        file, identity = self.state / "project.json", secrets.token_hex(8)
        part = atomic_files.part_path(file)
        part.write_text(json.dumps({"schema": "callsheet.project/1", "id": identity}) + "\n")
        try:
            atomic_files.add(part, file)
            atomic_files.flush(self.folder)
        except FileExistsError:  # another process was first: use its id
            return str(json.loads(file.read_text())["id"])
        finally:
            part.unlink(missing_ok=True)
        return identity

    @contextmanager
    def lock(self, *, wait: bool = False) -> Generator[None]:
        """Lock the project: one run at a time. A kernel lock, so it ends with its process. LockedError if another has it; SetupError if there can be none here."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 # it imports asyncio and TLS, which reading commands don't need

        lock = FileLock(self.run_lock, timeout=-1 if wait else _GLANCE_S)
        try:
            self.locks.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise locked() from None
        except (OSError, RuntimeError) as error:  # the library says the second where the system knows no locks
            why = getattr(error, "strerror", None) or str(error)
            raise SetupError(
                f"the project can't be locked: {self.relative(self.run_lock)}: {why}",
                help="run as a user who may write there; or move the project to a disk that has locks",
            ) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def run_lock(self) -> Path:
        """The file that a run locks."""
        return self.locks / "run.lock"

    def relative(self, path: Path) -> str:
        """A path as users see it: relative to the project folder if it is inside."""
        path = path.resolve()
        folder = self.folder.resolve()
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)

    def list_file(self, name: str) -> Path:
        """The shot list that `name` refers to, relative to the project folder. InputError if there is none."""
        path = (self.folder / name).resolve()
        if found := fault(path.name):
            raise InputError(f"the name of the shot list {clean(name)} holds {found}", help="rename the file")
        for folder in (path.parent, self.folder.resolve()):  # ledgers, metadata and tables can't store it
            if any("\ud800" <= sign <= "\udfff" for sign in str(folder)):
                raise InputError(f"the folder {clean(str(folder))} has a name in another code page than this system's", help="rename it")
        if not path.is_file():
            near = ", ".join(clean(path.name) for path in self.tables())
            what = f"{name} is a folder, not a shot list" if path.is_dir() else f"no shot list {name}"
            raise InputError(what, help=f"here are: {near}" if near else "give the path of a .csv, .xlsx or .parquet file")
        return path

    def tables(self) -> tuple[Path, ...]:
        """The files in the folder that may be shot lists, by name; none of them is opened."""
        return tuple(sorted(path for path in self.folder.iterdir() if may_be_list(path) and not path.is_dir()))


def locked() -> LockedError:
    """The error for a project that another run has locked."""
    help = "wait for it to end, or add --wait to queue behind it; commands that only read work meanwhile"
    return LockedError("another run of this project is under way", help=help)


_NETWORK = ("nfs", "cifs", "smb", "9p", "sshfs", "afs", "ceph", "gluster", "davfs", "webdav", "ncpfs", "lustre", "beegfs")


def network_file_system(folder: Path, table: Path = Path("/proc/mounts")) -> str | None:
    """The kind of network file system that a folder is on; None if it is local, or the system has no table of mounts."""
    kind = mounted(folder.resolve(), table)
    return kind if kind and any(word in kind for word in _NETWORK) else None


def mounted(folder: Path, table: Path) -> str | None:
    """The type of the file system that `folder` is on, by the system's own table; None if it can't be read."""
    try:
        rows = [line.split() for line in table.read_text().splitlines()]
    except OSError:
        return None
    places = [(row[1].replace("\\040", " "), row[2]) for row in rows if len(row) > 2]
    above = [(place, kind) for place, kind in places if folder.is_relative_to(place)]
    return max(above, key=lambda found: len(found[0]))[1] if above else None
