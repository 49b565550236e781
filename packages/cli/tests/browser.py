"""A headless Chromium, driven by the DevTools protocol over a pipe, which needs no library."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str:
    """Give the program; without one the test is skipped, or fails where CI requires it."""
    for name in NAMES:
        found = shutil.which(name)
        if found is not None:
            return found
    why = "there is no Chromium: apt-get install chromium"
    if os.environ.get("REQUIRE_SERVICES"):
        pytest.fail(why)
    pytest.skip(why)


# Chromium reads from descriptor 3 and writes to descriptor 4.
_EXEC = """
import os, sys
reads, writes = (os.dup(os.dup(os.dup(int(fd)))) for fd in sys.argv[1:3])
for here, there in ((reads, 3), (writes, 4)):
    os.dup2(here, there)
    os.set_inheritable(there, True)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """One page of a browser of its own."""

    def __init__(self, profile: Path) -> None:
        self.asked: list[str] = []
        """The URLs that the page asked for."""
        self.said: list[str] = []
        """What dialogs, errors and the console said."""
        self._last = 0
        self._session: str | None = None
        self._loaded = False
        reads, self._to = os.pipe()
        self._from, writes = os.pipe()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", _EXEC, str(reads), str(writes), find_browser()),
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                *("--remote-debugging-pipe", f"--user-data-dir={profile}"),
            ],
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._answers = os.fdopen(self._from, "rb")

    def __enter__(self) -> Self:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._answers.close()
        os.close(self._to)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Have the browser do something; give its answer."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._last:
            self._note(answer)
        assert "error" not in answer, answer
        found: dict[str, Any] = answer["result"]
        return found

    def open(self, page: Path) -> None:
        """Open a page and wait until it has been loaded."""
        self._loaded = False
        self.call("Page.navigate", url=page.as_uri())
        while not self._loaded:
            self._note(self._read())

    def run(self, script: str) -> Any:
        """Give what an expression gives; a promise is waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        code = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "End": 35, "Home": 36}
        known = {"key": key, "windowsVirtualKeyCode": code.get(key, ord(key[0])), "code": key}
        typed = {"text": text or ("\r" if key == "Enter" else "")}
        self.call("Input.dispatchKeyEvent", type="keyDown", **known, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **known)
        self.settle()

    def settle(self) -> None:
        """Wait until what was begun is drawn."""
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")

    def _read(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser has ended"
            data += byte
        answer: dict[str, Any] = json.loads(data)
        return answer

    def _note(self, event: dict[str, Any]) -> None:
        match event.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.asked.append(event["params"]["request"]["url"])
            case "Page.javascriptDialogOpening":
                self.said.append(f"dialog: {event['params']['message']}")
            case "Runtime.exceptionThrown" | "Runtime.consoleAPICalled":
                self.said.append(json.dumps(event["params"]))
