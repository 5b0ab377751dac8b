"""The review's notes as markers of the cut: at the frames that people meant, whatever the clip's and the cut's rate."""

from __future__ import annotations

import os
import random
import re
from fractions import Fraction
from pathlib import Path

from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.fitting import Fitting, FpsFit
from callsheet.domain.mark import Role
from callsheet.domain.timecode import Timecode
from callsheet.timelines.markers import Remark, markers, placed
from tests.unit.cli.calling import call
from tests.unit.review.visitors import Review, clips

SEED = int(os.environ["CALLSHEET_TEST_SEED"])


def remark(sha256: str, frame: int, fps: Fraction = Fraction(24), text: str = "look") -> Remark:
    return Remark(take="A.t1.a1", sha256=sha256, frame=frame, fps=fps, text=text, who="client-a", role=Role.CLIENT_A)


def test_a_remark_stands_where_its_frame_is_shown() -> None:
    """Of random clips at random rates and in-points: within half a frame of the cut; what the cut leaves out has no marker, and what it shows twice has two."""
    rng = random.Random(SEED)
    rates = [Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(50)]
    for _ in range(200):
        own, fps, first, frame = rng.choice(rates), rng.choice(rates), rng.randrange(30), rng.randrange(120)
        shot = CutShot(shot="A", frames=40, sha256="a", fitting=Fitting(first=first))
        cut = Cut(sequence="one", shots=(CutShot(shot="B", frames=17, sha256="b"), shot, shot))
        found = [at for at, _ in placed(cut, fps, [remark("a", frame, own)])]
        within = Fraction(frame) / own * fps - first
        if found:
            assert found[0] == found[-1] - 40, f"seed {SEED}"
            assert abs(found[0] - 17 - within) <= Fraction(1, 2), f"seed {SEED}"
        else:
            assert not 0 <= within < Fraction(79, 2), f"seed {SEED}"
    retimed = CutShot(shot="A", frames=40, sha256="a", fitting=Fitting(first=2, fps=FpsFit.RETIME))
    assert [at for at, _ in placed(Cut(sequence="one", shots=(retimed,)), Fraction(24), [remark("a", 12, Fraction(25))])] == [10]


def test_a_marker_is_one_statement() -> None:
    """Whatever is written in a note: no line of it begins another statement or another field."""
    text = markers(
        "one", Timecode.parse("01:00:00:00", Fraction(24)), [(5, remark("a", 5, text="too dark\n002  001 V C |C:ResolveColorRed"))]
    )
    assert text.splitlines()[3:] == [
        "001  001      V     C        01:00:00:05 01:00:00:06 01:00:00:05 01:00:00:06",
        "too dark 002 001 V C /C:ResolveColorRed |C:ResolveColorGreen |M:client-a A.t1.a1 |D:1",
        "* LOC: 01:00:00:05 GREEN   client-a A.t1.a1: too dark 002 001 V C /C:ResolveColorRed",
    ]


async def test_notes_go_out_as_markers(film: Path) -> None:
    """Those on what stands in the cut at its timecode, the others named; a note that was erased is gone."""
    review = Review(film)
    state = await review.producer.state()
    standing = next(clip for clip in clips(state) if clip["stands"])
    other = next(clip for clip in clips(state) if not clip["stands"])
    await review.client.decide("note", clip=standing["id"], body={"text": "brighter", "frame": 7})
    await review.producer.decide("note", clip=other["id"], body={"text": "never shown", "frame": 3})
    gone = (await review.producer.decide("note", clip=standing["id"], uid="note-to-erase", body={"text": "gone", "frame": 1})).json()
    assert gone["new"]
    await review.producer.decide("erase", clip=standing["id"], body={"note": "note-to-erase"})
    said = call("export", "edit", "--format", "markers", "--list", "spot.csv", "-C", str(film), "--json")
    assert said.code == 0, said.err
    (sequence,) = said.json["sequences"]
    text = (film / sequence["file"]).read_text()
    assert re.findall(r"^\d{3} .*?(\S+) \S+$", text, re.MULTILINE) == ["01:00:00:07"]
    assert "brighter |C:ResolveColorGreen" in text
    assert "gone" not in text
    words = call("export", "edit", "--format", "markers", "--list", "spot.csv", "-C", str(film)).out
    assert "1 marker from 01:00:00:00" in words
    assert f"not in the cut: {other['name']} frame 3: never shown" in words
