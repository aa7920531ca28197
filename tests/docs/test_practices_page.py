"""Every practice is in the table, and each type, stream, report and test that it names exists."""

import subprocess
import sys

from domain.catalogue import event_types, stream_kinds
from reports.catalogue import reports
from tests.support.practices import COMMAND, PAGE, ROOT, ROWS, as_text, practices


def test_the_committed_page_is_made_of_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_text(), f"run: {COMMAND}"


def test_no_practice_is_missing_and_none_is_there_twice() -> None:
    wanted = [f"{group}{number:02}" for group, rows in ROWS.items() for number in range(1, rows + 1)]
    assert sorted(each.id for each in practices()) == sorted(wanted)


def test_each_practice_names_what_there_is_or_says_that_it_is_not_yet_possible() -> None:
    known = {"types": set(event_types()), "streams": set(stream_kinds()), "reports": set(reports())}

    strange = [
        (each.id, what, name)
        for each in practices()
        for what, names in known.items()
        for name in getattr(each, what)
        if name not in names
    ]
    bare = [
        each.id
        for each in practices()
        if each.yet is None and not (each.types and each.tests and each.reports)
    ]
    untold = [
        each.id
        for each in practices()
        if not (each.zh and each.en) or (each.yet and not all(each.yet.values()))
    ]

    assert (strange, bare, untold) == ([], [], [])


def test_each_test_that_proves_a_practice_is_collected() -> None:
    named = {test for each in practices() for test in each.tests}
    files = sorted({test.partition("::")[0] for test in named})

    run = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *files,
    ]
    told = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    collected = {line.partition("[")[0] for line in told.splitlines() if "::" in line}

    assert named - collected == set()
