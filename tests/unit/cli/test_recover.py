"""`callsheet recover TAKE` with a person's word about a take in doubt: what it books, and what it refuses, in the words that the person reads."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from callsheet.buying.lanes.channels import Channels
from tests.project_stage import LIST, Stage, film, shop, stage
from tests.runners import ffmpeg
from tests.scripted_runware import Shop, films
from tests.unit.cli.calling import Said, call

__all__ = ["film", "shop", "stage"]  # the engine's fixtures serve here too


@pytest.fixture
def doubtful(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Two takes, S1.t1 in doubt: its answer was lost and its service remembers no key; S2.t1 received."""
    shop.submits, shop.forgets = ["lost"], True
    with monkeypatch.context() as patch:
        patch.setattr(Channels, "key_ttl_s", lambda _context, _attempt: 0.0)
        asyncio.run(stage.render())
    shop.submits, shop.forgets = ["ok"], False
    shop.jobs.clear()
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    asyncio.run(stage.render())
    assert (money(stage)["in_doubt"], take(stage, "S2.t1")["state"]) == ("0.09", "received")
    return stage


def recover(stage: Stage, *words: str) -> Said:
    return call("recover", *words, "-C", str(stage.folder), "--json")


def money(stage: Stage) -> dict[str, str]:
    return call("status", "-C", str(stage.folder), "--json").json["money"]


def take(stage: Stage, name: str = "S1.t1") -> dict[str, Any]:
    return next(one for one in call("status", "-C", str(stage.folder), "--json").json["takes"] if one["take"] == name)


def refusal(said: Said) -> tuple[int, str, str]:
    [error] = said.json["errors"]
    return said.code, error["message"], error["help"]


def test_a_doubt_is_written_off(doubtful: Stage) -> None:
    """Presumed paid: it is settled, closed, and not in doubt any more."""
    before = money(doubtful)["settled"]
    said = recover(doubtful, "S1.t1", "--write-off")
    assert "S1.t1.a1 is written off and counts as paid, 0.09 USD" in said.err
    now = take(doubtful)
    assert (now["state"], now["settled"], now["held"]) == ("closed", "0.09", "0.00")
    assert float(money(doubtful)["settled"]) == pytest.approx(float(before) + 0.09)


def test_a_doubt_is_given_back_on_proof(doubtful: Stage, shop: Shop) -> None:
    """Proof of no charge: nothing stays counted, and the next render buys it."""
    said = recover(doubtful, "S1.t1", "--release")
    assert "S1.t1.a1 was never charged: its money is released, 0.09 USD" in said.err
    assert (take(doubtful)["state"], money(doubtful)["in_doubt"]) == ("closed", "0.00")
    assert asyncio.run(doubtful.render()).counts.bought == 1


def test_a_job_given_by_hand_is_polled_and_fetched(doubtful: Stage, shop: Shop) -> None:
    """Its id stands on the service's own pages."""
    job = str(json.loads(shop.bodies[0])[0]["taskUUID"])
    shop.jobs[job] = 0
    said = recover(doubtful, "S1.t1", "--job", job)
    assert (said.code, take(doubtful)["state"], money(doubtful)["in_doubt"]) == (0, "received", "0.00"), said.err
    assert len(shop.bill) == 2


def test_a_file_given_by_hand_is_checked_kept_and_booked(doubtful: Stage, shop: Shop, film: bytes) -> None:
    """It is settled at what was held for it, for nobody told the cost; the user's own file stays as it is."""
    clip = doubtful.folder / "downloads" / "from the page.mp4"
    clip.parent.mkdir()
    clip.write_bytes(film + b"another")
    said = recover(doubtful, "S1.t1", "--file", str(clip))
    assert "S1.t1.a1 is received from from the page.mp4, cost 0.09 USD" in said.err
    assert (take(doubtful)["state"], take(doubtful)["settled"], money(doubtful)["in_doubt"]) == ("received", "0.09", "0.00")
    assert clip.exists()
    assert len(list(films(doubtful.folder))) == 2
    assert not list((doubtful.folder / ".callsheet" / "parts").iterdir())


