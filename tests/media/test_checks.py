"""Every check finds its planted defect, in each recipe, and is silent on clean clips: a table of hits and false alarms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.domain.finding import Judgement, Severity
from callsheet.media import ffmpeg
from callsheet.media.probe import index_first
from callsheet.qc.clip import Asked
from callsheet.qc.look import look
from callsheet.qc.policy import judged
from callsheet.standin.picture import Film, shoot
from tests.media.clips import SMALL, Clips

_MOVING = "testsrc2=s=640x360:r=25:d=3,noise=alls=5:allf=t:all_seed=3"
_NOISE = "anoisesrc=c=pink:a=0.2:seed=2:r=48000:d=3"
_BOXES = "drawbox=w=200:h=150:color=black:t=fill,drawbox=x=300:w=200:h=150:color=white:t=fill"
_ZOOM = "testsrc2=s=640x360:r=1:d=1,zoompan=z='1+0.0005*on':d=75:s=640x360:fps=25"
_MANDELBROT = "mandelbrot=s=640x360:r=25:start_scale=1:end_scale=0.9:end_pts=100,trim=end=3"

#: picture, sound, what is to be found
_RECIPES: dict[str, tuple[str, str, list[str]]] = {
    "moving": (_MOVING, _NOISE, []),
    "dark": (_MOVING + ",lutyuv=y=(val-16)*0.3+16", _NOISE, []),
    "night": ("color=0x101010:s=640x360:r=25:d=3,noise=alls=6:allf=t", _NOISE, []),
    "slow zoom": (_MANDELBROT, _NOISE, []),
    "slow zoom on a still": (_ZOOM, _NOISE, []),
    "one flash": (_MOVING + ",drawbox=t=fill:color=white:enable='between(n,30,32)'", _NOISE, []),
    "three flashes in three seconds": (_MOVING + ",drawbox=t=fill:color=white:enable='eq(mod(n,25),0)'", _NOISE, []),
    "quiet room": (_MOVING, "anoisesrc=c=pink:a=0.004:seed=2:r=48000:d=3", []),
    "loud, limited": (_MOVING, _NOISE + ",volume=20dB,alimiter=limit=0.85:level=false", []),
    "short pause": (_MOVING, _NOISE + ",volume=0:enable='between(t,1,1.3)'", []),
    "black for a second": (_MOVING + ",drawbox=t=fill:color=black:enable='between(t,1,2)'", _NOISE, ["clip-black@25"]),
    "black for three frames": (_MOVING + ",drawbox=t=fill:color=black:enable='between(n,50,52)'", _NOISE, ["clip-black@50"]),
    "nearly black": (_MOVING + ",drawbox=t=fill:color=0x040404:enable='between(n,40,60)'", _NOISE, ["clip-black@40"]),
    "all black": ("color=black:s=640x360:r=25:d=3", _NOISE, ["clip-all-black@0"]),
    "frozen for a second": (_MOVING + ",loop=loop=25:size=1:start=30,setpts=N/25/TB,trim=end=3", _NOISE, ["clip-frozen@"]),
    "a still": ("smptehdbars=s=640x360:r=25:d=3", _NOISE, ["clip-frozen@0"]),
    "flashing": (_MOVING + ",drawbox=t=fill:color=white:enable='between(t,1,3)*eq(mod(n,4),0)'", _NOISE, ["clip-flash@"]),
    "strobe": (_MOVING + ",drawbox=t=fill:color=black:enable='between(t,1,2)*eq(mod(n,2),0)'", _NOISE, ["clip-flash@"]),
    "half the rate": (_MOVING + ",fps=12.5,fps=25", _NOISE, ["clip-doubled@"]),
    "a third of the rate": (_MOVING + ",fps=25/3,fps=25", _NOISE, ["clip-doubled@"]),
    "four fifths of the rate": (_MOVING + ",fps=20,fps=25", _NOISE, ["clip-doubled@"]),
    "one frame twice": (_MOVING + ",loop=loop=1:size=1:start=50,setpts=N/25/TB", _NOISE, ["clip-repeated@"]),
    "full range, tagged as video": (_MOVING + f",{_BOXES},lutyuv=y=(val-16)*255/219", _NOISE, ["clip-range@0"]),
    "colours too strong": (_MOVING + ",lutyuv=u=(val-128)*1.6+128:v=(val-128)*1.6+128", _NOISE, ["clip-range@0"]),
    "silent": (_MOVING, "anullsrc=r=48000,atrim=end=3", ["clip-silent@0"]),
    "silent for a second": (_MOVING, _NOISE + ",volume=0:enable='between(t,1,2)'", ["clip-silence@25"]),
    "clipped": (_MOVING, _NOISE + ",volume=30dB,alimiter=limit=1:level=false:attack=0.1", ["clip-clipping@"]),
    "clipped hard": (_MOVING, "aevalsrc='clip(2.5*sin(2*PI*300*t),-0.98,0.98)':s=48000:d=3", ["clip-clipping@"]),
}


def _film(folder: Path, picture: str, sound: str) -> Path:
    path = folder / "clip.mp4"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k"]
    ffmpeg.run(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *encode, str(path)])
    return path


@pytest.mark.parametrize("name", _RECIPES)
def test_each_defect_is_found_and_nothing_else(tmp_path: Path, name: str) -> None:
    """The code, and the frame where it is exact."""
    picture, sound, wanted = _RECIPES[name]
    looked = look(_film(tmp_path, picture, sound))
    found = [f"{one.code}@{one.frame}" for one in (*looked.seen, *looked.heard)]
    assert len(found) == len(wanted), found
    assert all(one.startswith(due) for one, due in zip(found, wanted, strict=True)), found


@pytest.mark.parametrize(("size", "fps", "container"), [((320, 192), 24, "MP4"), ((1280, 720), 25, "MP4"), ((320, 192), 24, "WEBM")])
def test_the_stand_ins_films_are_clean(tmp_path: Path, size: tuple[int, int], fps: int, container: str) -> None:
    """Flashes, beeps and all."""
    path = tmp_path / "film"
    shoot(Film(*size, fps, 3 * fps, True, 7, container), path)
    looked = look(path)
    assert looked.findings(Asked(size=looked.probe.size, fps=looked.probe.fps, frames=3 * fps, sound=True)) == []


def test_silence_is_no_finding_where_no_sound_was_asked_for(clips: Clips) -> None:
    """What is heard matters only where it is wanted."""
    looked = look(clips.quirk("digital silence"))
    asked = Asked(size=SMALL, fps=looked.probe.fps, frames=48, sound=True)
    assert [one.code for one in looked.findings(asked)] == ["clip-silent"]
    assert looked.findings(replace(asked, sound=False)) == []


def test_a_policy_decides_what_a_finding_means(clips: Clips) -> None:
    """Reject, flag or pass, by code; what it doesn't name stays as it is."""
    [silent] = look(clips.quirk("digital silence")).heard
    for word, severity in ((Judgement.REJECT, Severity.FAIL), (Judgement.FLAG, Severity.WARN), (Judgement.PASS, Severity.NOTE)):
        assert [one.severity for one in judged([silent], {"clip-silent": word})] == [severity]
    assert judged([silent], {"clip-black": Judgement.REJECT}) == [silent]


def test_an_index_in_front_is_told_from_one_behind(clips: Clips, tmp_path: Path) -> None:
    """By the boxes' order."""
    behind = tmp_path / "behind.mp4"
    ffmpeg.run(["-i", str(clips.film(1)), "-c", "copy", "-movflags", "-faststart", str(behind)])
    assert (index_first(clips.quirk("index in front")), index_first(behind)) == (True, False)
