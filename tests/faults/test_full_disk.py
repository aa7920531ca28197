"""A disk that is full: writes are told to come back later, reads go on, nothing acknowledged is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.api.support import api_world

SIZE = "6m"
ENOUGH = 400


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    urls = {"database_url": f"sqlite:///{small_disk}/care.db", "keys_url": f"sqlite:///{tmp_path}/keys.db"}
    with api_world(small_disk, **urls) as world:
        child, carer = world.enrol(), world.carer()
        ballast = small_disk / "ballast"
        free = os.statvfs(small_disk)
        ballast.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - 300_000)))
        sent = [visit(carer) for _ in range(ENOUGH)]
        told = {}
        for event, body in sent:
            told[event] = world.caller.put(f"/v1/children/{child}/events/{event}", body)
            if told[event].status_code != 201:
                break
        full = list(told.values())[-1]
        read = world.caller.get(f"/v1/children/{child}")

        ballast.unlink()
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
