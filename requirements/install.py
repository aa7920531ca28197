# ruff: noqa: INP001  a script, no module
"""Install a pinned set and then the project, behind one progress bar.

Usage: install.py PINNED_SET, with the interpreter of the virtual environment and the standard library alone.
"""

import os
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

PIP = (sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off")
# What pip says once of each pinned line: it is fetched, it is there, or it is for another platform.
SEEN = ("Collecting ", "Requirement already satisfied: ", "Ignoring ")
CELLS = 30
LOOK_SECONDS = 0.2
LAST_LINES = 30


class Bar:
    """A progress bar on a terminal, and a single line anywhere else."""

    def __init__(self, *, total: int, pinned: str, chinese: bool) -> None:
        self._total = total
        self._chinese = chinese
        self._began = time.monotonic()
        self._terminal = sys.stdout.isatty()
        if not self._terminal:
            sys.stdout.write(f"正在安装 {pinned}\n" if chinese else f"Installing {pinned}\n")
            sys.stdout.flush()

    def draw(self, done: int) -> None:
        """Draw how far it is."""
        if not self._terminal:
            return
        done = min(done, self._total)
        filled = CELLS * done // self._total
        label = "正在安装" if self._chinese else "Installing"
        seconds = int(time.monotonic() - self._began)
        cells = "#" * filled + "." * (CELLS - filled)
        sys.stdout.write(f"\r{label} [{cells}] {100 * done // self._total:3} %  {seconds} s ")
        sys.stdout.flush()

    def end(self, *, well: bool) -> None:
        """Leave the full bar where all went well."""
        if well:
            self.draw(self._total)
        if self._terminal:
            sys.stdout.write("\n")
        sys.stdout.flush()


class Watched:
    """Reads what pip says, and keeps the last of it for whoever must look into a failure."""

    def __init__(self, said: Iterable[str]) -> None:
        self._said = said
        self.packages = 0
        self.last: deque[str] = deque(maxlen=LAST_LINES)

    def read(self) -> None:
        """Read to the end."""
        for line in self._said:
            self.packages += line.startswith(SEEN)
            self.last.append(line)


def installed() -> int:
    """Return how many distributions there are in the environment."""
    return sum(1 for _ in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))


def run(arguments: Sequence[str], *, bar: Bar, begun_at: int) -> bool:
    """Run pip and draw its progress from `begun_at` on; on failure print the last of what it said."""
    there = installed()
    pip = subprocess.Popen(  # noqa: S603  pip, of this environment
        [*PIP, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert pip.stdout is not None
    watched = Watched(pip.stdout)
    reader = threading.Thread(target=watched.read, daemon=True)
    reader.start()
    while pip.poll() is None:
        bar.draw(begun_at + watched.packages + installed() - there)
        time.sleep(LOOK_SECONDS)
    reader.join()
    if pip.returncode:
        bar.end(well=False)
        sys.stderr.writelines(watched.last)
    return pip.returncode == 0


def main(pinned: str) -> int:
    """Install; 0 where all went well."""
    locale = next((os.environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(n)), "")
    lines = Path(pinned).read_text(encoding="utf-8").splitlines()
    packages = sum(1 for line in lines if "==" in line and not line.startswith((" ", "#")))
    # Each package is fetched and then unpacked; the project comes last.
    bar = Bar(total=2 * packages + 1, pinned=pinned, chinese=locale.lower().startswith("zh"))
    well = run(["--require-hashes", "--only-binary", ":all:", "-r", pinned], bar=bar, begun_at=0)
    # setuptools is part of the pinned set, hence no build isolation and nothing more to fetch.
    project = ["--no-deps", "--no-build-isolation", "--no-index", "-e", "."]
    if not well or not run(project, bar=bar, begun_at=2 * packages):
        return 1
    bar.end(well=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
