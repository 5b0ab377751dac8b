"""The review page with five hundred takes, in Chromium: how soon there is a picture, what it holds, and what scrolling costs its main thread. `python -m benchmarks review`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
_HOME = tempfile.TemporaryDirectory(prefix="callsheet-bench-")
os.environ.update({"HOME": _HOME.name, "CALLSHEET_TEST_HOME": _HOME.name})

import psutil  # noqa: E402  # after the home that it shall not read

from benchmarks.report import table, write  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.dailies import HEAD, bought  # noqa: E402
from tests.browser.review_page import Person, page_of, served  # noqa: E402

COMMAND = "uv run python -m benchmarks review"
TAKES = 4
#: shots of four takes each
SIZES = (25, 125)
#: a frame's time at 60 Hz, and what people feel as a hitch, ms
_FRAME, _LONG = 16.7, 50.0
_TRACED = "devtools.timeline,toplevel,disabled-by-default-devtools.timeline"
_FIRST = """new Promise((seen) => { const look = () => {
  const shown = [...document.querySelectorAll("button.take img")].find((one) => one.complete && one.naturalWidth);
  shown ? requestAnimationFrame(() => seen(performance.now())) : requestAnimationFrame(look); }; look(); })"""


class Traced(Person):
    """A tab whose main thread is watched."""

    def __init__(self, line: Any) -> None:
        super().__init__(line)
        self.events: list[dict[str, Any]] = []
        self.complete = False

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Tracing.dataCollected":
            self.events += params["value"]
        elif method == "Tracing.tracingComplete":
            self.complete = True
        super()._note(method, params)

    def watched(self, work: str) -> list[float]:
        """Processor milliseconds of each task of the page's main thread while `work`, an expression, is awaited."""
        self.events, self.complete = [], False
        self.do("Tracing.start", transferMode="ReportEvents", traceConfig={"includedCategories": _TRACED.split(",")})
        self.ask(work)
        self.do("Tracing.end")
        while not self.complete:
            self.ask("0")
        mains = {
            (one["pid"], one["tid"]) for one in self.events if one.get("name") == "thread_name" and one["args"]["name"] == "CrRendererMain"
        }
        tasks = [one for one in self.events if one.get("name", "").endswith("RunTask") and (one["pid"], one["tid"]) in mains]
        return [one.get("tdur", one["dur"]) / 1000 for one in tasks if "dur" in one]


#: one wheel's notch for each frame, from the first shot to the last
_SCROLL = """(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let top = 0; top < document.documentElement.scrollHeight; top += 120) { scrollTo(0, top); await frame(); }
})()"""


def _measured(shots: int, place: Path) -> Iterator[Mapping[str, object]]:
    """First with pictures that are yet to be made, then again."""
    browser = chromium.found() or sys.exit("no Chromium is installed: apt-get install chromium, or another package's")
    takes = shots * TAKES
    text = HEAD + "".join(f"S{n:04d},one,shot {n} at the harbour,runware/ltx-2,1,320x192,24,{TAKES}\n" for n in range(shots))
    with bought(place, text, cap="100") as folder, served(folder) as (url, _):
        for what in ("pictures not made yet", "pictures made before"):
            with chromium.tab(browser, place / f"profile {what}", Traced) as tab:
                tab.do("Emulation.setDeviceMetricsOverride", width=1280, height=800, deviceScaleFactor=1, mobile=False)
                began = time.monotonic()
                tab.do("Page.navigate", url=page_of(url))
                tab.until("document.body && document.body.page")
                first = tab.ask(_FIRST)
                before = time.monotonic() - began
                tasks = sorted(tab.watched(_SCROLL))
                tab.until("[...document.querySelectorAll('button.take img')].every((one) => one.complete)", 600)
                for number in range(20):
                    tab.ask(f"location.hash = 'shot=spot%3AS{number:04d}'")
                    tab.until(f"document.body.page.viewer && document.body.page.viewer.key === 'spot:S{number:04d}'")
                    tab.settled()
                tab.do("HeapProfiler.collectGarbage")
                heap = tab.do("Runtime.getHeapUsage")["usedSize"] / 1e6
                yield {
                    "takes": takes,
                    "what": what,
                    "first picture ms": round(first),
                    "until it was seen, s": round(before, 2),
                    "scrolled: tasks": len(tasks),
                    "longest task ms": round(tasks[-1], 1),
                    f"over {_FRAME} ms": sum(one > _FRAME for one in tasks),
                    f"over {_LONG} ms": sum(one > _LONG for one in tasks),
                    "heap MB after 20 shots": round(heap, 1),
                    "videos": tab.ask("document.querySelectorAll('video').length"),
                    "renderer MB": _renderer_mb(place / f"profile {what}"),
                }


def _renderer_mb(profile: Path) -> int:
    """What the largest of the browser's renderers holds for itself."""
    mine = [one for one in psutil.process_iter(["cmdline"]) if any(str(profile) in word for word in one.info["cmdline"] or ())]
    children = [child for one in mine for child in one.children(recursive=True)]
    sizes = [one.memory_full_info().uss for one in {*mine, *children} if "--type=renderer" in " ".join(one.cmdline())]
    return round(max(sizes, default=0) / 1e6)


def main() -> None:
    """Measure, and write the results."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    found: list[Mapping[str, object]] = []
    for shots in SIZES:
        with tempfile.TemporaryDirectory() as place:
            found += _measured(shots, Path(place))
            sys.stderr.write(json.dumps(found[-2:], indent=1) + "\n")
    write("review", COMMAND, found, table(found))


if __name__ == "__main__":
    main()
