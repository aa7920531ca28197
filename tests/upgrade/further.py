"""What only versions after 0.2 know: further types of care actions, and further kinds of streams."""

import json
from typing import Any
from uuid import UUID

from domain.catalogue import care_actions_by_type
from tests.support.care_samples import CARE, OTHER
from tests.upgrade.people import A1, AV
from tests.upgrade.teller import Teller, an_id, when

DAY = "06-24"
# A school of one child, so that its promotion moves nobody else.
PROMOTED = "溪口县/东岭镇/新村小学"
# Which entry a field names.
NAMED: dict[str, dict[str, str]] = {
    "behaviour_plan_reviewed": {"plan": "behaviour_plan_opened"},
    "care_arrangement_ended": {"arrangement": "care_arranged"},
    "consent_withdrawn": {"consent": "consent_recorded"},
    "counselling_closed": {"case": "counselling_opened"},
    "counselling_session": {"case": "counselling_opened"},
    "pairing_service_given": {"pairing": "pairing_started"},
    "referral_answered": {"referral": "referral_made"},
    "referral_made": {"need": "need_raised"},
    "subsidy_ended": {"subsidy": "subsidy_granted"},
    "subsidy_paid": {"subsidy": "subsidy_granted"},
    "trigger_closed": {"trigger": "trigger_observed"},
    "tutoring_held": {"plan": "study_plan_registered"},
    "visit_verified": {"visit": "home_visit_made"},
    "wish_fulfilled": {"wish": "wish_collected"},
}
# What of a sample can't be said beside the rest, or not on that day.
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "entrustment_signed": ("excluded_by",),
    "illness_escorted": ("family_told_on",),
    "letter_sent": ("answers",),
    "trigger_closed": ("visit",),
}
# What two fields may not both say.
CHANGED: dict[str, dict[str, str]] = {"letter_sent": {"reader": "mother"}}
# Those that change where a child belongs, and need a child of their own.
OF_PLACES = ("child_promoted", "exit_reviewed", "placement_ended", "placement_started")
LAST = ("care_arrangement_ended", "consent_withdrawn", "counselling_closed", "subsidy_ended")


def every_further_type(tell: Teller) -> None:
    """Say of one child everything that is new, with nearly every field."""
    words = {"name": "孟小全", "sex": "female", "birth_date": "2016-05-20", "student_no": "S20269111"}
    tell.enrol("everything", "05-21", A1, by="a_school", **words)
    carer = str(tell.carers["lu"])
    met = {"carers": [carer], "outcome": "met", "minutes": 30, "record": "在写作业"}
    said = {"home_visit_made": tell.event("everything", "home_visit_made", DAY, by="a_school", **met)}
    paired = {"carer": carer, "kind": "helper_teacher"}
    said["pairing_started"] = tell.event("everything", "pairing_started", DAY, by="a_school", **paired)
    for type_ in sorted(CARE, key=lambda t: (t in LAST, t in NAMED, t == "referral_answered", t)):
        if type_ not in OF_PLACES and not care_actions_by_type()[type_].derived:
            said[type_] = an_id(f"everything {type_}")
            path = f"/v1/children/{tell.children['everything']}/events/{said[type_]}"
            body = {"type": type_} | when(DAY) | {"details": _details(type_, said, carer)}
            tell.send("a_school", "PUT", path, body, status=201)


