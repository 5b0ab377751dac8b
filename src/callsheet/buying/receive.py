"""An attempt's way from ready to received: download to a temporary file, check, store, then write the row. Settled never means done."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.budget.ledger import read, write
from callsheet.buying import record_answer
from callsheet.buying.context import RunContext
from callsheet.buying.known_keys import recalled
from callsheet.buying.settlement import measured_cost
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import LedgerError, MediaError, MediaFault, SetupError
from callsheet.domain.money import Micros, text
from callsheet.media.inspect import self_check
from callsheet.qc.acceptance import judge
from callsheet.qc.clip import SHORT, Asked, huge
from callsheet.qc.inspect_file import Inspected, inspect_file
from callsheet.services.protocol.abilities import HandsOver, WithoutCosts
from callsheet.services.protocol.answers import Absent, Elsewhere, Failed, Forgotten, Succeeded, Unread
from callsheet.store import clip_store
from callsheet.store.atomic_files import digest
from callsheet.transport.download import Broken, Fault, Fetched, Gone, not_a_clip

_DEFECTIVE = 3  # how often the same wrong bytes have to arrive
#: the end of the message of an attempt closed as defective: the file that was kept
_KEPT_AS = "the file is kept as "
_GONE = 3  # "no clip any more" counts only after this many answers in a row


@dataclass(frozen=True, slots=True)
class _Clip:
    """A complete download that is a clip."""

    file: Fetched
    looked: Inspected


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A complete download that is not a clip."""

    file: Fetched
    message: str


@dataclass(slots=True)
class _SoFar:
    """The state of one clip's download. Times are monotonic seconds."""

    began: float
    tries: int = 0
    failed: int = 0
    #: looks since an address was told that told nothing of the job
    silent: int = 0
    wrong: Counter[str] = field(default_factory=Counter[str])
    withdrawn: int = 0
    missing_since: float | None = None
    #: addresses that the service told since then, each of which was asked and has no clip
    dead: int = 0
    dark_since: float | None = None
    barred: str = ""


async def receive(context: RunContext, attempt: Attempt, asked: Asked | None) -> Attempt:
    """Fetch the clip of a ready attempt. If that fails for now, the attempt stays ready: it is paid, and the next run fetches it. Only two
    things close it: the service reports that the clip no longer exists, or a working decoder rejects complete bytes.
    """
    so_far = _SoFar(began=context.log.clock.monotonic())
    url: str | Broken | Gone | Fault = attempt.url or Gone("the service named no address for the clip")
    while True:
        got = await _download(context, attempt, url, asked) if isinstance(url, str) else url
        if isinstance(got, _Clip):
            early = _ends_early(got, asked, so_far)
            if early is None:
                return await _place(context, attempt, got, asked, await _late_cost(context, attempt))
            got = early
        if isinstance(got, _Wrong) and (fault := await _seen_wrong(context, got, so_far)):
            got = fault
        if not isinstance(got, Fault):
            so_far.dark_since = None
        said_nothing = isinstance(url, Broken)
        if not isinstance(got, Gone) and not said_nothing:
            so_far.missing_since, so_far.dead = None, 0  # the address answered or could not be reached
        so_far.dead += isinstance(got, Gone) and isinstance(url, str)
        so_far.silent = so_far.silent + 1 if said_nothing else 0 if isinstance(url, str) else so_far.silent
        barred = isinstance(got, Fault) and not so_far.barred
        if not isinstance(url, str) or isinstance(got, Gone) or barred:  # get a new address if this one is dead, refused or missing
            so_far.barred = so_far.barred or (url if isinstance(url, str) else "")
            url = await _fresh_url(context, attempt)
        if isinstance(got, Fault) and got.lasting and isinstance(url, str) and url != so_far.barred:
            so_far.barred = url  # the service may have moved it
            continue
        if (over := await _over(context, attempt, got, url, so_far)) is not None:
            return over
        wait = context.settings.attempts.wait_s(so_far.tries)
        so_far.tries += 1
        context.log.say("retry", f"{got.message}; fetched again in {wait:.0f} s", attempt.take)
        await context.log.clock.sleep(wait)


def _ends_early(clip: _Clip, asked: Asked | None, so_far: _SoFar) -> Broken | None:
    """A film that is shorter than ordered and whose length was not announced: it may have been cut off where its format allows an end.
    It is believed when the same bytes come again.
    """
    short = [one for one in clip.looked.findings(asked) if one.code == SHORT] if clip.file.open_ended else []
    if not short or so_far.wrong[clip.file.sha256]:
        return None
    so_far.wrong[clip.file.sha256] += 1
    clip.file.path.unlink(missing_ok=True)
    return Broken(f"the download may be incomplete, because its length was not announced: {short[0].message}")


