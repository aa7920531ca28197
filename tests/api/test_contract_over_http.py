"""The running service against the committed document: every check of schemathesis, with a seed that stays."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.serving import ROOT, serving

DOCUMENT = ROOT / "docs" / "openapi.json"


def _tried(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Without a limit: nobody else sends as much in a minute.
    with serving(f"sqlite:///{folder}/care.db", folder, CARELEDGER_REQUESTS_PER_MINUTE="0") as service:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "schemathesis.toml")),
            *("run", str(DOCUMENT), "--url", service.server.url, "--checks", "all", "--continue-on-failure"),
            *("--header", f"Authorization: Bearer {service.key}", "--warnings", "off", *arguments),
        ]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)


def test_the_running_service_keeps_to_its_document(tmp_path: Path) -> None:
    done = _tried(tmp_path, "--phases", "examples,fuzzing", "--max-examples", "2")

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "Tested: 42" in done.stdout


@pytest.mark.slow
def test_the_running_service_keeps_to_its_document_whatever_is_sent(tmp_path: Path) -> None:
    done = _tried(tmp_path, "--max-examples", "30")

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
