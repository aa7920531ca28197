"""Each architecture decision has a status and a date, and the index lists all of them."""

import re
from pathlib import Path

import pytest

from tests.support.pages import DOCS

FOLDER = DOCS / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
FRONT = re.compile(
    r"---\nstatus: (?P<status>[a-z][^\n]+)\ndate: (?P<date>\d{4}-\d\d-\d\d)\n---\n"
    r"# (?P<no>\d+)\. (?P<title>[^\n]+)\n"
)


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem[:4])
def test_the_index_says_what_the_record_says(record: Path) -> None:
    found = FRONT.match(record.read_text(encoding="utf-8"))
    assert found is not None, "status and date in front matter, then the title"

    number = int(record.name[:4])
    row = f"| {number} | [{found['title']}]({record.name}) | {found['status']} | {found['date']} |"
    assert int(found["no"]) == number
    assert row in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()


def test_the_numbers_are_in_order_and_the_last_is_listed() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", index, re.MULTILINE)]

    # A number may be that of a record which is still being written.
    assert listed == sorted(set(listed))
    assert listed[-1] == int(RECORDS[-1].name[:4])
