"""The frame around every command: usage, errors, exit codes, streams."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli import app
from callsheet.cli.app import COMMANDS, NAMES, hoist
from callsheet.cli.output.errors import SHOWN, defect, failed, problem_lines
from callsheet.domain.errors import CallsheetError, Exit, HumanError, InputError, LockedError, MoneyError, Problem, SetupError
from tests.unit.cli.calling import call, project

HEAVY = ("prefect", "pandas", "pyarrow", "sqlalchemy", "httpx", "av")


@pytest.mark.parametrize("command", NAMES)
def test_every_command_has_help(command: str) -> None:
    """`--help` of each command names -C and --json and ends with 0."""
    said = call(command, "--help")
    assert said.code == 0
    assert "-C" in said.out
    assert "--json" in said.out


def test_overview_names_every_command() -> None:
    """Called with nothing, callsheet shows all its commands with their first lines."""
    said = call()
    assert said.code == 0
    assert all(f" {name} " in said.out for name in NAMES)
    assert len(COMMANDS) == len(set(NAMES))


@pytest.mark.parametrize(
    "argv", [["plan"], ["plan", "a.csv", "b.csv"], ["plan", "spot.csv", "--no-such-option"], ["no-such-command"], ["costs", "--by", "moon"]]
)
def test_usage_errors_end_with_2_in_text_and_json(argv: list[str], tmp_path: Path) -> None:
    """What can't be understood exits with 2; with --json stdout is one document with errors, else it is empty."""
    project(tmp_path)
    plain, told = call(*argv), call(*argv, "--json")
    assert (plain.code, told.code) == (2, 2)
    assert plain.out == ""
    assert plain.err.startswith("callsheet: ")
    errors = told.json["errors"]
    assert [error["code"] for error in errors] == ["usage"]
    assert told.json["schema"].startswith("callsheet.")


@pytest.mark.parametrize("cap", ["ten", "-1", "0.0000001", "NaN"])
def test_a_cap_that_is_no_amount_is_a_usage_error(cap: str, tmp_path: Path) -> None:
    """--cap takes USD only."""
    said = call("plan", "spot.csv", f"--cap={cap}", "-C", str(project(tmp_path)), "--json")
    assert said.code == 2
    assert "--cap" in said.json["errors"][0]["message"]


def test_options_may_stand_before_the_command() -> None:
    """-C DIR and --json are moved behind the command, in their order."""
    assert hoist(["-C", "film", "--json", "plan", "x.csv", "-v"]) == ["plan", "-C", "film", "--json", "x.csv", "-v"]
    assert hoist(["plan", "x.csv"]) == ["plan", "x.csv"]
    assert hoist(["--json"]) == ["--json"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("x"), 3),
        (MoneyError("x"), 4),
        (SetupError("x"), 5),
        (HumanError("x"), 6),
        (LockedError("x"), 8),
        (CallsheetError("x"), 70),
    ],
)
def test_each_error_has_its_exit_code(error: CallsheetError, code: int) -> None:
    """One place turns errors into exit codes and the contract's errors."""
    answer = failed(error, "render")
    assert answer.exit == code
    assert answer.document["schema"] == "callsheet.render/1"
    assert answer.problems[0].message == "x"


def test_a_problem_is_told_with_its_three_addresses_and_the_fix() -> None:
    """File, row, line and column; what was read; what to do."""
    problem = Problem(
        code="cell", message="'5:12' looks like a timecode", help="write 5.5", file="a.csv", row=14, line=37, column="duration_s", shot="S1"
    )
    assert problem_lines((problem,)) == [
        "a.csv row 14, line 37, column duration_s (S1)",
        "      '5:12' looks like a timecode",
        "      help: write 5.5",
    ]


def test_text_shows_fifty_problems_and_json_all() -> None:
    """A list with many faults doesn't flood a terminal, and hides nothing from a script."""
    problems = tuple(Problem(code="cell", message=f"fault {n}", help="mend it", file="a.csv", row=n + 2) for n in range(SHOWN + 7))
    lines = problem_lines(problems)
    assert sum("fault" in line for line in lines) == SHOWN
    assert lines[-1] == "... 7 more; --json has them all"
    assert len(failed(InputError.of(problems), "check").problems) == SHOWN + 7


def test_a_defect_is_70_with_a_log_and_no_traceback_on_stdout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw ends with 70, its traceback in a file under .callsheet/logs."""

    def broken() -> app.App:
        raise RuntimeError("nobody saw this coming")

    monkeypatch.setattr(app, "build", broken)
    said = call("plan", "spot.csv", "-C", str(tmp_path), "--json")
    assert said.code == 70
    assert said.json["errors"][0]["code"] == "defect"
    assert "Traceback" not in said.out
    [log] = (tmp_path / ".callsheet" / "logs").iterdir()
    assert "nobody saw this coming" in log.read_text()
    assert str(log) in said.json["errors"][0]["help"]


def test_a_defect_is_told_even_where_no_log_can_be_written(tmp_path: Path) -> None:
    """Then its traceback stands in the help."""
    (tmp_path / ".callsheet").write_text("a file where a folder should be")
    answer = defect(RuntimeError("boom"), "plan", tmp_path)
    assert answer.exit is Exit.DEFECT
    assert "boom" in answer.problems[0].help


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted command says that its state is saved."""

    def interrupted() -> app.App:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "build", interrupted)
    said = call("render", "spot.csv")
    assert said.code == 130
    assert "state saved" in said.err
    assert call("render", "spot.csv", "--json").json["errors"][0]["code"] == "interrupted"


def test_a_missing_folder_is_a_usage_error() -> None:
    """-C must name a folder."""
    assert call("status", "-C", "no/such/folder").code == 2


def test_help_imports_nothing_heavy() -> None:
    """`callsheet --help` loads none of the libraries that take long."""
    program = (
        "import sys\nfrom callsheet.cli.app import run\nrun(['--help'])\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\nsys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


READING = ("status", "check", "plan", "costs")
_LOOKED = """
import contextlib, io, json, sys
from callsheet.cli.app import run
told = {}
for command in sys.argv[2:]:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = run([command, *(["spot.csv"] if command != "costs" else []), "-C", sys.argv[1], "--json"])
    heavy = [name for name in ("prefect", "pandas", "pyarrow") if name in sys.modules]
    told[command] = [code, json.loads(out.getvalue())["schema"], heavy]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reading commands in one fresh process, one after the other: exit code, schema, and what is imported by then."""
    folder = project(tmp_path_factory.mktemp("looked"))
    done = subprocess.run([sys.executable, "-c", _LOOKED, str(folder), *READING], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", READING)
def test_reading_commands_import_neither_prefect_nor_pandas(command: str, looked: dict[str, Any]) -> None:
    """Looking is quick: no orchestrator, no frames. Only `costs`, the last here, sums in a frame."""
    assert looked[command] == [0, f"callsheet.{command}/1", ["pandas", "pyarrow"] if command == "costs" else []]


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """`callsheet plan | head -0` says nothing on stderr and is no defect."""
    folder = project(tmp_path)
    command = f'"{sys.executable}" -m callsheet plan spot.csv -C "{folder}" -v | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 4)
    assert done.stderr == ""
