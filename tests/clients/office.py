"""A school that is really served, and what whoever writes a client for it is told: a key and an address."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.api.serving import Service, serving
from tests.api.support import SCHOOL, api_world

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "openapi.json"
PACKAGES = HERE / "node_modules"


@dataclass(frozen=True, kw_only=True)
class Office:
    """The service, the carer who visits, and the children of the school."""

    service: Service
    carer: str
    children: list[str]


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """Serve a school of three children."""
    urls = {"database_url": f"sqlite:///{folder}/care.db", "keys_url": f"sqlite:///{folder}/keys.db"}
    with api_world(folder, **urls) as world:
        carer = world.carer()
        children = [world.enrol() for _ in range(3)]
        at_home = {"name": "林奶奶", "kind": "delegated"}
        away = {"parent": "father", "away": True}
        for type_, details in (("guardian_designated", at_home), ("parent_work_recorded", away)):
            body = {"type": type_, "occurred_on": "2026-03-02", "details": details}
            answered = world.caller.put(f"/v1/children/{children[0]}/events/{uuid4()}", body)
            assert answered.status_code == 201, answered.json
    with serving(urls["database_url"], folder) as service:
        yield Office(service=service, carer=carer, children=children)


def ran(*command: str, cwd: Path, seconds: int = 300, **env: str) -> str:
    """Run a program of Node's packages, or what it made, and return what it says."""
    node = shutil.which("node")
    if node is None or not PACKAGES.is_dir():
        pytest.skip(
            "Node's packages are not there; install Node 20 or later, then: npm ci --prefix tests/clients"
        )
    ended = subprocess.run(
        [node, *command],
        cwd=cwd,
        env={"PATH": str(Path(node).parent), "NO_PROXY": "127.0.0.1", **env},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def told(text: str) -> dict[str, Any]:
    """Read the one line of JSON that a client says at its end."""
    said: dict[str, Any] = json.loads(text.splitlines()[-1])
    return said


__all__ = ["DOCUMENT", "HERE", "PACKAGES", "SCHOOL", "Office", "office", "ran", "told"]