async def _seen_wrong(context: RunContext, wrong: _Wrong, so_far: _SoFar) -> Fault | None:
    """Count the bytes. Before they are called defective, the decoder itself is tested: a Fault if it doesn't work."""
    so_far.wrong[wrong.file.sha256] += 1
    if so_far.wrong[wrong.file.sha256] < _DEFECTIVE:
        wrong.file.path.unlink(missing_ok=True)
        return None
    try:
        async with context.media:
            await asyncio.to_thread(self_check.try_now)
    except MediaFault as fault:
        wrong.file.path.unlink(missing_ok=True)
        return _fault_of(fault)
    return None


async def _over(context: RunContext, attempt: Attempt, got: _Wrong | Broken | Gone | Fault, url: object, so_far: _SoFar) -> Attempt | None:
    """The attempt if this was the last try; None if there is another. `url` is the clip's address as the service has it now."""
    now, rules = context.log.clock.monotonic(), context.settings.attempts
    match got:
        case Fault():
            so_far.dark_since = now if so_far.dark_since is None else so_far.dark_since
            context.channels.lane(attempt).hold_back(rules.wait_s(so_far.tries))  # don't buy more while clips can't be fetched
            longest = context.channels.rules(attempt).outage_s
            # failing and missing answers in turn also come to an end
            over = now - so_far.dark_since >= longest or now - so_far.began >= longest + context.channels.settle_s(attempt)
            return _stands(context, attempt, got) if got.lasting or over else None
        case Gone():
            so_far.missing_since = now if so_far.missing_since is None else so_far.missing_since
            so_far.withdrawn = so_far.withdrawn + 1 if isinstance(url, Gone) else 0
            settled = (
                not isinstance(url, Gone) and so_far.dead >= _GONE and now - so_far.missing_since >= context.channels.settle_s(attempt)
            )
            return await _expired(context, attempt, got) if so_far.withdrawn >= _GONE or settled else None
        case _Wrong(file) if so_far.wrong[file.sha256] >= _DEFECTIVE:
            return await _defective(context, attempt, got)
        case _:
            so_far.failed += not so_far.silent
            if max(so_far.failed, so_far.silent) <= max(rules.fetches, _DEFECTIVE):
                return None
            context.log.say("wait", "its clip is paid but could not be fetched; the next run fetches it", attempt.take)
            return attempt


def _stands(context: RunContext, attempt: Attempt, fault: Fault) -> Attempt:
    """A fault on this machine: the attempt stays as it is, and its lane buys nothing more that couldn't be fetched either."""
    message = f"a clip is paid but can't be fetched: {fault.message}"
    context.channels.lane(attempt).stop(
        record_answer.lane_problem(attempt, message, f"{fault.help}; `callsheet recover` fetches it", code=SetupError.code)
    )
    context.log.say(
        "wait", f"{fault.message}. Its clip is paid and still at the service; nothing more is sent to {attempt.model}", attempt.take
    )
    return attempt


def _fault_of(error: MediaFault) -> Fault:
    return Fault(error.message, error.problems[0].help, lasting=True)


async def fetch_closed(context: RunContext, attempt: Attempt, asked: Asked | None) -> Attempt:
    """Receive the clip of a paid attempt that was closed without one, if that is possible after all: a decoder reads the kept bytes, or the
    service still offers the clip. Nothing is bought; otherwise the attempt stays closed, and nothing is written.
    """
    kept = await _kept_bytes(context, attempt, asked)
    if kept:
        context.log.say("note", "the file that was kept as defective is a valid clip", attempt.take)
        return await _place(context, attempt, kept, asked)
    if not attempt.job:
        return attempt
    answer = await context.channels.poller(attempt).poll(attempt.job)
    if not isinstance(answer, Succeeded):
        return attempt
    got = await _download(context, attempt, answer.url, asked)
    if isinstance(got, _Clip):
        context.log.say("note", f"job {attempt.job} still has its clip", attempt.take)
        return await _place(context, attempt, got, asked, None if attempt.told.get("cost_reported") else answer.cost)
    if isinstance(got, _Wrong):
        got.file.path.unlink(missing_ok=True)
    return attempt


async def _kept_bytes(context: RunContext, attempt: Attempt, asked: Asked | None) -> _Clip | None:
    """The file that was kept as defective, if a working decoder reads it as a clip; the kept file stays."""
    kept = context.project.folder / (attempt.message or "").rpartition(_KEPT_AS)[2]
    if attempt.reason is not Reason.DEFECTIVE or not kept.is_file():
        return None
    part = clip_store.new_part(context.project, attempt.key)
    try:
        shutil.copyfile(kept, part)
        async with context.media:
            looked = await asyncio.to_thread(inspect_file, part, asked)
        return _Clip(Fetched(part, digest(part), part.stat().st_size), looked)
    except (MediaFault, MediaError, OSError):
        part.unlink(missing_ok=True)
        return None


