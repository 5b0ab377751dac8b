"""Photographs of Prefect's page for docs/how-to/nightly.md, taken of a real night: `uv run python docs/shoot_prefect.py` (needs Chromium)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import chromium  # noqa: E402  # from the root, which is on the path only now
from tests.flows.film import ask  # noqa: E402
from tests.flows.night import Night, night_studio, play_night  # noqa: E402
from tests.flows.studio import Studio  # noqa: E402

_IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Play the night, then photograph what an operator looks at."""
    browser = chromium.found()
    if browser is None:
        sys.exit("no Chromium is installed: apt-get install chromium, or another package's")
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with night_studio(folder / "prefect", folder / "films") as made:
            night = play_night(made, folder / "lighthouse")
            with chromium.tab(browser, folder / "profile") as tab:
                _photograph(tab, made, night)


def _photograph(tab: chromium.Tab, made: Studio, night: Night) -> None:
    page = made.url.removesuffix("/api")

    def shoot(name: str, path: str, until: str, *, tab_name: str = "", high: int = 900) -> None:
        tab.open(f"{page}/{path}", until="Logs" if tab_name else until, high=high)
        if tab_name:
            tab.click(tab_name, until=until)
        tab.photograph(_IMAGES / f"prefect-{name}.webp")

    def run(one: dict[str, object]) -> str:
        return f"runs/flow-run/{one['id']}"

    shoot("runs", "runs", "Cancelled", high=1200)
    shoot("bad-row", run(night.bad_row), "column duration_s")
    shoot("capped-takes", run(night.capped), "NotBought", tab_name="Task Runs", high=1500)
    shoot("stopped", run(night.stopped), "stopped:", high=1600)
    shoot("doubt-takes", run(night.doubtful), "InDoubt", tab_name="Task Runs", high=1500)
    mine = {one["key"]: one["id"] for one in ask(made.url, "artifacts/filter") if one["flow_run_id"] == night.doubtful["id"]}
    for key, until in (("takes", "C030"), ("films", "storm"), ("money", "settled")):
        shoot(key, f"artifacts/artifact/{mine[f'lighthouse-{key}']}", until)


if __name__ == "__main__":
    main()
