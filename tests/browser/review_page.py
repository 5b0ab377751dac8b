"""The review page driven as a person does: keys, what is read and shown, and everything that the browser complains of or asks for."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from callsheet.cli.commands.takes.review import snapshot_of
from callsheet.cli.options import Common
from callsheet.domain.mark import Role
from callsheet.review.decisions import Author
from callsheet.review.guarded import Guarded
from callsheet.review.page_state import Snapshot
from callsheet.review.review_app import LiveReview, create_app
from callsheet.review.review_media import ReviewMedia
from callsheet.webhooks.serve import server
from tests.browser.chromium import Tab

#: what a key is called where it isn't the letter that it types
_CODES = {
    "Enter": 13,
    "Escape": 27,
    "Tab": 9,
    " ": 32,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "Home": 36,
    "End": 35,
}
TOKENS = {Role.PRODUCER: "producer-token", Role.CLIENT_A: "client-a-token", Role.CLIENT_B: "client-b-token"}


@contextmanager
def served(folder: Path, list: str | None = None) -> Generator[tuple[str, LiveReview]]:
    """The review of a project, in this process: its address less the role's part, and what it shows."""

    def look() -> Snapshot:
        return snapshot_of(Common(folder=folder), list)

    live = LiveReview(look, ReviewMedia(look().project))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        authors = {token: Author(role, role.value) for role, token in TOKENS.items()}
        running = server(Guarded(create_app(live), url, authors))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield url, live
        finally:
            running.should_exit = True
            thread.join(10)


def page_of(url: str, role: Role = Role.PRODUCER) -> str:
    """The address of a role's page."""
    return f"{url}/r/{TOKENS[role]}/"


class Person(Tab):
    """A tab with somebody at its keyboard. `complaints` are what the console and the policy say, `asked` the addresses that were asked for."""

    def __init__(self, line: Any) -> None:
        super().__init__(line)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.keys = 0
        for domain in ("Runtime", "Log", "Network", "Page"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the browser's protocol, and its result; what the page does meanwhile is noted."""
        self._number += 1
        self._line.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._line.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer.get("method", ""), answer.get("params", {}))

    def _note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:600])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(params["args"])[:300])
        elif method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])

    def go(self, url: str, *, wide: int = 1280, high: int = 800) -> None:
        """Open an address in a window of this size, and wait for the page to be read."""
        self.do("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=wide < 600)
        self.do("Page.navigate", url="about:blank")
        self.do("Page.navigate", url=url)
        self.until("document.body && document.body.page || document.querySelector('.slate')")

    def ask(self, expression: str) -> Any:
        """The value of an expression, awaited where it is a promise."""
        told = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str, within_s: float = 30.0) -> Any:
        """Until an expression is true; AssertionError with what the page says instead."""
        deadline = time.monotonic() + within_s
        while not (value := self.ask(f"Boolean({expression})")):
            assert time.monotonic() < deadline, f"not {expression}, but: {self.says()[:1500]} {self.complaints}"
            time.sleep(0.03)
        return value

    def press(self, *keys: str) -> None:
        """Press keys one after the other; a capital letter, and `Shift+ArrowLeft`, with Shift."""
        for pressed in keys:
            self.keys += 1
            key = pressed.removeprefix("Shift+")
            shift = 8 if key != pressed or (len(key) == 1 and key.isalpha() and key.isupper()) else 0
            text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
            named = {"key": key, "modifiers": shift, "windowsVirtualKeyCode": _CODES.get(key, ord(key[0].upper()))}
            self.do("Input.dispatchKeyEvent", type="keyDown", **named, **text)
            self.do("Input.dispatchKeyEvent", type="keyUp", **named)

    def settled(self) -> None:
        """Until every film stands on a frame and nothing is being sent; and what was presented is painted."""
        self.until(
            "document.body.page && !document.body.page.store.waiting.length && (!document.body.page.viewer || (v => v.ready === v.turn && "
            "[...v.films.values()].every(f => f.frame >= 0 && !f.waiting))(document.body.page.viewer))"
        )
        self.ask("new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => painted(true))))")

    def picture(self, selector: str = ".pane video") -> bytes:
        """What an element shows, as PNG, cut out of the page."""
        box = self.ask(f"(b => [b.x, b.y, b.width, b.height])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        clip = {"x": box[0], "y": box[1], "width": box[2], "height": box[3], "scale": 1}
        return base64.b64decode(self.do("Page.captureScreenshot", format="png", clip=clip)["data"])
