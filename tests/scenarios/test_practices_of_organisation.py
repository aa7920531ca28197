"""O01 to O14: who answers for what, what it costs, and what is hung out."""

from datetime import date
from uuid import UUID, uuid4

from tests.support.actions import SCHOOL
from tests.support.practice import Office


def child_of(desk: Office, name: str = "林小禾", **more: object) -> UUID:
    return desk.enrol("2026-03-01", name=name, **more)


def test_the_leading_group_meets_and_what_it_decided_is_followed_up(desk: Office) -> None:
    met = desk.open(
        "meeting_held",
        "2026-03-05",
        kind="leading_group",
        topic="关爱工作部署",
        parties=["leader", "teacher"],
        heads=9,
        decisions=["每月家访", "开放之家"],
        chaired_by="王校长",
    )
    desk.say(met, "meeting_followed_up", "2026-05-05", decision=2, done=True)

    (row,) = desk.rows("meetings")
    assert (row["kind"].value, row["heads"], row["decided"], row["done"]) == ("leading_group", 9, 2, 1)
    assert row["chaired_by"] == "王校长"


def test_a_symposium_counts_with_all_three_parties_alone(desk: Office) -> None:
    for day, parties in (
        ("2026-04-01", ["teacher", "child"]),
        ("2026-05-01", ["teacher", "child", "guardian"]),
    ):
        desk.open("meeting_held", day, kind="symposium", topic="座谈", parties=parties)
    assert [row["three_parties"] for row in desk.rows("meetings")] == [False, True]


def test_councils_and_exchanges_are_meetings_like_others(desk: Office) -> None:
    for kind in ("council", "experience", "staff", "parents_committee"):
        desk.open("meeting_held", "2026-05-01", kind=kind, topic="例会", heads=10)
    rows = {row["what"].value: row["times"] for row in desk.rows("term-summary", "meetings")}
    assert rows == dict.fromkeys(("council", "experience", "staff", "parents_committee"), 1)


def test_what_teachers_laid_out_is_told_apart_from_what_others_paid(desk: Office) -> None:
    child, carer = child_of(desk), str(desk.carer())
    for fen, payer, repaid in ((8_650, "carer", False), (5_000, "carer", True), (12_000, "insurance", None)):
        desk.submit(
            "illness_escorted",
            "2026-05-06",
            child=child,
            carers=[carer],
            cost_fen=fen,
            paid_by=payer,
            **({} if repaid is None else {"repaid": repaid}),
        )

    found = {
        row["payer"].value: (row["times"], row["amount"], row["owed"]) for row in desk.rows("costs", "payers")
    }
    assert found == {"carer": (2, 136.50, 86.50), "insurance": (1, 120.00, 0.0)}
    assert [row["amount"] for row in desk.rows("costs", "items")].count(86.5) == 1


def test_conduct_has_a_plan_with_its_baseline_and_how_it_went(desk: Office) -> None:
    child, carer, plan = child_of(desk), str(desk.carer()), uuid4()
    desk.submit(
        "behaviour_plan_opened",
        "2026-03-10",
        child=child,
        event_id=plan,
        baseline="每周迟到三次",
        goal="不迟到",
        steps=["同学陪同上学"],
        carers=[carer],
    )
    for day, progress, ended in (("2026-04-10", "better", False), ("2026-06-10", "reached", True)):
        desk.submit(
            "behaviour_plan_reviewed", day, child=child, plan=str(plan), progress=progress, ended=ended
        )
    said = desk.said_of(child, "behaviour_plan_reviewed")
    assert [(each.progress.value, each.ended) for each in said] == [("better", False), ("reached", True)]


def test_boarders_are_counted_class_by_class(desk: Office) -> None:
    for boarding in (True, True, False):
        child_of(desk, boarding=boarding)
    (whole,) = desk.rows("class-statistics", "whole", org=SCHOOL)
    assert (whole["boarding"], whole["children"]) == (2, 3)


def test_a_month_is_hung_out_with_what_came_and_went_and_without_a_name(desk: Office) -> None:

    for day, fen in (("2026-04-10", 50_000), ("2026-05-10", 70_000)):
        fund = desk.open("donation_received", day, donor="某企业", amount_fen=fen)
        desk.say(fund, "donation_allocated", day, child=str(child_of(desk, "有名字")), amount_fen=10_000)

    answer = desk.answer("public-statement", **{"from": date(2026, 5, 1), "to": date(2026, 5, 31)})
    (row,) = desk.rows("public-statement", "donations", **{"from": date(2026, 5, 1), "to": date(2026, 5, 31)})
    assert (row["came"], row["given"], row["left"]) == (700.00, 100.00, 600.00)
    assert "某企业" not in str(answer.body)
    assert "有名字" not in str(answer.body)


def test_lateness_of_records_is_counted_by_school(desk: Office) -> None:
    child, carer = child_of(desk), desk.carer()
    desk.visit(child, carer, "2026-06-29")
    desk.visit(child, carer, "2026-06-01", written_on=date(2026, 6, 11))
    void = desk.visit(child, carer, "2026-06-02", written_on=date(2026, 6, 30))
    desk.void(child, void.event_id)

    (row,) = [row for row in desk.rows("lateness", "items") if row["org"] == SCHOOL]
    # The enrolment of March was recorded in July; the void visit is no entry any more.
    assert (row["entries"], row["late"]) == (3, 2)
    assert row["most_days"] == 122


def test_a_plan_of_three_years_a_drill_and_a_regulation_are_told_with_how_far_they_are(desk: Office) -> None:
    milestones = [{"name": "建之家", "due": "2026-03-31"}, {"name": "全员结对", "due": "2026-06-15"}]
    plan = desk.open(
        "plan_adopted",
        "2026-01-10",
        kind="three_years",
        title="三年规划",
        first="2026-01-01",
        last="2028-12-31",
        milestones=milestones,
    )
    desk.say(plan, "plan_milestone_done", "2026-03-20", milestone="建之家")
    rule = desk.open(
        "regulation_issued",
        "2026-03-01",
        title="谈心制度",
        version="1",
        valid_from="2026-03-01",
        sha256="0" * 64,
    )
    for name in ("卢老师", "王老师"):
        desk.say(
            rule, "regulation_acknowledged", "2026-03-05", version="1", signed_by=name, signed_as="teacher"
        )

    (told,) = desk.rows("standing", "plans")
    assert (told["milestones"], told["done"], told["overdue"]) == (2, 1, ("全员结对",))
    (known,) = desk.rows("standing", "regulations")
    assert (known["title"], known["version"], known["signed"]) == ("谈心制度", "1", 2)
    assert "卢老师" not in str(desk.answer("standing").body)
