"""An attempt's way from ready to received: download beside, check, put in place, then the row. Settled never means done."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import MediaError
from callsheet.domain.money import text
from callsheet.engine import shelf
from callsheet.engine.fetch import Broken, Fetched, Gone
from callsheet.engine.tools import Tools
from callsheet.media.probe import Probe, inspect_clip
from callsheet.qc.clip import Asked, check_clip
from callsheet.services.wire import Succeeded, Unread

_DEFECTIVE = 3  # the same wrong bytes this often


@dataclass(frozen=True, slots=True)
class _Clip:
    """A complete download that is a clip."""

    file: Fetched
    probe: Probe


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A complete download that is no clip."""

    file: Fetched
    message: str


async def receive(tools: Tools, attempt: Attempt, asked: Asked | None) -> Attempt:
    """Fetch the clip of a ready attempt. It stays ready where that can't be done now: paid, and fetched by the next run."""
    wrong: Counter[str] = Counter()
    url: str | Broken | Gone = attempt.url or Gone("the service named no address for the clip")
    refreshed = False
    for n in range(max(tools.settings.attempts.fetches, _DEFECTIVE) + 1):
        got = await _download(tools, attempt, url) if isinstance(url, str) else url
        match got:
            case _Clip():
                return await _place(tools, attempt, got, asked)
            case Gone() if refreshed:
                return _expired(tools, attempt, got)
            case Gone():
                url, refreshed = await _fresh_url(tools, attempt), True
                continue
            case _Wrong(file):
                wrong[file.sha256] += 1
                if wrong[file.sha256] >= _DEFECTIVE:
                    return _defective(tools, attempt, got)
                file.path.unlink()
            case Broken():
                url = await _fresh_url(tools, attempt) if isinstance(url, Broken) else url
        tools.say("retry", f"{got.message}; fetched again", attempt.take)
        await tools.clock.sleep(min(tools.settings.attempts.unavailable_wait_s * 2**n, 60.0))
    tools.say("wait", "its clip is paid and could not be fetched now; the next run fetches it", attempt.take)
    return attempt


async def restore(tools: Tools, attempt: Attempt) -> bool:
    """Fetch a received clip again whose file is gone from the disk; nothing is bought. Whether the very same bytes are in place again."""
    url = await _fresh_url(tools, attempt)
    got = await _download(tools, attempt, url) if isinstance(url, str) else url
    if not isinstance(got, _Clip) or got.file.sha256 != attempt.sha256:
        tools.say("failed", "its clip is missing on disk and the service does not offer the same bytes any more", attempt.take)
        return False
    await asyncio.to_thread(shelf.put, tools.project, got.file.path, got.file.sha256)
    tools.say("received", "its missing clip was fetched again", attempt.take)
    return True


async def _download(tools: Tools, attempt: Attempt, url: str) -> _Clip | _Wrong | Broken | Gone:
    """One download and a look at what came, in a limited process."""
    part = shelf.new_part(tools.project, attempt.key)
    got = await tools.fetcher.fetch(url, tools.account(attempt), part, tools.rules(attempt).fetch_timeout_s)
    if not isinstance(got, Fetched):
        part.unlink(missing_ok=True)
        return got
    try:
        async with tools.media:
            return _Clip(got, await asyncio.to_thread(inspect_clip, part))
    except MediaError as error:
        return _Wrong(got, f"what came is not a clip: {error}")


async def _place(tools: Tools, attempt: Attempt, clip: _Clip, asked: Asked | None) -> Attempt:
    findings = check_clip(clip.probe, asked) if asked else []
    await asyncio.to_thread(shelf.put, tools.project, clip.file.path, clip.file.sha256)
    body = {"sha256": clip.file.sha256, "size": clip.file.size, "findings": [finding.json() for finding in findings]}
    received = tools.move(attempt, Kind.RECEIVED, body)
    if received.state is State.RECEIVED:
        noted = f"; {'; '.join(finding.message for finding in findings)}" if findings else ""
        tools.say("received", f"{clip.file.size / 1e6:.1f} MB, cost {text(received.settled)} (list {text(received.quote)}){noted}", attempt.take)
    return received


async def _fresh_url(tools: Tools, attempt: Attempt) -> str | Broken | Gone:
    """The clip's address as the service has it now; where the service can't be asked that proves nothing."""
    match await tools.poller(attempt).look(attempt.job or attempt.key):
        case Succeeded() as answer:
            return answer.url
        case Unread(message):
            return Broken(message)
        case _:
            return Gone("the service no longer offers the clip")


def _defective(tools: Tools, attempt: Attempt, wrong: _Wrong) -> Attempt:
    kept = shelf.put_aside(tools.project, wrong.file.path, f"{attempt.take}.a{attempt.n}.{wrong.file.sha256[:8]}")
    message = f"{wrong.message}; the same bytes {_DEFECTIVE} times. Billed; the file is kept as {tools.project.relative(kept)}"
    tools.say("failed", message, attempt.take)
    return tools.move(attempt, Kind.CLOSED, {"message": message}, reason=Reason.DEFECTIVE)


def _expired(tools: Tools, attempt: Attempt, gone: Gone) -> Attempt:
    message = f"the clip can't be had any more: {gone.message}. It was billed"
    tools.say("failed", message, attempt.take)
    return tools.move(attempt, Kind.CLOSED, {"message": message}, reason=Reason.EXPIRED)
