"""What is kept of released versions is small, and tells nothing of the machine that it was made on."""

import lzma
import re
from pathlib import Path

import pytest

from tests.upgrade.stores import FOLDER

MOST_BYTES = 1_500_000
VERSIONS = sorted(folder.name for folder in FOLDER.iterdir())
_PATH = re.compile(rb"/(?:home|root|tmp|work|usr|Users|private)/[\w.-]+")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_is_small(version: str) -> None:
    files = list((FOLDER / version).iterdir())

    assert {file.name for file in files} == {f"{n}.tar.xz" for n in ("expected", "postgres", "sqlite")}
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


@pytest.mark.parametrize(
    "archive", [f for v in VERSIONS for f in (FOLDER / v).iterdir()], ids=lambda f: f.name
)
def test_an_archive_holds_no_path_and_no_user_of_a_machine(archive: Path) -> None:
    data = lzma.decompress(archive.read_bytes())

    assert _PATH.findall(data) == []
    assert b'"actor":"root"' not in data.replace(b" ", b"")
