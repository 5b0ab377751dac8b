"""Every word that Runware is known to say asks for one thing, and a word that nobody knows is never success."""

from __future__ import annotations

import json

import pytest
from runware import errors as vendor

from callsheet.domain.attempt import Cause
from callsheet.services.protocol.answers import Absent, Accepted, Busy, Failed, Lost, Refused, Running, Succeeded, Unread
from callsheet.services.protocol.request import Response
from callsheet.services.runware.wire import Runware

WIRE = Runware()
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
URL = "https://vm.runware.ai/x.mp4"
#: what a cause asks for, in the words of the issue
ASKS = {
    Cause.RETRY: "retry here",
    Cause.FIX_SHOT: "fix the shot",
    Cause.CONTENT: "human",
    Cause.STOP_LANE: "stop the lane",
    Cause.UNAVAILABLE: "fall over",
    Cause.UNKNOWN: "failed loudly",
}


def said(code: str, status: int = 400) -> Response:
    """An error for our key."""
    body = {"errors": [{"code": code, "message": "something happened", "taskType": "videoInference", "taskUUID": KEY}]}
    return Response(status, {}, json.dumps(body).encode())


def bought(code: str) -> str:
    """What an error in place of an acknowledgement asks for."""
    match WIRE.read_submit(said(code), KEY):
        case Accepted():
            return "accepted before"
        case Busy():
            return "wait"
        case Lost():
            return "in doubt"
        case Refused(cause):
            return ASKS[cause]


def asked(code: str) -> str:
    """What an error of a job asks for."""
    answers = WIRE.read_poll(said(code, 200), [KEY])
    if isinstance(answers, Unread):
        return "no news"
    match answers[0]:
        case Failed(_, cause):
            return ASKS[cause]
        case Running():
            return "goes on"
        case Absent():
            return "silence"
        case other:
            return type(other).__name__


#: the word, what it asks for after a purchase, and of a job
WORDS = [
    ("conflictTaskUUID", "accepted before", "goes on"),
    ("timeoutProvider", "in doubt", "retry here"),
    ("providerError", "in doubt", "retry here"),
    ("providerInferenceError", "in doubt", "retry here"),
    ("inferenceError", "in doubt", "retry here"),
    ("taskFailed", "in doubt", "retry here"),
    ("noAvailableServer", "in doubt", "retry here"),
    ("modelUnavailable", "in doubt", "retry here"),
    ("downloadFailed", "in doubt", "retry here"),
    ("uploadFailed", "in doubt", "retry here"),
    ("serviceUnavailable", "in doubt", "retry here"),
    ("internalServerError", "in doubt", "retry here"),
    ("unknownError", "in doubt", "retry here"),
    ("rateLimit", "wait", "retry here"),
    ("rateLimitExceeded", "wait", "retry here"),
    ("providerRateLimitExceeded", "wait", "retry here"),
    ("invalidDuration", "fix the shot", "fix the shot"),
    ("invalidSafetyMode", "fix the shot", "fix the shot"),
    ("missingPositivePrompt", "fix the shot", "fix the shot"),
    ("unsupportedDimensions", "fix the shot", "fix the shot"),
    ("valueOutOfRange", "fix the shot", "fix the shot"),
    ("arrayTooLong", "fix the shot", "fix the shot"),
    ("maxLengthExceeded", "fix the shot", "fix the shot"),
    ("conflictParameters", "fix the shot", "fix the shot"),
    ("unknownParameter", "fix the shot", "fix the shot"),
    ("incompatibleParameters", "fix the shot", "fix the shot"),
    ("mediaNotFound", "fix the shot", "fix the shot"),
    ("mediaExpired", "fix the shot", "fix the shot"),
    ("invalidModel", "fall over", "fall over"),
    ("modelNotFound", "fall over", "fall over"),
    ("modelDisabled", "fall over", "fall over"),
    ("unknownModel", "fall over", "fall over"),
    ("invalidApiKey", "stop the lane", "no news"),
    ("missingApiKey", "stop the lane", "no news"),
    ("unauthorized", "stop the lane", "no news"),
    ("tokenExpired", "stop the lane", "no news"),
    ("accountDisabled", "stop the lane", "no news"),
    ("insufficientCredits", "stop the lane", "stop the lane"),
    ("insufficientFunds", "stop the lane", "stop the lane"),
    ("quotaExceeded", "stop the lane", "stop the lane"),
    ("lowBalance", "stop the lane", "stop the lane"),
    ("paymentRequired", "stop the lane", "stop the lane"),
    ("environmentPaused", "stop the lane", "stop the lane"),
    ("accountSuspended", "stop the lane", "stop the lane"),
    ("contentPolicyViolation", "human", "human"),
    ("providerContentPolicyViolation", "human", "human"),
    ("nsfwContentDetected", "human", "human"),
    ("sensitiveContentDetected", "human", "human"),
    ("promptBlocked", "human", "human"),
    ("imageBlocked", "human", "human"),
    ("moderationFailed", "human", "human"),
    ("invalidProviderContent", "human", "human"),
    ("taskFailedOrNotFound", "in doubt", "silence"),
    ("taskNotFound", "in doubt", "silence"),
    ("notFound", "in doubt", "silence"),
    ("brandNewWord", "failed loudly", "failed loudly"),
    ("", "failed loudly", "failed loudly"),
]


