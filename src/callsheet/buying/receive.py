"""An attempt's way from ready to received: download beside, check, put in place, then the row. Settled never means done."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from callsheet.buying.attempt_machine import recalled
from callsheet.buying.context import Tools
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import MediaError
from callsheet.domain.money import text
from callsheet.qc.acceptance import judge
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import Inspected, inspect_file
from callsheet.services.protocol.abilities import HandsOver
from callsheet.services.protocol.answers import Absent, Elsewhere, Failed, Forgotten, Succeeded
from callsheet.store import clip_store
from callsheet.transport.download import Broken, Fault, Fetched, Gone

_DEFECTIVE = 3  # the same wrong bytes this often
_GONE = 3  # a service that offers no clip any more this often in a row is believed


@dataclass(frozen=True, slots=True)
class _Clip:
    """A complete download that is a clip."""

    file: Fetched
    looked: Inspected


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A complete download that is no clip."""

    file: Fetched
    message: str


async def receive(tools: Tools, attempt: Attempt, asked: Asked | None) -> Attempt:
    """Fetch the clip of a ready attempt. It stays ready where that can't be done now: paid, and fetched by the next run."""
    wrong: Counter[str] = Counter()
    url: str | Broken | Gone = attempt.url or Gone("the service named no address for the clip")
    gone = 0
    for n in range(max(tools.settings.attempts.fetches, _DEFECTIVE, _GONE) + 1):
        got = await _download(tools, attempt, url) if isinstance(url, str) else url
        match got:
            case _Clip():
                return await _place(tools, attempt, got, asked)
            case Gone():
                fresh = await _fresh_url(tools, attempt)
                gone = gone + 1 if isinstance(fresh, Gone) or fresh == url else 0
                if gone >= _GONE:
                    return await _expired(tools, attempt, got)
                url = fresh
            case _Wrong(file):
                wrong[file.sha256] += 1
                if wrong[file.sha256] >= _DEFECTIVE:
                    return await _defective(tools, attempt, got)
                file.path.unlink(missing_ok=True)
            case Broken() | Fault():
                url = await _fresh_url(tools, attempt) if isinstance(url, Broken) else url
        tools.say("retry", f"{got.message}; fetched again", attempt.take)
        await tools.clock.sleep(tools.settings.attempts.wait_s(n))
    tools.say("wait", "its clip is paid and could not be fetched now; the next run fetches it", attempt.take)
    return attempt


async def restore(tools: Tools, attempt: Attempt) -> bool:
    """Fetch a received clip again whose file is gone from the disk; nothing is bought. Whether the very same bytes are in place again."""
    url = await _fresh_url(tools, attempt)
    got = await _download(tools, attempt, url) if isinstance(url, str) else url
    if not isinstance(got, _Clip) or got.file.sha256 != attempt.sha256:
        tools.say("failed", "its clip is missing on disk and the service does not offer the same bytes any more", attempt.take)
        return False
    await asyncio.to_thread(clip_store.put, tools.project, got.file.path, got.file.sha256)
    tools.say("received", "its missing clip was fetched again", attempt.take)
    return True


async def _download(tools: Tools, attempt: Attempt, url: str) -> _Clip | _Wrong | Broken | Gone | Fault:
    """One download and a look at what came, in a limited process."""
    part = clip_store.new_part(tools.project, attempt.key)
    got = await _saved(tools, attempt, url, part)
    if not isinstance(got, Fetched):
        part.unlink(missing_ok=True)
        return got
    try:
        async with tools.media:
            return _Clip(got, await asyncio.to_thread(inspect_file, part))
    except MediaError as error:
        return _Wrong(got, f"what came is not a clip: {error}")


async def _saved(tools: Tools, attempt: Attempt, url: str, part: Path) -> Fetched | Broken | Gone | Fault:
    """The clip from the service itself, by the key, where it hands its clips over; else, and where it then says so, a download without the key."""
    wire, place, timeout_s = tools.wire(attempt), tools.account(attempt), tools.rules(attempt).fetch_timeout_s
    job = attempt.job or attempt.key
    asked = wire.fetch(job, url) if isinstance(wire, HandsOver) else None
    if isinstance(wire, HandsOver) and asked:
        got = await tools.sender.hand_over(place, asked, lambda answer: wire.read_fetch(answer, job), part, timeout_s)
        if not isinstance(got, Elsewhere):
            return got
        url = got.url
    return await tools.fetcher.fetch(url, place, part, timeout_s, tools.doors(attempt))


async def _place(tools: Tools, attempt: Attempt, clip: _Clip, asked: Asked | None) -> Attempt:
    findings = judge(clip.looked, attempt, asked, tools.settings.qc)
    try:
        await asyncio.to_thread(clip_store.put, tools.project, clip.file.path, clip.file.sha256)
    except OSError as error:
        clip.file.path.unlink(missing_ok=True)
        why = error.strerror or type(error).__name__
        tools.say("wait", f"its clip is paid and could not be put in place ({why}); the next run fetches it", attempt.take)
        return attempt
    body = {"sha256": clip.file.sha256, "size": clip.file.size, "findings": [finding.json() for finding in findings]}
    received = await tools.keep(attempt, Kind.RECEIVED, body, told="its clip is in place")
    if received.state is State.RECEIVED:
        noted = f"; {'; '.join(finding.message for finding in findings)}" if findings else ""
        tools.say(
            "received", f"{clip.file.size / 1e6:.1f} MB, cost {text(received.settled)} (list {text(received.quote)}){noted}", attempt.take
        )
    return received


async def _fresh_url(tools: Tools, attempt: Attempt) -> str | Broken | Gone:
    """The clip's address as the service has it now; where the service can't be asked that proves nothing."""
    match await tools.poller(attempt).look(attempt.job or attempt.key):
        case Succeeded() as answer:
            return answer.url
        case Failed() | Forgotten():
            return Gone("the service no longer offers the clip")
        case _:
            return await _archived(tools, attempt)


async def _archived(tools: Tools, attempt: Attempt) -> str | Broken | Gone:
    """A job without news may still be in the archive; saying nothing of it is no proof that its clip is gone."""
    match await recalled(tools, attempt):
        case Succeeded() as answer:
            return answer.url
        case Absent():
            return Gone("the service's archive has no such clip any more")
        case _:
            return Broken("the service can't be asked for the clip now")


async def _defective(tools: Tools, attempt: Attempt, wrong: _Wrong) -> Attempt:
    kept = clip_store.put_aside(tools.project, wrong.file.path, f"{attempt.name}.{wrong.file.sha256[:8]}")
    message = f"{wrong.message}; the same bytes {_DEFECTIVE} times. Billed; the file is kept as {tools.project.relative(kept)}"
    tools.say("failed", message, attempt.take)
    return await tools.keep(attempt, Kind.CLOSED, {"message": message}, reason=Reason.DEFECTIVE, told=message)


async def _expired(tools: Tools, attempt: Attempt, gone: Gone) -> Attempt:
    message = f"the clip can't be had any more: {gone.message}. It was billed"
    tools.say("failed", message, attempt.take)
    return await tools.keep(attempt, Kind.CLOSED, {"message": message}, reason=Reason.EXPIRED, told=message)
