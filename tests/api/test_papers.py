"""What became of the lines of a paper is read over HTTP, as of any batch, by whoever may read its school."""

import json
from uuid import UUID

import pytest

from api.error_catalogue import remedies
from application.access import SYSTEM, Role
from application.intake.imports.care_log import import_care_log
from application.intake.imports.roster import import_roster
from tests.api.support import ApiWorld, Caller
from tests.application.papers import SCHOOL, form, log


@pytest.fixture
def imported(small_world: ApiWorld) -> tuple[UUID, UUID]:
    """The ids of a roster and of a care log."""
    system = small_world.system
    data = form({}, {"学籍号": "T2", "性别": "?"}, {"学籍号": "T3", "结对日期": "?"})
    roster = import_roster(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
    data = log({}, {"类型": "打麻将"})
    care_log = import_care_log(data, org=SCHOOL, registers=system.registers, actor=SYSTEM)
    return roster.import_id, care_log.import_id


def path(batch: UUID) -> str:
    return f"/v1/event-batches/{batch}"


def test_an_import_is_read_as_any_batch(small_world: ApiWorld, imported: tuple[UUID, UUID]) -> None:
    roster, care_log = (small_world.caller.get(path(each)).json for each in imported)

    assert (roster["state"], roster["lines"], roster["counts"]["recorded"]) == ("complete", 3, 2)
    assert [(e["line"], e["status"], e["state"]) for e in care_log["items"]] == [
        (2, 201, "recorded"),
        (3, 422, "refused"),
    ]
    problem = care_log["items"][1]["problem"]
    assert (problem["status"], problem["code"], problem["code"] in remedies()) == (422, "unknown_type", True)
    # Parts of a row that was recorded are told by the command and by the table.
    assert ["problem" in item for item in roster["items"]] == [False, True, False]


def test_the_lines_of_an_import_come_in_every_format(
    small_world: ApiWorld, imported: tuple[UUID, UUID]
) -> None:
    lines = small_world.caller.get(path(imported[0]), headers={"Accept": "application/x-ndjson"})
    table = small_world.caller.get(path(imported[0]), headers={"Accept": "text/csv", "Accept-Language": "en"})

    assert [json.loads(line)["line"] for line in lines.text.splitlines()] == [3, 4, 5]
    rows = [row.split(",")[:4] for row in table.content.decode("utf-8-sig").splitlines()]
    assert rows[1:] == [
        ["3", "recorded", "201", ""],
        ["4", "refused", "422", "unknown_word"],
        ["5", "recorded", "201", "bad_date"],
    ]


def test_who_may_read_the_school_may_read_what_became_of_its_papers(
    small_world: ApiWorld, imported: tuple[UUID, UUID]
) -> None:
    school = small_world.as_(Role.AUDITOR, org=SCHOOL)
    elsewhere = small_world.as_(Role.MANAGER, org="county")
    _, key = small_world.system.api_keys.create(
        actor=SYSTEM, name=SYSTEM.name, role=Role.CLIENT, org=SCHOOL, types=frozenset({"call_made"})
    )
    namesake = Caller(http=small_world.http, key=key)

    answers = [caller.get(path(imported[0])).status_code for caller in (school, elsewhere, namesake)]

    assert answers == [200, 404, 404]
