"""Settings: layers, origins, and every mistake at once."""

from __future__ import annotations

import re
import tomllib
from datetime import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

import callsheet.qc
from callsheet.domain.errors import InputError
from callsheet.domain.finding import Judgement
from callsheet.domain.rules import CapRule
from callsheet.domain.shots.shot import Size
from callsheet.settings.load import load
from callsheet.settings.values import Setting, Settings

DEFAULTS = Path(__file__).parents[3] / "configs" / "defaults.toml"


def settings(folder: Path, text: str = "") -> Settings:
    if text:
        (folder / "project.toml").write_text(text)
    return load(DEFAULTS, folder / "project.toml")


def test_nothing_has_to_be_written(tmp_path: Path) -> None:
    """Without project.toml the shipped defaults stand, and say so."""
    found = settings(tmp_path)
    assert (found.model.value, found.model.origin) == ("runware/ltx-2", "default")
    assert (found.name, found.fps, found.size, found.caps) == (tmp_path.name, None, None, ())


def test_project_toml_goes_over_the_defaults(tmp_path: Path) -> None:
    """Each value knows the table that it was written in."""
    found = settings(tmp_path, '[project]\nfps = "23.976"\nresolution = "1280x704"\nmodel = "runware/ltx-2.3"\nduration_s = 6\n')
    assert found.fps and found.fps.value == Fraction(24000, 1001)
    assert found.size and found.size.value == Size(1280, 704)
    assert (found.model.value, found.model.origin) == ("runware/ltx-2.3", "project.toml [project] model")
    assert found.duration_s.value == Decimal(6)


def test_the_environment_goes_over_project_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`CALLSHEET_MODEL` decides for this shell."""
    monkeypatch.setenv("CALLSHEET_MODEL", "runware/ltx-2-fast")
    found = settings(tmp_path, '[project]\nmodel = "runware/ltx-2.3"\n')
    assert (found.model.value, found.model.origin) == ("runware/ltx-2-fast", "CALLSHEET_MODEL")


def test_a_wrong_value_of_the_environment_names_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not project.toml."""
    monkeypatch.setenv("CALLSHEET_FPS", "fast")
    with pytest.raises(InputError) as wrong:
        settings(tmp_path)
    [problem] = wrong.value.problems
    assert problem.message == "CALLSHEET_FPS: 'fast' is not a frame rate such as 24, 23.976 or 24000/1001"
    assert (problem.help, problem.file, problem.column) == ("correct CALLSHEET_FPS, or unset it", None, "fps")


def test_caps_and_lanes(tmp_path: Path) -> None:
    """Scopes may carry a name; lanes inherit what they don't say."""
    found = settings(
        tmp_path,
        '[[cap]]\nscope = "model:runware/ltx-2.3"\nusd = "3"\n[[cap]]\nscope = "sequence"\nname = "SQ1"\nusd = "1.50"\nwarn_at = [90, 50]\non_reach = "cancel"\n[lanes.runware]\nslots = 2\n',
    )
    assert found.caps == (
        CapRule("model", "runware/ltx-2.3", 3_000_000, "project.toml [[cap]] number 1", (50, 80, 95)),
        CapRule("sequence", "SQ1", 1_500_000, "project.toml [[cap]] number 2", (50, 90), "cancel"),
    )
    assert found.lane("runware").slots == 2
    assert found.lane("runware").poll_max_s == found.lane_defaults.poll_max_s == found.lane("deapi").poll_max_s


def test_every_mistake_at_once(tmp_path: Path) -> None:
    """All that is wrong is told together, each with its key and what to write."""
    with pytest.raises(InputError) as wrong:
        settings(
            tmp_path,
            """
[project]
fsp = 24
fps = "0"
resolution = "big"
timezone = "Mars/Olympus"
[[cap]]
scope = "everything"
usd = "1"
[[cap]]
scope = "project"
usd = "a lot"
[[cap]]
scope = "day"
usd = "1"
on_reach = "stop"
[[cap]]
scope = "project"
usd = "1"
starts_at = "06:00"
warn_at = [0.5]
[lanes.runware]
slots = 0
[attempts]
per_run = 4
""",
        )
    columns = sorted(problem.column or "" for problem in wrong.value.problems)
    assert columns == ["fps", "fsp", "on_reach", "per_run", "resolution", "scope", "slots", "starts_at", "timezone", "usd", "warn_at"]
    [unknown] = [problem for problem in wrong.value.problems if problem.column == "fsp"]
    assert "did you mean fps?" in unknown.help
    assert all(problem.file == "project.toml" and problem.line and problem.help for problem in wrong.value.problems)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[project]\nservices = "runware"\n', '[project] services = "runware" is not a list of services'),
        ("[project]\nservices = [1]\n", "[project] services = 1 is not a text"),
        ('[cap]\nscope = "project"\nusd = "5"\n', 'cap = { scope = "project", usd = "5" } is not a list of tables'),
        ("cap = [5]\n", "cap = [5] is not a list of tables"),
        ("bed = 5\n", "bed = 5 is not a list of tables"),
        ("[lanes]\nrunware = 3\n", "[lanes] runware = 3 is not a table"),
        ('[deliver]\nweb = "h264"\n', '[deliver] web = "h264" is not a table'),
        ("project = 5\n", "project = 5 is not a table"),
    ],
)
def test_what_has_another_shape_is_told_once(tmp_path: Path, text: str, says: str) -> None:
    """A value where a list or a table is due is refused in words, and read as nothing else."""
    with pytest.raises(InputError) as wrong:
        settings(tmp_path, text)
    [problem] = wrong.value.problems
    assert says in problem.message
    assert problem.help.startswith("write ")


