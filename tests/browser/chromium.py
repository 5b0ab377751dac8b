"""A headless Chromium for pages that draw themselves: opened, waited for, and photographed over its debugging port."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--hide-scrollbars",
    "--enable-logging=stderr",
)
_START_S = 60.0


def found() -> str | None:
    """Where Chromium is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Tab:
    """One page, as wide and high as a laptop's."""

    def __init__(self, line: ClientConnection) -> None:
        self._line, self._number = line, 0

    def open(self, url: str, *, until: str, within_s: float = 60.0, high: int = 900) -> None:
        """Go to `url` and wait until the page says `until`; AssertionError with what it says instead."""
        self.do("Emulation.setDeviceMetricsOverride", width=1280, height=high, deviceScaleFactor=1, mobile=False)
        self.do("Page.navigate", url=url)
        self.wait(until, within_s)

    def click(self, words: str, *, until: str, within_s: float = 30.0) -> None:
        """Click what reads `words`, and wait until the page says `until`."""
        find = "[...document.querySelectorAll('button, a, [role=tab], li')].find(one => one.innerText.trim() === " + json.dumps(words) + ")"
        self.do("Runtime.evaluate", expression=f"{find}.click()")
        self.wait(until, within_s)

    def wait(self, until: str, within_s: float) -> None:
        """Until the page says `until`; AssertionError with what it says instead."""
        deadline = time.monotonic() + within_s
        while until not in (said := self.says()):
            assert time.monotonic() < deadline, f"nothing of {until!r}, but:\n{said}"
            time.sleep(0.2)
        time.sleep(1.0)  # its charts and tables fade in

    def says(self) -> str:
        """The text that a person reads."""
        value = self.do("Runtime.evaluate", expression="document.body ? document.body.innerText : ''")["result"].get("value")
        return str(value or "")

    def photograph(self, file: Path) -> None:
        """What the window shows, in the format that the file's ending names."""
        how = {"format": file.suffix[1:]} | ({} if file.suffix == ".png" else {"quality": 80})
        file.write_bytes(base64.b64decode(self.do("Page.captureScreenshot", **how)["data"]))

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the browser's protocol, and its result."""
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result


AnyTab = TypeVar("AnyTab", bound=Tab)


@contextmanager
def tab(chromium: str, profile: Path, kind: type[AnyTab] = Tab) -> Generator[AnyTab]:
    """A tab of a browser that is gone when the block is left."""
    argv = [chromium, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
    port_file = profile / "DevToolsActivePort"
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            deadline = time.monotonic() + _START_S
            while not (port_file.exists() and port_file.read_text().count("\n")):
                assert browser.poll() is None and time.monotonic() < deadline, "Chromium did not start"
                time.sleep(0.1)
            port, path = port_file.read_text().split("\n")[:2]
            with connect(f"ws://127.0.0.1:{port}{path}", max_size=None) as line:
                whole = Tab(line)
                target = whole.do("Target.createTarget", url="about:blank")["targetId"]
            with connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None) as line:
                yield kind(line)
        finally:
            browser.terminate()
            with suppress(subprocess.TimeoutExpired):
                browser.wait(10)
            browser.kill()
