# ruff: noqa: E501  # a case is a line, to be read beside the others
"""For each preset what meets it, what falls short, and where the edge of its quote lies.

A case is a name, the period, what happened, and the status that must come out. A story of a child begins with
its enrolment; one of another subject is told of the child of a class, and of streams beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from domain.care_actions.home_visit_made import VisitKind
from domain.catalogue import details_by_type
from domain.choices import CarerKind, Met, Party
from domain.event import Event
from domain.wire import from_wire
from tests.support.builders import CARER, OTHER_CARER, an_id, call, enrolled, event, paired, talk, visit

Kind = Literal["met", "short", "edge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One story under a preset; `streams` are those beside the child's, by the kind of stream."""

    kind: Kind
    period: str
    status: str
    child: Sequence[Event] = ()
    streams: Mapping[str, Sequence[Event]] | None = None
    child_of: Sequence[Event] = (enrolled("2025-01-10"),)


def said(type_: str, day: str, *, alike: str = "", stream: UUID | None = None, **words: Any) -> Event:
    """Any entry, by its words on the wire."""
    more: dict[str, Any] = {} if stream is None else {"child": stream}
    at = words.pop("at", None)
    return event(from_wire(details_by_type()[type_], words), day, name=alike, at=at, **more)


HOME, OFFICE = an_id("the home"), an_id("an office")
PROXY = (enrolled("2025-01-10"), paired("2025-01-10", kind=CarerKind.PROXY_PARENT))
COUNSELLED = (enrolled("2025-01-10"), paired("2025-01-10"))
MOTHER, FATHER, CHILD, GUARDIAN = Party.MOTHER, Party.FATHER, Party.CHILD, Party.GUARDIAN
LEFT = (enrolled("2025-01-10"), said("parent_work_recorded", "2025-01-11", parent="mother", away=True))


def letter(day: str, writer: str, reader: str, **more: Any) -> Event:
    """A letter."""
    return said("letter_sent", day, writer=writer, reader=reader, **more)


def trigger(day: str, kind: str) -> Event:
    """Something that calls for a visit."""
    return said("trigger_observed", day, kind=kind, alike=kind)


def kids(*events: Event, status: str, kind: Kind, period: str = "2026-03", of: Any = None) -> Case:
    """A case of a child."""
    start = (enrolled("2025-01-10"),) if of is None else of
    return Case(kind=kind, period=period, status=status, child=events, child_of=start)


def three(
    met: Sequence[Event], short: Sequence[Event], edge: Sequence[Event], edge_is: str, **more: Any
) -> list[Case]:
    """The three cases of a preset of children."""
    return [
        kids(*met, status="met", kind="met", **more),
        kids(*short, status="short", kind="short", **more),
        kids(*edge, status=edge_is, kind="edge", **more),
    ]


def never(*events: Event, **more: Any) -> list[Case]:
    """The cases of a preset without a number: whatever happened, nothing is scored."""
    return [
        kids(*events, status="unspecified", kind="met", **more),
        kids(status="unspecified", kind="short", **more),
    ]


def unit(
    kind: Kind, status: str, period: str, *events: Event, child: Sequence[Event] = (), of: Any = None
) -> Case:
    """A case of a class, school, home or village: with what it recorded, and its child."""
    streams: dict[str, list[Event]] = {}
    for each in events:
        streams.setdefault(_KIND_OF[each.type], []).append(each)
    start = (enrolled("2025-01-10"),) if of is None else of
    return Case(kind=kind, period=period, status=status, child=child, streams=streams, child_of=start)


_KIND_OF = {
    "home_opened": "home",
    "home_session_held": "home",
    "census_round_opened": "census_round",
    "questionnaire_set": "census_round",
    "meeting_held": "meeting",
    "activity_held": "activity",
    "donation_received": "donation",
}


def session(day: str, slot: str = "noon", *, on_duty: int = 1, **more: Any) -> Event:
    """The home was open."""
    carers = [str(an_id(f"on duty {n}")) for n in range(on_duty)]
    words = {"slot": slot, "carers": carers} | more
    return said("home_session_held", day, stream=HOME, alike=slot, **words)