async def restore(context: RunContext, attempt: Attempt) -> bool:
    """Fetch a received clip again if its file is missing; nothing is bought. Returns whether the same bytes are stored again."""
    url = await _fresh_url(context, attempt)
    got = await _download(context, attempt, url, None) if isinstance(url, str) else url
    if isinstance(got, _Clip) and got.file.sha256 == attempt.sha256:
        try:
            await asyncio.to_thread(clip_store.put, context.project, got.file.path, got.file.sha256)
        except OSError as error:
            got = _unstored(got, error)
        else:
            context.log.say("received", "its missing clip was fetched again", attempt.take)
            return True
    match got:
        case Fault():
            _stands(context, attempt, got)
        case Broken(message):
            context.log.say(
                "wait", f"its clip is missing on disk, and could not be fetched: {message}; the next run tries again", attempt.take
            )
        case _:
            if not isinstance(got, Gone):
                got.file.path.unlink(missing_ok=True)
            context.log.say("failed", "its clip is missing on disk, and the service no longer has the same file", attempt.take)
    return False


def _unstored(clip: _Clip, error: OSError) -> Fault:
    """A clip that can't be stored here."""
    clip.file.path.unlink(missing_ok=True)
    return Fault(f"it can't be stored ({error.strerror or type(error).__name__})", "check the project's disk, then run again", lasting=True)


async def _download(context: RunContext, attempt: Attempt, url: str, asked: Asked | None) -> _Clip | _Wrong | Broken | Gone | Fault:
    """One download and its inspection, in a limited process."""
    part = clip_store.new_part(context.project, attempt.key)
    got = await _saved(context, attempt, url, part)
    if not isinstance(got, Fetched):
        part.unlink(missing_ok=True)
        return got
    try:
        async with context.media:
            return _Clip(got, await asyncio.to_thread(inspect_file, part, asked))
    except MediaFault as fault:
        part.unlink(missing_ok=True)
        return _fault_of(fault)
    except OSError as error:
        part.unlink(missing_ok=True)
        return _unseen(error)
    except MediaError as error:
        return _no_clip(got, part, error)


def _no_clip(got: Fetched, part: Path, error: MediaError) -> _Wrong | Broken | Fault:
    """The error for bytes that are not a clip. The temporary file stays only if the bytes themselves are to be judged."""
    wrong: Broken | Fault | None
    if got.packed:
        wrong = Broken(f"the download is compressed as {got.packed}, which can't be unpacked")
    elif got.open_ended:
        wrong = Broken(f"the download may be incomplete, because its length was not announced: {error}")
    else:
        try:
            wrong = not_a_clip(part)
        except OSError as gone:  # deleted by another run, for example
            wrong = _unseen(gone)
    if wrong is None:
        return _Wrong(got, f"the download is not a clip: {error}")
    part.unlink(missing_ok=True)
    return wrong


def _unseen(error: OSError) -> Fault:
    """Bytes that this machine can't pass to the decoder: a local fault that says nothing about the clip."""
    return Fault(
        f"the downloaded file can't be inspected ({error.strerror or type(error).__name__})",
        "check this machine's disks, then run again",
        lasting=True,
    )


async def _saved(context: RunContext, attempt: Attempt, url: str, part: Path) -> Fetched | Broken | Gone | Fault:
    """The clip from the service itself, by its key, if the service hands clips over; otherwise, or if it says so, a download without the
    key.
    """
    wire, place, timeout_s = (
        context.channels.wire(attempt),
        context.channels.account(attempt),
        context.channels.rules(attempt).fetch_timeout_s,
    )
    job = attempt.job or attempt.key
    asked = wire.fetch(job, url) if isinstance(wire, HandsOver) else None
    if isinstance(wire, HandsOver) and asked:
        got = await context.channels.sender.hand_over(place, asked, lambda answer: wire.read_fetch(answer, job), part, timeout_s)
        if not isinstance(got, Elsewhere):
            return got
        url = got.url
    return await context.fetcher.fetch(url, place, part, timeout_s, context.channels.doors(attempt))


