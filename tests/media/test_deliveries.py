"""Several deliveries of one cut: each in its own codec and container, within its limits, named as asked, with what belongs beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from callsheet.domain.cut import ClipOrigin, Cut, Delivery
from callsheet.domain.delivery.file_format import Codec, Container, Sidecar
from callsheet.domain.delivery.fitting import Fitting, Frame
from callsheet.domain.errors import DeliveryError
from callsheet.domain.shots.shot import Size
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import sample_at
from callsheet.finishing.finish import find, finish
from callsheet.media.ffmpeg import codec
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import decodes, sniff
from callsheet.media.sound import loudness
from callsheet.settings.deliveries import delivery_from
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, read_film
from tests.media.clips import SMALL, Clips, delivery, shot, slate

HOUSE = Path(__file__).parents[2]
FORMS = [
    (Codec.H264, Container.MOV),
    (Codec.H265, Container.MP4),
    (Codec.AV1, Container.MP4),
    (Codec.AV1, Container.WEBM),
    (Codec.PRORES, Container.MOV),
    (Codec.DNXHR, Container.MOV),
]


def _cut(clips: Clips) -> Cut:
    """Lengths that no group of pictures divides, one frame and a hole among them."""
    return Cut(
        sequence="SQ010", shots=(shot("A", clips.film(1), 30), slate("B", 5), shot("C", clips.film(2), 1), shot("D", clips.film(3), 40))
    )


@pytest.mark.parametrize("container", [Container.MP4, Container.MOV])
def test_h265_is_called_hvc1(clips: Clips, project: Project, container: Container) -> None:
    """Apple's players open no other: the finished file has the tag that its normalized clips had."""
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 30),)), _form(Codec.H265, container), project)
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].codec_context.codec_tag == "hvc1"
    assert not film.findings


def test_the_sound_says_its_language(clips: Clips, project: Project) -> None:
    """Where the delivery has one."""
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 30),)), delivery(language="de"), project)
    with av.open(str(film.file)) as box:
        assert box.streams.audio[0].metadata["language"] == "deu"
    assert not film.findings


def _form(kind: Codec, container: Container, fps: Fraction = Fraction(24), **more: Any) -> Delivery:
    return delivery(fps, codec=kind, container=container, profile="hq" if kind.mastering else None, **more)


@pytest.mark.parametrize(("kind", "container"), FORMS)
def test_every_form_is_exact_in_sync_and_as_named(clips: Clips, project: Project, kind: Codec, container: Container) -> None:
    """Codec, frames and their order, sound as long as the picture, beeps with flashes, loudness; at a rate that no clock divides."""
    fps = Fraction(24000, 1001)
    form = _form(kind, container, fps)
    film = finish(_cut(clips), form, project)
    told = read_packets(str(film.file), sniff(film.file))
    assert film.file.name == f"SQ010_web_v001.{container}"
    assert (told.frames, told.size, told.vfr, told.pix_fmt, told.matrix) == (76, SMALL, False, codec.pixels(form), "bt709")
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].codec.canonical_name == codec.DECODED[kind]
    cells = read_film(film.file)
    assert [cells[at] for at in (0, 29, 32, 35, 36, 75)] == [(1, 0), (1, 29), None, (2, 0), (3, 0), (3, 39)]
    assert told.sound is not None
    assert abs((told.sound.samples or 0) - sample_at(76, fps)) <= (48 if container is Container.WEBM else 0)
    assert decodes(film.file, told) == (76, sample_at(76, fps))
    seen, heard = flashes(film.file), beeps(film.file)
    assert len(seen) == len(heard) == 3
    assert max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < 0.022
    assert abs((loudness.measure(film.file).lufs or 0) + 14) <= 0.3


@pytest.mark.parametrize(("profile", "tag"), [("proxy", "apco"), ("lt", "apcs"), ("standard", "apcn"), ("4444", "ap4h")])
def test_prores_of_every_profile_says_so(clips: Clips, project: Project, profile: str, tag: str) -> None:
    """Its tag is all that tells: with another's, players and facilities take the pictures for what they aren't."""
    form = replace(_form(Codec.PRORES, Container.MOV), profile=profile)
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 12), slate("B", 5))), form, project)
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].codec_context.codec_tag == tag
    assert not film.findings


@pytest.mark.parametrize(
    ("kind", "container"),
    [
        (Codec.H265, Container.MP4),
        pytest.param(Codec.AV1, Container.WEBM, marks=[pytest.mark.slow, pytest.mark.nightly]),
        pytest.param(Codec.DNXHR, Container.MOV, marks=[pytest.mark.slow, pytest.mark.nightly]),
    ],
)
def test_a_form_has_the_same_bytes_again(clips: Clips, project: Project, tmp_path: Path, kind: Codec, container: Container) -> None:
    """Made from nothing in another folder."""
    again = Project(tmp_path / "again")
    made = [finish(_cut(clips), _form(kind, container), where).sha256 for where in (project, again)]
    assert made[0] == made[1]