@pytest.mark.parametrize(("code", "purchase", "job"), WORDS, ids=[code or "no-word" for code, _, _ in WORDS])
def test_every_word_asks_for_one_thing(code: str, purchase: str, job: str) -> None:
    """After a purchase whatever could have struck once the task was taken is in doubt; of a job the same word is its end. Case decides nothing."""
    assert (bought(code), asked(code)) == (purchase, job)
    assert (bought(code.upper()), asked(code.upper())) == (purchase, job)


#: what the vendor's own client makes of a word, and what ours may ask for then
THEIRS = {
    "safety": {"human"},
    "auth": {"no news"},
    "quota": {"stop the lane"},
    "rateLimit": {"retry here"},
    "timeout": {"retry here"},
    "serverError": {"retry here"},
    "provider": {"retry here", "fall over", "human"},
    "notFound": {"silence", "fix the shot", "fall over", "failed loudly"},
    "validation": {"fix the shot", "fall over", "goes on"},
}
CATALOG = sorted(
    {
        code
        for words in (
            vars(vendor)[name]
            for name in vars(vendor)
            if name.endswith("_CODES") and name not in ("_RETRYABLE_CODES", "_SDK_ONLY_RAW_CODES")
        )
        for code in words
    }
)


@pytest.mark.parametrize("code", CATALOG)
def test_the_vendors_own_catalog_is_read_alike(code: str) -> None:
    """Every word that the vendor's client knows by name belongs to a family that agrees with its own, suspended accounts apart: they are the lane's."""
    theirs = vendor.derive_code(code)
    if "uspended" in code:
        assert bought(code) == "stop the lane"
    else:
        assert asked(code) in THEIRS[theirs], (code, theirs, asked(code))


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("processing", Running),
        ("pending", Running),
        ("success", Running),
        ("error", Failed),
        ("marinating", Running),
        (None, Running),
    ],
)
def test_a_status_word_alone_is_never_success(word: str | None, kind: type) -> None:
    """A clip's address makes success; a word without one goes on, or fails loudly."""
    item = {"taskType": "videoInference", "taskUUID": KEY, "status": word}
    answers = WIRE.read_poll(Response(200, {}, json.dumps({"data": [item]}).encode()), [KEY])
    assert not isinstance(answers, Unread)
    assert isinstance(answers[0], kind)
    with_film = WIRE.read_poll(Response(200, {}, json.dumps({"data": [{**item, "status": "success", "videoURL": URL}]}).encode()), [KEY])
    assert not isinstance(with_film, Unread)
    assert isinstance(with_film[0], Succeeded)


@pytest.mark.parametrize(
    ("status", "means"),
    [(401, Refused), (402, Refused), (403, Refused), (404, Refused), (429, Busy), (500, Lost), (503, Lost), (504, Lost), (400, Lost)],
)
def test_a_bare_status_asks_for_one_thing(status: int, means: type) -> None:
    """Where the body says nothing: no access and no address stop the lane, 429 waits, and all that proves nothing is in doubt."""
    assert isinstance(WIRE.read_submit(Response(status, {}, b""), KEY), means)
