"""What two files have in common, what tells them apart, and what that weighs."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.choices import Sex
from domain.doubles import FATHER, GUARDIAN, MOTHER, SIGNS, Traits, compared

KIN = {FATHER: "林大山", MOTHER: "王秀英", GUARDIAN: "周桂兰"}
CHILD = Traits(
    name="林小禾", sex=Sex.FEMALE, birth_date=date(2016, 5, 20), student_no="G1", id_number=None, kin=KIN
)
TWIN = replace(CHILD, name="林小苗", student_no="G2")


@pytest.mark.parametrize(
    ("other", "worth_a_look"),
    [
        (replace(CHILD, student_no="G2"), True),
        (replace(CHILD, student_no="G2", kin={}), True),
        (replace(CHILD, name="林 小禾", student_no=None), True),
        (replace(CHILD, name="林晓和", student_no="G2"), True),
        (replace(CHILD, birth_date=date(2015, 5, 20), student_no="G2"), True),
        (replace(CHILD, birth_date=date(2015, 5, 20), student_no="G2", kin={}), False),
        (replace(CHILD, sex=Sex.MALE, student_no="G2", kin={}), False),
        (TWIN, False),
        (replace(CHILD, student_no="G2", kin={FATHER: "林甲", MOTHER: "张乙", GUARDIAN: "李丙"}), False),
    ],
    ids=[
        "another number",
        "nobody said who its people are",
        "a blank in the name",
        "other characters of the same sound",
        "another birth date",
        "another birth date and no people",
        "another sex",
        "a twin",
        "other people altogether",
    ],
)
def test_who_may_be_one_child(other: Traits, worth_a_look: bool) -> None:
    assert compared(CHILD, other).worth_a_look is worth_a_look


def test_what_agrees_and_what_differs_is_named() -> None:
    found = compared(CHILD, replace(CHILD, student_no="G2", kin={GUARDIAN: "李四"}))

    assert found.agrees == ("name", "sound", "birth_date", "sex")
    assert found.differs == ("student_no", "guardian")


def test_an_equal_identity_number_outweighs_another_name() -> None:
    one, other = (replace(CHILD, name=name, id_number="11010519491231002x") for name in ("林小禾", "丫丫"))

    assert compared(one, replace(other, id_number="11010519491231002X")).worth_a_look


def test_a_name_is_found_by_each_of_its_readings() -> None:
    """乐 reads le and yue, and 岳 reads yue."""
    one, other = replace(CHILD, name="林乐"), replace(CHILD, name="林岳")

    assert one.marks & other.marks
    assert "sound" in compared(one, other).agrees


def test_a_name_without_its_dot_is_the_same() -> None:
    names = ("阿依古丽·买买提", "阿依古丽买买提", "阿依古丽.买买提")
    one, *others = (replace(CHILD, name=name) for name in names)

    assert [each.marks for each in others] == [one.marks] * 2
    assert all({"name", "sound"} <= {*compared(one, each).agrees} for each in others)


def test_twins_share_no_mark() -> None:
    assert not CHILD.marks & TWIN.marks


_NAMES = st.text("林小禾晓和乐岳张王", min_size=1, max_size=4)
_KIN = st.dictionaries(st.sampled_from([FATHER, MOTHER, GUARDIAN]), _NAMES)
_TRAITS = st.builds(
    Traits,
    name=_NAMES,
    sex=st.sampled_from(Sex),
    birth_date=st.sampled_from([date(2016, 5, 20), date(2016, 5, 21)]),
    student_no=st.sampled_from([None, "G1", "G2"]),
    id_number=st.sampled_from([None, "1", "2"]),
    kin=_KIN,
)


@given(_TRAITS, _TRAITS)
def test_whoever_is_worth_a_look_is_found(one: Traits, other: Traits) -> None:
    found = compared(one, other)

    assert found == compared(other, one)
    assert {*found.agrees}.isdisjoint(found.differs)
    assert {*found.agrees, *found.differs} <= {sign.name for sign in SIGNS}
    # By the student number alone nobody need be found: no two of a county share one.
    if found.worth_a_look and "student_no" not in found.agrees:
        assert one.marks & other.marks
