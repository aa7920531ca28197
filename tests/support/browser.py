"""A real browser in a test: Chromium, told over two pipes what to do."""

import base64
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--lang=zh-CN",
)


class Browser:
    """One tab. `height` is that of the window in pixels."""

    def __init__(self, reader: int, writer: int, *, height: int = 800) -> None:
        self._reader, self._writer = os.fdopen(reader, "rb", 0), os.fdopen(writer, "wb", 0)
        self._height, self._number, self._rest = height, 0, b""
        self._session: str | None = None
        self._heard: deque[dict[str, Any]] = deque()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        found = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = found["sessionId"]
        self._call("Page.enable")
        self._call("Runtime.enable")

    def width(self, pixels: int) -> None:
        """Be a window of this width."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=pixels,
            height=self._height,
            deviceScaleFactor=1,
            mobile=pixels < 600,
        )

    def header(self, **headers: str) -> None:
        """Send these with every request."""
        self._call("Network.enable")
        self._call(
            "Network.setExtraHTTPHeaders", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    def open(self, url: str) -> None:
        """Open an address, and wait until it is there."""
        self._heard.clear()
        self._call("Page.navigate", url=url)
        self._loaded()

    def click(self, selector: str) -> None:
        """Follow a link, or press a button, and wait for the next page."""
        self._heard.clear()
        self.says(f"document.querySelector({selector!r}).click()")
        self._loaded()

    def says(self, expression: str) -> Any:
        """Return what an expression of script gives, which the page itself could not run."""
        found = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def picture(self, file: Path) -> None:
        """Write what is seen to a file, from top to bottom."""
        found = self._call("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        file.write_bytes(base64.b64decode(found["data"]))

    def paper(self) -> bytes:
        """Return the page as it is printed, as PDF."""
        return base64.b64decode(self._call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def close(self) -> None:
        """End the browser."""
        self._session = None
        with suppress(OSError):
            self._send("Browser.close", {})
        self._reader.close()
        self._writer.close()

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = self._send(method, params)
        while (message := self._read()).get("id") != number:
            self._heard.append(message)
        assert "error" not in message, message
        found: dict[str, Any] = message["result"]
        return found

    def _loaded(self) -> None:
        """Wait until another page is there; the one before may still say something of itself."""
        for method in ("Page.frameNavigated", "Page.loadEventFired"):
            while (self._heard.popleft() if self._heard else self._read()).get("method") != method:
                pass

    def _send(self, method: str, params: dict[str, Any]) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        self._writer.write(msgspec.json.encode(message) + b"\0")
        return self._number

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = self._reader.read(1 << 16)
            assert piece, "the browser has ended"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = msgspec.json.decode(message)
        return found


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Start a browser for the block, with its profile in a folder; skip the test where there is none."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no Chromium on this machine: install it, and the pages are looked at in it")
    theirs, ours = os.pipe(), os.pipe()

    def place() -> None:
        # What it is told comes in by 3, what it says goes out by 4. Copied first, as they may be these.
        read, write = os.dup(theirs[0]), os.dup(ours[1])
        os.dup2(read, 3)
        os.dup2(write, 4)

    process = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder / 'chromium'}"],
        preexec_fn=place,  # noqa: PLW1509  it only copies two numbers
        close_fds=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs[0])
    os.close(ours[1])
    found = Browser(ours[0], theirs[1])
    try:
        yield found
    finally:
        found.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
