"""The running service against the committed document: every check of schemathesis, with a seed that stays.

It runs on a school that is full of things, and is told of them: each operation must have answered well at
least once, so that what is held against the document is not only its refusals.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.api.full_world import filled, operations, written
from tests.api.serving import ROOT, serving
from tests.api.support import api_world

# The one of each run is in schemathesis.toml.
ANOTHER_SEED = "7713402"
DOCUMENT = ROOT / "docs" / "openapi.json"


def _tried(folder: Path, *arguments: str) -> tuple[str, Counter[str]]:
    """Run schemathesis; give what it says, and how often each operation answered well."""
    urls = {"database_url": f"sqlite:///{folder}/care.db", "keys_url": f"sqlite:///{folder}/keys.db"}
    with api_world(folder, **urls) as world:
        known = filled(world)
    # The service goes by the clock of the host, which is not that of the world.
    known["body"]["until"] = [str(datetime.now(UTC).date() + timedelta(days=3))]
    counts = folder / "counts.json"
    # Without a limit: nobody else sends as much in a minute.
    with serving(urls["database_url"], folder, CARELEDGER_REQUESTS_PER_MINUTE="0") as service:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "schemathesis.toml")),
            *("run", str(DOCUMENT), "--url", service.server.url, "--checks", "all", "--continue-on-failure"),
            *("--header", f"Authorization: Bearer {service.key}", "--warnings", "off", *arguments),
        ]
        told = {"CARELEDGER_KNOWN": str(written(known, folder)), "CARELEDGER_COUNTS": str(counts)}
        env = os.environ | told
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=1800, check=False
        )
    said = done.stdout[-12000:] + done.stderr[-2000:]
    assert done.returncode == 0, said
    well = Counter({label: n for label, status, n in json.loads(counts.read_text()) if status < 300})
    return said, well


@pytest.mark.timeout(600)
def test_the_running_service_keeps_to_its_document(tmp_path: Path) -> None:
    said, well = _tried(tmp_path, "--phases", "examples,fuzzing", "--max-examples", "15")

    assert f"Tested: {len(operations())}" in said
    assert [label for label in operations() if not well[label]] == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_running_service_keeps_to_its_document_whatever_is_sent(tmp_path: Path) -> None:
    _, well = _tried(tmp_path, "--max-examples", "60", "--seed", ANOTHER_SEED)

    assert [label for label in operations() if not well[label]] == []
