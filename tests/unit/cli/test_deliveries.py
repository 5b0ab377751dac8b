"""Several deliveries of a rendered list, as project.toml asks for them."""

from __future__ import annotations

import json
from pathlib import Path

from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import sniff
from tests.unit.cli.calling import LIST, call

TOML = """[project]
name = "Light House"

[deliver.web]
subtitles = ["srt"]

[deliver.phones]
like = "vertical"
file = "{project} {sequence} {delivery} {version}"

[deliver.copy]
like = "review"
resolution = "160x96"
"""


def test_a_list_is_finished_in_every_form_that_is_asked_for(copied: Path) -> None:
    """Names, sizes, what stands beside; saying other words makes new files of words alone, and buys nothing."""
    (copied / "project.toml").write_text(TOML)
    lines = LIST.splitlines()
    said = [f"{lines[0]},dialogue", f"{lines[1]},It's me: 50%", f"{lines[2]},"]
    (copied / "spot.csv").write_text("\n".join(said) + "\n")
    done = call("finish", "spot.csv", "-C", str(copied), "--json")
    assert done.code == 0, done.err
    films = {(one["sequence"], one["delivery"]): one for one in done.json["sequences"]}
    assert films["one", "phones"]["file"] == "out/Light House one phones 001.mp4"
    assert (films["one", "phones"]["width"], films["one", "phones"]["height"]) == (192, 342)
    assert "out/one_copy_v001_sheet.jpg" in films["one", "copy"]["beside"]
    assert films["one", "web"]["beside"] == ["out/one_web_v001_origin.json", "out/one_web_v001.srt"]
    assert "It's me: 50%" in (copied / "out" / "one_web_v001.srt").read_text()
    told = json.loads((copied / "out" / "one_web_v001_origin.json").read_text())["shots"][0]
    assert (told["model"], told["attempt"]) == ("runware/ltx-2", "spot:A010.t2.a1")
    for one in films.values():
        assert read_packets(str(copied / one["file"]), sniff(copied / one["file"])).frames == one["frames"]
    (copied / "spot.csv").write_text("\n".join(said).replace("me", "you") + "\n")
    again = {(one["sequence"], one["delivery"]): one for one in call("finish", "spot.csv", "-C", str(copied), "--json").json["sequences"]}
    assert (again["one", "web"]["kept"], again["one", "copy"]["version"], again["two", "copy"]["kept"]) == (True, 2, True)
    assert "It's you" in (copied / "out" / "one_web_v001.srt").read_text()
    assert call("plan", "spot.csv", "-C", str(copied), "--json").json["totals"]["buy"] == 0


def test_a_delivery_that_can_not_be_is_refused_before_anything(copied: Path) -> None:
    """Exit 3, all of it at once."""
    (copied / "project.toml").write_text('[deliver.a]\ncodec = "divx"\nmax_mb = -1\n')
    said = call("check", "spot.csv", "-C", str(copied))
    finished = call("finish", "spot.csv", "-C", str(copied), "--json")
    assert finished.code == 3 and len(finished.json["errors"]) == 2, said


def test_what_a_limit_of_size_took_is_told(copied: Path) -> None:
    """In words, in the JSON and on the page; and again where the film is there already. A film within its limit says nothing of it."""
    table = "[deliver.web]\n[deliver.mail]\naudio_bitrate = 64_000\ncrf = 8\n"
    (copied / "project.toml").write_text(table)
    web, free = call("finish", "spot.csv", "-C", str(copied), "--json").json["sequences"][:2]
    assert (web["sequence"], free["sequence"], web["crf"], free["crf"]) == ("one", "one", 18, 8)
    (copied / "project.toml").write_text(f"{table}max_mb = {(copied / free['file']).stat().st_size * 0.8 / 1_000_000:.6f}\n")
    said = call("finish", "spot.csv", "-C", str(copied))
    assert said.code == 0, said.err
    web, mail = call("finish", "spot.csv", "-C", str(copied), "--json").json["sequences"][:2]
    assert mail["kept"] and mail["crf"] > 8 and web["crf"] == 18
    assert f"quality crf {mail['crf']} instead of 8, to fit its size limit" in said.out
    assert "instead of 18" not in said.out
    call("report", "spot.csv", "-C", str(copied))
    assert f"crf {mail['crf']} instead of 8 to fit its size limit" in (copied / "out" / "report.html").read_text()


def test_a_film_that_the_policy_rejects_is_kept_and_ends_with_7(copied: Path) -> None:
    """Told in words, in the JSON with an error, and on the page; said otherwise in [qc], the same film passes. Nothing is bought for it."""
    lines = LIST.splitlines()
    (copied / "spot.csv").write_text(f"{lines[0]},transition,transition_s\n{lines[1]},fade,9\n{lines[2]},,\n")
    (copied / "project.toml").write_text('[qc]\ntransition-short = "reject"\n')
    said = call("finish", "spot.csv", "-C", str(copied))
    assert said.code == 7
    assert "it failed its check: transition-short; the file is kept" in said.out
    assert "A010: its fade takes 24 frames instead of 216" in said.out
    assert "out/one_web_v002.mp4 failed its check: transition-short" in said.err
    document = call("finish", "spot.csv", "-C", str(copied), "--json").json
    failed = document["sequences"][0]
    assert (failed["failing"], failed["kept"], [error["code"] for error in document["errors"]]) == (
        ["transition-short"],
        True,
        ["delivery"],
    )
    call("report", "spot.csv", "-C", str(copied))
    assert "failed its check" in (copied / "out" / "report.html").read_text()
    assert call("plan", "spot.csv", "-C", str(copied), "--json").json["totals"]["buy"] == 0
    (copied / "project.toml").write_text('[qc]\ntransition-short = "pass"\n')
    passed = call("finish", "spot.csv", "-C", str(copied), "--json")
    assert (passed.code, passed.json["sequences"][0]["sha256"]) == (0, failed["sha256"])