def test_a_project_has_one_day(tmp_path: Path) -> None:
    """The hour at which it starts stands with a cap of days or months; two that differ are refused."""
    table = '[[cap]]\nscope = "{}"\nusd = "5"\nstarts_at = "{}"\n'
    assert settings(tmp_path, table.format("day", "06:00") + table.format("month", "06:00")).day_starts_at == time(6)
    with pytest.raises(InputError, match=r"starts_at differs"):
        settings(tmp_path, table.format("day", "06:00") + table.format("month", "07:30"))


def test_shots_own_limits_are_silent_unless_told_to_speak(tmp_path: Path) -> None:
    """A shot's limit is used up in a step or two, so no threshold is told of by itself."""
    table = '[[cap]]\nscope = "shot"\nusd = "5"\n'
    assert [rule.warn_at for rule in settings(tmp_path, table + table + "warn_at = [80]\n").caps] == [(), (80,)]


def test_what_is_not_toml_is_told_with_its_place(tmp_path: Path) -> None:
    """A syntax error names the line."""
    with pytest.raises(InputError) as wrong:
        settings(tmp_path, "[project\n")
    assert "line 1" in wrong.value.problems[0].message


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://films.example.com/", "https://films.example.com"),
        ("https://h.example.com:8443/a/b", "https://h.example.com:8443/a/b"),
        ("http://127.0.0.1:8020", "http://127.0.0.1:8020"),
    ],
)
def test_where_services_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, kept: str) -> None:
    """https with a path of any kind, or http on this machine; the environment goes over project.toml; nothing is the default."""
    assert settings(tmp_path).callback_url is None
    found = settings(tmp_path, f'[project]\ncallback_url = "{text}"\n').callback_url
    assert found
    assert (found.value, found.origin) == (kept, "project.toml [project] callback_url")
    monkeypatch.setenv("CALLSHEET_CALLBACK_URL", "https://other.example.com")
    over = settings(tmp_path).callback_url
    assert over
    assert over.value == "https://other.example.com"


@pytest.mark.parametrize(
    "text",
    [
        "http://films.example.com",
        "films.example.com",
        "ftp://127.0.0.1",
        "https://",
        "https://films.example.com:port",
        "https://me:secret@films.example.com",
        "https://films.example.com?x=1",
        "https://films.example.com#x",
        f"https://films.example.com/{'x' * 2000}",
    ],
)
def test_an_address_that_no_service_calls_is_refused(tmp_path: Path, text: str) -> None:
    """With the key that it stands under."""
    with pytest.raises(InputError) as refused:
        settings(tmp_path, f'[project]\ncallback_url = "{text}"\n')
    assert [(problem.file, problem.column) for problem in refused.value.problems] == [("project.toml", "callback_url")]


def test_a_policy_goes_over_the_shipped_one(tmp_path: Path) -> None:
    """By a finding's code."""
    found = settings(tmp_path, '[qc]\nclip-black = "reject"\n').qc
    assert (found["clip-black"], found["clip-frozen"], found["clip-size"]) == (Judgement.REJECT, Judgement.FLAG, Judgement.REJECT)


def test_a_policy_knows_its_findings_and_words(tmp_path: Path) -> None:
    """A code that no check has and a word that means nothing are both told."""
    with pytest.raises(InputError) as refused:
        settings(tmp_path, '[qc]\nclip-blak = "reject"\nclip-black = "ignore"\n')
    said = " ".join(problem.message for problem in refused.value.problems)
    assert "clip-blak" in said and '"ignore" is not one of reject, flag, pass' in said


@pytest.mark.parametrize(
    ("code", "near"),
    [("paded", "padded"), ("delivery-loudnes", "delivery-loudness"), ("transition-shrt", "transition-short"), ("nfsw", "nsfw")],
)
def test_a_code_of_films_is_known_by_its_near_word(tmp_path: Path, code: str, near: str) -> None:
    """Of cuts and deliveries as of clips."""
    with pytest.raises(InputError) as refused:
        settings(tmp_path, f'[qc]\n{code} = "flag"\n')
    [problem] = refused.value.problems
    assert (problem.message, problem.help) == (f"project.toml [qc] has no setting {code}", f"did you mean {near}?")


def test_the_shipped_policy_names_every_check() -> None:
    """Each code that a check of clips, cuts or films can give is in the table, and no other."""
    package = Path(callsheet.qc.__file__ or "").parent
    said = " ".join(path.read_text() for path in package.glob("*.py"))
    codes = set(re.findall(r'(?:code=|_fail\(|_found\(|_longest\(|_standing\(|Compared\(|SHORT =)\s*"([a-z-]+)"', said))
    assert {"clip-size", "padded", "delivery-peak", "nsfw"} < codes
    assert set(tomllib.loads(DEFAULTS.read_text())["qc"]) == codes


def test_who_is_told_is_named_by_variables(tmp_path: Path) -> None:
    """With where it was written; an address itself is refused, and not repeated, since it carries a token."""
    assert settings(tmp_path).notify.variables == Setting(("CALLSHEET_NOTIFY",), "default")
    found = settings(tmp_path, '[notify]\nvariables = ["TEAM"]\non = ["doubt"]\n').notify
    assert (found.variables.value, found.on.origin) == (("TEAM",), "project.toml [notify] on")
    with pytest.raises(InputError) as refused:
        settings(tmp_path, '[notify]\nvariables = ["slack://tok-91f3"]\n')
    (problem,) = refused.value.problems
    assert (problem.line, "CALLSHEET_NOTIFY" in problem.help, "tok-91f3" in problem.message + problem.help) == (2, True, False)
