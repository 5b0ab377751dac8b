"""deAPI's webhooks: one when a job begins and one when it ends, signed with the secret in the order."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from callsheet.standin.deapi.jobs import Results, failure
from callsheet.standin.http.reply import Item
from callsheet.standin.http.stage import Stage
from callsheet.standin.http.webhook_sender import Letter
from callsheet.standin.jobs.jobs import Job

_EVENTS = {"running": "job.processing", "succeeded": "job.completed", "failed": "job.failed"}
_STATUS = {"running": "processing", "succeeded": "done", "failed": "error"}
_TYPES = {"generations": "txt2video", "animations": "img2video", "audio-syncs": "aud2video"}


class Hooks:
    """Calls the URL of each order that has one."""

    def __init__(self, stage: Stage, results: Results) -> None:
        self._stage, self._results = stage, results
        stage.jobs.watch(self.tell)

    def tell(self, job: Job) -> None:
        """Send the webhooks of a job that has begun or ended: late, twice or wrongly signed if a fault says so."""
        if job.order.service != "deapi" or "webhook_url" not in job.order.request:
            return
        late = "late-webhook" in job.faults
        if late and not job.ended:
            return
        letters = [self._letter(job, job.state)]
        if late:
            letters.append(self._letter(job, "running"))
        self._stage.courier.send(job.order.key, letters * 2 if "duplicate-webhook" in job.faults else letters)

    def _letter(self, job: Job, state: str) -> Letter:
        now = self._stage.config.clock()
        event = _EVENTS[state]
        # the same for the same event, so that a receiver can recognize a repeated one
        delivery = str(UUID(bytes=sha256(f"{job.order.key}|{state}".encode()).digest()[:16], version=4))
        body = json.dumps({"event": event, "delivery_id": delivery, "timestamp": _time(now), "data": self._data(job, state, now)}).encode()
        headers = {
            "User-Agent": "DeAPI-Webhook/1.0",
            "X-DeAPI-Event": event,
            "X-DeAPI-Delivery-Id": delivery,
            "X-DeAPI-Timestamp": str(int(now)),
        }
        secret = job.order.request.get("webhook_secret")
        if secret is not None:
            used = f"not {secret}" if "bad-signature" in job.faults else str(secret)
            headers["X-DeAPI-Signature"] = "sha256=" + hmac.digest(used.encode(), f"{int(now)}.".encode() + body, "sha256").hex()
        return Letter(job.order.request["webhook_url"], body, headers)

    def _data(self, job: Job, state: str, now: float) -> Item:
        begun = {
            "job_request_id": job.order.key,
            "status": _STATUS[state],
            "previous_status": "pending" if state == "running" else "processing",
            "job_type": _TYPES[job.order.request["endpoint"]],
        }
        if state == "running":
            return {**begun, "started_at": _time(now)}
        code, message = failure(job)
        return {
            **begun,
            "completed_at": _time(job.ended_at),
            "result_url": self._results.url(job),
            "processing_time_ms": round(1000 * (job.ended_at - job.accepted_at)),
            "error_code": code,
            "error_message": message,
        }


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
