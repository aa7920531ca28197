"""How names sound: readings that stay, and letters as people type them."""

import unicodedata

import pytest

from domain.sounds import sounds_of, spoken


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("张三", (("zhang",), ("san",))),
        ("单雄信", (("shan", "dan", "chan"), ("xiong",), ("xin", "shen"))),
        ("尉迟恭", (("yu", "wei", "yun"), ("chi",), ("gong",))),
        ("朴", (("piao", "pu", "po"),)),
        ("吕略", (("lv",), ("lve",))),
        ("𠮷㛃䶮", (("ji",), ("jie",), ("yan",))),
        ("張偉", (("zhang",), ("wei",))),
        ("A·", ((), ())),
    ],
)
def test_each_character_has_all_its_readings_the_likeliest_first(
    name: str, sounds: tuple[tuple[str, ...], ...]
) -> None:
    assert sounds_of(name) == sounds


def test_a_surname_is_read_as_one_only_in_front() -> None:
    assert sounds_of("单")[0][0] == "shan"
    assert sounds_of("王单")[1][0] == "dan"


@pytest.mark.parametrize(
    ("typed", "ways"),
    [
        ("zhangsan", {("zhang", "san")}),
        ("zhang san", {("zhang", "san")}),
        ("Zhāng Sān", {("zhang", "san")}),
        ("zhang1san1", {("zhang", "san")}),
        ("xian", {("xian",), ("xi", "an")}),
        ("xi'an", {("xi", "an")}),
        ("LÜ", {("lv",)}),
        ("lyu", {("lv",)}),
        ("nüe", {("nve",), ("nv", "e")}),
        ("zhangxiaom", {("zhang", "xiao", "m"), ("zhang", "xi", "a", "o", "m"), ("zhang", "xi", "ao", "m")}),
        ("zs", set()),
        ("张san", set()),
        ("", set()),
    ],
)
def test_letters_are_read_as_people_type_them(typed: str, ways: set[tuple[str, ...]]) -> None:
    assert ways <= set(spoken(typed))
    assert bool(ways) is bool(spoken(typed))


def test_a_word_of_many_readings_is_answered_soon() -> None:
    assert len(spoken("xianan" * 8)) <= 16


def test_the_readings_are_those_that_pypinyin_had() -> None:
    pypinyin_dict = pytest.importorskip("pypinyin.pinyin_dict").pinyin_dict
    characters = map(chr, range(0x4E00, 0x9FA6, 11))

    for character in characters:
        listed = pypinyin_dict.get(ord(character), "").split(",")
        expected = {plain(reading) for reading in listed if set(plain(reading)) & set("aeiouv")}

        assert set(sounds_of(f"王{character}")[1]) == expected, character


def plain(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    found = "".join(c for c in letters if not unicodedata.combining(c))
    return {"lue": "lve", "nue": "nve"}.get(found, found)
