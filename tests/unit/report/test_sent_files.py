"""Which files left: every purchase that may have been sent names them, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

from callsheet.cli.commands.money.report import sent_file
from callsheet.domain.attempt import SentFile, State
from callsheet.report.sent_files import departed
from tests.unit.report.made_up_project import attempt, take, view
from tests.unit.report.test_page import made

PIER = SentFile(column="first_frame", cell="refs/pier.png", mime="image/png", sha256="cd" * 32, size=2048)
LINK = SentFile(column="last_frame", cell="https://x.test/b.png?...")


def test_each_purchase_that_was_sent_names_its_files() -> None:
    """With hash, service, time and take, in the order of sending; what was held and never sent left nothing."""
    first, later = attempt(files=(PIER, LINK)), replace(attempt(n=2, files=(PIER,)), intent_at="2026-11-22T08:00:00.000Z")
    unsent = attempt("S0020", n=3, state=State.HELD, files=(PIER,), intent_at=None)
    told = [sent_file(one) for one in departed([take(first, later), take(unsent)])]
    assert [(one["file"], one["sha256"], one["at"], one["take"], one["attempt"]) for one in told] == [
        ("refs/pier.png", "cd" * 32, "2026-11-21T23:30:01.000Z", "spot:S0010.t1", 1),
        ("https://x.test/b.png?...", None, "2026-11-21T23:30:01.000Z", "spot:S0010.t1", 1),
        ("refs/pier.png", "cd" * 32, "2026-11-22T08:00:00.000Z", "spot:S0010.t1", 2),
    ]
    assert {one["service"] for one in told} == {"runware"}


def test_a_clip_that_two_takes_keep_is_told_once() -> None:
    """The purchase was one."""
    bought = attempt(files=(PIER,))
    assert len(departed([take(bought), take(bought)])) == 1


def test_the_page_lists_them() -> None:
    """Names are the author's, and escaped; without files there is no such table."""
    html = made(view(take(attempt(files=(replace(PIER, cell="<b>pier</b>.png"),)))))
    assert "Files that left" in html
    assert "&lt;b&gt;pier&lt;/b&gt;.png" in html
    assert "Files that left" not in made(view(take(attempt())))
