"""docs/how-to/spot.md, typed as it stands: from an empty folder to four approved films, under a cap and after a client's word."""

from __future__ import annotations

import json
import re
import shlex
import zipfile
from pathlib import Path

import pytest

from callsheet.cli.app import build
from callsheet.media.inspect.probe import probe
from tests.unit.cli.calling import call, service

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "spot.md"


def typed() -> list[list[str]]:
    """The page's lines for a terminal, in their order."""
    return [shlex.split(line) for line in re.findall(r"^\$ (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)]


def test_every_line_is_a_command() -> None:
    """As the command line reads it."""
    for word, *arguments in typed():
        if word != "cd":
            build().parse_args(arguments, exit_on_error=False, print_error=False)


def answer(folder: Path) -> None:
    """The file that the client's browser saves: a pick, and a retake."""
    with zipfile.ZipFile(folder / "for-client.zip") as packed:
        page = packed.read("for-client/index.html").decode()
    told = json.loads(page.partition('type="application/json">')[2].partition("</script>")[0])
    [clip] = [clip["id"] for shot in told["state"]["shots"] for clip in shot["clips"] if clip["name"].startswith("S030.t1.")]
    decisions = [
        {"uid": "comment-0001", "list": "shots", "shot": "S030", "kind": "pick", "clip": clip},
        {"uid": "comment-0002", "list": "shots", "shot": "S050", "kind": "retake"},
    ]
    said = {"schema": "callsheet.review-comments/1", "share": told["id"], "decisions": decisions}
    (folder / "comments-Client.json").write_text(json.dumps(said))


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_the_page_works_as_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command ends well; 24 takes and two retakes are paid, under the cap, and four films of the exact length are handed over."""
    monkeypatch.chdir(tmp_path)
    with service(tmp_path / "service"):
        for word, *arguments in typed():
            if word == "cd":
                monkeypatch.chdir(arguments[0])
                continue
            if "--import" in arguments:
                answer(Path.cwd())
            said = call(*arguments, *(("--yes", "--no-prefect") if arguments[0] == "render" else ()))
            assert said.code == 0, (arguments, said.out, said.err)
            if arguments[:2] == ["review", "--import"]:
                assert "a retake of shots:S050 costs 0.09 USD" in said.out
    films = json.loads((tmp_path / "handover" / "delivery-note.json").read_text())["films"]
    assert {film["file"]: (film["frames"], film["width"], film["height"]) for film in films} == {
        "spot_wide_v002.mp4": (750, 1024, 576),
        "spot_phones_v002.mp4": (750, 576, 1024),
        "spot_15_wide_v002.mp4": (375, 1024, 576),
        "spot_15_phones_v002.mp4": (375, 576, 1024),
    }
    assert all(probe(tmp_path / "handover" / film["file"]).frames == film["frames"] for film in films)
    money = call("status", "--json").json["money"]
    assert money["settled"] == "2.34"
