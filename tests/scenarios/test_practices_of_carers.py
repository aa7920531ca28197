"""P01, P02, P11, H08: what a carer brings along, whom classes name, and who lives near."""

from tests.support.practice import Office


def programme(desk: Office, fewest: int, most: int) -> None:
    run = desk.open(
        "programme_launched",
        "2026-03-01",
        title=f"每班{fewest}至{most}名",
        fewest_named=fewest,
        most_named=most,
    )
    for number in range(1, most + 1):
        child = desk.enrol("2026-03-01", name=f"{most}班儿童{number}", student_no=f"N{most}{number}")
        desk.say(run, "child_named", "2026-03-02", unit="3年级/1班", child=str(child))
    one = desk.enrol("2026-03-01", name=f"{most}二班", student_no=f"N{most}99")
    desk.say(run, "child_named", "2026-03-02", unit="3年级/2班", child=str(one))


def test_classes_name_one_or_two_children_or_four_or_five_and_fewer_is_marked(desk: Office) -> None:
    for fewest, most in ((1, 2), (4, 5)):
        programme(desk, fewest, most)

    rows = {
        (row["programme"], row["unit"]): (row["named"], row["under"])
        for row in desk.rows("trainings", "nominations")
    }
    assert rows == {
        ("每班1至2名", "3年级/1班"): (2, False),
        ("每班1至2名", "3年级/2班"): (1, False),
        ("每班4至5名", "3年级/1班"): (5, False),
        ("每班4至5名", "3年级/2班"): (1, True),
    }


def test_a_teacher_with_fewer_than_two_is_marked(desk: Office) -> None:
    one, none = (desk.carer(name, fewest=2, capacity=3) for name in ("一名", "没有"))
    child = desk.enrol("2026-03-01", name="林小禾")
    desk.pair(child, one, kind="helper_teacher")

    rows = {
        row["name"]: (row["children"], row["fewest"], row["capacity"], row["under"])
        for row in desk.rows("carer-load", "items")
    }
    assert rows == {"一名": (1, 2, 3, True)}
    under = [(row["name"], row["children"]) for row in desk.rows("carer-load", "under")]
    assert under == [("没有", 0), ("一名", 1)]
    assert none


def test_who_has_more_or_fewer_children_than_a_programme_says_is_told(desk: Office) -> None:
    # P01: each teacher has one or two children; three is kept, and told.
    desk.open(
        "programme_launched", "2026-03-01", title="结对", kind="helper_teacher", fewest_each=2, most_each=2
    )
    over, well, one = (desk.carer(name) for name in ("三名", "两名", "一名"))
    for carer, number in ((over, 3), (well, 2), (one, 1)):
        for n in range(number):
            desk.pair(desk.enrol("2026-03-01", name=f"林小禾{n}"), carer, kind="helper_teacher")
    # What somebody is to children in another way counts for nothing here.
    for n in range(3):
        desk.pair(desk.enrol("2026-03-01", name=f"周小麦{n}"), well, kind="love_mother")

    rows = [
        (row["programme"], row["name"], row["children"], row["mark"].zh)
        for row in desk.rows("carer-load", "programmes")
    ]
    assert rows == [("结对", "三名", 3, "多于上限"), ("结对", "一名", 1, "少于下限")]


def test_a_class_hands_in_a_child_for_a_carer_who_has_none_yet(desk: Office) -> None:
    run = desk.open("programme_launched", "2026-03-01", title="结对", kind="helper_teacher", fewest_each=1)
    carer, child = desk.carer("没有"), desk.enrol("2026-03-01", name="林小禾")
    desk.say(run, "child_named", "2026-03-02", unit="1班", child=str(child), carer=str(carer))

    (row,) = desk.rows("carer-load", "programmes")
    assert (row["name"], row["children"], row["mark"].zh) == ("没有", 0, "少于下限")


def test_a_teacher_who_lives_in_the_village_of_a_child_is_suggested_with_the_reasons(desk: Office) -> None:
    desk.enrol("2026-03-01", name="未结对", address="东岭镇卞家泉村3组")
    desk.carer("近老师", home_place="卞家泉村")
    desk.carer("远老师", home_place="上游村")
    full = desk.carer("满老师", home_place="卞家泉村", capacity=1)
    desk.pair(desk.enrol("2026-03-01", name="已结对", address="上游村"), full, kind="teacher_mother")

    rows = desk.rows("pairing-suggestions", "near")
    assert [(row["name"], row["carer"]) for row in rows] == [("未结对", "近老师")]
    assert [reason.zh for reason in rows[0]["reasons"]] == ["住在同村（卞家泉村）", "现带 0 名"]


def test_counsellors_are_trained_and_a_carer_is_vetted_for_a_year(desk: Office) -> None:
    lu, meng, zhao = (desk.carer(name) for name in ("卢老师", "孟老师", "赵老师"))
    file, other = (desk.open("carer_file_opened", "2026-03-01", carer=str(each)) for each in (lu, meng))
    training = {"topic": "儿童心理辅导", "minutes": 360, "trained_as": "counsellor"}
    for each in (file, other):
        desk.say(each, "carer_trained", "2026-04-11", provider="市教育局", **training)
    desk.say(file, "carer_vetted", "2026-03-01", result="clear", asked_by="县公安局")
    desk.say(other, "carer_vetted", "2024-03-01", result="clear", asked_by="县公安局")
    desk.say(other, "carer_on_leave", "2026-06-01", reason="maternity", deputy=str(lu))

    rows = {
        row["name"]: (row["trainings"], row["hours"], row["vetting_due"], row["deputy"], row["has_file"])
        for row in desk.rows("trainings", "carers")
    }
    assert rows == {
        "卢老师": (1, 6.0, False, None, True),
        "孟老师": (1, 6.0, True, lu, True),
        "赵老师": (0, 0.0, True, None, False),
    }
    listed = [(row["name"], row["trained_as"].value) for row in desk.rows("trainings", "items")]
    assert sorted(listed) == [("卢老师", "counsellor"), ("孟老师", "counsellor")]
    assert zhao