async def _place(context: RunContext, attempt: Attempt, clip: _Clip, asked: Asked | None, cost: Micros | None = None) -> Attempt:
    """Store the clip, then write the row. `cost` is the service's current figure, if it reported none with the job's end."""
    async with context.placing:  # of two attempts with the same bytes, one is later
        there = clip_store.clip_path(context.project, clip.file.sha256).exists()
        same = read.holding(context.log.ledger, attempt.project, clip.file.sha256) if there else []
        findings = judge(clip.looked, attempt, asked, context.settings.qc, [one for one in same if one.id != attempt.id])
        try:
            await asyncio.to_thread(clip_store.put, context.project, clip.file.path, clip.file.sha256)
        except OSError as error:
            return _stands(context, attempt, _unstored(clip, error))
        found = [finding.json() for finding in findings]
        body = {"sha256": clip.file.sha256, "size": clip.file.size, "findings": found, **clip.looked.length.noted}
        received = await context.log.keep(attempt, Kind.RECEIVED, body, cost=cost, told="its clip is stored")
    if received.state is State.RECEIVED:
        await _noted(context, clip, asked)
        received = _measured(context, received, clip) if cost is None else received
        noted = f"; {'; '.join(finding.message for finding in findings)}" if findings else ""
        context.log.say(
            "received", f"{clip.file.size / 1e6:.1f} MB, cost {text(received.settled)} (list {text(received.quote)}){noted}", attempt.take
        )
    return received


async def _noted(context: RunContext, clip: _Clip, asked: Asked | None) -> None:
    """Keep what finishing asks of the clip; a file far larger than ordered is left as it is."""
    if not (asked and huge(clip.looked.probe, asked)):
        from callsheet.media.clip import clip_facts  # noqa: PLC0415  # as `inspect_file`

        place = clip_store.clip_path(context.project, clip.file.sha256)
        async with context.media:
            await asyncio.to_thread(clip_facts.keep, place, clip.file.sha256, context.project.normalized)


async def _late_cost(context: RunContext, attempt: Attempt) -> Micros | None:
    """What the job cost, where its end told nothing of it and the service says so by now."""
    if attempt.told.get("cost_reported") or isinstance(context.channels.wire(attempt), WithoutCosts):
        return None
    return await context.channels.poller(attempt).late_cost(attempt.job or attempt.key)


def _measured(context: RunContext, attempt: Attempt, clip: _Clip) -> Attempt:
    """The attempt with the cost of its clip by its own length, if the service reported an adjustment in words. Booked once."""
    cost = measured_cost(context.channels.wire(attempt), context.cards.get(attempt.model), attempt, clip.looked.probe)
    if cost is None:
        return attempt
    why = f"{clip.looked.probe.frames} frames of {clip.looked.probe.width}x{clip.looked.probe.height} came"
    less = cost - attempt.settled
    try:
        return context.log.correct(attempt, less, ref=f"measured {attempt.key}", body={"why": why})
    except write.Raced:
        return read.reread(context.log.ledger, attempt)
    except LedgerError:  # it stays settled in full: the amount may be too high, never too low
        return attempt


async def _fresh_url(context: RunContext, attempt: Attempt) -> str | Broken | Gone | Fault:
    """The clip's address as the service has it now. If the service can't be reached, that proves nothing."""
    match await context.channels.poller(attempt).poll(attempt.job or attempt.key):
        case Succeeded() as answer:
            return answer.url
        case Failed() | Forgotten():
            return Gone("the service no longer offers the clip")
        case Unread(message) as unread if unread.outage:
            why = f"the service can't be reached for the clip ({message})"
            return Fault(why, "check the network and the service, then run again", lasting=False)
        case _:  # a job without news may still be in the archive; silence is no proof that its clip is gone
            archived = await recalled(context, attempt)
    match archived:
        case Succeeded() as answer:
            return answer.url
        case Absent():
            return Gone("the service's archive no longer has this clip")
        case _:
            return Broken("the service can't be reached for the clip now")


async def _defective(context: RunContext, attempt: Attempt, wrong: _Wrong) -> Attempt:
    kept = clip_store.put_aside(context.project, wrong.file.path, f"{attempt.name}.{wrong.file.sha256[:8]}")
    message = f"{wrong.message}; the same bytes {_DEFECTIVE} times. Billed; {_KEPT_AS}{context.project.relative(kept)}"
    context.log.say("failed", message, attempt.take)
    return await context.log.keep(attempt, Kind.CLOSED, {"message": message}, reason=Reason.DEFECTIVE, told=message)


async def _expired(context: RunContext, attempt: Attempt, gone: Gone) -> Attempt:
    message = f"the clip is no longer available: {gone.message}. It was billed"
    context.log.say("failed", message, attempt.take)
    return await context.log.keep(attempt, Kind.CLOSED, {"message": message}, reason=Reason.EXPIRED, told=message)
