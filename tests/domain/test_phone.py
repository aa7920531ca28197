"""Telephone numbers are compared in one form, however they are written."""

import pytest

from domain.phone import is_phone, normal_phone


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("13800000003", "13800000003"),
        ("138 0000 0003", "13800000003"),
        ("138-0000-0003", "13800000003"),
        ("１３８０００００００３", "13800000003"),
        ("+86 138-0000-0003", "13800000003"),
        ("008613800000003", "13800000003"),
        ("0575-86012345", "0575-86012345"),
        ("（0575）86012345", "0575-86012345"),
        ("057586012345", "0575-86012345"),
        ("0575-86012345转801", "0575-86012345-801"),
        ("0575-86012345-801", "0575-86012345-801"),
        ("0575-86012345 分机 801", "0575-86012345-801"),
        ("86012345", "86012345"),
        ("+852 5123 4567", "+85251234567"),
        ("13800000003/13900000004", "13800000003、13900000004"),
        ("13800000003 13900000004", "13800000003、13900000004"),
        ("13800000003、0575 8601 2345", "13800000003、0575-86012345"),
    ],
)
def test_a_number_has_one_form(text: str, normal: str) -> None:
    assert normal_phone(text) == normal
    assert normal_phone(normal) == normal
    assert is_phone(text)


@pytest.mark.parametrize(
    "text", ["13800000003（妈妈）", "父：13800000003 母：13900000004", "妈妈13800000003"]
)
def test_words_beside_a_number_are_kept(text: str) -> None:
    assert is_phone(text)
    assert "妈" in normal_phone(text) or "母" in normal_phone(text)


@pytest.mark.parametrize("text", ["1380000000", "138000000031", "110", "暂时没有", "1.38E+10", ""])
def test_what_is_no_whole_number_is_told(text: str) -> None:
    assert not is_phone(text)
