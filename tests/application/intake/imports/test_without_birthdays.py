"""A list of names and classes: each row speaks of a child that is known, or is given back with its needs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from application.intake.imports.roster_result import RosterResult
from application.system import System
from domain.child import fold
from tests.application.papers import form, take_roster
from tests.support.systems import fresh_system

SHORT = ("姓名", "年级", "班级", "监护人电话", "现居住地址")
TWIN = {"学籍号": "T2", "班级": "5班", "性别": "男", "出生日期": "2016-01-01", "结对帮扶人": ""}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    with fresh_system(tmp_path) as system:
        take_roster(system, form({}, TWIN))
        yield system


def take(
    system: System, *rows: dict[str, Any], columns: tuple[str, ...] = SHORT, **more: Any
) -> RosterResult:
    return take_roster(system, form(*rows, columns=columns), **more)


def phone_of(system: System, number: str) -> str | None:
    (child_id,) = system.record.find(kind="student_no", word=number, scope="")
    child = fold(child_id, system.log.stream(child_id))
    guardian = [each.details for each in child.facts if each.type == "guardian_designated"][-1]
    return str(guardian.phone)


def test_a_name_and_a_class_mean_the_child_that_is_known(system: System) -> None:
    done = take(system, {}, {"班级": "三(5)班"})

    assert (done.lines, done.enrolled, done.already_recorded, done.refused) == (2, 0, 2, ())


def test_what_such_a_row_says_otherwise_is_a_difference_that_can_be_applied(system: System) -> None:
    row = {"监护人电话": "13922223333", "监护人姓名": "任大娘"}
    columns = (*SHORT, "监护人姓名")

    (told,) = take(system, row, columns=columns).differs
    done = take(system, row, columns=columns, changed_on=date(2026, 3, 2))

    assert told.fields == ("监护人电话",)
    assert [each.fields for each in done.changed] == [("监护人电话",)]
    assert phone_of(system, "T1") == "13922223333"


@pytest.mark.parametrize(
    "row",
    [
        {"姓名": "石小川"},
        {"班级": "6班"},
        {"年级": "", "班级": ""},
    ],
)
def test_a_row_that_means_nobody_or_several_is_given_back_alone(system: System, row: dict[str, str]) -> None:
    done = take(system, row, {})

    assert (done.lines, done.enrolled, done.already_recorded) == (2, 0, 1)
    assert [each.line for each in done.refused] == [3]
    assert "born_unknown" in [reason.code for reason in done.refused[0].reasons]


@pytest.mark.parametrize("said", [{"性别": "男"}, {"学籍号": "T9"}])
def test_a_row_that_contradicts_the_file_opens_no_second_one(system: System, said: dict[str, str]) -> None:
    done = take(system, said, columns=(*SHORT, *said), enrolled_on=date(2026, 3, 1))

    assert (done.enrolled, done.already_recorded, len(done.refused)) == (0, 0, 1)
    assert "born_unknown" in [reason.code for reason in done.refused[0].reasons]


def test_a_list_of_names_and_classes_is_one(system: System) -> None:
    done = take(system, {}, columns=("序号", "姓名", "年级", "班级"))

    assert (done.lines, done.already_recorded) == (1, 1)
