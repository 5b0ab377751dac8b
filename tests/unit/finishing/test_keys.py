"""Content keys: what was made stays found. A key that changes makes every film of every project anew."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.delivery.fitting import Fitting, Frame, Join, Level, Transition, Trim
from callsheet.domain.shots.shot import Size
from callsheet.finishing import finish
from callsheet.media.clip import normalize
from callsheet.media.clip.content_key import MUXER
from callsheet.media.ffmpeg import runner

WEB = Delivery(name="web", size=Size(1280, 720), fps=Fraction(25))
CROPPED = Fitting(frame=Frame.CROP)
CUT = Cut(
    sequence="one",
    shots=(
        CutShot(shot="A", frames=50, clip=Path("a.mp4"), sha256="a" * 64),
        CutShot(
            shot="B",
            frames=37,
            clip=Path("b.mp4"),
            sha256="b" * 64,
            fitting=CROPPED,
            level=Level(by_db=-3.0),
            transition=Transition(Join.DISSOLVE, 12),
        ),
        CutShot(shot="C", frames=25, missing="no clip", prompt="a door"),
    ),
)
#: of the release that had no trims yet, with the build and the muxer below
FILM = "9f2f623e733cece3c79c27e40fe45c2f76ae8abc7975ed32630fe2242349601f"
CLIP = "7a0273e542c28057e4f8d74e6d98d42f52362b2e4fdddcb42c583b7ee057ad6b"
CROPPED_CLIP = "0434bd1d1cc4d9ca9c04e73ed3c2022abca04dfe8ab27e809b32d560d99337f0"


@pytest.fixture(autouse=True)
def _one_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys hold the versions that make the bytes: here always the same."""
    monkeypatch.setattr(runner, "build", lambda: "ffmpeg-test")
    monkeypatch.setattr(finish, "MUXER", "muxer-test")


def _clip_key(fit: Fitting) -> str:
    treatment = normalize.Treatment(fit, Path("normalized"))
    return normalize._key("a" * 64, 50, WEB, treatment, sound=True)  # what a project holds is named by it


def test_a_cut_keeps_the_key_of_its_film() -> None:
    """A new field of a delivery, a shot or a fitting doesn't touch films that make no use of it."""
    assert finish._film_key(CUT, WEB) == FILM


def test_the_library_in_a_key_is_the_one_that_is_loaded() -> None:
    """It is named by what is installed, so that a key needs none of it: as it was when it was asked itself."""
    assert f"pyav {av.__version__}, 5" == MUXER


def test_a_clip_keeps_its_key() -> None:
    """The same of a normalized clip, plain and cropped."""
    assert (_clip_key(Fitting()), _clip_key(CROPPED)) == (CLIP, CROPPED_CLIP)


def test_what_is_trimmed_has_a_key_of_its_own() -> None:
    """Other pictures are another clip and another film."""
    trimmed = replace(CROPPED, trim=Trim((640, 384), Fraction(16, 9)))
    shots = (CUT.shots[0], replace(CUT.shots[1], fitting=trimmed), CUT.shots[2])
    assert _clip_key(trimmed) != CROPPED_CLIP
    assert finish._film_key(replace(CUT, shots=shots), WEB) != FILM