OPENED = said("home_opened", "2025-01-10", stream=HOME, name="寸草心")


def census(day: str) -> Event:
    """A round of finding out who is left behind."""
    words = {"title": "摸底", "counts_on": day, "definition": "school_broad@1", "asked": ["class"]}
    return said("census_round_opened", day, stream=an_id(f"round {day}"), **words)


def questionnaire(day: str) -> Event:
    """What a round asks."""
    items = [{"text": "多久通一次话", "about": "life"}]
    return said("questionnaire_set", day, stream=an_id("round 2026-03-10"), title="问卷", items=items)


def meeting(day: str, kind: str, *parties: str, record: str | None = "议定三项") -> Event:
    """People who answer for children sat together."""
    words: dict[str, Any] = {"kind": kind, "topic": "关爱", "parties": list(parties)}
    return said(
        "meeting_held", day, stream=an_id(f"meeting {day}"), **words | ({"record": record} if record else {})
    )


def lecture(day: str, topic: str) -> Event:
    """A lecture that the class held."""
    words = {"kind": "lecture", "topic": topic, "participants": [{"student_no": "T1"}]}
    return said("activity_held", day, stream=an_id(f"lecture {day}"), **words)


def heard(day: str, topic: str) -> Event:
    """The child was at a lecture."""
    return said("participation_recorded", day, activity=str(an_id(day)), kind="lecture", topic=topic)


def special(day: str, kind: VisitKind, **more: Any) -> Event:
    """A visit on a certain occasion."""
    words = {"carers": [str(CARER)], "outcome": "met", "kind": kind.value} | more
    return said("home_visit_made", day, **words)


THREE = ("teacher", "child", "guardian")
WEEK = {"period": "2026-W10"}
SPRING = {"period": "2026-spring"}
POOR = (enrolled("2025-01-10"), said("profile_changed", "2025-01-11", tags=["poor"]), LEFT[1])
MIGRANT = (enrolled("2025-01-10"), said("profile_changed", "2025-01-11", tags=["migrant"]))
SPECIAL = (enrolled("2025-01-10"), said("profile_changed", "2025-01-11", tags=["special_group"]))
V2 = "2"

