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


def test_every_number_up_to_the_last_is_accounted_for() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", index, re.MULTILINE)]

    assert listed == list(range(1, len(listed) + 1))
    assert listed[-1] == int(RECORDS[-1].name[:4])


def test_a_number_without_a_record_was_withdrawn() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    written = {int(record.name[:4]) for record in RECORDS}

    rows = re.findall(r"^\| (\d+) \| (.*) \|$", index, re.MULTILINE)

    others = {said for number, said in rows if int(number) not in written}
    assert others == {"withdrawn before it was accepted | withdrawn |"}