# Of each kind of stream what opens it, and the entries after that. Put in are the words below, AT for the
# entry before, and for the name of a type the entry of that type.
CHILD, OTHER_CHILD, CARER, PRINCIPAL, AT = "CHILD", "OTHER_CHILD", "CARER", "PRINCIPAL", "AT"
SCORES = [{"item": 1, "tenths": 580}, {"item": 2, "tenths": 395}]
FIGURE = {"report": "compliance", "figure": "C39", "value": 9815}
# What is drawn has a route of its own.
SAMPLE = "inspection_sample_drawn"
STREAMS: dict[str, tuple[dict[str, Any], ...]] = {
    "census-rounds": (
        {"title": "春季摸底", "counts_on": "2026-03-01", "definition": "school_broad@1", "asked": ["1班"]},
        {
            "type": "questionnaire_set",
            "title": "成长问卷",
            "items": [{"text": "多久和父母通话一次", "about": "family", "offers": ["每周", "每月"]}],
        },
        {"type": "questionnaire_answered", "child": CHILD, "answers": [{"item": 1, "answer": "每周"}]},
        {
            "type": "census_returned",
            "unit": "1班",
            "figures": {"pupils": 40, "left_behind": 12, "both_away": 7, "one_away": 5},
            "children": [{"child": CHILD, "changed": False}],
        },
        {
            "type": "census_round_closed",
            "figures": {"pupils": 40, "left_behind": 12, "both_away": 7, "one_away": 5},
            "responsible": "王校长",
        },
    ),
    "donations": (
        {"donor": "县关工委", "amount_fen": 120_000, "earmark": "助学"},
        {"type": "donation_allocated", "child": CHILD, "amount_fen": 30_000, "purpose": "助学"},
        {
            "type": "donation_shared_out",
            "children": [{"child": CHILD}],
            "amount_fen": 10_000,
            "purpose": "助学",
        },
        {"type": "donation_closed", "rest": "转入下年"},
    ),
    "group-actions": (
        {"title": "开学第一周", "place": "本校操场"},
        {"type": "letters_written", "writer": "child", "children": [{"child": CHILD, "reader": "mother"}]},
        {"type": "messages_spread", "reader": "guardian", "children": [{"child": CHILD, "arrived": True}]},
        {
            "type": "calls_held",
            "caller": "child",
            "channel": "home_phone",
            "children": [{"child": CHILD, "called": "mother", "outcome": "connected", "minutes": 5}],
        },
        {"type": "children_measured", "children": [{"child": CHILD, "height_cm": 131, "weight_g": 27_500}]},
        {
            "type": "class_handed_over",
            "carer": CARER,
            "kind": "helper_teacher",
            "accepted_by": "卢老师",
            "children": [{"child": CHILD, "pairing": OTHER}],
        },
    ),
    "homes": (
        {"name": "留守儿童之家", "hours": "每周二、四课后"},
        {"type": "home_staffed", "carer": CARER, "role": "manager"},
        {"type": "home_session_held", "slot": "after_class", "carers": [CARER], "heads": 12},
        {"type": "home_stocked", "item": "篮球", "quantity": 2},
        {"type": "equipment_lent", "item": "篮球", "child": CHILD},
        {"type": "equipment_returned", "loan": AT},
        {"type": "home_closed", "reason": "合并"},
    ),
    "households": (
        {"head": "林大山", "address": "东岭村1组", "children": [CHILD]},
        {
            "type": "household_visited",
            "carers": [CARER],
            "outcome": "met",
            "children": [{"child": CHILD, "seen": True, "finding": "在写作业"}],
        },
        {"type": "household_left", "child": CHILD, "reason": "随母亲居住"},
        {"type": "household_joined", "child": CHILD},
        {"type": "household_dissolved", "reason": "迁出"},
    ),
    "assessments": (
        {
            "title": "年度考核",
            "subject": "carer",
            "carer": CARER,
            "first": "2025-09-01",
            "last": "2026-06-20",
            "items": [{"name": "家访", "weight": 60}, {"name": "谈心", "weight": 40}],
        },
        {"type": "assessment_inputs_listed", "item": 1, "figures": [FIGURE]},
        {"type": "assessment_self_scored", "scores": SCORES},
        {
            "type": "assessment_group_scored",
            "group": "考核小组",
            "scores": SCORES,
        },
        {"type": "assessment_appealed", "item": 1, "why": "补记的也应计入"},
        {"type": "assessment_appeal_answered", "appeal": AT, "upheld": False, "answer": "不予采纳"},
        {"type": "assessment_closed", "tenths": 975, "grade": "excellent"},
    ),
    "incidents": (
        {"situations": ["alone"], "children": [CHILD], "what": "家中无人照料"},
        {"type": "incident_office_called", "office": "police", "number": "110-0001"},
        {"type": "incident_office_answered", "call": AT, "answer": "taken"},
        {"type": "incident_child_named", "child": OTHER_CHILD},
        {"type": "incident_measure_taken", "measure": "made_safe", "by": "村干部"},
        {"type": "incident_assessed", "findings": "监护缺失", "assessor": "社工", "plan": "每周走访"},
        {"type": "incident_intervened", "intervention": "admonished", "by": "派出所"},
        {"type": "incident_access_granted", "principal": PRINCIPAL, "reason": "负责走访"},
        {"type": "incident_access_withdrawn", "principal": PRINCIPAL, "reason": "调离"},
        {"type": "incident_closed", "outcome": "safe", "approved_by": "王校长"},
    ),
    "inspections": (
        {"title": "年中督导", "body": "县教育督导室", "inspectors": ["钱督学"]},
        {"type": "inspection_step_taken", "step": "teachers", "heads": 12},
        {"type": SAMPLE, "size": 1, "seed": "3f2a"},
        {"type": "inspection_visit_made", "child": CHILD, "outcome": "met", "met": ["guardian"]},
        {"type": "inspection_finding_made", "finding": "名册不全", "demand": "补齐", "due": "2026-06-30"},
        {"type": "inspection_finding_repaired", "finding": AT, "how": "已补齐"},
        {"type": "inspection_finding_closed", "finding": "inspection_finding_made"},
        {"type": "inspection_closed", "conclusion": "总体较好"},
    ),
    "plans": (
        {
            "kind": "three_years",
            "title": "关爱三年规划",
            "first": "2025-01-01",
            "last": "2027-12-31",
            "milestones": [{"name": "建成之家", "due": "2026-06-30"}],
        },
        {
            "type": "plan_revised",
            "reason": "场地推迟",
            "last": "2028-12-31",
            "milestones": [{"name": "建成之家", "due": "2027-06-30"}],
        },
        {"type": "plan_milestone_done", "milestone": "建成之家", "result": "已开放"},
        {"type": "drill_held", "kind": "fire", "heads": 480, "result": "passed"},
        {"type": "plan_closed", "outcome": "in_part"},
    ),
    "regulations": (
        {"title": "谈心制度", "version": "1", "valid_from": "2025-09-01", "sha256": "55" * 32},
        {"type": "regulation_revised", "version": "2", "valid_from": "2026-03-01", "sha256": "66" * 32},
        {"type": "regulation_acknowledged", "version": "2", "signed_by": "卢老师", "signed_as": "teacher"},
        {"type": "regulation_repealed", "reason": "并入新制度"},
    ),
    "groups": (
        {
            "kind": "leading",
            "name": "关爱工作领导小组",
            "level": "school",
            "members": [{"name": "王校长", "role": "head"}],
        },
        {"type": "group_joined", "members": [{"name": "卢老师", "post": "班主任"}]},
        {"type": "group_left", "name": "卢老师"},
        {"type": "group_dissolved", "reason": "并入校务会"},
    ),
    "carer-files": (
        {"carer": CARER},
        {"type": "carer_vetted", "result": "clear", "asked_by": "县公安局", "valid_to": "2027-03-01"},
        {"type": "carer_trained", "topic": "心理辅导", "minutes": 360, "trained_as": "counsellor"},
        {"type": "carer_on_leave", "reason": "maternity", "until": "2026-12-01"},
        {"type": "carer_back"},
    ),
    "programmes": (
        {"title": "教师结对", "kind": "helper_teacher", "fewest_named": 1, "most_named": 2},
        {"type": "child_named", "unit": "三年级/一班", "child": CHILD},
        {"type": "child_named_no_more", "child": CHILD},
        {"type": "programme_ended"},
    ),
    "responsibilities": (
        {"title": "关爱工作责任分工"},
        {"type": "responsibility_assigned", "side": "safety", "holder": "赵副校长", "post": "vice_principal"},
        {"type": "responsibility_ended", "assignment": "responsibility_assigned"},
        {"type": "layer_letter_signed", "layer": "school_teacher", "bound": "班主任", "signed_by": "卢老师"},
        {"type": "responsibilities_closed"},
    ),
    "campaigns": (
        {
            "kind": "volunteer",
            "title": "关爱志愿行",
            "first": "2026-05-05",
            "last": "2026-05-18",
            "steps": [{"name": "签名活动", "first": "2026-05-18"}],
            "budget_fen": 50_000,
            "most_per_unit": 2,
        },
        {"type": "campaign_step_done", "step": "签名活动", "heads": 300},
        {"type": "campaign_spent", "amount_fen": 60_000, "purpose": "横幅", "paid_by": "school"},
        {"type": "publicity_given", "channel": "leaflets", "leaflets": 600, "banners": 20},
        {"type": "volunteer_enlisted", "name": "周同学", "unit": "3班", "fit": True},
        {
            "type": "volunteer_vetted",
            "volunteer": "volunteer_enlisted",
            "result": "clear",
            "asked_by": "县公安局",
        },
        {"type": "volunteer_withdrew", "volunteer": "volunteer_enlisted"},
        {"type": "campaign_site_proposed", "place": "东岭村", "left_behind": 54, "same_day": True},
        {"type": "campaign_site_chosen", "site": "campaign_site_proposed"},
        {"type": "campaign_closed", "outcome": "走访八户"},
    ),
    "meetings": (
        {"kind": "symposium", "topic": "假期安全", "parties": ["teacher", "child", "guardian"]},
        {"type": "meeting_followed_up", "done": True},
    ),
}


