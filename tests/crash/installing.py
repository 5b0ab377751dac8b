"""Putting the real engine into a world: this world's network, disk, clock and death in place of the real ones."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from callsheet.budget.ledger import pen, store, write
from callsheet.budget.ledger.database import sqlite
from callsheet.budget.ledger.lanes import leases
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying import purchase, receive
from callsheet.buying.lanes import callbacks, slots
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.errors import LedgerError, MediaError, MediaFault
from callsheet.media.inspect import self_check
from callsheet.planning import pricer, project_plan, quoting, read_project, source_files
from callsheet.qc.inspect_file import Inspected
from callsheet.runs import session
from callsheet.services.cards.card import load_cards
from callsheet.services.protocol.request import Request
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load
from callsheet.shotlist.read import read_all
from callsheet.store import clip_store
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests import keyless_wires
from tests.crash import boundaries, kinds, meaning
from tests.crash.drafts import TAKES
from tests.crash.process import PROCESS, SENDING, SimClock
from tests.crash.speakers.base import film_of
from tests.crash.virtual import in_place
from tests.crash.world import UNSYNCED, World

FULL = 2  # PRAGMA synchronous: every commit is on the disk before it is said to be done
#: compiled statements, shared by all engines of all worlds: compiling them anew for each is most of a world's time
_STATEMENTS: LRUCache[Any, Any] = LRUCache(500)


@contextlib.contextmanager
def installed(world: World) -> Generator[pytest.MonkeyPatch]:
    """The engine with this world's network, disk, clock and death in place of the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        if world.kind.service in keyless_wires.SERVICES:
            keyless_wires.open_shop(world.kind.service, patch)
        service = SERVICES[world.kind.service]
        patch.setenv(service.key_env, "made-up")
        patch.setenv(service.url_env, world.url)
        patch.setenv("XDG_STATE_HOME", str(world.folder / "home"))  # all worlds begin as copies of one project
        patch.delenv(f"{service.name.upper()}_WEBHOOK_SECRET", raising=False)
        patch.setattr(asyncio, "to_thread", in_place)
        meaning.watch(patch, service.name, lambda message: world.must(False, message))
        _plan_quickly(patch, world)
        _meet_the_network(patch, world)
        _mind_the_book(patch, world)
        _mind_the_shelf(patch, world)
        patch.setattr(leases, "LEASE_S", 1800.0)  # renewing them every five seconds would be most of a world's time
        patch.setattr(slots, "BEAT_S", 600.0)
        boundaries.watch(patch, world.strike)
        for plant in world.plants:
            plant(patch, world)
        yield patch


def _plan_quickly(patch: pytest.MonkeyPatch, world: World) -> None:
    """The list, the cards and the settings are read once for all worlds; nothing is finished, for there is nothing to see."""
    cards, settings, shots = _read_once(world.name, world.shots, drafts=world.drafts.on)
    world.settings = settings
    patch.setattr(read_project, "load_cards", lambda *_args, **_named: cards)
    patch.setattr(read_project, "load_readable", lambda *_args, **_named: (settings, ()))
    patch.setattr(read_project, "read_all", lambda *_args, **_named: shots)
    patch.setattr(read_project, "deliveries", lambda *_args, **_named: ())
    patch.setattr(source_files, "table_states", lambda *_args, **_named: {})