CHILDREN: dict[str, list[Case]] = {
    "C01": three([call("2026-03-10", caller=MOTHER, called=CHILD)], [call("2026-03-10")], [call("2026-03-31", caller=CHILD, called=FATHER, minutes=1)], "met"),
    "C02": three([letter("2026-03-10", "child", "mother")], [letter("2026-03-10", "mother", "child")], [letter("2026-03-31", "child", "father")], "met"),
    "C03": never(call("2026-03-10")),
    "C04": three([visit("2026-03-03")], [visit("2026-03-03", carers=(OTHER_CARER,))], [visit("2026-03-31", record=None)], "met", of=PROXY),
    "C05": three([call("2026-03-10", called=FATHER)], [call("2026-03-10", caller=MOTHER, called=Party.CARER)], [call("2026-03-10", minutes=1)], "met", of=PROXY),
    "C05@2": three([call("2026-03-10", caller=MOTHER, called=Party.CARER)], [call("2026-03-10", called=GUARDIAN)], [call("2026-03-10", minutes=0)], "short", of=PROXY),
    "C06": three([letter("2026-05-05", "carer", "mother", carers=[str(CARER)])], [letter("2026-05-05", "carer", "child", carers=[str(CARER)])], [letter("2026-07-10", "carer", "father", carers=[str(CARER)])], "met", of=PROXY, **SPRING),
    "C08": three([said("care_handed_over", "2026-06-30", pairing=str(an_id("x")), carer=str(OTHER_CARER), kind="proxy_parent", accepted_by="王老师")], [], [said("care_handed_over", "2026-06-10", pairing=str(an_id("x")), carer=str(OTHER_CARER), kind="proxy_parent", accepted_by="王老师")], "short", period="2025-2026-end"),
    "C09": three([visit("2026-03-02"), visit("2026-05-02"), visit("2026-07-02")], [visit("2026-03-02"), visit("2026-03-05"), visit("2026-03-09")], [visit("2026-03-30"), visit("2026-06-10"), visit("2026-07-10")], "met", **SPRING),
    "C10": three([letter("2026-03-10", "child", "mother")], [letter("2026-03-10", "mother", "child")], [call("2026-03-10", caller=FATHER, called=CHILD)], "met"),
    "C11": three([call("2026-03-10", called=GUARDIAN)], [call("2026-03-10", called=MOTHER)], [visit("2026-03-10", met=(Met.GUARDIAN,))], "met"),
    "C12": never(call("2026-03-10")),
    "C16": three([letter("2026-03-05", "school", "mother", kind="open_letter"), letter("2026-07-05", "school", "mother", kind="open_letter")], [letter("2026-03-05", "school", "mother", kind="open_letter"), letter("2026-03-06", "school", "father", kind="open_letter")], [letter("2026-03-30", "school", "guardian", kind="open_letter"), letter("2026-06-11", "school", "father", kind="open_letter")], "met", **SPRING),
    "C17": never(call("2026-03-10", caller=MOTHER, called=CHILD)),
    "C18": three([talk("2026-03-10")], [talk("2026-03-10", record=None)], [talk("2026-03-31")], "met"),
    "C20": three([special("2026-07-20", VisitKind.UNIVERSAL)], [special("2026-07-20", VisitKind.REGULAR)], [special("2026-08-31", VisitKind.UNIVERSAL)], "met", of=MIGRANT, period="2026-summer"),
    "C21": three([said("profile_reverified", "2026-07-01", way="school"), said("holiday_plan_registered", "2026-07-02", holiday="summer", stays="at_home")], [said("profile_reverified", "2026-07-01", way="school")], [said("profile_reverified", "2026-06-10", way="school"), said("holiday_plan_registered", "2026-07-02", holiday="summer", stays="at_home")], "short", period="2025-2026-end"),
    "C26": three([talk(f"2026-03-0{d}", record=None) for d in (2, 3, 4, 5, 6)], [talk(f"2026-03-0{d}") for d in (2, 3, 4, 5)], [talk(f"2026-03-0{d}") for d in (2, 3, 4, 5, 7)], "short", of=PROXY, **WEEK),
    "C27": three([call("2026-03-03", called=GUARDIAN)], [call("2026-03-03", caller=MOTHER, called=Party.CARER)], [call("2026-03-08")], "met", of=PROXY, **WEEK),
    "C27@2": three([call("2026-03-03", caller=GUARDIAN, called=Party.CARER)], [call("2026-03-03", caller=CHILD, called=MOTHER)], [call("2026-03-02")], "met", of=PROXY, **WEEK),
    "C28": three([visit("2026-03-03")], [visit("2026-03-03", carers=(OTHER_CARER,))], [visit("2026-03-31")], "met", of=PROXY),
    "C29": never(call("2026-03-03"), **WEEK),
    "C31": never(said("health_check_recorded", "2026-03-10", free=True), period="2025-2026"),
    "C32": never(call("2026-03-10", caller=CHILD, called=MOTHER)),
    "C33": never(said("parent_home_recorded", "2026-02-10", parent="mother", planned=False, until="2026-02-20"), visit("2026-02-15"), period="2025-2026")[:1],
    "C36": three([talk("2026-03-10"), visit("2026-07-10")], [talk("2026-03-10")], [talk("2026-03-10"), visit("2026-07-11")], "short", **SPRING),
    "C36@2": three([talk("2026-03-10"), visit("2026-07-10")], [visit("2026-03-10")], [talk("2026-03-10", record=None), visit("2026-07-10")], "short", **SPRING),
    "C37": three([call("2026-03-07", caller=MOTHER, called=CHILD), call("2026-05-31", caller=CHILD, called=MOTHER)], [call("2026-03-07", caller=MOTHER, called=CHILD)], [call("2026-03-08", caller=MOTHER, called=CHILD), call("2026-05-31", caller=CHILD, called=MOTHER)], "short", **SPRING),
    "C39": three([visit("2026-03-05"), visit("2026-03-19")], [visit("2026-03-05"), visit("2026-03-19", record=None)], [visit("2026-03-05"), visit("2026-03-05", name="again")], "short", of=COUNSELLED),
    "C43": three([special("2026-02-10", VisitKind.SPECIAL)], [special("2026-02-10", VisitKind.REGULAR)], [special("2026-02-28", VisitKind.SPECIAL)], "met", of=SPECIAL, period="2026-winter"),
    "C44": never(call("2026-03-10", caller=CHILD, called=MOTHER)),
    "C45": never(said("survey_answered", "2026-03-10", title="跟踪", about=["study"]), period="2025-2026"),
    "T01": three([trigger("2026-03-12", "low_mood"), visit("2026-03-14")], [visit("2026-03-11"), trigger("2026-03-12", "low_mood")], [trigger("2026-03-12", "low_mood"), visit("2026-03-16")], "short"),
    "T02": three([trigger("2026-03-12", "unwell"), visit("2026-03-19")], [visit("2026-03-11"), trigger("2026-03-12", "unwell")], [trigger("2026-03-12", "unwell"), visit("2026-03-20")], "short"),
    "T03": three([trigger("2026-03-12", "grades_fell"), visit("2026-03-16")], [visit("2026-03-03"), trigger("2026-03-12", "grades_fell")], [trigger("2026-03-12", "grades_fell"), visit("2026-03-19")], "met"),
    "T04": three([trigger("2026-03-12", "late_or_early_leave"), visit("2026-03-13")], [trigger("2026-03-12", "late_or_early_leave")], [trigger("2026-03-29", "late_or_early_leave"), visit("2026-04-05")], "met"),
    "T05": three([trigger("2026-03-12", "quarrel"), visit("2026-03-15")], [visit("2026-03-03"), trigger("2026-03-12", "quarrel")], [trigger("2026-03-12", "quarrel"), visit("2026-03-16")], "short"),
    "T06": three([trigger("2026-03-12", "unwell"), said("illness_escorted", "2026-03-12", carers=[str(CARER)])], [trigger("2026-03-12", "unwell")], [trigger("2026-03-12", "unwell"), said("illness_escorted", "2026-03-13", carers=[str(CARER)])], "short"),
    "T07": three([trigger("2026-03-12", "unwell"), said("illness_escorted", "2026-03-12", carers=[str(CARER)])], [trigger("2026-03-12", "unwell")], [trigger("2026-03-12", "unwell"), said("illness_escorted", "2026-03-11", carers=[str(CARER)])], "short"),
    "T08": never(trigger("2026-03-12", "late_or_early_leave"), talk("2026-03-13"), **SPRING)[:1],
    "T09": never(said("risk_assessed", "2026-03-12", level="red"), **SPRING)[:1],
    "T10": never(said("risk_assessed", "2026-03-12", level="yellow"), **SPRING)[:1],
    "T11": never(trigger("2026-03-12", "quarrel"), call("2026-03-13"))[:1],
    "T12": three([said("profile_changed", "2026-03-12", address="新村"), said("contact_card_issued", "2026-03-20", holders=["mother"], version=2)], [said("contact_card_issued", "2026-03-11", holders=["mother"], version=1), said("profile_changed", "2026-03-12", address="新村")], [said("profile_changed", "2026-03-12", address="新村"), said("contact_card_issued", "2026-07-10", holders=["mother"], version=2)], "met", **SPRING),
    "T13": three([said("need_raised", "2026-03-12", need="life"), said("referral_made", "2026-03-20", to="团委")], [said("need_raised", "2026-03-12", need="life")], [said("referral_made", "2026-03-11", to="团委"), said("need_raised", "2026-03-12", need="life")], "short", **SPRING),
    "T14": [kids(said("contact_card_issued", "2026-03-12", holders=["child", "school", "mother"]), status="unevaluable", kind="met", period="2025-2026"), kids(status="short", kind="short", period="2025-2026"), kids(said("contact_card_issued", "2026-03-12", holders=["child", "mother"]), status="short", kind="edge", period="2025-2026")],
    "T15": never(said("dropout_risk_raised", "2026-03-12", reasons=["家庭困难"]), visit("2026-03-13"), **SPRING)[:1],
    "L01": three([call("2026-03-03", caller=MOTHER, called=CHILD)], [call("2026-03-03")], [letter("2026-03-08", "child", "father")], "met", **WEEK),
    "L02": three([call("2026-03-03", caller=MOTHER, called=GUARDIAN)], [call("2026-03-03", caller=MOTHER, called=CHILD)], [call("2026-03-08", caller=GUARDIAN, called=FATHER)], "met", **WEEK),
    "L03": three([said("entrustment_signed", "2026-03-03", name="赵奶奶", school_told=True, village_told=True)], [said("entrustment_signed", "2026-03-03", name="赵奶奶", school_told=True)], [said("entrustment_signed", "2026-03-03", name="赵奶奶", school_told=True, village_told=False)], "short", period="2025-2026"),
    "L04": three([said("entrustment_signed", "2026-03-03", name="赵奶奶", child_heard=True)], [said("entrustment_signed", "2026-03-03", name="赵奶奶")], [], "not_applicable", period="2025-2026"),
    "L05": [kids(status="unevaluable", kind="met"), kids(status="not_applicable", kind="edge", of=(enrolled("2025-01-10", birth_date="2010-03-01"),))],
    "L06": three([said("school_status_changed", "2026-03-03", status="dropped_out", persuaded_by="王校长"), said("referral_made", "2026-03-20", to="教育局")], [said("school_status_changed", "2026-03-03", status="dropped_out"), said("referral_made", "2026-03-20", to="教育局")], [said("school_status_changed", "2026-03-03", status="dropped_out"), said("school_status_changed", "2026-04-03", status="attending", persuaded_by="王校长"), said("referral_made", "2026-03-02", to="教育局")], "short", **SPRING),
    "L07": three([trigger("2026-03-12", "isolation"), call("2026-03-12"), said("counselling_opened", "2026-03-13", channel="room")], [trigger("2026-03-12", "isolation"), call("2026-03-12")], [call("2026-03-11"), trigger("2026-03-12", "isolation"), said("counselling_opened", "2026-03-13", channel="room")], "short", **SPRING),
}  # fmt: skip