def every_stream(tell: Teller) -> None:
    """Open a stream of each kind, and say on it everything that can be said."""
    put_in = {
        CHILD: str(tell.children["everything"]),
        OTHER_CHILD: str(tell.children["no_number"]),
        CARER: str(tell.carers["lu"]),
        PRINCIPAL: tell.as_("a_class").get("/v1/me").json["principal_id"],
    }
    for plural, (opening, *entries) in STREAMS.items():
        path = f"/v1/{plural}/{an_id(plural)}"
        tell.send("a_school", "PUT", path, when(DAY) | {"org": A1, "details": _put(opening, put_in)})
        for version, entry in enumerate(entries, start=1):
            details = _put(entry, put_in)
            type_, event_id = details.pop("type"), str(an_id(f"{plural} {entry['type']}"))
            body = {"type": type_} | when(DAY) | {"details": details}
            headers = {"If-Match": f'"{version}"'}
            if type_ == SAMPLE:
                tell.send("a_school", "PUT", f"{path}/samples/{event_id}", details, headers=headers)
            else:
                tell.send("a_school", "PUT", f"{path}/events/{event_id}", body, headers=headers)
            put_in |= {AT: event_id, type_: event_id}


def _put(words: dict[str, Any], put_in: dict[str, str]) -> dict[str, Any]:
    text = json.dumps(words)
    for name, value in put_in.items():
        text = text.replace(f'"{name}"', f'"{value}"')
    changed: dict[str, Any] = json.loads(text)
    return changed


