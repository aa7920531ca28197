"""P01 to P24: who is paired with whom, how many that are, and who is left."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from application.intake.submission import Submission
from application.recording.outcome import NOWHERE
from domain.refusal import Conflict
from tests.support.actions import CLASS, SCHOOL, codes
from tests.support.practice import Office

TOWN = "county/township"
OTHER_SCHOOL = f"{TOWN}/other school"
OTHER_CLASS = f"{OTHER_SCHOOL}/grade 1/class 1"


def children(desk: Office, number: int, *, org: str = CLASS) -> list[UUID]:
    return [desk.enrol("2026-03-01", org=org, name=f"林小禾{n}") for n in range(number)]


def paired(desk: Office, number: int, *, each: int, kind: str, org: str = CLASS) -> list[UUID]:
    """Enrol so many children, and give each carer so many of them."""
    there = children(desk, number, org=org)
    school = "/".join(org.split("/")[:3])
    for first in range(0, number, each):
        carer = desk.carer(f"{kind} {org[-7:]} {first}", org=school)
        for child in there[first : first + each]:
            desk.pair(child, carer, kind=kind)
    return there


def test_a_carer_who_registers_for_two_takes_no_third_and_one_for_three_takes_three(desk: Office) -> None:
    two, three = desk.carer("两名", capacity=2), desk.carer("三名", capacity=3)
    for child in children(desk, 2):
        desk.pair(child, two, kind="helper_teacher")
    for child in children(desk, 3):
        desk.pair(child, three, kind="helper_teacher")

    with pytest.raises(Conflict) as third:
        desk.pair(children(desk, 1)[0], two, kind="helper_teacher")
    with pytest.raises(Conflict):
        desk.pair(children(desk, 1)[0], three, kind="helper_teacher")

    assert codes(third) == [("capacity_exceeded", "/details/carer")]
    assert [row["children"] for row in desk.rows("carer-load", "items")] == [3, 2]


def test_a_care_counsellor_has_two_at_most_without_saying_so(desk: Office) -> None:
    carer = desk.carer()
    one, other, third = children(desk, 3)
    desk.pair(one, carer)
    desk.pair(other, carer)
    with pytest.raises(Conflict):
        desk.pair(third, carer)


def test_28_love_mothers_have_20_children_each_and_one_has_21(desk: Office) -> None:
    # 561 children: none is refused, for the programme sets no limit; the load is told.
    there = children(desk, 57)
    mothers = [desk.carer(f"爱心妈妈{n}") for n in range(3)]
    for number, child in enumerate(there):
        desk.pair(child, mothers[number % 3], kind="love_mother")
    desk.pair(children(desk, 1)[0], mothers[0], kind="love_mother")

    (spread,) = desk.rows("carer-load", "spread", kind="love_mother")
    assert (spread["carers"], spread["pairings"]) == (3, 58)
    assert (spread["average"], spread["most"], spread["least"]) == (19.33, 20, 19)
    assert round(561 / 28, 2) == 20.04


def test_a_child_may_have_a_team_and_a_carer_many_kinds(desk: Office) -> None:
    (child,) = children(desk, 1)
    kinds = ("proxy_parent", "love_father", "volunteer", "neighbour", "temporary_father", "party_member")
    for kind in kinds:
        desk.pair(child, desk.carer(kind), kind=kind)

    found = {row["kind"].value: row["pairings"] for row in desk.rows("pairing-coverage", "kinds")}
    (whole,) = desk.rows("pairing-coverage", "whole")
    assert found == dict.fromkeys(kinds, 1)
    assert (whole["children"], whole["paired"], whole["pairings"]) == (1, 1, 6)


def test_a_classmate_helps_and_covers_nobody(desk: Office) -> None:
    (child,) = children(desk, 1)
    desk.pair(child, desk.carer("小班长"), kind="class_cadre")

    (whole,) = desk.rows("pairing-coverage", "whole")
    assert (whole["paired"], whole["active"], whole["pairings"]) == (0, 0, 1)
    assert [row["name"] for row in desk.rows("unpaired", "items")] == ["林小禾0"]


def test_a_key_target_without_a_carer_comes_first(desk: Office) -> None:
    children(desk, 1)
    desk.enrol("2026-03-01", name="重点", tags=["key_target"])

    rows = desk.rows("unpaired", "items")
    assert [(row["name"], row["key_target"]) for row in rows] == [("重点", True), ("林小禾0", False)]
    (row,) = desk.rows("unpaired", "classes")
    assert (row["children"], row["unpaired"], row["percent"]) == (2, 2, 0.0)


def test_eight_of_eight_have_a_proxy_mother(desk: Office) -> None:
    paired(desk, 8, each=1, kind="proxy_mother")

    (whole,) = desk.rows("pairing-coverage", "whole")
    assert (whole["paired"], whole["children"], whole["paired_percent"]) == (8, 8, 100.0)
    assert (whole["active"], whole["carers"], whole["active_percent"]) == (8, 8, 100.0)
    assert desk.rows("unpaired", "items") == []


def test_of_teachers_one_has_no_child_and_the_share_says_so(desk: Office) -> None:
    paired(desk, 3, each=1, kind="helper_teacher")
    desk.carer("没有结对")

    (whole,) = desk.rows("pairing-coverage", "whole")
    assert (whole["active"], whole["carers"], whole["active_percent"]) == (3, 4, 75.0)


def test_71_pairs_of_a_school_are_others_than_71_of_its_town(desk: Office) -> None:
    paired(desk, 47, each=1, kind="helper_teacher")
    paired(desk, 24, each=2, kind="volunteer", org=OTHER_CLASS)

    (town,) = desk.rows("pairing-coverage", "whole", org=TOWN)
    (school,) = desk.rows("pairing-coverage", "whole", org=SCHOOL)
    (other,) = desk.rows("pairing-coverage", "whole", org=OTHER_SCHOOL)
    assert (town["pairings"], school["pairings"], other["pairings"]) == (71, 47, 24)
    assert (town["carers"], school["carers"], other["carers"]) == (59, 47, 12)
    assert [row["org"] for row in desk.rows("pairing-coverage", "items", org=TOWN)] == [OTHER_SCHOOL, SCHOOL]


def test_a_village_counts_its_children_whichever_school_they_go_to(desk: Office) -> None:
    village = f"{TOWN}/village"
    desk.system.organisations.ensure(village, actor=desk.actor)
    near, _ = (
        paired(desk, 1, each=1, kind="cadre"),
        paired(desk, 2, each=1, kind="volunteer", org=OTHER_CLASS),
    )
    alone = children(desk, 1, org=OTHER_CLASS)
    for child in (*near, *alone):
        placed = Submission(
            event_id=uuid4(),
            type="placement_started",
            child_id=child,
            details={"line": "village", "org": village},
            occurred_on=date(2026, 4, 1),
            based_on=desk.child(child).version,
        )
        desk.system.submissions.submit(placed, actor=desk.actor, provenance=NOWHERE)

    (whole,) = desk.rows("pairing-coverage", "whole", org=village)
    assert (whole["children"], whole["paired"], whole["pairings"]) == (2, 1, 1)
    assert [row["org"] for row in desk.rows("unpaired", "items", org=village)] == [OTHER_CLASS]
    (town,) = desk.rows("pairing-coverage", "whole", org=TOWN)
    assert (town["children"], town["paired"]) == (4, 3)


def test_a_pairing_that_was_ended_voided_or_handed_over_counts_no_longer(desk: Office) -> None:
    one, two, three, four = children(desk, 4)
    carer, successor = desk.carer("前任"), desk.carer("后任")
    starts = [desk.pair(child, carer, kind="helper_teacher").event_id for child in (one, two, three, four)]
    desk.submit("pairing_ended", "2026-05-01", child=one, pairing=str(starts[0]))
    desk.void(two, starts[1])
    desk.submit(
        "care_handed_over",
        "2026-05-01",
        child=three,
        based_on=desk.child(three).version,
        pairing=str(starts[2]),
        carer=str(successor),
        kind="helper_teacher",
        accepted_by="后任",
    )

    loads = {row["name"]: row["children"] for row in desk.rows("carer-load", "items")}
    assert loads == {"后任": 1, "前任": 1}

    before = {row["name"]: row["children"] for row in desk.rows("carer-load", "items", on=date(2026, 4, 30))}
    assert before == {"前任": 3}


def test_a_companion_of_the_same_village_and_age_is_suggested_with_the_reasons(desk: Office) -> None:
    village = "东岭镇卞家泉村3组"
    alone = desk.enrol("2026-03-01", name="未结对", address=village, birth_date="2016-05-20")
    near = desk.enrol("2026-03-01", name="同龄", address="卞家泉村1组", birth_date="2016-01-20")
    far = desk.enrol("2026-03-01", name="年长", address=village, birth_date="2012-05-20")
    elsewhere = desk.enrol("2026-03-01", name="外村", address="上游村", birth_date="2016-05-21")
    carer, idle = desk.carer("有结对"), desk.carer("无结对")
    for child in (near, far, elsewhere):
        desk.pair(child, carer, kind="helper_teacher")

    (row,) = desk.rows("pairing-suggestions", "items")
    assert (row["name"], row["peer"]) == ("未结对", "同龄")
    assert [reason.zh for reason in row["reasons"]] == ["同村（卞家泉村）", "年龄相差 4 个月"]
    helpers = desk.rows("pairing-suggestions", "helpers")
    assert [(each["name"], each["children"]) for each in helpers] == [("无结对", 0), ("有结对", 3)]
    assert [note.code for note in desk.answer("pairing-suggestions").notes] == ["only_suggested"]
    assert desk.child(alone).pairings == ()
    assert idle


def test_talks_and_visits_say_of_which_sides_of_life_they_were(desk: Office) -> None:
    # 四管: study, daily life, thought, health; 四掌握: family, thought, results, conduct.
    (child,), carer = children(desk, 1), str(desk.carer())
    desk.submit(
        "talk_held", "2026-05-06", child=child, carers=[carer], record="谈学习", about=["study", "life"]
    )
    desk.submit(
        "home_visit_made",
        "2026-05-07",
        child=child,
        carers=[carer],
        outcome="met",
        about=["family", "thought", "results", "conduct"],
    )

    assert [each.zh for each in desk.said_of(child, "talk_held")[0].about] == ["学习", "生活"]
    assert [each.zh for each in desk.said_of(child, "home_visit_made")[0].about] == [
        "家庭",
        "思想",
        "学业成绩",
        "日常行为",
    ]


def test_diaries_and_tutoring_are_entries_of_the_carer_without_their_text(desk: Office) -> None:
    (child,) = children(desk, 1)
    carer = desk.carer()
    desk.pair(child, carer)
    desk.submit("growth_diary_written", "2026-05-06", child=child, carers=[str(carer)], about=["study"])
    desk.submit("tutoring_held", "2026-05-07", child=child, carers=[str(carer)], subject="数学", minutes=40)

    assert len(desk.said_of(child, "growth_diary_written")) == 1
    assert [said.minutes for said in desk.said_of(child, "tutoring_held")] == [40]
