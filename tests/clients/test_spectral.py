"""The document as spectral sees it, which lints many others."""

import pytest

from tests.clients.office import DOCUMENT, HERE, ran


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_spectral_finds_no_fault_in_the_document() -> None:
    said = ran(
        *("node_modules/@stoplight/spectral-cli/dist/index.js", "lint", str(DOCUMENT)),
        *("--ruleset", "spectral.yaml", "--fail-severity", "hint"),
        cwd=HERE,
        seconds=840,
    )

    assert "No results" in said