@pytest.mark.parametrize(
    ("size", "sound", "codes"),
    [
        ("320x192", "sine=f=440:r=48000:d=3", []),
        ("160x96", "sine=f=440:r=48000:d=2", ["clip-size", "clip-short"]),
        ("320x192", "anullsrc=r=48000:d=3", ["clip-silent"]),
    ],
    ids=["as ordered", "small and short", "silent"],
)
def test_a_file_given_by_hand_is_checked_as_one_that_was_fetched(doubtful: Stage, size: str, sound: str, codes: list[str]) -> None:
    """Form, picture and sound, for what its request asked; told at once, and kept with the take under the project's policy."""
    clip = doubtful.folder / "clip.mp4"
    source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=24:d={3 if size == '320x192' else 2}", "-f", "lavfi", "-i", sound]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(clip)])
    said = recover(doubtful, "S1.t1", "--file", str(clip))
    found = take(doubtful)["findings"]
    assert [one["code"] for one in found] == codes
    assert all(one["message"] in said.err for one in found)
    assert {(one["shot"], one["take"], one["again_usd"]) for one in found} <= {("S1", "S1.t1", "0.09")}


def test_what_is_found_on_a_file_given_by_hand_is_taken_as_the_policy_says(doubtful: Stage) -> None:
    """`[qc]` decides as it does of a clip that was fetched."""
    settings = doubtful.folder / "project.toml"
    settings.write_text(settings.read_text().replace("[qc]", '[qc]\nclip-size = "pass"'))
    clip = doubtful.folder / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r=24:d=3", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=3"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(clip)])
    recover(doubtful, "S1.t1", "--file", str(clip))
    assert [(one["code"], one["severity"]) for one in take(doubtful)["findings"]] == [("clip-size", "note")]


def test_the_clip_of_another_take_is_refused(doubtful: Stage) -> None:
    """Two takes never share a clip: exit 6."""
    [clip] = films(doubtful.folder)
    code, message, _ = refusal(recover(doubtful, "S1.t1", "--file", str(clip)))
    assert (code, message) == (6, f"{clip.name} is already the clip of S2.t1")
    assert money(doubtful)["in_doubt"] == "0.09"


def test_the_job_of_another_take_is_refused(doubtful: Stage) -> None:
    """Its clip and its cost are that take's: exit 6, and nothing is booked."""
    [attempt] = take(doubtful, "S2.t1")["attempts"]
    code, message, help = refusal(recover(doubtful, "S1.t1", "--job", attempt["job"]))
    assert (code, message) == (6, f"job {attempt['job']} is already that of S2.t1.a1")
    assert help.endswith("`callsheet recover S1.t1 --release`")
    assert (take(doubtful)["state"], money(doubtful)["in_doubt"]) == ("in_doubt", "0.09")


def test_a_file_that_is_no_clip_is_refused(doubtful: Stage, tmp_path: Path) -> None:
    """Exit 3; nothing is booked."""
    page = doubtful.folder / "page.html"
    page.write_text("<p>Your link has expired</p>")
    code, message, help = refusal(recover(doubtful, "S1.t1", "--file", str(page)))
    assert code == 3
    assert message.startswith("page.html is not a clip: ")
    assert help == "download it again from the service's own pages"
    assert refusal(recover(doubtful, "S1.t1", "--file", "gone.mp4"))[:2] == (3, "no file gone.mp4")
    assert (take(doubtful)["state"], list((doubtful.folder / ".callsheet" / "parts").iterdir())) == ("in_doubt", [])


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["--write-off"], "--write-off needs a take", "write `callsheet recover S1.t1 --write-off`; `callsheet status` shows every take"),
        (["S1.t1", "--write-off", "--release"], "--write-off and --release contradict each other", "give one of them"),
        (["S1.t1", "S2.t1", "--job", "J"], "--job needs exactly one TAKE, and 2 are given", "run the command once for each take"),
        (["S2.t1", "--write-off"], "S2.t1 is not in doubt: it is received", "--write-off is for a take that is in doubt"),
        (["S2.t1", "--file", "x.mp4"], "S2.t1 is not in doubt or ready: it is received", "--file is for a take that is in doubt or ready"),
        (["S9.t1", "--release"], "there is no take S9.t1 in this project", "did you mean S2.t1? `callsheet status` shows every take"),
    ],
    ids=["no take", "two words", "two takes", "received", "received file", "unknown"],
)
def test_a_word_that_does_not_fit_is_refused(doubtful: Stage, words: list[str], message: str, help: str) -> None:
    """Exit 2, nothing booked."""
    code, said, advice = refusal(recover(doubtful, *words))
    assert (code, said) == (2, message)
    assert advice.startswith(help)
    assert money(doubtful)["in_doubt"] == "0.09"


def test_nothing_is_booked_unless_every_name_fits(doubtful: Stage) -> None:
    """All names are understood before the first is written off."""
    assert recover(doubtful, "S1.t1", "S2.t1", "--write-off").code == 2
    assert take(doubtful)["state"] == "in_doubt"