@functools.cache
def _read_once(name: str, shots: int, *, drafts: bool) -> tuple[Any, Any, Any]:
    kind = kinds.KNOWN[name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        house = house_root()
        cards = dict(load_cards(house / "configs" / "cards"))
        for other in keyless_wires.SERVICES:
            cards[f"{other}/reel"] = keyless_wires.card(other, cards["runware/ltx-2"])
        takes, table = (TAKES, f'[draft]\nresolution = "{kind.draft}"\n') if drafts else (1, "")
        rows = "".join(f"S{n},shot number {n},{kind.model},{kind.row},{takes}\n" for n in range(shots))
        (folder / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps,takes\n" + rows)
        (folder / "project.toml").write_text(kind.settings + table)
        return cards, load(house / "configs" / "defaults.toml", folder / "project.toml"), read_all(folder / "spot.csv", "spot.csv")


def _meet_the_network(patch: pytest.MonkeyPatch, world: World) -> None:
    for module in (session, quoting):
        patch.setattr(module, "Sender", lambda: Sender(world.vendor))
    for module in (session, quoting, project_plan, pricer, callbacks):
        patch.setattr(module, "Clock", lambda: SimClock(world))
    patch.setattr(session, "Fetcher", lambda: Fetcher(world.vendor))
    send = purchase.send

    async def sent(context: Any, attempt: Attempt, request: Request) -> Any:
        SENDING.set(int(attempt.id))
        world.edges.sent(attempt)
        return await send(context, attempt, request)

    patch.setattr(purchase, "send", sent)
    lock = Project.lock

    def locked(project: Project, *, wait: bool = False) -> Any:
        process = PROCESS.get()
        return contextlib.nullcontext() if process and process.bypass else lock(project, wait=wait)

    patch.setattr(Project, "lock", locked)


def _mind_the_book(patch: pytest.MonkeyPatch, world: World) -> None:
    """Dead processes can't use the ledger; it is locked or full at times; the laws are checked after every write."""
    patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
    patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda dialect: hash(type(dialect)))
    engine = sqlite.Sqlite.engine

    def remembered(place: sqlite.Sqlite) -> Any:
        made = engine(place)
        made._compiled_cache = _STATEMENTS
        return made

    patch.setattr(sqlite.Sqlite, "engine", remembered)
    _open_once(patch, world)
    for name in ("reading", "writing"):
        patch.setattr(store.Ledger, name, _gated(world, getattr(store.Ledger, name)))
    hold, move, together = write.hold, write.move, pen._together

    def tried(*given: Any) -> Any:
        world.look_at_what_is_durable(some=False)  # what the try before wrote is taken back
        return together(*given)

    def held(ledger: Any, *args: Any, **named: Any) -> Attempt:
        _refuse(world, "hold")
        attempt = hold(ledger, *args, **named)

        def look() -> None:
            world.note(f"{attempt.name} hold {attempt.quote}")
            world.drafts.held(attempt)
            world.check("after a hold")

        world.once_durable(ledger, look)
        return attempt

    def moved(ledger: Any, attempt: Attempt, kind: Kind, *args: Any, **named: Any) -> Attempt:
        _refuse(world, kind.value)
        world.times[attempt.id, kind.value] = world.now()
        now = move(ledger, attempt, kind, *args, **named)

        def look() -> None:
            world.note(f"{attempt.name} {kind.value}: {attempt.state.value} -> {now.state.value}")
            world.laws.moved(now, f"after {kind.value}")
            world.laws.written(now, f"after {kind.value}")
            world.edges.moved(now, kind)
            world.check(f"after {kind.value}")

        world.once_durable(ledger, look)
        return now

    async def driven(_thread: Any, ledger: Any, lines: Any) -> Any:
        world.group_is_lost = len(lines) > 1 and world._refuses("write:group") is not None
        try:
            results = await in_place(pen.written, ledger, lines)
            world.look_at_what_is_durable(some=any(why is None for _, why in results))
            return results
        finally:
            world.group_is_lost = False
            world.look_at_what_is_durable(some=False)

    patch.setattr(write, "hold", held)
    patch.setattr(write, "move", moved)
    patch.setattr(pen, "_together", tried)
    patch.setattr(pen, "in_thread", driven)


def _open_once(patch: pytest.MonkeyPatch, world: World) -> None:
    """A world's processes share one open ledger: opening it anew for each look is most of a world's time. A power cut closes it, and what their pens keep of it."""
    keeping = store.Ledger.keeping

    def kept(ledger: store.Ledger) -> store.Ledger:
        made = keeping(ledger)
        world.pens_books.append(made)
        return made

    def opened(_place: Any) -> store.Ledger:
        if world.ledger is None:
            world.ledger = open_ledger(Project(world.folder).ledger_file)
        return world.ledger

    patch.setattr(store, "open_ledger", opened)
    patch.setattr(store.Ledger, "close", lambda _ledger: None)
    patch.setattr(store.Ledger, "keeping", kept)


def _gated(world: World, method: Any) -> Any:
    @contextlib.contextmanager
    def gate(ledger: Any) -> Iterator[Any]:
        world.alive()
        with method(ledger) as connection:
            yield connection
            if world.group_is_lost and ledger.within is None:
                raise LedgerError("the ledger ledger.db can't be used: database or disk is full", help="free disk space")
            [synced] = connection.connection.cursor().execute("PRAGMA synchronous").fetchone()
        if synced < FULL:
            keep_book(world)

    return gate


def keep_book(world: World) -> None:
    """Where the ledger doesn't sync every commit, a power cut takes the last ones: copies of the book as it was."""
    file = Project(world.folder).ledger_file
    copy = sqlite3.connect(":memory:")
    with contextlib.closing(sqlite3.connect(file)) as source:
        source.backup(copy)
    content = copy.serialize()
    if not world.books or world.books[-1] != content:
        world.books.append(content)
        del world.books[: -UNSYNCED - 1]


def _refuse(world: World, kind: str) -> None:
    word = world._refuses(f"write:{kind}")
    if word:
        reason = "database is locked" if word == "locked" else "database or disk is full"
        raise LedgerError(f"the ledger ledger.db can't be used: {reason}", help="free disk space")


def _mind_the_shelf(patch: pytest.MonkeyPatch, world: World) -> None:
    world.disk.install(patch)
    sync = clip_store.flush

    def synced(path: Path) -> None:
        world.alive()
        if path.suffix == ".part":
            world.disk_full("link")
        sync(path)

    def looked(path: Path, _asked: object = None) -> Inspected:
        world.alive()
        unfit(world)
        if world.weather.now() == "decoder-wrong":
            raise MediaError("not a film")
        try:
            film = film_of(path.read_bytes())
        except OSError as error:
            raise MediaError(f"can't be opened: {error}") from None
        if film is None:
            raise MediaError("not a film")
        job = next(job for job in world.vendor.jobs if job.id == film)
        made, whole = job.made, world.kind.clip_of(draft=job.draft)
        return Inspected(kinds.clip(whole.width, whole.height, made.fps, made.fps * made.seconds) if made else whole, (), ())

    stands = receive._stands

    def stood(*args: Any) -> Attempt:
        process = PROCESS.get()
        if process:
            process.stands = True
        return stands(*args)

    patch.setattr(clip_store, "flush", synced)
    patch.setattr(receive, "inspect_file", looked)
    patch.setattr(receive, "_stands", stood)
    for name in ("refuse_unfit", "try_now"):
        patch.setattr(self_check, name, lambda: unfit(world, "decoder-killed", "decoder-wrong"))


def unfit(world: World, *spells: str) -> None:
    """MediaFault while the decoder is killed, or in one of the `spells`."""
    if world.weather.now() in ("decoder-killed", *spells):
        raise MediaFault("ffmpeg was killed", help="give it memory")
