"""A name that was written nearly right: it sounds alike, or one character of it is another."""

import pytest

from domain.near_names import is_near


@pytest.mark.parametrize(
    ("written", "name", "near"),
    [
        ("王小朋", "王小明", True),
        ("王晓明", "王小明", True),
        ("王肖鸣", "王小明", True),
        ("汪明", "王明", True),
        ("王红", "王明", False),
        ("王小明", "王小明", False),
        ("王 小明", "王小明", False),
        ("王小", "王小明", False),
        ("李大红", "王小明", False),
        ("阿依古丽·买提", "阿依古丽·买题", True),
    ],
)
def test_a_name_is_near(written: str, name: str, *, near: bool) -> None:
    assert is_near(written, name) is near
