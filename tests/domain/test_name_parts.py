"""What is found of a name: by part, by sound, by initials; and that parts leave nobody out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.name_parts import INITIALS, SOUND, WRITTEN, Match, Wanted, parts_of, searched
from domain.sounds import sounds_of

CHARACTERS = "张王李单曾解朴小明子涵欧阳吕略安西先阿依古丽买提𠮷㛃䶮女"
names = st.lists(
    st.text(CHARACTERS, min_size=1, max_size=4) | st.sampled_from(["Anna", "Li", "O'Neil", "·", " ", "・"]),
    min_size=1,
    max_size=4,
).map("".join)


@pytest.mark.parametrize(
    ("text", "name", "match"),
    [
        ("张小明", "张 小 明", Match.WHOLE),
        ("张小", "张小明", Match.PREFIX),
        ("小明", "张小明", Match.PART),
        ("古丽买", "阿依古丽•买买提", Match.PART),
        ("阿依古丽买买提", "阿依古丽·买买提", Match.WHOLE),
        ("SMITH", "John Smith", Match.PART),
        ("𠮷", "𠮷㛃䶮", Match.PREFIX),
        ("zhangxiaoming", "张小明", Match.SOUND),
        ("zhang xiao ming", "张小明", Match.SOUND),
        ("xiaom", "张小明", Match.PART_OF_SOUND),
        ("xia", "张小明", Match.PART_OF_SOUND),
        ("xiaomi", "小明", Match.PART_OF_SOUND),
        ("gun", "顾宁", Match.PART_OF_SOUND),
        ("shan", "单雄信", Match.PART_OF_SOUND),
        ("zengli", "曾丽", Match.SOUND),
        ("yanyu", "闫雨", Match.SOUND),
        ("lyubu", "吕布", Match.SOUND),
        ("lvbu", "吕布", Match.SOUND),
        ("luebu", "略布", Match.SOUND),
        ("zxm", "张小明", Match.INITIALS),
        ("小红", "张小明", None),
        ("zhangsan", "张小明", None),
        ("zx", "张小明", None),
        ("·", "阿依·古丽", None),
    ],
)
def test_a_name_answers_to_what_people_look_for(text: str, name: str, match: Match | None) -> None:
    assert Wanted(text).match(name) is match


def test_parts_hold_as_little_as_finding_needs() -> None:
    assert parts_of("张小明") == {
        (WRITTEN, "张小"),
        (WRITTEN, "小明"),
        (SOUND, "zhang xiao"),
        (SOUND, "xiao ming"),
        (SOUND, "xiao meng"),
        (INITIALS, "zxm"),
    }
    assert parts_of("李") == {(WRITTEN, "李"), (SOUND, "li")}
    assert parts_of("·") == frozenset()


def test_what_is_too_short_says_so() -> None:
    short = [text for text in ("张", "zs", "zhang", "xian", "an", "明") if Wanted(text).short]

    assert short == ["张", "zs", "zhang", "xian", "an", "明"]
    assert not any(Wanted(text).short for text in ("张三", "zhangsan", "zhang san", "zhangx", "john", ""))


@given(name=names, data=st.data())
def test_every_name_that_holds_the_text_has_all_parts_of_it(name: str, data: st.DataObject) -> None:
    text = searched(name)
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    part = text[start : start + data.draw(st.integers(1, 6))]

    wanted = Wanted(part)

    if part:
        assert wanted.match(name) in {Match.WHOLE, Match.PREFIX, Match.PART}
        assert wanted.short or any(each <= parts_of(name) for each in wanted.alternatives)


@given(name=st.text(CHARACTERS, min_size=2, max_size=5), data=st.data())
def test_every_name_that_sounds_so_has_all_parts_of_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    heard = sounds_of(name)[start : start + data.draw(st.integers(2, 4))]
    *firsts, last = (data.draw(st.sampled_from(each)) for each in heard)
    # Whoever types stops anywhere in the last syllable.
    begun = last[: data.draw(st.integers(1, len(last)))]
    text = data.draw(st.sampled_from(["", " "])).join([*firsts, begun])

    wanted, parts = Wanted(text), parts_of(name)

    assert wanted.match(name) is not None
    assert wanted.short or wanted.ends & parts or any(each <= parts for each in wanted.alternatives)
