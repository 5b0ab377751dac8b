"""The checks of `doctor`, one small function each. They change nothing, contact no service and show no key."""

from __future__ import annotations

import asyncio
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from urllib.parse import urlsplit

from callsheet.budget import ledger_identity
from callsheet.budget.ledger.audit import audit
from callsheet.budget.project_ledger import open_existing
from callsheet.domain.errors import CallsheetError, LockedError, SetupError
from callsheet.domain.wording import counted
from callsheet.media.ffmpeg import runner
from callsheet.services.protocol.address import web
from callsheet.services.registry import SERVICES, Service
from callsheet.settings.environment import addresses, api_key, base_url
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.status.project_view import TakeView, read_view
from callsheet.store import atomic_files, clip_store
from callsheet.store.house import house, house_root, passed_over
from callsheet.store.project_folder import Project
from callsheet.transport.notifications import notify, unusable
from callsheet.transport.way_out import NoWayOut, require, way_out


class Mark(StrEnum):
    """The result of a check."""

    FINE = "fine"
    NOTE = "note"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, the result, and what to do about it."""

    name: str
    mark: Mark
    says: str
    help: str = ""


_ENCODERS = ("libx264", "aac", "libwebp")
_FILTERS = ("ebur128", "alimiter", "drawtext", "tile")
_OLDEST_FFMPEG = (5, 1)
#: below this, a run may fill the disk: a clip is some 20 MB, and its conformed copy as much again
_LITTLE = 2 << 30
#: below this, not even one clip and its conformed copy are sure to fit
_FULL = 100 << 20


def machine_checks(project: Project) -> Iterator[Check]:
    """Python, ffmpeg, disk, Prefect, keys."""
    yield Check("python", Mark.FINE, f"{platform.python_version()} on {sys.platform}")
    yield from _house(project)
    yield _ffmpeg()
    yield from _folder(project)
    yield _prefect()
    yield _network()
    for service in SERVICES.values():
        yield _key(service)


def project_checks(project: Project, *, deep: bool, send: bool = False) -> Iterator[Check]:
    """Settings, notifications (`send` sends one to each address), ledger, lock, clips."""
    try:
        settings = load(house_root() / "configs" / "defaults.toml", project.settings_file)
    except CallsheetError as error:
        yield Check("settings", Mark.FAIL, "; ".join(problem.message for problem in error.problems), error.problems[0].help)
        return
    yield Check("settings", Mark.FINE, "project.toml is valid" if project.settings_file.exists() else "no project.toml; the defaults apply")
    yield _notifications(settings, send=send)
    yield _lock(project)
    try:
        for problem in ledger_identity.identity_problems(project, settings):
            yield Check("home", Mark.FAIL, problem.message, problem.help)
        yield from _ledger(project, settings)
        yield from _clips(project, read_view(project, settings).takes, deep=deep)
    except CallsheetError as error:
        yield Check("ledger", Mark.FAIL, error.message, error.problems[0].help)


def _notifications(settings: Settings, *, send: bool) -> Check:
    """Whether somebody is told of what happens in a run, and whether the addresses can be used; with `send`, a message to each."""
    variables = settings.notify.variables.value
    try:
        known = [address for variable in variables for address in addresses(variable)]
    except SetupError as error:
        return Check("notify", Mark.FAIL, error.message, error.problems[0].help)
    if not known:
        says, help = f"nobody is told of what happens in a run: {', '.join(variables) or '[notify] variables'} is not set", ""
        return Check("notify", Mark.FAIL if send else Mark.NOTE, says, "set it to an address that apprise knows" if send else help)
    wrong = notify(known, f"callsheet {settings.name}: test", "`callsheet doctor --notify` sent this.") if send else unusable(known)
    if wrong:
        return Check("notify", Mark.FAIL, "; ".join(wrong), "correct the address; its forms are on apprise's pages")
    sent = "a test message was sent" if send else "`callsheet doctor --notify` sends a test message"
    return Check("notify", Mark.FINE, f"{counted(len(known), 'address')}; {sent}")


def _house(project: Project) -> Iterator[Check]:
    """Which house is in use, and folders that look like one but aren't used."""
    try:
        yield Check("house", Mark.FINE, f"flows, cards and configs: {house()}")
        for folder in passed_over(project.folder):
            yield Check("house", Mark.WARN, f"{folder} looks like a house, but is not used", f"meant? --house {folder}")
    except SetupError as error:
        yield Check("house", Mark.FAIL, error.message, error.problems[0].help)
    own = sorted(path.name for path in project.cards.glob("*.toml"))
    if own:
        yield Check("cards", Mark.NOTE, f"this project's cards replace shipped ones: {', '.join(own)}")


