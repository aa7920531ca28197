"""A disk that is full: writes are told to come back later, reads go on, nothing acknowledged is lost.

Once it is a small file system, which only root can mount, and once the kernel's limit on the size of a file,
which stops a write half-way just as well (EFBIG instead of ENOSPC).
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import pytest

from tests.api.support import api_world

SIZE = "6m"
ENOUGH = 80
LEFT = 300_000


class Disk(Protocol):
    """A place that can run full."""

    folder: Path

    def fill(self) -> None:
        """Leave room for a few hundred kilobytes."""

    def free(self) -> None:
        """Make room again."""


@dataclass(kw_only=True)
class SmallDisk:
    """A file system of a few megabytes."""

    folder: Path

    def fill(self) -> None:
        free = os.statvfs(self.folder)
        self._ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - LEFT)))

    def free(self) -> None:
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@dataclass(kw_only=True)
class SmallFiles:
    """A folder whose files can't grow any more, as long as this process is the one that writes."""

    folder: Path

    def fill(self) -> None:
        largest = max(file.stat().st_size for file in self.folder.iterdir() if file.is_file())
        self._limit(largest + LEFT)

    def free(self) -> None:
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard if size == resource.RLIM_INFINITY else size, hard))


@pytest.fixture
def small_files(tmp_path: Path) -> Iterator[SmallFiles]:
    files = SmallFiles(folder=tmp_path / "small")
    try:
        yield files
    finally:
        files.free()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield SmallDisk(folder=folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kind", ["small_disk", "small_files"])
def test_a_full_disk_loses_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    disk: Disk = request.getfixturevalue(kind)
    urls = {"database_url": f"sqlite:///{disk.folder}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(disk.folder, **urls) as world:
        child, carer = world.enrol(), world.carer()
        disk.fill()
        sent = [visit(carer) for _ in range(ENOUGH)]
        told = {}
        for event, body in sent:
            told[event] = world.caller.put(f"/v1/children/{child}/events/{event}", body)
            if told[event].status_code != 201:
                break
        full = list(told.values())[-1]
        read = world.caller.get(f"/v1/children/{child}")

        disk.free()
        again = [world.caller.put(f"/v1/children/{child}/events/{event}", body) for event, body in sent]
        (health,) = world.system.database.tuples("PRAGMA integrity_check")

        assert (full.status_code, full.json["code"]) == (503, "unavailable")
        assert int(full.headers["retry-after"]) > 0
        assert (read.status_code, read.json["version"]) == (200, len(told))
        assert [a.status_code for a in again] == [200] * (len(told) - 1) + [201] * (ENOUGH - len(told) + 1)
        assert [a.json["version"] for a in again] == list(range(2, ENOUGH + 2))
        assert health == ("ok",)


def visit(carer: str) -> tuple[str, dict[str, object]]:
    details = {"carers": [carer], "outcome": "met", "record": "字" * 400}
    return str(uuid4()), {"type": "home_visit_made", "occurred_on": "2026-03-05", "details": details}
