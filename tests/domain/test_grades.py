"""Which class is behind a class."""

import pytest

from domain.grades import next_class

SCHOOL = "县/镇/小学"


@pytest.mark.parametrize(
    ("now", "following"),
    [
        ("三年级/2班", "四年级/2班"),
        ("3年级", "4年级"),
        ("小班", "中班"),
        ("大班", None),
        ("初一/1班", "初二/1班"),
        ("初三", None),
        ("五年级", "六年级"),
        ("六年级/1班", None),
        ("9年级", None),
        ("向日葵班", None),
        ("", None),
    ],
)
def test_the_next_class_follows_from_the_grade(now: str, following: str | None) -> None:
    path = f"{SCHOOL}/{now}".rstrip("/")

    assert next_class(path, known=[path]) == (following and f"{SCHOOL}/{following}")


def test_behind_the_sixth_grade_there_is_a_class_only_where_the_school_has_it() -> None:
    known = [f"{SCHOOL}/六年级/1班", f"{SCHOOL}/七年级/2班"]

    assert next_class(known[0], known=known) == f"{SCHOOL}/七年级/1班"
    assert next_class(known[0], known=known[:1]) is None
