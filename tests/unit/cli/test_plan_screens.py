"""What a plan looks like, at each width: the golden files are what was looked at. `python -m tests.unit.cli.plan_screens` writes them anew."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from pathlib import Path
from unittest.mock import patch

from rich.cells import cell_len

from callsheet.cli.app import run
from tests.unit.cli.calling import call
from tests.unit.cli.plan_screens import FOLDER, WIDTHS, screen, screens, stage


class Terminal(io.StringIO):
    """stdout that is one."""

    def isatty(self) -> bool:
        return True


def on_terminal(folder: Path, columns: int, *argv: str) -> str:
    """What a terminal of so many columns shows of the plan, less the line that names this machine's folder."""
    with patch("shutil.get_terminal_size", lambda _: os.terminal_size((columns, 24))), contextlib.redirect_stdout(Terminal()) as out:
        run(["plan", "film.csv", "--offline", *argv, "-C", str(folder)])
    return "".join(line for line in out.getvalue().splitlines(keepends=True) if not line.startswith("Flows, cards"))


def test_plans_look_as_they_were_looked_at() -> None:
    """Byte for byte in 80, 100 and 120 columns and in a log; no line is wider than there is room for, but for a command to type and what has no blank."""
    with stage() as folder:
        found = screens(folder)
        assert on_terminal(folder, 100, "--cap", "1.5", "--against", "monday.plan") == found["plan-100.txt"]
    assert found == {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    for columns in filter(None, WIDTHS):
        lines = [line for line in found[f"plan-{columns}.txt"].splitlines() if not line.startswith("  all of it: ")]
        assert not [line for line in lines if cell_len(line) > int(columns)]


def test_the_cap_to_type_is_the_one_that_all_of_it_needs() -> None:
    """As printed it fits, and a cent less doesn't."""
    with stage() as folder:
        (line,) = [line for line in screen(folder, "80").splitlines() if line.startswith("  all of it: ")]
        *_, cap = shlex.split(line)
        less = f"{float(cap) - 0.01:.2f}"
        assert [call("plan", "film.csv", "--offline", "--cap", one, "-C", str(folder)).code for one in (cap, less)] == [0, 4]


def test_what_changed_and_what_is_cheaper_are_told_to_scripts() -> None:
    """Takes and money of both plans; each cheaper way with what it makes other, priced as the plan is when the row is written so."""
    with stage() as folder:
        found = call("plan", "film.csv", "--offline", "--against", "monday.plan", "-C", str(folder), "--json").json
        against = found["against"]
        assert [(change["take"], bool(change["was"]), bool(change["now"])) for change in against["changes"]] == [
            ("film:S0010.t1", True, True),
            ("film:S0010.t2", True, True),
            ("film:S0040.t1", False, True),
            ("film:S0050.t1", True, False),
        ]
        assert (against["buys_was"], against["buys"], against["price_was"], against["price"]) == (4, 4, "1.56", "1.88")
        assert found["time"]["seconds"] is None
        (shorter,) = [way for way in found["cheaper"] if way["column"] == "duration_s" and way["takes"][0] == "S0010.t1"]
        assert (shorter["value"], shorter["price"], shorter["instead"]) == ("6", "0.96", "1.28")
        text = (folder / "film.csv").read_text(encoding="utf-8")
        (folder / "film.csv").write_text(text.replace("6.5", shorter["value"]), encoding="utf-8")
        takes = call("plan", "film.csv", "--offline", "-C", str(folder), "--json").json["takes"]
        assert [take["price"] for take in takes[:2]] == ["0.48", "0.48"]
        refused = call("plan", "film.csv", "--offline", "--against", "film.csv", "-C", str(folder))
        assert (refused.code, "film.csv is not a saved plan" in refused.err) == (3, True)