def placed(tell: Teller) -> None:
    """Place a child on the line of a village too, promote its class, let it leave, and look after it."""
    words = {"name": "孟小迁", "sex": "female", "birth_date": "2016-05-20", "student_no": "S20269131"}
    child = tell.enrol("placed", "05-21", f"{PROMOTED}/三年级/一班", **words)

    def say(type_: str, day: str, **details: Any) -> UUID:
        event_id, version = an_id(f"placed {type_}"), tell.world.child(child).version
        body = {"type": type_} | when(day) | {"details": details}
        headers = {"If-Match": f'"{version}"'}
        tell.send("office", "PUT", f"/v1/children/{child}/events/{event_id}", body, headers=headers)
        return event_id

    say("placement_started", "06-01", line="village", org=AV)
    say("placement_ended", "06-10", line="village", reason="迁居")
    promotion = {"promotion_id": str(an_id("promotion")), "org": PROMOTED, "occurred_on": f"2026-{DAY}"}
    tell.send("office", "POST", "/v1/promotions", promotion)
    left = say("child_exited", DAY, reason="moved", approved_by="王校长")
    say("exit_reviewed", DAY, exit=str(left), found="well")


def merged(tell: Teller) -> None:
    """Merge the file of a child that was opened twice."""
    words = {"name": "孟小双", "sex": "female", "birth_date": "2016-05-20"}
    for slug, number in (("opened_first", "S20269121"), ("opened_twice", "S20269122")):
        tell.enrol(slug, "05-22", A1, by="a_school", student_no=number, **words)
    into = str(tell.children["opened_first"])
    body = {"into": into, "reason": "重复建档", "approved_by": "王校长"}
    tell.send("a_manager", "POST", f"/v1/children/{tell.children['opened_twice']}/merge", body)


def _details(type_: str, said: dict[str, UUID], carer: str) -> dict[str, Any]:
    """Return a sample of a type that names what is there."""
    named = {field: str(said[other]) for field, other in NAMED.get(type_, {}).items()}
    whole = CARE[type_] | named | CHANGED.get(type_, {})
    sample = {n: v for n, v in whole.items() if n not in LEFT_OUT.get(type_, ())}
    changed: dict[str, Any] = json.loads(json.dumps(sample).replace(OTHER, carer))
    return changed


CHAPTERS = (
    (f"{DAY} 20:00", every_further_type),
    (f"{DAY} 20:10", every_stream),
    (f"{DAY} 20:20", merged),
    (f"{DAY} 20:30", placed),
)
