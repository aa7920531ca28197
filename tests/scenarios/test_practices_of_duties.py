"""O01 to O03, O09, O13, O14, P18, G03, H12, H23, H24, H30: who answers for what, and campaigns."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.refusal import Refused
from domain.streams.activities.activity import ActivityHeld
from tests.support.actions import CLASS, SCHOOL
from tests.support.practice import Office

COUNTY = SCHOOL.split("/")[0]
TOWNSHIP = "/".join(SCHOOL.split("/")[:2])


def matrix(desk: Office, *, org: str = SCHOOL) -> UUID:
    return desk.open("responsibilities_set", "2026-03-01", org=org, title="责任分工")


def answers(desk: Office, stream: UUID, side: str, holder: str, post: str, **more: object) -> UUID:
    event_id = uuid4()
    desk.say(
        stream,
        "responsibility_assigned",
        str(more.pop("day", "2026-03-01")),
        event_id=event_id,
        side=side,
        holder=holder,
        post=post,
        **more,
    )
    return event_id


def test_a_school_has_one_leading_group_headed_by_the_principal_and_six_activity_groups(desk: Office) -> None:
    leading = desk.open(
        "group_formed",
        "2025-09-15",
        kind="leading",
        name="领导小组",
        level="school",
        members=[{"name": "王校长", "role": "head", "post": "校长"}, {"name": "赵副校长", "role": "deputy"}],
    )
    for number in range(6):
        head = [{"name": f"教师{number}", "role": "head"}]
        desk.open(
            "group_formed",
            "2025-09-15",
            kind="activity",
            name=f"活动小组{number}",
            level="school",
            members=head,
        )
    desk.say(leading, "group_joined", "2026-03-02", members=[{"name": "卢老师"}])
    desk.say(leading, "group_left", "2026-05-01", name="赵副校长")

    rows = {row["name"]: row for row in desk.rows("responsibilities", "groups")}
    assert len(rows) == 7
    assert (rows["领导小组"]["members"], rows["领导小组"]["head"], rows["领导小组"]["marks"]) == (
        2,
        ("王校长",),
        (),
    )
    members = {row["name"] for row in desk.rows("responsibilities", "members") if row["group"] == "领导小组"}
    assert members == {"王校长", "卢老师"}
    # A second leading group is kept, and seen.
    desk.open("group_formed", "2026-06-01", kind="leading", name="另一小组", level="school")
    marked = {row["name"]: [m.zh for m in row["marks"]] for row in desk.rows("responsibilities", "groups")}
    assert marked["领导小组"] == ["领导小组不止一个"]
    assert marked["另一小组"] == ["没有组长", "领导小组不止一个"]


def test_each_side_has_somebody_who_answers_for_it_and_what_nobody_does_is_named(desk: Office) -> None:
    stream = matrix(desk)
    answers(desk, stream, "safety", "赵副校长", "vice_principal")
    answers(desk, stream, "thought", "孙辅导员", "counsellor")
    answers(desk, stream, "study", "卢老师", "class_teacher")

    rows = {row["side"].value: row["holder"] for row in desk.rows("responsibilities", "items")}
    assert rows == {"safety": "赵副校长", "thought": "孙辅导员", "study": "卢老师"}
    assert [row["side"].value for row in desk.rows("responsibilities", "gaps")] == ["life"]


def test_leaders_answer_for_grades_and_teachers_for_classes_from_day_to_day(desk: Office) -> None:
    stream = matrix(desk)
    for grade in range(1, 7):
        answers(desk, stream, "grade", f"领导{grade}", "vice_principal", scope=f"{grade}年级")
    first = answers(desk, stream, "class", "卢老师", "class_teacher", scope="3年级/1班")
    desk.say(stream, "responsibility_ended", "2026-05-01", assignment=str(first), reason="产假")
    answers(desk, stream, "class", "孟老师", "class_teacher", scope="3年级/1班", day="2026-05-01")

    def of_class(day: str) -> list[str]:
        rows = desk.rows("responsibilities", "items", on=date.fromisoformat(day))
        return [row["holder"] for row in rows if row["side"].value == "class"]

    assert (of_class("2026-04-30"), of_class("2026-05-01")) == (["卢老师"], ["孟老师"])
    now = desk.rows("responsibilities", "items")
    assert sum(row["side"].value == "grade" for row in now) == 6


def test_whoever_answered_by_a_matrix_does_no_longer_once_it_is_closed(desk: Office) -> None:
    stream = matrix(desk)
    answers(desk, stream, "safety", "赵副校长", "vice_principal")
    answers(desk, stream, "study", "卢老师", "class_teacher", until="2026-05-01")
    desk.say(stream, "responsibilities_closed", "2026-06-01")

    ends = {each.holder: each.until for each in desk.state("responsibility", stream).assignments}
    assert ends == {"赵副校长": date(2026, 6, 1), "卢老师": date(2026, 5, 1)}
    rows = [row["holder"] for row in desk.rows("responsibilities", "items", on=date(2026, 5, 31))]
    assert rows == ["赵副校长"]
    assert desk.rows("responsibilities", "items", on=date(2026, 6, 1)) == []


def test_a_social_worker_answers_for_300_households(desk: Office) -> None:
    stream = matrix(desk, org=TOWNSHIP)
    answers(desk, stream, "households", "社工甲", "social_worker", scope="东岭社区", households_in_all=300)
    home = desk.open("household_registered", "2026-03-01", head="林大山", address="东岭村1组")
    answers(desk, stream, "households", "社工乙", "social_worker", households=[str(home)])

    rows = {row["holder"]: row["households"] for row in desk.rows("responsibilities", "items")}
    assert rows == {"社工甲": 300, "社工乙": 1}


def test_letters_for_safety_are_signed_layer_by_layer_and_run_out(desk: Office) -> None:
    for org, layer, bound, valid_to in (
        (COUNTY, "county_township", "某镇", "2026-12-31"),
        (TOWNSHIP, "township_school", "某小学", "2026-12-31"),
        (SCHOOL, "school_teacher", "三年级1班班主任", "2026-06-30"),
    ):
        stream = matrix(desk, org=org)
        desk.say(
            stream,
            "layer_letter_signed",
            "2026-03-01",
            layer=layer,
            bound=bound,
            signed_by="某人",
            valid_to=valid_to,
        )

    rows = {row["layer"].value: row["holds"] for row in desk.rows("responsibilities", "letters")}
    assert rows == {"county_township": True, "township_school": True, "school_teacher": False}


def test_600_leaflets_and_20_banners_are_counted(desk: Office) -> None:
    run = desk.open(
        "campaign_planned",
        "2026-05-01",
        kind="publicity",
        title="四落实宣传",
        first="2026-05-01",
        last="2026-05-31",
        steps=[{"name": name, "first": "2026-05-10"} for name in ("计划", "教材", "课时", "师资")],
    )
    desk.say(run, "publicity_given", "2026-05-10", channel="leaflets", leaflets=600, approximate=True)
    desk.say(run, "publicity_given", "2026-05-11", channel="banners", banners=20)

    rows = desk.rows("campaigns", "items")
    assert [(row["leaflets"], row["banners"], row["approximate"]) for row in rows] == [
        (600, None, True),
        (None, 20, False),
    ]
    (whole,) = desk.rows("campaigns", "campaigns")
    assert (whole["steps"], whole["done"]) == (4, 0)


def test_volunteers_are_vetted_two_a_class_and_the_place_is_chosen_by_need(desk: Office) -> None:
    run = desk.open(
        "campaign_planned",
        "2026-05-01",
        kind="volunteer",
        title="暑期实践",
        first="2026-07-01",
        last="2026-07-20",
        budget_fen=200_000,
        most_per_unit=2,
    )
    who = {name: uuid4() for name in ("周同学", "吴同学")}
    for name, event in who.items():
        desk.say(run, "volunteer_enlisted", "2026-05-02", event_id=event, name=name, unit="2班", fit=True)
    cleared = {"volunteer": str(who["周同学"]), "result": "clear", "asked_by": "校团委"}
    desk.say(run, "volunteer_vetted", "2026-05-03", **cleared, valid_to="2027-05-03")
    sites = {}
    for place, children, poor, same_day in (
        ("远村", 200, 60, False),
        ("东岭村", 54, 12, True),
        ("西河村", 54, 20, True),
    ):
        sites[place] = uuid4()
        desk.say(
            run,
            "campaign_site_proposed",
            "2026-05-04",
            event_id=sites[place],
            place=place,
            left_behind=children,
            poor=poor,
            same_day=same_day,
        )
    desk.say(run, "campaign_site_chosen", "2026-05-05", site=str(sites["西河村"]))

    ranked = [(row["rank"], row["place"], row["chosen"]) for row in desk.rows("campaigns", "sites")]
    assert ranked == [(1, "西河村", True), (2, "东岭村", False), (3, "远村", False)]
    vetted = {row["name"]: row["vetted_now"] for row in desk.rows("campaigns", "volunteers")}
    assert vetted == {"周同学": True, "吴同学": False}
    (whole,) = desk.rows("campaigns", "campaigns")
    assert (whole["volunteers"], whole["not_vetted"], whole["places"]) == (2, 1, ("西河村",))


def test_a_campaign_has_its_days_its_questionnaire_and_what_it_cost(desk: Office) -> None:
    steps = [
        {"name": "筹备", "first": "2026-05-05"},
        {"name": "走访", "first": "2026-05-11"},
        {"name": "问卷", "first": "2026-05-14", "last": "2026-05-16"},
        {"name": "签名活动", "first": "2026-05-18"},
    ]
    run = desk.open(
        "campaign_planned",
        "2026-05-01",
        kind="volunteer",
        title="关爱行动",
        first="2026-05-05",
        last="2026-05-18",
        steps=steps,
        budget_fen=50_000,
    )
    for name, day in (("筹备", "2026-05-05"), ("问卷", "2026-05-16"), ("签名活动", "2026-05-20")):
        desk.say(run, "campaign_step_done", day, step=name)
    desk.say(run, "campaign_spent", "2026-05-18", amount_fen=62_000, purpose="横幅", paid_by="school")

    late = {
        row["step"]: (row["done_on"] is not None, row["late"]) for row in desk.rows("campaigns", "timeline")
    }
    assert late == {
        "筹备": (True, False),
        "走访": (False, False),
        "问卷": (True, False),
        "签名活动": (True, True),
    }
    (whole,) = desk.rows("campaigns", "campaigns")
    assert (whole["spent"], whole["left"], whole["over_budget"]) == (620.0, -120.0, True)


def test_publicity_says_channel_and_reach_and_who_was_shown_without_a_yes(desk: Office) -> None:
    asked, unasked = (
        desk.enrol("2026-03-01", name=name, birth_date="2016-05-20", org=CLASS)
        for name in ("林小禾", "陈小满")
    )
    said = desk.submit(
        "consent_recorded", "2026-03-02", child=asked, scope="publicity", giver="mother", until="2026-06-01"
    )
    run = desk.open(
        "campaign_planned",
        "2026-05-01",
        kind="publicity",
        title="红领巾广播",
        first="2026-05-01",
        last="2026-06-30",
    )
    both = [str(asked), str(unasked)]
    for day in ("2026-05-10", "2026-06-10"):
        desk.say(
            run,
            "publicity_given",
            day,
            channel="television",
            title="专题片",
            outlet="县电视台",
            reach=20_000,
            children=both,
        )

    rows = desk.rows("campaigns", "items")
    assert [(row["channel"].value, row["reach"], row["children"], row["unasked"]) for row in rows] == [
        ("television", 20_000, 2, 1),
        ("television", 20_000, 2, 2),
    ]
    assert "林小禾" not in str(desk.answer("campaigns").body)
    assert said is not None


def test_a_prosecutor_lectures_and_the_office_is_named(desk: Office) -> None:
    child = desk.enrol("2026-03-01", name="林小禾")
    desk.hold("lecture", child, topic="法制教育", speaker_office="县检察院")

    (held,) = (
        event.details
        for event in desk.system.log.after(0, limit=100)
        if isinstance(event.details, ActivityHeld)
    )
    assert held.speaker_office == "县检察院"


def test_what_is_wrong_around_the_campus_is_found_and_put_right(desk: Office) -> None:
    look = desk.open(
        "inspection_opened", "2026-05-06", title="周边整治", body="镇综治办", inspectors=["某人"]
    )
    found = uuid4()
    words = {"finding": "网吧距校门不足二百米", "due": "2026-05-20", "about": "surroundings"}
    desk.say(look, "inspection_finding_made", "2026-05-06", event_id=found, **words)
    desk.say(look, "inspection_finding_repaired", "2026-05-18", finding=str(found))

    (finding,) = desk.state("inspection", look).findings
    assert (finding.about.value, finding.late) == ("surroundings", False)


def test_a_committee_agrees_on_services_and_each_pair_ticks_them_off(desk: Office) -> None:
    services = ["每月谈心一次", "每学期家访一次"]
    desk.open(
        "group_formed",
        "2026-03-01",
        kind="committee",
        name="一帮一帮扶委员会",
        level="school",
        members=[{"name": "王校长", "role": "head"}],
        services=services,
    )
    child, carer = desk.enrol("2026-03-01", name="林小禾"), desk.carer()
    pairing = desk.pair(child, carer).event_id
    for service, day in zip(services, ("2026-04-10", "2026-05-10"), strict=True):
        desk.submit("pairing_service_given", day, child=child, pairing=str(pairing), service=service)

    (group,) = desk.rows("responsibilities", "groups")
    given = [said.service for said in desk.said_of(child, "pairing_service_given")]
    assert (list(group["services"]), given) == (services, services)
    with pytest.raises(Refused) as early:
        desk.submit(
            "pairing_service_given", "2026-02-01", child=child, pairing=str(pairing), service=services[0]
        )
    assert early.value.faults