def test_masters_are_made_from_the_bought_clips(clips: Clips, project: Project) -> None:
    """Beside a web film of poor quality the ProRes film is as near to the clip as it is alone."""
    cut = Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 24),))
    finish(cut, delivery(crf=48), project)
    master = finish(cut, replace(_form(Codec.PRORES, Container.MOV), name="master", crf=48), project)
    with av.open(str(clips.film(1))) as source, av.open(str(master.file)) as made:
        pairs = zip(source.decode(video=0), made.decode(video=0), strict=False)
        worst = max(abs(a.to_ndarray(format="gray").astype(int) - b.to_ndarray(format="gray").astype(int)).mean() for a, b in pairs)
    assert worst < 1.5


@pytest.mark.parametrize(("aspect", "shape"), [("9:16", Size(192, 342)), ("1:1", Size(192, 192)), ("4:5", Size(192, 240))])
def test_a_shape_for_phones_and_feeds_is_filled(clips: Clips, project: Project, aspect: str, shape: Size) -> None:
    """The picture is cropped around its middle: no black beside it."""
    table: dict[str, object] = {"like": "vertical", "aspect": aspect, "preset": "ultrafast"}
    form = delivery_from("tall", table, SMALL, Fraction(24), house=HOUSE)
    one = replace(shot("A", clips.film(1), 12), fitting=Fitting(frame=Frame.CROP))
    film = finish(Cut(sequence="SQ010", shots=(one,)), form, project)
    assert read_packets(str(film.file), "mov").size == shape
    with av.open(str(film.file)) as box:
        first = next(box.decode(video=0)).to_ndarray(format="gray")
    assert all(edge.mean() > 30 for edge in (first[60:, :4], first[60:, -4:]))


@pytest.mark.parametrize(
    "kind", [Codec.H264, *(pytest.param(kind, marks=[pytest.mark.slow, pytest.mark.nightly]) for kind in (Codec.H265, Codec.AV1))]
)
def test_a_limit_of_size_is_met_by_measurement(clips: Clips, project: Project, kind: Codec) -> None:
    """The film fits, is whole, and is no smaller than it has to be by much; its record says with which quality."""
    cut = Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 48), shot("B", clips.film(2), 48)))
    free = finish(cut, _form(kind, Container.MP4, crf=14, audio_bitrate=64_000), project).file.stat().st_size
    limit = int(free * 0.6)
    form = _form(kind, Container.MP4, crf=14, audio_bitrate=64_000, max_bytes=limit)
    film = finish(cut, form, project)
    assert 0.4 * limit < film.file.stat().st_size <= limit
    assert decodes(film.file, read_packets(str(film.file), "mov"))[0] == 96
    assert film.lowered and film.crf is not None and film.crf > 14
    again = finish(cut, form, project)
    assert (again.kept, again.crf) == (True, film.crf)
    origin = json.loads(film.file.with_name(f"{film.file.stem}_origin.json").read_text())
    assert origin["form"]["crf"] == film.crf


def test_a_limit_that_can_not_be_met_leaves_no_film(clips: Clips, project: Project) -> None:
    """Exit 7 with what to change; nothing lies about."""
    with pytest.raises(DeliveryError, match="can't be made smaller"):
        finish(_cut(clips), _form(Codec.PRORES, Container.MOV, max_bytes=10_000), project)
    assert list(project.out.iterdir()) == []


def test_files_are_named_by_their_template_and_never_overwritten(clips: Clips, project: Project) -> None:
    """Another cut takes the next number under the same name; the same cut again is found."""
    form = delivery(file="{version}-{delivery} {sequence}")
    first, second = (finish(Cut(sequence="SQ 1", shots=(shot("A", clips.film(1), frames),)), form, project) for frames in (10, 11))
    assert [film.file.name for film in (first, second)] == ["001-web SQ 1.mp4", "002-web SQ 1.mp4"]
    assert first.file.is_file()
    again = finish(Cut(sequence="SQ 1", shots=(shot("A", clips.film(1), 10),)), form, project)
    assert (again.version, again.kept) == (1, True)


def test_two_deliveries_of_one_name_do_not_touch_each_other(clips: Clips, project: Project) -> None:
    """A template without the delivery: numbers go on, each film is found by its own record."""
    cut = Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 10),))
    forms = [replace(delivery(size=size, file="{sequence}_{version}"), name=name) for name, size in (("a", SMALL), ("b", Size(160, 96)))]
    films = [finish(cut, form, project) for form in forms]
    assert [film.file.name for film in films] == ["SQ010_001.mp4", "SQ010_002.mp4"]
    assert [finish(cut, form, project).file for form in forms] == [film.file for film in films]


