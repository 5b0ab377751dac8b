"""How deAPI reports a job: its state, its cost once it has ended, and a signed URL of the film that soon expires."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from callsheet.standin.http.reply import Item, usd
from callsheet.standin.http.stage import Stage
from callsheet.standin.jobs.faults import lot
from callsheet.standin.jobs.jobs import Clip, Job

#: assumed: deAPI doesn't publish it
URL_LIVES_S = 3600

_WORDS = {"queued": "pending", "running": "processing", "succeeded": "done", "failed": "error"}
_SYNONYMS = {"queued": "in_queue", "running": "in_progress", "succeeded": "completed", "failed": "failed"}
#: assumed: deAPI doesn't publish its codes
_CODES = {
    "timeoutProvider": "timeout",
    "providerInferenceError": "inference_failed",
    "providerError": "worker_failed",
    "contentPolicyViolation": "content_policy_violation",
}


class Results:
    """Signed URLs for finished films, made and checked."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._secret = f"results|{stage.config.seed}".encode()

    def url(self, job: Job) -> str | None:
        """A new URL of the job's film, if there is one; with the fault, an expired one."""
        if not job.clips:
            return None
        config, asset = self._stage.config, job.clips[0].asset
        over = self._stage.trouble.strikes("expired-url", job.order.key, job.order.prompt)
        expires = int(config.clock() + (-1 if over else config.life(URL_LIVES_S)))
        return f"{self._stage.base}/standin/results/{asset}.mp4?expires={expires}&signature={self._signature(asset, str(expires))}"

    def refusal(self, clip: Clip, query: Mapping[str, str]) -> int | None:
        """The status with which a URL is refused: 403 if its signature is wrong or has expired, 410 long after that; None if the URL is valid."""
        expires, config = query.get("expires", ""), self._stage.config
        if not hmac.compare_digest(self._signature(clip.asset, expires), query.get("signature", "")):
            return 403
        late = config.clock() - int(expires)
        return None if late <= 0 else 410 if late > config.life(URL_LIVES_S) else 403

    def _signature(self, asset: str, expires: str) -> str:
        return hmac.digest(self._secret, f"{asset}|{expires}".encode(), "sha256").hex()


def job_status(job: Job, result_url: str | None) -> Item:
    """The answer to a poll of the job."""
    code, message = failure(job)
    return {
        "status": (_SYNONYMS if "status-synonyms" in job.faults else _WORDS)[job.state],
        "preview": None,
        "result_url": result_url,
        "results_alt_formats": None,
        "result": None,
        "progress": _progress(job),
        "error_code": code,
        "error_message": message,
        "price": _price(job),
        "prompt_boosted": job.order.request.get("enhance_prompt", False),
        "prompt_boost": None,
    }


def failure(job: Job) -> tuple[str | None, str | None]:
    """Code and message of its failure, if it failed."""
    return (_CODES[job.failure[0]], job.failure[1]) if job.failure else (None, None)


def _progress(job: Job) -> float | str:
    percent = 100.0 if job.state == "succeeded" else float(job.progress())
    in_text = "progress-string" in job.faults or lot(job.order.key, "progress") < 0.5
    return f"{percent:.2f}" if in_text else percent


def _price(job: Job) -> dict[str, Any] | None:
    if not job.ended or "no-cost" in job.faults:
        return None
    return {"amount": 0 if "zero-cost" in job.faults else usd(job.charged), "is_estimated": False}
