"""The case number of a child."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case_no import ALPHABET, case_no_of, is_case_no, normal_case_no
from tests.support.builders import CHILD


@pytest.mark.parametrize(
    ("child", "case_no"),
    [(UUID(int=1), "8C3MH-2E0BP"), (UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7"), "306XE-SJJK1")],
)
def test_the_number_of_a_child_is_for_ever(child: UUID, case_no: str) -> None:
    assert case_no_of(child) == case_no


@given(st.uuids())
def test_every_number_is_one_however_it_is_typed(child: UUID) -> None:
    case_no = case_no_of(child)

    for typed in (case_no, case_no.lower(), case_no.replace("-", " "), case_no.replace("0", "O")):
        assert is_case_no(typed)
        assert normal_case_no(typed) == case_no


@given(st.uuids(), st.integers(0, 9), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(child: UUID, place: int, wrong: str) -> None:
    plain = case_no_of(child).replace("-", "")

    assert is_case_no(plain[:place] + wrong + plain[place + 1 :]) is (wrong == plain[place])


@pytest.mark.parametrize("text", ["", "T202600026", "8C3MH-2E0B", "8C3MH-2E0BP1", "林小禾", "8C3MH-2E0B中"])
def test_what_is_no_case_number(text: str) -> None:
    assert not is_case_no(text)


def test_a_number_says_nothing_of_the_id() -> None:
    assert not set(case_no_of(CHILD).split("-")) & set(str(CHILD).upper().split("-"))
