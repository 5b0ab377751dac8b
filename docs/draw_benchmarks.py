"""Put the figures of benchmarks/results into docs/benchmarks.md, and draw its pictures: `uv run --group figures python docs/draw_benchmarks.py`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table  # noqa: E402  # the folder above must be found first

PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"
IMAGES = ROOT / "docs" / "images"
_BLOCK = re.compile(r"(<!-- drawn: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

Rows = Sequence[Mapping[str, Any]]
#: by result: how its rows are found, and the picture's bars (their label, their height, what is wanted of them)
KNOWN: dict[str, tuple[Callable[[Any], Rows], Callable[[Mapping[str, Any]], str], str, float | None]] = {
    "takes": (lambda found: found["rows"], lambda row: str(row["way"]), "own CPU ms a take", None),
    "makespan-simulated": (lambda found: found, lambda row: f"{row['takes']} takes\n{row['slots']} slots", "makespan / floor", 1.03),
    "makespan-simulated-2": (lambda found: found, lambda row: f"{row['takes']} takes\n{row['slots']} slots", "makespan / floor", 1.05),
    "makespan-mixed": (
        lambda found: found,
        lambda row: f"{row['takes']:,} takes\n{row['slots']} slots\n{row['order']}",
        "makespan / floor",
        1.03,
    ),
    "makespan": (lambda found: found, lambda row: f"{row['way']}\n{row['takes']} takes\n{row['slots']} slots", "makespan / floor", 1.03),
    "finishing-last": (lambda found: found, lambda row: f"{row['shots']} shots\n{row['size']}", "share", 0.03),
    "finishing-again": (lambda found: found["rows"], lambda row: f"{row['shots']:,} shots", "CPU s", 1.5),
    "plan": (lambda found: found, lambda row: str(row["what"]).replace(",", "\n", 1), "all s", None),
    "takes-scale": (lambda found: found["rows"], lambda row: f"{row['takes']:,} takes", "own CPU ms a take", None),
    "ledger-pen": (
        lambda found: [row for row in found if row["who"] == "pen"],
        lambda row: f"{row['on']}\n{row['at once']} at once",
        "events of raw",
        0.6,
    ),
    "takes-together": (lambda found: found, lambda row: f"{row['takes']} takes\n{row['slots']} slots", "makespan / floor", 1.05),
    "takes-storm": (lambda found: [found], lambda row: f"{row['takes']} takes", "share of what is allowed", 0.95),
}


def drawn(page: str) -> str:
    """The page with the figures as they are in the results today."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_block(found[2])}\n{found[3]}", page)


def _block(name: str) -> str:
    made = json.loads((RESULTS / f"{name}.json").read_text())
    rows_of, _, bar, _ = KNOWN[name]
    head = f"`{made['command']}`, {made['day']}, on {made['on']}"
    return f"\n{head}\n\n{table(rows_of(made['results']))}\n\n![{bar}](images/bench-{name}.svg)\n"


def pictures() -> None:
    """One chart for each result that the page shows, always the same bytes for the same figures."""
    import matplotlib as mpl  # noqa: PLC0415  # only who draws has it

    mpl.use("svg")
    from matplotlib import pyplot  # noqa: PLC0415  # the same

    mpl.rcParams.update({"svg.hashsalt": "callsheet", "svg.fonttype": "none", "font.family": "sans-serif"})
    for _, name, _ in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        rows_of, label, bar, wanted = KNOWN[name]
        rows = rows_of(json.loads((RESULTS / f"{name}.json").read_text())["results"])
        figure, axes = pyplot.subplots(figsize=(1.4 * len(rows) + 2, 3))
        bars = axes.bar([label(row) for row in rows], [row[bar] for row in rows], color="#3b6ea5", width=0.6)
        axes.bar_label(bars)
        axes.set_ylabel(bar)
        axes.spines[["top", "right"]].set_visible(False)
        if wanted is not None:
            axes.axhline(wanted, color="#b3452c", linestyle="--")
            axes.set_title(f"wanted: {wanted:g}", color="#b3452c", fontsize=9, loc="right")
        figure.tight_layout()
        figure.savefig(IMAGES / f"bench-{name}.svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    pictures()
