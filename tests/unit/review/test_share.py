"""A review that is handed over, and the comments that come back."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from callsheet.media.inspect.probe import probe
from callsheet.store.project_folder import Project
from tests.film_reader import read_film
from tests.unit.cli.calling import Said, call
from tests.unit.review.visitors import HOSTILE, Review, clips


def handed_over(folder: Path, *words: str) -> Said:
    return call("review", "--share", "for-agency.zip", "--for", "Agency", "--until", "2099-12-31", *words, "-C", str(folder), "--json")


def comments(folder: Path, share: str, *decisions: dict[str, Any], **more: Any) -> str:
    """A file as a shared page saves it, about A010 unless a decision says otherwise."""
    each = [{"uid": f"comment-{n:04d}", "list": "spot", "shot": "A010", **one} for n, one in enumerate(decisions)]
    said = {"schema": "callsheet.review-comments/1", "share": share, "role": "client-a", "who": "x", "decisions": each, **more}
    (folder / "comments.json").write_text(json.dumps(said))
    return "comments.json"


def test_a_share_holds_the_films_and_nothing_of_the_money(film: Path) -> None:
    """Every frame in its place under the watermark, the page and its data in one file, no cost, no key, no other client's word."""
    said = handed_over(film)
    assert (said.code, said.json["clips"]) == (0, 3), said.err
    with zipfile.ZipFile(film / "for-agency.zip") as packed:
        names = [name for name in packed.namelist() if not name.endswith("/")]
        packed.extractall(film / "opened")
    assert [name.rpartition(".")[2] for name in names] == ["html", *["mp4", "webp"] * 3]
    page = (film / "opened" / "for-agency" / "index.html").read_text()
    assert HOSTILE not in page
    assert "\\u003cimg" in page
    told = page.partition('type="application/json">')[2].partition("</script>")[0]
    assert json.loads(told)["state"]["money"] is None
    for secret in ("0.09", "0.03", "test-key-91f3", '"cost"', str(film)):
        assert secret not in told
    proxy = film / "opened" / "for-agency" / "media" / "0001.mp4"
    assert read_film(proxy)[0] is not None
    assert (probe(proxy).frames, probe(proxy).fps) == (24, 24)
    again = handed_over(film)
    assert (again.code, again.json["errors"][0]["code"]) == (2, "usage")


def test_comments_come_back_as_wishes_with_their_price(film: Path) -> None:
    """Shown first, written once, however often they are read; they steer nothing, and spend nothing."""
    review = Review(film)
    share = handed_over(film).json["id"]
    clip = clips_of(review)[1]["id"]
    file = comments(
        film,
        share,
        {"kind": "note", "clip": clip, "body": {"text": "<b>brighter</b>", "frame": 3}},
        {"kind": "pick", "clip": clip},
        {"kind": "retake"},
    )
    shown = call("review", "--import", file, "--preview", "-C", str(film), "--json").json
    assert (shown["new"], shown["who"], [one["kind"] for one in shown["decisions"]]) == (0, "Agency", ["note", "pick", "retake"])
    assert shown["retakes"]["spot:A010"]["usd"] == "0.06"
    first = call("review", "--import", file, "-C", str(film), "--json").json
    again = call("review", "--import", file, "-C", str(film), "--json").json
    assert (first["new"], again["new"]) == (3, 0)
    assert {take["action"] for take in review.shot()} == {"keep"}
    assert not any(take["picked"] for take in review.shot())
    words = call("review", "--import", file, "-C", str(film)).out
    assert "a retake of spot:A010 costs 0.06 USD" in words


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not a comments file"),
        ('{"schema": "callsheet.plan/1"}', "but callsheet.plan/1"),
        ('{"schema": "callsheet.review-comments/1", "share": "../../../etc/passwd", "decisions": []}', "not of a review"),
        ('{"schema": "callsheet.review-comments/1", "share": "0123456789abcdef", "decisions": []}', "not of a review"),
        ("[" * 100_000, "is not a comments file"),
    ],
)
def test_what_is_no_file_of_comments_is_refused(film: Path, content: str, says: str) -> None:
    (film / "comments.json").write_text(content)
    said = call("review", "--import", "comments.json", "-C", str(film), "--json")
    assert said.code == 3
    assert says in said.json["errors"][0]["message"]


def test_a_hostile_file_says_no_more_than_its_client_may(film: Path) -> None:
    """It can't speak as the producer, fill the basket, or name clips that aren't there; what it may say is still taken."""
    review = Review(film)
    share = handed_over(film).json["id"]
    clip = clips_of(review)[0]["id"]
    file = comments(
        film,
        share,
        {"kind": "basket"},
        {"kind": "pick", "clip": "999"},
        {"kind": "buy"},
        {"kind": "reject", "clip": clip},
        role="producer",
        who="Producer",
    )
    said = call("review", "--import", file, "-C", str(film), "--json").json
    assert (said["role"], said["who"], said["new"], len(said["refused"])) == ("client-a", "Agency", 1, 3)
    assert {take["action"] for take in review.shot()} == {"keep"}


def test_a_share_that_can_not_be_made_leaves_nothing(film: Path) -> None:
    before = sorted(path.name for path in film.iterdir())
    for words in (["--role", "producer"], ["--until", "soon"], ["--for", " "]):
        said = call("review", "--share", "x.zip", *words, "-C", str(film), "--json")
        assert said.code == 2, said.out
    assert sorted(path.name for path in film.iterdir()) == before
    assert not (Project(film).state / "review" / "shares").exists()


def clips_of(review: Review) -> list[dict[str, Any]]:
    return clips(
        {
            "shots": [
                {"shot": "A010", "clips": [{"id": a.id} for t in review.live.now().view.takes if t.take.shot == "A010" for a in t.attempts]}
            ]
        }
    )
