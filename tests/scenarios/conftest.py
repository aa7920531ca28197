"""An office on an empty ledger, the morning after a spring term."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.practice import Office, office


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened
