"""H01 to H30: homes, family telephones, letters, counselling, health, activities."""

from uuid import UUID, uuid4

import pytest

from domain.refusal import Conflict, Refused
from tests.support.practice import Office

DAY = "2026-05-20"


def children(desk: Office, number: int) -> list[UUID]:
    return [desk.enrol("2026-03-01", name=f"林小禾{n}") for n in range(number)]


def times(desk: Office, table: str = "items") -> dict[str, tuple[int, int]]:
    return {row["what"].en: (row["times"], row["people"]) for row in desk.rows("term-summary", table)}


def test_a_home_opens_twice_a_week_with_two_teachers_and_lends_what_comes_back(desk: Office) -> None:
    manager, helper = desk.carer("王老师"), desk.carer("李老师")
    home = desk.open(
        "home_opened", "2026-03-02", name="寸草心之家", hours="周二、周四", family_phone="05161234567"
    )
    desk.say(home, "home_staffed", "2026-03-02", carer=str(manager), role="manager")
    for day, on_duty in (("2026-05-05", [manager, helper]), ("2026-05-07", [manager])):
        desk.say(
            home, "home_session_held", day, slot="after_class", carers=[str(c) for c in on_duty], heads=54
        )
    for item in ("篮球", "象棋"):
        desk.say(home, "home_stocked", "2026-03-02", item=item, quantity=1)
    ball = uuid4()
    (child,) = children(desk, 1)
    desk.say(home, "equipment_lent", DAY, event_id=ball, item="篮球", child=str(child))
    desk.say(home, "equipment_lent", DAY, item="象棋", child=str(child))
    with pytest.raises(Conflict, match="not_there_to_lend"):
        desk.say(home, "equipment_lent", DAY, item="篮球", child=str(child))
    desk.say(home, "equipment_returned", DAY, loan=str(ball))

    (row,) = desk.rows("homes")
    assert (row["manager"], row["sessions"], row["with_two"], row["heads"]) == ("王老师", 2, 1, 108)
    assert (row["there"], row["lent"]) == (("篮球 1", "象棋 0"), ("象棋",))


def test_calls_by_the_family_phone_are_counted_with_their_minutes(desk: Office) -> None:
    (child,) = children(desk, 1)
    for minutes in (6, 9):
        desk.submit(
            "call_made",
            DAY,
            child=child,
            caller="child",
            called="mother",
            outcome="connected",
            minutes=minutes,
            channel="home_phone",
        )
    calls = desk.said_of(child, "call_made")
    assert [(said.channel.value, said.minutes) for said in calls] == [("home_phone", 6), ("home_phone", 9)]
    assert times(desk)["Call"] == (2, 1)


def test_every_child_of_a_class_writes_and_who_had_an_answer_is_told(desk: Office) -> None:
    three = children(desk, 3)
    sent = [uuid4() for _ in three]
    for child, letter in zip(three, sent, strict=True):
        desk.submit("letter_sent", DAY, child=child, event_id=letter, writer="child", reader="mother")
    desk.submit(
        "letter_sent", "2026-06-10", child=three[0], writer="mother", reader="child", answers=str(sent[0])
    )

    assert times(desk)["Letter"] == (4, 3)
    answered = [child for child in three if any(s.answers for s in desk.said_of(child, "letter_sent"))]
    assert answered == three[:1]


def test_a_school_message_says_whom_it_did_not_reach(desk: Office) -> None:
    two = children(desk, 2)
    for child, arrived in zip(two, (True, False), strict=True):
        desk.submit("message_sent", DAY, child=child, reader="father", arrived=arrived, channel="school_app")
    assert [[said.arrived for said in desk.said_of(child, "message_sent")] for child in two] == [
        [True],
        [False],
    ]


def test_counselling_has_a_case_sessions_and_an_end_and_none_before_it_was_opened(desk: Office) -> None:
    (child,), carer, case = children(desk, 1), str(desk.carer()), uuid4()
    with pytest.raises(Refused):
        desk.submit("counselling_session", DAY, child=child, case=str(case), carers=[carer])
    desk.submit("counselling_opened", "2026-05-02", child=child, event_id=case, channel="mailbox")
    (pack,) = desk.rows("handover-pack")
    assert [each.reason.en for each in pack["open"]] == ["Counselling opened"]
    desk.submit("counselling_session", DAY, child=child, case=str(case), carers=[carer], minutes=30)
    desk.submit("counselling_closed", "2026-06-20", child=child, case=str(case), outcome="better")
    (pack,) = desk.rows("handover-pack")
    assert pack["open"] == ()


def test_a_check_of_health_is_free_and_followed_up(desk: Office) -> None:
    (child,) = children(desk, 1)
    desk.submit(
        "health_check_recorded",
        DAY,
        child=child,
        height_cm=128,
        weight_g=26_500,
        findings=["近视"],
        free=True,
        follow_up_on="2026-06-20",
    )
    (said,) = desk.said_of(child, "health_check_recorded")
    assert (said.height_cm, said.weight_g, said.free) == (128, 26_500, True)


def test_priority_in_three_things_is_recorded_with_what_was_put_second(desk: Office) -> None:
    (child,) = children(desk, 1)
    for area in ("study", "daily_life", "activities", "boarding", "counselling", "aid"):
        desk.submit("priority_given", DAY, child=child, area=area)
    assert times(desk)["Priority"] == (6, 1)


def test_a_plan_for_study_is_followed_by_hours_of_tutoring(desk: Office) -> None:
    (child,), carer, plan = children(desk, 1), str(desk.carer()), uuid4()
    desk.submit(
        "study_plan_registered",
        "2026-03-10",
        child=child,
        event_id=plan,
        subject="数学",
        carers=[carer],
        stages=["补基础", "期中", "期末"],
    )
    for day in ("2026-03-17", "2026-03-24"):
        desk.submit(
            "tutoring_held", day, child=child, subject="数学", carers=[carer], plan=str(plan), minutes=40
        )
    assert sum(said.minutes for said in desk.said_of(child, "tutoring_held")) == 80


def test_a_birthday_five_goals_and_a_prize_stand_in_the_file(desk: Office) -> None:
    (child,) = children(desk, 1)
    desk.submit("birthday_celebrated", DAY, child=child, lunar=True)
    for goal in range(1, 6):
        desk.submit("child_goal_marked", DAY, child=child, goal=goal, reached=goal < 4)
    desk.submit("award_given", DAY, child=child, title="巧手奖")

    goals = {said.goal: said.reached for said in desk.said_of(child, "child_goal_marked")}
    assert goals == {1: True, 2: True, 3: True, 4: False, 5: False}
    with pytest.raises(Refused):
        desk.submit("child_goal_marked", DAY, child=child, goal=6, reached=True)


def test_five_goals_and_five_ways_of_helping_are_two_lists(desk: Office) -> None:
    (child,) = children(desk, 1)
    desk.submit("child_goal_marked", DAY, child=child, goal=1, reached=True)
    desk.submit("child_goal_marked", DAY, child=child, of="help", goal=1, text="结一个对子", reached=False)

    said = [
        (each.of and each.of.value, each.text, each.reached)
        for each in desk.said_of(child, "child_goal_marked")
    ]
    assert said == [(None, None, True), ("help", "结一个对子", False)]


def test_a_theme_meeting_a_contest_and_a_camp_are_held_once_and_stand_in_each_file(desk: Office) -> None:
    three = children(desk, 3)
    for kind in ("theme_meeting", "contest", "camp", "festival", "sports", "reading"):
        desk.hold(kind, *three)

    assert times(desk, "activities")["theme meeting"] == (1, 3)
    assert sum(number for number, _ in times(desk, "activities").values()) == 6
    assert [len(desk.said_of(child, "participation_recorded")) for child in three] == [6, 6, 6]


def test_each_child_has_a_plan_for_the_summer_and_is_looked_after(desk: Office) -> None:
    (child,), carer = children(desk, 1), str(desk.carer())
    desk.submit(
        "holiday_plan_registered",
        "2026-06-28",
        child=child,
        holiday="summer",
        stays="with_parents",
        leaves_on="2026-07-08",
        returns_on="2026-08-28",
        water_warned=True,
    )
    desk.submit("holiday_check_made", "2026-06-30", child=child, result="well", carers=[carer])
    assert times(desk)["Holiday check"] == (1, 1)


def test_eight_households_are_visited_and_each_child_of_them_has_its_visit_once(desk: Office) -> None:
    eleven, carers = children(desk, 11), [str(desk.carer(f"志愿者{n}")) for n in range(9)]
    homes = [eleven[n : n + 1] for n in range(5)] + [eleven[5:7], eleven[7:9], eleven[9:11]]
    for number, some in enumerate(homes):
        house = desk.open("household_registered", "2026-05-01", children=[str(child) for child in some])
        desk.say(
            house,
            "household_visited",
            DAY,
            carers=carers[: 4 if number % 2 else 5],
            outcome="met",
            children=[{"child": str(child), "seen": True} for child in some],
            record="家中情况",
            team=f"第{number % 2 + 1}组",
            recorder=carers[0],
            accompanied_by="村主任",
        )
        assert desk.state("household", house).visits[0].team == f"第{number % 2 + 1}组"

    assert len(homes) == 8
    assert times(desk)["Home visit"] == (11, 11)
    # A cadre went along: that stands in each file, where a rule may ask for it.
    assert {said.accompanied_by for child in eleven for said in desk.said_of(child, "home_visit_made")} == {
        "村主任"
    }


def test_a_collective_visit_day_is_one_act_and_a_visit_in_each_file(desk: Office) -> None:
    from domain.choices import Met, VisitOutcome
    from domain.streams.activities.activity import Participant, VisitFound

    three, carer = children(desk, 3), desk.carer()
    found = VisitFound(outcome=VisitOutcome.MET, met=(Met.CHILD,), record="在家")
    desk.hold(
        "visit_day",
        participants=tuple(Participant(child_id=child, found=found) for child in three),
        carers=(carer,),
    )
    assert [len(desk.said_of(child, "home_visit_made")) for child in three] == [1, 1, 1]


def test_peers_are_spoken_of_by_a_teacher_and_a_weekend_elsewhere_needs_leave(desk: Office) -> None:
    (child,), carer = children(desk, 1), str(desk.carer())
    desk.submit("peer_note_added", DAY, child=child, carers=[carer], record="与同学相处融洽")
    with pytest.raises(Refused):
        desk.submit("peer_hosted", DAY, child=child, host="同学家", guardian_agreed=False)
    desk.submit("peer_hosted", DAY, child=child, host="同学家", guardian_agreed=True)
    assert len(desk.said_of(child, "peer_hosted")) == 1


def test_publicity_needs_a_yes_that_can_be_taken_back(desk: Office) -> None:
    (child,), consent = children(desk, 1), uuid4()
    desk.submit(
        "consent_recorded", "2026-03-02", child=child, event_id=consent, scope="publicity", giver="mother"
    )
    desk.submit("consent_withdrawn", "2026-05-02", child=child, consent=str(consent), by="mother")
    assert len(desk.said_of(child, "consent_withdrawn")) == 1