UNITS: dict[str, list[Case]] = {
    "C07": [unit("met", "met", "2026-spring", child=[heard("2026-05-05", "防溺水安全")], of=LEFT), unit("short", "short", "2026-spring", child=[heard("2026-05-05", "剪纸")], of=LEFT), unit("edge", "not_applicable", "2026-spring", of=(*LEFT, said("parent_work_recorded", "2025-02-01", parent="mother", away=False), said("parent_work_recorded", "2025-02-01", parent="father", away=False)))],
    "C13": [unit("met", "met", "2026-W10", lecture("2026-03-03", "法制课")), unit("short", "short", "2026-W10", lecture("2026-03-03", "防溺水")), unit("edge", "not_applicable", "2026-W30", lecture("2026-07-21", "法制课"))],
    "C14": [unit("met", "met", "2026-W10", OPENED, session("2026-03-03"), session("2026-03-05")), unit("short", "short", "2026-W10", OPENED, session("2026-03-03")), unit("edge", "short", "2026-W10", OPENED, session("2026-03-03"), session("2026-03-03", "after_class"))],
    "C15": [unit("met", "met", "2026-03", OPENED, session("2026-03-03", on_duty=2)), unit("short", "short", "2026-03", OPENED, session("2026-03-03", on_duty=2), session("2026-03-05")), unit("edge", "not_applicable", "2026-03", OPENED)],
    "C22": [unit("met", "met", "2026-spring-start", census("2026-03-10")), unit("short", "short", "2026-spring-start"), unit("edge", "short", "2026-spring-start", census("2026-03-31"))],
    "C23": [unit("met", "met", "2026-03", meeting("2026-03-10", "symposium", *THREE)), unit("short", "short", "2026-03", meeting("2026-03-10", "symposium", "teacher", "child")), unit("edge", "short", "2026-03", meeting("2026-03-10", "staff", *THREE))],
    "C24": [unit("met", "met", "2026-spring", meeting("2026-05-10", "symposium", *THREE)), unit("short", "short", "2026-spring"), unit("edge", "short", "2026-spring", meeting("2026-05-10", "symposium", "teacher", "child", "parent"))],
    "C25": [unit("met", "unevaluable", "2026-spring")],
    "C30": [unit("met", "met", "2026-W10", OPENED, *(session(f"2026-03-0{d}", slot) for d in (2, 3, 4, 5, 6) for slot in ("noon", "after_class"))), unit("short", "short", "2026-W10", OPENED, *(session(f"2026-03-0{d}") for d in (2, 3, 4, 5, 6))), unit("edge", "not_applicable", "2026-W30", OPENED)],
    "C34": [unit("met", "met", "2026-spring-start", meeting("2026-03-10", "council", "village", "teacher")), unit("short", "short", "2026-spring-start", child=[visit("2026-03-10")]), unit("edge", "met", "2026-spring-start", child=[special("2026-03-30", VisitKind.REGULAR, accompanied_by="村主任", record="了解情况")])],
    "C35": [unit("met", "met", "2026-spring", census("2026-03-10"), census("2026-05-10"), questionnaire("2026-03-12")), unit("short", "short", "2026-spring", census("2026-03-10"), questionnaire("2026-03-12")), unit("edge", "short", "2026-spring", census("2026-03-10"), census("2026-05-10"))],
    "C38": [unit("met", "met", "2026-W10", OPENED, *(session(f"2026-03-0{d}", slot, at=at, minutes=m) for d in (2, 3, 4, 5, 6) for slot, at, m in (("morning", "07:00", 60), ("noon", "12:00", 90)))), unit("short", "short", "2026-W10", OPENED, *(session(f"2026-03-0{d}", "morning", at="07:00", minutes=60) for d in (2, 3, 4, 5, 6))), unit("edge", "short", "2026-W10", OPENED, *(session(f"2026-03-0{d}", slot, at=at, minutes=m) for d in (2, 3, 4, 5, 6) for slot, at, m in (("morning", "07:00", 59), ("noon", "12:00", 90))))],
    "C40": [unit("met", "met", "2026-H1", child=[special("2026-06-30", VisitKind.CONDOLENCE)], of=POOR), unit("short", "short", "2026-H1", child=[special("2026-06-30", VisitKind.REGULAR)], of=POOR), unit("edge", "short", "2026-H1", child=[special("2026-06-30", VisitKind.CONDOLENCE)], of=LEFT)],
    "C41": [unit("met", "met", "2025-2026", said("donation_received", "2026-03-10", stream=OFFICE, donor="市关工委", source="given", amount_fen=100)), unit("short", "short", "2025-2026"), unit("edge", "met", "2025-2026", child=[said("subsidy_paid", "2026-08-31", subsidy=str(an_id("s")), amount_fen=100)])],
    "C42": [unit("met", "unevaluable", "2026-W10")],
    "C46": [unit("met", "met", "2025-2026-start", census("2025-09-30")), unit("short", "short", "2025-2026-start"), unit("edge", "short", "2025-2026-start", census("2025-10-01"))],
    "C19": [unit("met", "met", "2026-W30", child=[visit("2026-07-21")], of=PROXY), unit("short", "short", "2026-W30", child=[visit("2026-07-21", carers=(OTHER_CARER,))], of=PROXY), unit("edge", "not_applicable", "2026-W10", of=PROXY)],
    "P01": [unit("met", "met", "2026-03", of=(enrolled("2025-01-10"), paired("2025-01-10", kind=CarerKind.HELPER_TEACHER))), unit("edge", "not_applicable", "2026-03", of=PROXY)],
    "P02": [unit("short", "short", "2026-03", of=(enrolled("2025-01-10"), paired("2025-01-10", kind=CarerKind.HELPER_TEACHER))), unit("edge", "not_applicable", "2026-03", of=PROXY)],
    "P03": [unit("met", "met", "2026-03", of=COUNSELLED), unit("edge", "short", "2026-03", of=(*COUNSELLED, *(paired("2025-01-10", name=f"again {n}") for n in (1, 2))))],
    "P04": [unit("met", "unspecified", "2026-03", of=(enrolled("2025-01-10"), paired("2025-01-10", kind=CarerKind.LOVE_MOTHER)))],
    "L08": [unit("met", "unevaluable", "2025-2026", of=PROXY)],
}  # fmt: skip
AS_OF = date(2026, 11, 21)