def test_pictures_beside_a_film(clips: Clips, project: Project) -> None:
    """A poster of the first shot that is there, a picture of each such shot, a small film; made again only where they are gone."""
    form = delivery(beside=(Sidecar.POSTER, Sidecar.SHEET, Sidecar.GIF))
    cut = Cut(sequence="SQ010", shots=(slate("A", 12), *(_taken(shot(name, clips.film(n), 20)) for n, name in enumerate("BCDEF", start=1))))
    film = finish(cut, form, project)
    names = {path.name: path for path in film.beside}
    assert set(names) == {"SQ010_web_v001_origin.json", "SQ010_web_v001_poster.jpg", "SQ010_web_v001_sheet.jpg", "SQ010_web_v001.gif"}
    assert read_film(names["SQ010_web_v001_poster.jpg"]) == [(1, 10)]
    assert _size(names["SQ010_web_v001_sheet.jpg"]) == (3 * 320 + 4 * 4, 2 * 192 + 3 * 4)
    assert _size(names["SQ010_web_v001.gif"]) == (320, 192)
    with av.open(str(names["SQ010_web_v001.gif"])) as box:
        assert abs(sum(1 for _ in box.decode(video=0)) - 112 / 24 * 10) <= 1
    before = {path: path.read_bytes() for path in film.beside}
    names["SQ010_web_v001.gif"].unlink()
    assert find(cut, form, project) is not None
    again = finish(cut, form, project)
    assert again.kept and {path: path.read_bytes() for path in again.beside} == before


def _taken(one: Any) -> Any:
    return replace(one, take=TakeId("spot", one.shot, 1))


def _size(path: Path) -> tuple[int, int]:
    with av.open(str(path)) as box:
        return box.streams.video[0].width, box.streams.video[0].height


def test_where_every_clip_came_from_stands_beside_the_film(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Model, seed, request and content of each; of a clip with content credentials also where they are kept."""
    claim = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + bytes(4) + b"manifest\0" + bytes(8) + b"the store"
    claimed = tmp_path / "claimed.mp4"
    claimed.write_bytes(clips.film(2).read_bytes() + (len(claim) + 8).to_bytes(4, "big") + b"uuid" + claim)
    origin = ClipOrigin(
        attempt="spot:A.t1.a2",
        service="runware",
        model="runware/ltx-2",
        seed=42,
        request="ab12",
        job="j-1",
        received_at="2026-01-02T03:04:05Z",
    )
    one = replace(shot("A", clips.film(1), 12), origin=origin)
    film = finish(Cut(sequence="SQ010", shots=(one, shot("B", claimed, 12), slate("C", 3))), delivery(), project)
    told = json.loads((project.out / "SQ010_web_v001_origin.json").read_text())
    assert (told["schema"], told["sha256"], told["form"]["codec"]) == ("callsheet.origin/1", film.sha256, "h264")
    first, second, third = told["shots"]
    assert (first["model"], first["seed"], first["request"], first["sha256"]) == ("runware/ltx-2", 42, "ab12", one.sha256)
    assert (first.get("credentials"), third["missing"]) == (None, "not bought yet")
    assert (tmp_path / "claimed.c2pa").read_bytes() == b"the store" and second["credentials"].endswith("claimed.c2pa")


@pytest.mark.parametrize("frames", [2, 11, 43])
def test_a_short_webm_keeps_its_rate(clips: Clips, project: Project, frames: int) -> None:
    """WebM counts in milliseconds: over a few frames their mean step reads as another rate, and is none."""
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), frames),)), _form(Codec.AV1, Container.WEBM), project)
    assert decodes(film.file, read_packets(str(film.file), "matroska"))[0] == frames


@pytest.mark.parametrize("kind", [Codec.H264, Codec.PRORES, Codec.DNXHR])
def test_a_mov_has_its_timecode(clips: Clips, project: Project, kind: Codec) -> None:
    """Whether or not the codec's own header tells the rate."""
    form = _form(kind, Container.MOV, timecode="10:00:00:00")
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 6),)), form, project)
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].metadata["timecode"] == "10:00:00:00"


@pytest.mark.parametrize("name", ["prores", "dnxhr", "broadcast-ebu"])
def test_a_shipped_master_has_pictures_sound_and_timecode_and_nothing_else(clips: Clips, project: Project, name: str) -> None:
    """Chapters would be a fourth track, of text, which a desk has not asked for."""
    form = delivery_from(name, {"resolution": "320x192"}, SMALL, Fraction(25), house=HOUSE)
    film = finish(Cut(sequence="SQ010", shots=(shot("A", clips.film(1), 6),)), form, project)
    with av.open(str(film.file)) as box:
        assert [stream.type for stream in box.streams] == ["video", "audio", "data"]
        assert box.streams[2].metadata["timecode"] == form.timecode and not box.chapters()
