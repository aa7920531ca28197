"""The normal forms are for ever: digests are made of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import details_by_type
from domain.fields import fields_of
from domain.normal import normal_name, normal_number, normal_path, undotted
from domain.org import checked_path
from domain.refusal import Invalid

NUMBERS = {
    "G110000200001010011": "G110000200001010011",
    "g110000200001010011": "G110000200001010011",
    "Ｇ１１００００": "G110000",
    "Ｔ0001": "T0001",
    " T0001": "T0001",
    "T 0001\u3000": "T0001",
    "T\u00a00001\u2009\t\n": "T0001",
    "T\u200b0001\ufeff": "T0001",
    "\u202eT0001\u202c": "T0001",
    "T\u00ad00\U000e004101": "T0001",
    "11010120160307004x": "11010120160307004X",
    "11010120160307004ｘ": "11010120160307004X",
    "T-0001": "T-0001",
    "T·0001": "T·0001",
    "T①": "T1",
    "\u200b \u3000": "",
}
NAMES = {
    "张三": "张三",
    "张 三": "张三",
    "张\u3000三": "张三",
    " 张\n三 ": "张三",
    "张\u200b三\ufe00": "张三",
    "阿依古丽·买买提": "阿依古丽·买买提",
    "阿依古丽•买买提": "阿依古丽·买买提",
    "阿依古丽・买买提": "阿依古丽·买买提",
    "阿依古丽･买买提": "阿依古丽·买买提",
    "阿依古丽‧买买提": "阿依古丽·买买提",
    "阿依古丽∙买买提": "阿依古丽·买买提",
    "阿依古丽⋅买买提": "阿依古丽·买买提",
    "阿依古丽\u0387买买提": "阿依古丽·买买提",
    "阿依古丽.买买提": "阿依古丽.买买提",
    "LiMing": "liming",
    "ＬＩ Ming": "liming",
    "e\u0301": "é",
    "É": "é",
    "Straße": "strasse",
    "𠮷": "𠮷",
    "㛃": "㛃",
    "\u2f08": "人",
    "\uf900": "豈",
}
PATHS = {
    "县/镇/（中心校）": "县/镇/(中心校)",
    "县/镇/(中心校)": "县/镇/(中心校)",
    "县/镇/小学/三年级\u200b/1班": "县/镇/小学/三年级/1班",
    "县/镇/小学 /三年级/１班": "县/镇/小学/三年级/1班",
    "县/镇／村": "县/镇／村",
}


@pytest.mark.parametrize(("text", "normal"), NUMBERS.items())
def test_the_normal_form_of_a_number_is_for_ever(text: str, normal: str) -> None:
    assert normal_number(text) == normal


@pytest.mark.parametrize(("text", "normal"), NAMES.items())
def test_the_normal_form_of_a_name_is_for_ever(text: str, normal: str) -> None:
    assert normal_name(text) == normal


@pytest.mark.parametrize("dot", ["", *"·•・‧∙.．･⋅", " . ", ".·"])
def test_names_are_compared_without_the_dots_between_their_parts(dot: str) -> None:
    assert undotted(f"阿依古丽{dot}买买提{dot}艾力") == "阿依古丽买买提艾力"


@pytest.mark.parametrize("name", ["d.smith", "李a.", "3.5", ".李", "李.", "李.a"])
def test_a_full_stop_elsewhere_is_part_of_the_text(name: str) -> None:
    assert undotted(name) == name


@pytest.mark.parametrize(("path", "normal"), PATHS.items())
def test_the_normal_form_of_a_path_is_for_ever(path: str, normal: str) -> None:
    assert normal_path(path) == normal


@given(st.text(max_size=12))
def test_a_normal_form_is_its_own_and_that_of_every_spelling(text: str) -> None:
    for normal in (normal_number, normal_name):
        form = normal(text)
        assert normal(form) == form
        assert normal(unicodedata.normalize("NFD", text)) == form
        assert normal(f" {text}\u200b\u3000") == form


def test_the_identifying_numbers_and_all_names_of_people_have_a_normal_form() -> None:
    having = {
        (kind, field.name)
        for kind, details in details_by_type().items()
        for field in fields_of(details)
        if field.spec.normal is not None
    }

    assert having == {
        ("child_enrolled", "name"),
        ("child_enrolled", "student_no"),
        ("child_enrolled", "id_number"),
        ("profile_changed", "name"),
        ("profile_changed", "student_no"),
        ("file_taken_over", "name"),
        ("file_taken_over", "student_no"),
        ("file_taken_over", "id_number"),
        ("guardian_designated", "name"),
        ("guardian_designated", "phone"),
        ("parent_work_recorded", "name"),
        ("parent_work_recorded", "phone"),
        ("care_arranged", "name"),
        ("care_arranged", "phone"),
        ("entrustment_signed", "name"),
        ("entrustment_signed", "phone"),
        ("holiday_plan_registered", "phone"),
        ("carer_registered", "name"),
        ("carer_registered", "phone"),
        ("carer_registered", "staff_no"),
        ("volunteer_enlisted", "phone"),
    }


@pytest.mark.parametrize("part", ["\u3164", "\u00ad\u00ad", "\u2800", "\u200b", "\u115f"])
def test_a_part_of_a_path_that_cannot_be_seen_is_none(part: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_path(f"county/{part}/school")

    assert refused.value.reason.code == "bad_org_path"
