"""Headings that can't be taken as they are: what is wrong with which of them, and where they stand."""

import pytest

from application.system import System
from domain.refusal import Refused
from tests.application.papers import COLUMNS, LINE, form, log, take_log, take_roster


def test_headings_that_mean_one_column_are_named_with_where_they_stand(system: System) -> None:
    take_roster(system, form({}))
    columns = (*COLUMNS, "学生姓名", "出生年月")

    with pytest.raises(Refused) as roster:
        take_roster(system, form({}, columns=columns))
    with pytest.raises(Refused) as other:
        take_log(system, log({}, columns=(*LINE, "内容")))

    name, born = roster.value.faults
    assert {name.reason.code, born.reason.code, other.value.reason.code} == {"column_twice"}
    for text in ("B 列“姓名”", "AB 列“学生姓名”"):
        assert text in name.reason.zh
    assert "B (姓名), AB (学生姓名) all mean 姓名" in name.reason.en
    assert "J 列“内容”、L 列“内容”" in other.value.reason.zh
    assert name.pointer == "/columns/28"
