"""What the vendors' documents ask for, by the command: a list, `callsheet render` against the stand-in, and the request as it left."""

from __future__ import annotations

import io
import json
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.request_log import Left, logged, purchases
from tests.runners import ffmpeg, remembering
from tests.unit.cli.calling import Said, call
from tests.unit.standin.plain_form_clients import tone

HEAD = "shot_id,model,prompt,negative_prompt,duration_s,resolution,fps,first_frame,last_frame,audio,params\n"
RUNWARE, BYTECOMPUTE, DEAPI = "runware/ltx-2.3", "bytecompute/ltx-2.3", "deapi/ltx-2.3"


class Set:
    """A project, a stand-in beside it, and what left for it."""

    def __init__(self, folder: Path, left: list[Left]) -> None:
        self.folder, self._left = folder, left
        ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=128x72", "-frames:v", "1", str(folder / "pier.jpg")])

    def list(self, *rows: str) -> None:
        (self.folder / "spot.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows))

    def say(self, command: str, *more: str) -> Said:
        return call(command, "spot.csv", *more, "-C", str(self.folder), "--json")

    def render(self) -> Said:
        return self.say("render", "--cap", "9", "--yes", "--no-prefect")

    @property
    def left(self) -> list[Left]:
        """The purchases, in order."""
        return purchases(self._left)

    def take(self) -> dict[str, Any]:
        """The one take, as `status` has it."""
        [take] = call("status", "-C", str(self.folder), "--json").json["takes"]
        return take


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    folder = tmp_path / "film"
    folder.mkdir()
    with remembering(), running(Config(speed=0.0, palette=1, state=tmp_path / "standin")) as url, logged() as left:
        for name, path in (("RUNWARE", "/v1"), ("BYTECOMPUTE", "/v1"), ("DEAPI", "")):
            monkeypatch.setenv(f"{name}_BASE_URL", url + path)
            monkeypatch.setenv(f"{name}_API_KEY", "canary-4e1b")
        yield Set(folder, left)


def sound_in(left: Left) -> tuple[float, str]:
    """The sound of a form: its length in seconds, and its kind."""
    part = re.search(rb'name="audio"; filename="[^"]*"\r\nContent-Type: ([^\r]+)\r\n\r\n(.*?)\r\n--', left.body, re.DOTALL)
    assert part
    with wave.open(io.BytesIO(part[2])) as file:
        return file.getnframes() / file.getframerate(), part[1].decode()


def test_every_size_of_the_guide_leaves_as_asked(stage: Set) -> None:
    """512x512 is 512x512, and what is snapped is told by `check`."""
    stage.list(f"S1,{DEAPI},A pier,,2,512x512,24,,,,", f"S2,{DEAPI},A boat,,2,520x512,24,,,,")
    assert any("resolution 520x512 becomes 528x512" in note for note in stage.say("check").json["notes"])
    assert stage.render().code == 0
    assert sorted((one.fields["width"], one.fields["height"]) for one in stage.left) == [(512, 512), (528, 512)]


@pytest.mark.slow
@pytest.mark.nightly
def test_upright_pictures_leave_as_asked(stage: Set) -> None:
    """By the tier of their area: 720x1280 is sd, 1080x1920 hd."""
    stage.list(f"S1,{BYTECOMPUTE},A pier,,4,720x1280,25,,,,", f"S2,{BYTECOMPUTE},A boat,,4,1080x1920,25,,,,")
    planned = {take["take"]: take["price"] for take in stage.say("plan").json["takes"]}
    assert planned == {"S1.t1": "0.08", "S2.t1": "0.16"}
    assert stage.render().code == 0
    assert sorted(one.fields["resolution"] for one in stage.left) == ["1080x1920", "720x1280"]


@pytest.mark.parametrize(
    ("frames", "params", "names"),
    [
        ("pier.jpg,", "", {"image"}),
        ("pier.jpg,", '"{""first_frame_as"": ""first_frame""}"', {"first_frame"}),
        ("pier.jpg,pier.jpg", '"{""first_frame_as"": ""image""}"', {"first_frame", "last_frame"}),
    ],
    ids=["image to video", "frame to video", "from frame to frame"],
)
def test_a_first_frame_leaves_under_the_name_that_is_asked_for(stage: Set, frames: str, params: str, names: set[str]) -> None:
    """`image`, or `first_frame` alone; the choice itself is no field."""
    stage.list(f"S1,{BYTECOMPUTE},A pier,,4,1280x720,25,{frames},,{params}")
    assert stage.render().code == 0
    [left] = stage.left
    assert {name for name in ("image", "first_frame", "last_frame") if f'name="{name}"; filename='.encode() in left.body} == names
    assert "first_frame_as" not in left.fields


def test_a_sound_that_goes_on_beyond_its_shot_leaves_cut(stage: Set) -> None:
    """10.5 s for a shot of 8 s: 193 frames and 8.04 s of sound leave; plan and check say what that saves."""
    (stage.folder / "voice.wav").write_bytes(tone(10.5))
    stage.list(f"S1,{DEAPI},She speaks,,8,512x512,24,,,voice.wav,")
    [take] = stage.say("plan").json["takes"]
    [said] = [verdict for verdict in take["verdicts"] if verdict["field"] == "audio"]
    assert "it is cut to 8.04 s before it is sent; 2.33 s of film less are paid" in said["why"]
    assert any("2.33 s of film less are paid" in note for note in stage.say("check").json["notes"])
    assert stage.render().code == 0
    [left] = stage.left
    assert left.fields["frames"] == "193"
    seconds, mime = sound_in(left)
    assert (round(seconds, 3), mime) == (8.042, "audio/wav")
    assert stage.render().code == 0  # and the clip is kept
    assert len(stage.left) == 1


def test_a_sound_that_sets_the_length_gets_the_nearest_frames(stage: Set) -> None:
    """As the guide rounds; the sound leaves whole, and the difference is told."""
    (stage.folder / "voice.wav").write_bytes(tone(2.2))
    stage.list(f"S1,{DEAPI},She speaks,,,512x512,24,,,voice.wav,")
    [take] = stage.say("plan").json["takes"]
    assert any("the last 0.16 s of the sound have no picture" in verdict["why"] for verdict in take["verdicts"])
    assert stage.render().code == 0
    [left] = stage.left
    assert (left.fields["frames"], round(sound_in(left)[0], 3)) == ("49", 2.2)


def test_the_guides_advice_reaches_the_rows(stage: Set) -> None:
    """Words, sounds and long shots, each with the rows that it is about."""
    (stage.folder / "voice.wav").write_bytes(tone(5.0))
    stage.list(f"S1,{DEAPI},{'rain ' * 80},,10,512x512,24,,,,", f"S2,{DEAPI},She speaks,,5,512x512,24,,,voice.wav,")
    notes = stage.say("check").json["notes"]
    for words, shot in (("60 to 200 words", "S2"), ("identity", "S1"), ("100 ms of silence", "S2"), ("clean sound", "S2")):
        assert [note for note in notes if words in note and note.endswith(f"({shot})")], words


def test_audio_syncs_leave_without_steps_and_guidance(stage: Set) -> None:
    """As the guide's example; what a row names is sent."""
    (stage.folder / "voice.wav").write_bytes(tone(2.0))
    stage.list(
        f"S1,{DEAPI},She speaks,,2,512x512,24,,,voice.wav,",
        f'S2,{DEAPI},He speaks,,2,512x512,24,,,voice.wav,"{{""steps"": 9}}"',
        f"S3,{DEAPI},A pier,,2,512x512,24,,,,",
    )
    assert stage.render().code == 0
    by_prompt = {one.fields["prompt"]: one.fields for one in stage.left}
    assert not {"steps", "guidance"} & set(by_prompt["She speaks"])
    assert by_prompt["He speaks"]["steps"] == "9"
    assert (by_prompt["A pier"]["steps"], by_prompt["A pier"]["guidance"]) == (8, 1.0)


def test_an_idle_negative_prompt_does_not_leave(stage: Set) -> None:
    """Dropped beside a CFGScale of 1, with the row's name."""
    stage.list(
        'S1,runware/ltx-2,A pier,rain,1,192x128,24,,,,"{""CFGScale"": 1}"',
        'S2,runware/ltx-2,A boat,rain,1,192x128,24,,,,"{""CFGScale"": 1.01}"',
    )
    assert any("ignores a negative prompt without guidance" in note and "S1" in note for note in stage.say("check").json["notes"])
    assert stage.render().code == 0
    assert {one.fields["positivePrompt"]: one.fields.get("negativePrompt") for one in stage.left} == {"A pier": None, "A boat": "rain"}


def test_a_shared_upload_address_leaves_nothing(stage: Set) -> None:
    """Each clip would replace the one before it."""
    params = '"{""uploadEndpoint"": ""https://bucket.example/clip.mp4""}"'
    stage.list(f"S1,runware/ltx-2,A pier,,1,192x128,24,,,,{params}", f"S2,runware/ltx-2,A boat,,1,192x128,24,,,,{params}")
    said = stage.render()
    assert said.code == 3
    assert [error["code"] for error in said.json["errors"]] == ["shared-address", "shared-address"]
    assert "uploadEndpoint is shared by S1.t1, S2.t1" in said.json["errors"][0]["message"]
    assert stage.left == []


@pytest.mark.parametrize(("prompt", "flagged"), [("A pier", False), ("A pier [[fault:nsfw]]", True)])
def test_what_the_answer_tells_reaches_json_parquet_and_report(stage: Set, prompt: str, flagged: bool) -> None:
    """videoUUID, seed and NSFWContent."""
    stage.list(f'S1,runware/ltx-2,{prompt},,1,192x128,24,,,,"{{""safety.mode"": ""fast""}}"')
    stage.render()
    take = stage.take()
    [attempt] = take["attempts"]
    assert attempt["nsfw"] is flagged
    assert re.fullmatch(r"[0-9a-f-]{36}", attempt["asset"])
    assert isinstance(attempt["seed"], int)
    assert call("report", "-C", str(stage.folder)).code in (0, 7)
    [line] = pq.read_table(stage.folder / "out" / "takes.parquet").to_pylist()
    assert (line["asset"], line["nsfw"], line["seed"]) == (attempt["asset"], flagged, attempt["seed"])
    page = (stage.folder / "out" / "report.html").read_text()
    assert f"video {attempt['asset']}" in page
    assert f"seed {attempt['seed']}" in page
    assert f"NSFW: {'yes' if flagged else 'no'}" in page
    assert any(finding["code"] == "nsfw" for finding in take["findings"]) is flagged


def test_small_letters_of_a_format_are_taken_by_the_stand_in(stage: Set) -> None:
    """A row may write them; what leaves is the page's own word."""
    stage.list('S1,runware/ltx-2,A pier,,1,192x128,24,,,,"{""outputFormat"": ""mov""}"')
    assert stage.render().code == 0
    [left] = stage.left
    assert left.fields["outputFormat"] == "MOV"
    assert json.loads(left.body)[0]["includeCost"] is True