def _ffmpeg() -> Check:
    try:
        version = runner.version()
        offered = runner.listing("encoders") + runner.listing("filters")
    except (CallsheetError, OSError) as error:
        return Check("ffmpeg", Mark.FAIL, f"can't be started: {error}", "correct CALLSHEET_FFMPEG, or unset it to use the bundled one")
    missing = [name for name in (*_ENCODERS, *_FILTERS) if not re.search(rf"\s{name}\s", offered)]
    if missing:
        return Check("ffmpeg", Mark.FAIL, f"{version} lacks {', '.join(missing)}", "unset CALLSHEET_FFMPEG to use the bundled one")
    number = re.match(r"n?(\d+)\.(\d+)", version)
    if number and (int(number[1]), int(number[2])) < _OLDEST_FFMPEG:
        return Check("ffmpeg", Mark.FAIL, f"{version} is older than 5.1", "unset CALLSHEET_FFMPEG to use the bundled one")
    return Check(
        "ffmpeg",
        Mark.FINE,
        f"{version} ({'CALLSHEET_FFMPEG' if os.environ.get('CALLSHEET_FFMPEG') else 'bundled'}) has {', '.join(_ENCODERS)}",
    )


def _folder(project: Project) -> Iterator[Check]:
    """Free space on the folder's disk, and the kind of its file system."""
    free = shutil.disk_usage(project.folder).free
    says = f"{free / (1 << 30):.1f} GB free"
    if free < _FULL:
        yield Check("disk", Mark.FAIL, f"full: {free >> 20} MB free", "free disk space: a clip that is paid for could not be saved")
    else:
        yield Check("disk", Mark.FINE, says) if free >= _LITTLE else Check("disk", Mark.WARN, says, "free disk space before a large render")
    if project.network is None:
        yield Check("folder", Mark.FINE, "on a local file system")
        return
    where = f"ledger and locks are in {project.locks}" if project.exists else "ledger and locks will be in a folder on this machine"
    help = "to share a ledger between machines, use PostgreSQL and set CALLSHEET_LEDGER"
    yield Check("folder", Mark.NOTE, f"on a network file system ({project.network}): {where}", help)


def _prefect() -> Check:
    try:
        versions = {name: metadata.version(name) for name in ("prefect", "fastapi")}
    except metadata.PackageNotFoundError as error:
        return Check("prefect", Mark.FAIL, f"{error.name} is not installed", "reinstall callsheet, or render with --no-prefect")
    says = ", ".join(f"{name} {version}" for name, version in versions.items())
    major, minor = (int(part) for part in versions["fastapi"].split(".")[:2])
    if (major, minor) >= (0, 151):
        return Check("prefect", Mark.FAIL, says, "this fastapi breaks Prefect's server: pip install 'fastapi<0.151'")
    return Check("prefect", Mark.FINE, says)


def _network() -> Check:
    """The settings for every request, and whether its proxies accept connections."""
    try:
        way = way_out()
        asyncio.run(require(way))
    except NoWayOut as error:
        return Check("network", Mark.FAIL, error.message, error.problems[0].help)
    return Check("network", Mark.FINE, way.words())


def _key(service: Service) -> Check:
    address = base_url(service.url_env, service.base_url)
    if not web(address):
        help = f"write it as {service.base_url}, or unset it"
        return Check(service.name, Mark.FAIL, f"{service.url_env} is not a valid http(s) URL", help)
    parts = urlsplit(address)
    url = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"  # a URL may carry a password
    try:
        key = api_key(service.key_env)
    except SetupError as error:
        return Check(service.name, Mark.FAIL, error.message, error.problems[0].help)
    if key is None:
        return Check(service.name, Mark.NOTE, f"no key ({service.key_env} is not set), {url}")
    return Check(service.name, Mark.FINE, f"{service.key_env} is set, {url}")


def _lock(project: Project) -> Check:
    if not project.state.is_dir():
        return Check("lock", Mark.FINE, "nothing has been bought here yet")
    try:
        with project.lock():
            return Check("lock", Mark.FINE, "no run is under way in this project")
    except LockedError:
        return Check("lock", Mark.NOTE, "a run is under way in this project")


def _ledger(project: Project, settings: Settings) -> Iterator[Check]:
    ledger = open_existing(project, settings)
    if ledger is None:
        yield Check("ledger", Mark.FINE, "none yet")
        return
    try:
        problems = audit(ledger)
    finally:
        ledger.close()
    for problem in problems:
        yield Check("ledger", Mark.FAIL, problem.message, problem.help)
    if not problems:
        yield Check("ledger", Mark.FINE, f"sound: every cap's counter equals its entries ({ledger.place})")


def _clips(project: Project, takes: tuple[TakeView, ...], *, deep: bool) -> Iterator[Check]:
    bought = [take for take in takes if take.sha256]
    missing = [str(take.take) for take in bought if take.file is None]
    changed = [str(take.take) for take in bought if deep and take.file and atomic_files.digest(take.file) != take.sha256]
    own = {take.sha256 for take in bought}
    others = [clip for clip in clip_store.stored(project) if clip.stem not in own]  # of earlier attempts, or bought before this was a copy
    changed += [project.relative(clip) for clip in others if deep and atomic_files.digest(clip) != clip.stem]
    if missing:
        yield Check("clips", Mark.FAIL, f"missing: {', '.join(missing)}", "`callsheet recover` fetches them again without buying")
    if changed:
        help = "delete these files, then `callsheet recover`; in a copied folder, copy them from the original instead"
        yield Check("clips", Mark.FAIL, f"changed since they were bought: {', '.join(changed)}", help)
    if not missing and not changed:
        more = f", and {counted(len(others), 'clip')} of earlier purchases" if others else ""
        yield Check("clips", Mark.FINE, f"{len(bought)} in place{more}" + (", every hash right" if deep and (bought or others) else ""))
