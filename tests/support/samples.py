"""One sample of every type of event there is, with every field filled; the people are made up."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.catalogue import details_by_type
from domain.days import SHANGHAI
from domain.event import Channel, Details, Event, Evidence, Metadata, Occurred
from domain.wire import from_wire
from tests.support.care_samples import CARE, OTHER
from tests.support.duty_samples import DUTIES
from tests.support.group_samples import of_groups
from tests.support.organisation_samples import ORGANISATION

STREAM = UUID("00000000-0000-4000-8000-000000000001")

WORDS: dict[str, dict[str, Any]] = CARE | {
    "child_enrolled": {
        "name": "林小禾",
        "student_no": "T000000001",
        "sex": "female",
        "birth_date": "2016-05-20",
        "id_number": "110101201605200021",
        "ethnicity": "汉族",
        "hukou_type": "rural",
        "address": "东岭村1组1号",
        "boarding": True,
        "health": "健康",
        "tags": ["poor", "key_target"],
        "legal_basis": "consent",
    },
    "profile_changed": {
        "name": "林小荷",
        "ethnicity": "回族",
        "hukou_type": "urban",
        "address": "西河村",
        "boarding": False,
        "health": "良好",
        "tags": ["migrant"],
    },
    "guardian_designated": {
        "name": "林大山",
        "relation": "祖父",
        "kind": "delegated",
        "phone": "10000000001",
        "address": "东岭村",
        "age": 66,
        "language": "方言",
        "can_read": False,
        "capability": "fair",
    },
    "parent_work_recorded": {
        "parent": "father",
        "away": True,
        "name": "林远",
        "away_from": "2025-02-01",
        "away_to": "2026-02-01",
        "place": "某省某市",
        "phone": "10000000002",
        "contactable": True,
    },
    "pairing_started": {
        "carer": OTHER,
        "kind": "care_counsellor",
        "programme": "p",
        "domains": ["study", "health"],
        "duties": "陪伴",
    },
    "child_merged": {"into": OTHER, "reason": "重复建档", "approved_by": "王校长"},
    "file_taken_over": {
        "child": OTHER,
        "name": "林晓和",
        "student_no": "T000000002",
        "id_number": "110101201605200021",
    },
    "pairing_ended": {"pairing": OTHER, "reason": "调动"},
    "care_handed_over": {
        "pairing": OTHER,
        "carer": OTHER,
        "kind": "proxy_parent",
        "accepted_by": "孟老师",
        "duties": ["六月家访"],
        "reason": "调动",
    },
    "home_visit_made": {
        "carers": [OTHER],
        "outcome": "met",
        "kind": "return",
        "met": ["child", "guardian"],
        "place": "家中",
        "accompanied_by": "村干部",
        "parenting_guidance": True,
        "minutes": 30,
        "record": "情绪稳定",
    },
    "call_made": {
        "caller": "carer",
        "called": "mother",
        "outcome": "connected",
        "minutes": 7,
        "carers": [OTHER],
        "channel": "video",
        "language": "普通话",
        "record": "通报近期表现",
    },
    "talk_held": {
        "carers": [OTHER],
        "mode": "phone",
        "topics": ["想家"],
        "mood": 3,
        "minutes": 15,
        "record": "想念父母",
    },
    "record_filed": {"target": OTHER, "record": "补记走访内容"},
    "gift_received": {
        "donor": "热心人",
        "kind": "goods",
        "purpose": "学习",
        "receipt": "R-1",
        "lines": [{"item": "书包", "quantity": 1, "unit_value_fen": 8000}],
    },
    "child_exited": {"reason": "parent_returned", "note": "母亲回乡"},
    "child_readmitted": {"reason": "再次外出"},
    "donation_allocated": {
        "child": OTHER,
        "body": "西河村",
        "recipient": "林小禾",
        "amount_fen": 30000,
        "items": [{"item": "书包", "quantity": 2}],
        "purpose": "助学",
        "handed_over_by": "赵主任",
        "signed_by": "林大山",
        "witness": "村会计",
        "receipt": "S-0007",
    },
    "donation_closed": {"rest": "转入下年"},
    "donation_received": {
        "donor": "县青年商会",
        "source": "self_raised",
        "amount_fen": 30000,
        "items": [{"item": "书包", "quantity": 2, "unit_value_fen": 800}],
        "service": "免费义诊",
        "approximate": True,
        "earmark": "助学",
        "most_recipients": 30,
        "licence": "XX-0001",
        "receipt": "S-0007",
    },
    "home_closed": {"reason": "家中有事"},
    "home_opened": {
        "name": "周桂兰",
        "place": "西河村",
        "hours": "每周二、四课后",
        "family_phone": "10000000005",
    },
    "home_session_held": {
        "slot": "noon",
        "carers": [OTHER],
        "heads": 12,
        "approximate": True,
        "minutes": 40,
        "done": "阅读",
    },
    "home_staffed": {"carer": OTHER, "role": "assistant", "until": "2026-07-31"},
    "home_stocked": {"item": "书包", "quantity": 2, "value_fen": 12000, "donation": OTHER},
    "equipment_lent": {"item": "书包", "child": OTHER},
    "equipment_returned": {"loan": OTHER, "damaged": True},
    "meeting_followed_up": {"decision": 1, "done": True, "note": "已与班主任沟通"},
    "meeting_held": {
        "kind": "symposium",
        "topic": "近况",
        "parties": ["teacher"],
        "heads": 12,
        "chaired_by": "王校长",
        "minutes": 40,
        "decisions": ["每周一电"],
        "record": "情绪稳定，作业已完成",
    },
    "incident_reported": {
        "situations": ["abandoned", "alone"],
        "children": [OTHER],
        "what": "三天无人照料",
        "place": "东岭村",
        "found_by": "村干部",
        "about": "无",
        "readers": [OTHER],
        "excluded": [OTHER],
    },
    "incident_office_called": {
        "office": "police",
        "officer": "民警",
        "number": "110-0001",
        "called_by": "村干部",
    },
    "incident_office_answered": {"call": OTHER, "answer": "taken", "note": "已出警"},
    "incident_child_named": {"child": OTHER},
    "incident_measure_taken": {"measure": "made_safe", "by": "村干部", "note": "送至姑母家"},
    "incident_assessed": {"findings": "监护缺失", "assessor": "社工", "plan": "每周走访"},
    "incident_intervened": {"intervention": "admonished", "by": "派出所", "note": "训诫父亲"},
    "incident_access_granted": {"principal": OTHER, "reason": "负责走访"},
    "incident_access_withdrawn": {"principal": OTHER, "reason": "调离"},
    "incident_closed": {"outcome": "safe", "approved_by": "王校长", "note": "由姑母照料"},
    "household_dissolved": {"reason": "家中有事"},
    "household_joined": {"child": OTHER},
    "household_left": {"child": OTHER, "reason": "家中有事"},
    "household_registered": {
        "head": "林大山",
        "address": "东岭村1组",
        "language": "方言",
        "someone_reads": True,
        "hardship": "subsistence",
        "children": [OTHER],
    },
    "household_visited": {
        "carers": [OTHER],
        "outcome": "nobody_home",
        "met": ["guardian"],
        "children": [{"child": OTHER, "seen": True, "finding": "上呼吸道感染"}],
        "minutes": 40,
        "record": "情绪稳定，作业已完成",
    },
    "event_corrected": {
        "target": OTHER,
        "fields": {"occurred_on": "2026-03-04", "details": {"minutes": 20}},
        "reason": "笔误",
        "approved_by": "王校长",
    },
    "event_voided": {"target": OTHER, "reason": "重复", "approved_by": "王校长", "undoes_import": OTHER},
    "participation_recorded": {
        "activity": OTHER,
        "kind": "lecture",
        "topic": "防溺水",
        "role": "speaker",
        "minutes": 45,
    },
    "activity_held": {
        "kind": "visit_day",
        "topic": "集中家访",
        "participants": [
            {
                "child_id": OTHER,
                "role": "helper",
                "found": {
                    "outcome": "met",
                    "met": ["child"],
                    "carers": [OTHER],
                    "minutes": 20,
                    "record": "见到祖母",
                },
            },
            {"student_no": "T000000002"},
        ],
        "absent": [{"student_no": "T000000003", "reason": "生病"}],
        "minutes": 180,
        "place": "东岭村",
        "carers": [OTHER],
        "scope": "县/镇",
    },
    "activity_amended": {
        "participants": [{"student_no": "T000000004"}],
        "absent": [{"child_id": OTHER, "reason": "请假"}],
        "scope": "县/镇",
    },
    "activity_corrected": {
        "reason": "笔误",
        "approved_by": "王校长",
        "held_on": "2026-03-03",
        "topic": "防火",
        "minutes": 40,
    },
    "activity_voided": {"reason": "未举行", "approved_by": "王校长"},
    "transfer_proposed": {"to": "县/镇/中学", "duties": ["六月家访"], "reason": "升学"},
    "transfer_accepted": {"transfer": OTHER, "accepted_by": "赵主任", "note": "已到校"},
    "transfer_declined": {"transfer": OTHER, "reason": "未到校"},
    "transfer_withdrawn": {"transfer": OTHER, "reason": "家长改变主意"},
    "carer_registered": {"name": "卢老师", "staff_no": "7", "phone": "10000000003", "capacity": 2},
    "pairing_slot_changed": {
        "pairing": OTHER,
        "child": OTHER,
        "kind": "care_counsellor",
        "start": "2026-03-01",
        "end": "2026-06-30",
        "released": False,
    },
    "org_unit_created": {},
    "pupils_counted": {"pupils": 502},
    "rule_bound": {
        "rule": {"rule_id": "C39", "version": 1},
        "effective_from": "2026-03-01",
        "effective_to": "2026-07-01",
    },
    "recipient_registered": {
        "recipient": OTHER,
        "name": "值班员",
        "channel": "webhook",
        "address": "https://watch.example/hook",
        "secret": "whsec_c2VjcmV0",
        "from_step": "warning",
        "catch_all": True,
    },
    "recipient_removed": {"recipient": OTHER},
    "watch_extended": {"reason": "全校寄宿"},
    "alert_ladder_set": {
        "kind": "unseen",
        "on": True,
        "info": 10,
        "warning": 20,
        "high": 40,
        "critical": 80,
        "reason": "暑假期间缩短",
    },
    "watch_restored": {"reason": "不再寄宿"},
    "alert_raised": {
        "kind": "uncontacted",
        "child": OTHER,
        "anchor": OTHER,
        "silent_since": "2026-03-01",
        "step": "info",
        "days_silent": 14,
    },
    "alert_escalated": {"step": "warning", "silent_since": "2026-03-01", "days_silent": 30},
    "alert_reopened": {"step": "high", "silent_since": "2026-03-01", "days_silent": 45},
    "alert_carried": {"step": "high", "silent_since": "2026-03-01", "days_silent": 46},
    "alert_notified": {"delivery": OTHER, "step": "info", "channel": "inbox", "recipient": OTHER},
    "alert_acknowledged": {"by": "值班员", "note": "明日走访"},
    "alert_snoozed": {"until": "2026-03-20", "reason": "住院", "approved_by": "王校长"},
    "alert_resolved": {"ending": "contact", "by_event": OTHER},
    "canary_rang": {},
    "principal_registered": {"name": "王老师"},
    "key_issued": {
        "key": "aaaaaaaaaaaaa",
        "role": "client",
        "all_types": False,
        "expires_at": "2027-03-02T09:05:00Z",
        "scope": "县/镇/小学",
        "types": ["talk_held"],
    },
    "key_changed": {
        "key": "aaaaaaaaaaaaa",
        "role": "auditor",
        "all_types": False,
        "expires_at": "2027-03-02T09:05:00Z",
        "scope": "县/镇/小学",
        "types": ["talk_held"],
    },
    "key_revoked": {"key": "aaaaaaaaaaaaa"},
}

WORDS |= DUTIES | ORGANISATION | of_groups(WORDS)


SILENCES = {
    "silence": {"days": 45, "since": "2026-03-01", "by": OTHER, "type": "phone_call_made"},
    "unseen": {"days": 73, "since": "2026-02-01", "by": OTHER, "type": "home_visit_made"},
}
# What a type was given after its first sample had been written for ever: that one stays as it is.
LATER: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("alert_raised", "alert_escalated", "alert_reopened", "alert_carried"), SILENCES),
    "care_arranged": {"address": "西河村2组"},
    "care_handed_over": {"former": OTHER},
    "class_handed_over": {"former": OTHER},
    "child_goal_marked": {"of": "help", "text": "结一个对子"},
    "entrustment_signed": {"address": "西河村2组"},
    "home_visit_made": {"about": ["family", "results"]},
    "household_visited": {"team": "第一组", "recorder": OTHER, "accompanied_by": "村主任"},
    "pupils_counted": {"approximate": True},
    "talk_held": {"about": ["study"]},
    "activity_held": {"speaker_office": "县检察院"},
    "guardian_designated": {"unknown": ["address"]},
    "inspection_finding_made": {"about": "surroundings"},
    "carer_registered": {"fewest": 1, "home_place": "东岭村"},
    "child_exited": {"approved_by": "王校长"},
    "parent_work_recorded": {"how_far": "beyond"},
    "child_enrolled": {"remark": "曾用名：林小荷"},
    "survey_answered": {"answers": [{"item": "多久和父母通话一次", "answer": "每周"}]},
    "transfer_proposed": {"line": "village"},
    "profile_changed": {"student_no": "G330199201605200024", "remark": "随父母外出过一学期"},
    "recipient_registered": {
        "previous_secret": "whsec_b2xkc2VjcmV0",
        "quiet_from": 22,
        "quiet_until": 7,
        "most_per_hour": 4,
    },
}


# And what it was given after that one had been written for ever as well.
LATEST: dict[str, dict[str, Any]] = {
    "child_enrolled": {"line": "village"},
    "parent_work_recorded": {"unknown": ["place"]},
}
FORMS = (*WORDS, *(f"{type_}:later" for type_ in LATER), *(f"{type_}:latest" for type_ in LATEST))


def every_word(type_: str) -> dict[str, Any]:
    """All that samples of a type say."""
    return WORDS[type_] | LATER.get(type_, {}) | LATEST.get(type_, {})


def sample_details(form: str) -> Details:
    """The sample details of a type, or of "type:later" or "type:latest" with the fields that came later."""
    type_, _, later = form.partition(":")
    said = {"": WORDS[type_], "later": WORDS[type_] | LATER.get(type_, {}), "latest": every_word(type_)}
    return from_wire(details_by_type()[type_], said[later])


def sample_event(type_: str) -> Event:
    """A sample event of a type, or of "type:later", with a full envelope."""
    return Event(
        originator_id=STREAM,
        originator_version=3,
        event_id=UUID("00000000-0000-4000-8000-0000000000ee"),
        occurred=Occurred.moment(datetime(2026, 3, 2, 17, 5, tzinfo=SHANGHAI)),
        details=sample_details(type_),
        recorded_by="李老师",
        late_reason="停电",
        org="县/镇/小学/3年级/4班",
        metadata=Metadata(
            actor="school-system",
            role="client",
            channel=Channel.IMPORT,
            correlation_id=UUID(OTHER),
            causation_id=UUID(OTHER),
            import_id=UUID(OTHER),
            file_sha256="00" * 32,
            line=7,
        ),
        written_on=date(2026, 3, 9),
        evidence=(Evidence(sha256="11" * 32, kind="photo", size_bytes=1024),),
        source_event_id=UUID(OTHER),
    )
