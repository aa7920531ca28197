"""One file that can't be read: reports are of the others, say so at their head, and end with 1."""

from contextlib import closing
from datetime import date
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from application.settings import read_settings
from application.system import open_system
from domain.org import org_id
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.builders import an_id
from tests.support.keys import lose_keys
from tests.support.tampering import tamper

REPORTS = [
    ("children",),
    ("alerts", "--on", "2026-12-31"),
    ("summary", "--org", SCHOOL),
    ("compliance", "--org", SCHOOL, "--rule", "C18", "--period", "2026-03"),
]


OF_ORGANISATIONS = [*REPORTS, ("children", "--uncontacted-days", "30"), ("org", "list"), ("rules", "list")]


@pytest.fixture
def damaged(school: Terminal) -> UUID:
    """The child of whose file one bit was flipped behind the program's back."""
    system = open_system(read_settings(school.environ))
    try:
        event = next(e for e in system.log.after(0, limit=500) if e.type == "child_enrolled")
        tamper(system.database, event.position or 0)
    finally:
        system.close()
    return event.originator_id


@pytest.mark.parametrize("words", REPORTS, ids=lambda words: words[0])
def test_a_report_is_of_those_who_can_be_read_and_names_the_others_first(
    school: Terminal, damaged: UUID, words: tuple[str, ...]
) -> None:
    shown, as_json = school.run(*words), school.run(*words, "--json")

    assert (shown.code, as_json.code) == (1, 1)
    assert shown.out.splitlines()[:3] == [
        "有 1 份档案无法读取，以下结果不含这些儿童（careledger check 指出所在）：",
        "1 files can't be read (`careledger check` says where); what follows is without these children:",
        f"  {damaged} Tampered",
    ]
    assert len(shown.out.splitlines()) > 3
    assert str(damaged) in as_json.err
    finding = {"what": "child", "where": str(damaged), "detail": "Tampered"}
    assert as_json.json["findings"] == [finding]


def test_the_figures_are_those_of_all_the_others(school: Terminal) -> None:
    system = open_system(read_settings(school.environ))
    try:
        for number in range(2, 9):
            system.submissions.submit(enrolment(number), actor=SYSTEM, provenance=NOWHERE)
        before = {child["student_no"] for child in school.json("children")["items"]}
        for number in (4, 8):
            (event,) = system.log.stream(an_id(f"T{number}"))
            tamper(system.database, event.position or 0)
    finally:
        system.close()

    after = school.run("children", "--json")
    summary = school.run("summary", "--org", SCHOOL, "--json").json

    assert {child["student_no"] for child in after.json["items"]} == before - {"T4", "T8"}
    assert len(before) == 8
    assert summary["roster"]["children"] == 6
    assert sorted(f["where"] for f in summary["findings"]) == sorted(str(an_id(f"T{n}")) for n in (4, 8))


@pytest.mark.parametrize("fault", ["KeysMissing", "Tampered"])
@pytest.mark.parametrize("words", OF_ORGANISATIONS, ids=" ".join)
def test_an_organisation_that_cannot_be_read_takes_no_child_away(
    school: Terminal, words: tuple[str, ...], fault: str
) -> None:
    before = school.run(*words)
    _break(school, SCHOOL, fault)

    shown, as_json = school.run(*words), school.run(*words, "--json")

    assert before.code != 1
    assert (shown.code, as_json.code) == (1, 1)
    assert f"  {SCHOOL} {fault}" in shown.out.splitlines()
    assert f"  {SCHOOL} {fault}" in as_json.err.splitlines()
    if isinstance(as_json.json, dict):
        finding = {"what": "organisation", "where": SCHOOL, "detail": fault}
        assert as_json.json["findings"] == [finding]
    # Whatever was listed is listed still, but for the head, which tells the moment of asking.
    assert set(_below_the_head(before.out)) <= set(_below_the_head(shown.out))


def test_recipients_of_an_organisation_that_cannot_be_read_are_said_to_be_missing(school: Terminal) -> None:
    school.json("recipients", "add", "--org", SCHOOL, "--name", "Head", "--channel", "inbox")
    _break(school, SCHOOL, "KeysMissing")

    told = school.run("recipients", "list", "--json")

    assert (told.code, told.json) == (1, [])
    assert f"  {SCHOOL} KeysMissing" in told.err.splitlines()


def test_check_names_the_organisation_that_has_lost_its_key(school: Terminal) -> None:
    _break(school, SCHOOL, "KeysMissing")

    checked = school.run("check", "--json")

    assert checked.code == 1
    assert {"what": "key", "where": str(org_id(SCHOOL)), "detail": f"missing, of {SCHOOL}"} in checked.json[
        "findings"
    ]


def _below_the_head(out: str) -> list[str]:
    return [line for line in out.splitlines() if "台账" not in line and "Ledger" not in line]


def _break(school: Terminal, org: str, fault: str) -> None:
    """Take the key of an organisation away, or change a bit of its first event."""
    with closing(open_system(read_settings(school.environ))) as system:
        if fault == "KeysMissing":
            lose_keys(system.keys_database, org_id(org))
        else:
            tamper(system.database, system.log.stream(org_id(org))[0].position or 0)


def enrolment(number: int) -> Submission:
    return Submission(
        event_id=an_id(f"enrolment {number}"),
        child_id=an_id(f"T{number}"),
        type="child_enrolled",
        occurred_on=date(2026, 3, 1),
        org=f"{SCHOOL}/三年级/四班",
        details={"name": "Lin", "student_no": f"T{number}", "sex": "female", "birth_date": "2016-05-20"},
    )
