"""The shapes of answers, as JSON Schema: documentation that the contract tests hold against the answers."""

from collections.abc import Mapping

from api.activity_answers import ACTIVITY_ANSWERS
from api.shapes import (
    ANY_OBJECT,
    DAY,
    FLAG,
    LABEL,
    MOMENT,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    many,
    maybe,
    obj,
    one_of,
    ref,
)
from domain.catalogue import served_kinds, shown_of_a_child

_PERIOD = obj(name=TEXT, first=DAY, last=DAY)
_NOTED = many(ref("Note"))
_REJECTED = many(obj(event_id=UUID, reason=TEXT))
_FIGURES: dict[str, Shape] = {
    "due": WHOLE,
    "met": WHOLE,
    "short": many(
        obj(child_id=UUID, student_no=TEXT, counted=many(UUID), required=WHOLE, rejected=_REJECTED)
    ),
    "pending": WHOLE,
    "not_applicable": WHOLE,
    "unspecified": WHOLE,
}
_VERDICT: dict[str, Shape] = {
    "rule_id": TEXT,
    "rule_version": WHOLE,
    "period": _PERIOD,
    "status": one_of("met", "short", "pending", "not_applicable", "unspecified"),
    "required": WHOLE,
    "achieved": WHOLE,
    "counted": many(UUID),
    "rejected": _REJECTED,
    "late": many(UUID),
}
_ALERT: dict[str, Shape] = {
    "alert_id": UUID,
    "child_id": UUID,
    "org": TEXT,
    "step": TEXT,
    "open": FLAG,
    "silent_since": DAY,
    "raised_at": MOMENT,
    "acknowledged": FLAG,
    "snoozed_until": maybe(DAY),
}
_RECORDED: dict[str, Shape] = {
    "state": one_of("recorded", "already_recorded"),
    "event_id": UUID,
    "child_id": UUID,
    "position": WHOLE,
    "version": WHOLE,
    "late": obj(("asks_for",), days=WHOLE, asks_for=one_of("late_reason")),
}
# How an answer names a stream that is no child's; there is none of these before a kind of stream is served.
STREAM: dict[str, Shape] = {"stream_kind": TEXT, "stream_id": UUID} if served_kinds() else {}
RECORDED_ON_ANY = "RecordedOnAny" if STREAM else "Recorded"
_ON_STREAM = {n: shape for n, shape in _RECORDED.items() if n != "child_id"} | STREAM
_ITEM: dict[str, Shape] = {**_RECORDED, **STREAM}
_ITEM_OPTIONAL = (*(n for n in _ITEM if n != "state"), "item_id", "problem")
_COUNTS = ("recorded", "already_recorded", "quarantined", "refused")
_CLASH: dict[str, Shape] = {
    "clash_id": UUID,
    "kind": one_of("student_no", "id_number"),
    "children": many(obj(child_id=UUID, org=TEXT)),
    "state": one_of("open", "settled"),
    "verdict": maybe(one_of("two_children", "one_child")),
    "settled_at": maybe(MOMENT),
    "settled_by": maybe(TEXT),
}
_BATCH: dict[str, Shape] = {
    "batch_id": UUID,
    "state": one_of("receiving", "complete", "cut"),
    "lines": WHOLE,
    "counts": obj(**dict.fromkeys(_COUNTS, WHOLE)),
    "begun_at": MOMENT,
    "ended_at": maybe(MOMENT),
    "kept_until": MOMENT,
}
_LINE: dict[str, Shape] = {
    **_ITEM,
    "line": WHOLE,
    "status": WHOLE,
    "state": one_of(*_COUNTS),
    "item_id": UUID,
    "problem": ref("Problem"),
}
_LINE_OPTIONAL = tuple(n for n in _LINE if n not in ("line", "status", "state"))
_RECIPIENT: dict[str, Shape] = {
    "recipient_id": UUID,
    "org": TEXT,
    "name": TEXT,
    "channel": TEXT,
    "address": maybe(TEXT),
    "has_secret": FLAG,
    "from_step": TEXT,
    "catch_all": FLAG,
    "has_previous_secret": FLAG,
    "quiet_from": maybe(WHOLE),
    "quiet_until": maybe(WHOLE),
    "most_per_hour": maybe(WHOLE),
    "warnings": many(obj(code=TEXT, zh=TEXT, en=TEXT)),
}

_OF_STREAMS: dict[str, Shape] = {
    "StreamRecorded": obj(("late",), **_ON_STREAM),
    "RecordedOnAny": {"oneOf": [ref("Recorded"), ref("StreamRecorded")]},
    "Stream": obj(**STREAM, version=WHOLE, org=maybe(TEXT), state=ANY_OBJECT, clocks=ref("Clocks")),
    "Streams": obj(items=many(obj(**STREAM, org=TEXT, version=WHOLE, opened_on=DAY)), next=maybe(TEXT)),
    "StreamHistory": obj(
        ("notes",),
        **STREAM,
        version=WHOLE,
        items=many(ref("Entry")),
        next=maybe(TEXT),
        clocks=ref("Clocks"),
        notes=_NOTED,
    ),
}
ANSWERS: Mapping[str, Shape] = {
    "Problem": obj(
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        instance=TEXT,
        code=TEXT,
        errors=many(obj(pointer=TEXT, code=TEXT, detail=TEXT)),
    ),
    "Note": obj(code=TEXT, text=TEXT),
    "Clocks": obj(as_of=DAY, as_known_at=MOMENT, clipped=FLAG),
    "Recorded": obj(("late",), **_RECORDED),
    "Quarantined": obj(state=one_of("quarantined"), item_id=UUID, event_id=UUID, problem=ref("Problem")),
    "BatchResult": obj(
        batch_id=UUID,
        items=many(
            obj(
                _ITEM_OPTIONAL,
                **{
                    **_ITEM,
                    "index": WHOLE,
                    "status": WHOLE,
                    "state": one_of("recorded", "already_recorded", "quarantined", "refused"),
                    "item_id": UUID,
                    "problem": ref("Problem"),
                },
            )
        ),
    ),
    "BatchSummary": obj(**_BATCH, next=TEXT, links=obj(quarantined=TEXT, refused=TEXT)),
    "BatchLine": obj(_LINE_OPTIONAL, **_LINE),
    "BatchLines": obj(**_BATCH, items=many(ref("BatchLine")), next=maybe(TEXT)),
    "Child": obj(
        ("notes",),
        child_id=UUID,
        version=WHOLE,
        org=maybe(TEXT),
        profile=maybe(ANY_OBJECT),
        in_care=FLAG,
        spans=many(obj(start=DAY, last=maybe(DAY), event_id=UUID)),
        pairings=many(
            obj(
                event_id=UUID,
                carer=UUID,
                carer_name=maybe(TEXT),
                kind=TEXT,
                start=DAY,
                end=maybe(DAY),
                active=FLAG,
            )
        ),
        **{each.name: (many if each.many else maybe)(ANY_OBJECT) for each in shown_of_a_child()},
        last_contact=maybe(obj(event_id=UUID, type=TEXT, occurred_on=DAY)),
        days_silent=maybe(WHOLE),
        contradictions=many(obj(day=DAY, field=TEXT, earlier=UUID, later=UUID)),
        left_behind=obj(definition=TEXT, left_behind=FLAG, parents_away=TEXT, whereabouts_unknown=many(TEXT)),
        watched=obj(population=TEXT, watched=FLAG, ground=maybe(TEXT)),
        clocks=ref("Clocks"),
        notes=_NOTED,
    ),
    "Entry": obj(
        event_id=UUID,
        type=TEXT,
        label=LABEL,
        text=LABEL,
        version=WHOLE,
        position=maybe(WHOLE),
        occurred_on=DAY,
        occurred_at=maybe(MOMENT),
        written_on=maybe(DAY),
        recorded_at=maybe(MOMENT),
        recorded_by=TEXT,
        actor=TEXT,
        principal=maybe(UUID),
        key=maybe(TEXT),
        channel=TEXT,
        org=TEXT,
        late_days=maybe(WHOLE),
        late_reason=maybe(TEXT),
        is_contact=FLAG,
        details=ANY_OBJECT,
        as_recorded=ANY_OBJECT,
        corrected_by=many(UUID),
        record_filed_by=many(UUID),
        voided_by=maybe(UUID),
        erased=FLAG,
        noted_at=maybe(MOMENT),
        contradicts=many(UUID),
    ),
    "History": obj(
        ("notes",),
        child_id=UUID,
        version=WHOLE,
        items=many(ref("Entry")),
        next=maybe(TEXT),
        clocks=ref("Clocks"),
        notes=_NOTED,
    ),
    "CloudEvent": obj(
        ("streamkind",) if STREAM else (),
        **({"streamkind": TEXT} if STREAM else {}),
        specversion=one_of("1.0"),
        id=UUID,
        source=one_of("/careledger"),
        type=TEXT,
        subject=UUID,
        time=MOMENT,
        datacontenttype=one_of("application/json"),
        dataschema=TEXT,
        data=obj(
            stream_id=UUID,
            version=WHOLE,
            position=WHOLE,
            occurred_on=DAY,
            occurred_at=maybe(MOMENT),
            written_on=maybe(DAY),
            recorded_by=maybe(TEXT),
            late_reason=maybe(TEXT),
            actor=TEXT,
            principal=maybe(UUID),
            key=maybe(TEXT),
            channel=TEXT,
            org=TEXT,
            details=ANY_OBJECT,
            erased=FLAG,
            withheld=FLAG,
            noted_at=maybe(MOMENT),
            unreadable=maybe(TEXT),
        ),
    ),
    "CloudEvents": many(ref("CloudEvent")),
    "Changes": obj(items=many(ref("CloudEvent")), next=TEXT),
    "Timeline": obj(
        ("notes",),
        items=many(
            obj(
                tuple(STREAM),
                **STREAM,
                event_id=UUID,
                child_id=maybe(UUID) if STREAM else UUID,
                version=WHOLE,
                position=WHOLE,
                type=TEXT,
                occurred_on=DAY,
                written_on=maybe(DAY),
                recorded_at=MOMENT,
                org=TEXT,
                actor=TEXT,
                principal=maybe(UUID),
                key=maybe(TEXT),
                channel=TEXT,
                late_days=maybe(WHOLE),
                target=maybe(UUID),
            )
        ),
        next=maybe(TEXT),
        lag=WHOLE,
        notes=_NOTED,
    ),
    "ChildCompliance": obj(
        ("notes",),
        child_id=UUID,
        population=TEXT,
        items=many(obj(bound=FLAG, watched=FLAG, **_VERDICT)),
        clocks=ref("Clocks"),
        notes=_NOTED,
    ),
    "Compliance": obj(
        ("unbound", "notes"),
        org=TEXT,
        population=TEXT,
        rule_id=TEXT,
        rule_version=WHOLE,
        rule_versions=many(WHOLE),
        period=_PERIOD,
        bound=WHOLE,
        **_FIGURES,
        clocks=ref("Clocks"),
        unbound=obj(children=WHOLE, **_FIGURES),
        notes=_NOTED,
    ),
    "ComplianceOverview": obj(
        ("notes",),
        org=TEXT,
        population=TEXT,
        period=_PERIOD,
        items=many(
            obj(
                rule_id=TEXT,
                rule_version=WHOLE,
                period=_PERIOD,
                **dict.fromkeys(("due", "met", "short", "pending", "not_applicable", "unspecified"), WHOLE),
            )
        ),
        pending_recomputes=WHOLE,
        lag=WHOLE,
        notes=_NOTED,
    ),
    "ComplianceOrOverview": {"oneOf": [ref("Compliance"), ref("ComplianceOverview")]},
    "Found": obj(
        items=many(obj(child_id=UUID, student_no=TEXT, name=TEXT, org=TEXT, version=WHOLE)), more=FLAG
    ),
    "CarerKnown": obj(carer_id=UUID, version=WHOLE),
    "Carer": obj(
        carer_id=UUID,
        version=WHOLE,
        org=TEXT,
        name=TEXT,
        staff_no=maybe(TEXT),
        phone=maybe(TEXT),
        capacity=maybe(WHOLE),
        children_today={"type": "object", "additionalProperties": WHOLE},
    ),
    "RuleBinding": obj(
        binding_event_id=UUID,
        org=TEXT,
        rule_id=TEXT,
        version=WHOLE,
        effective_from=DAY,
        effective_to=maybe(DAY),
        rule=ANY_OBJECT,
    ),
    "Watch": obj(
        org=TEXT,
        population=TEXT,
        everybody=FLAG,
        items=many(obj(org=TEXT, since=DAY, everybody=FLAG)),
    ),
    "RuleBindings": obj(("notes",), items=many(ref("RuleBinding")), notes=_NOTED),
    "Recipient": obj(("warnings",), **_RECIPIENT),
    "Recipients": obj(("notes",), items=many(ref("Recipient")), notes=_NOTED),
    "Inbox": obj(
        items=many(
            obj(
                delivery_id=UUID,
                recipient_id=UUID,
                alert_id=UUID,
                child_id=UUID,
                step=TEXT,
                days_silent=WHOLE,
                created_at=MOMENT,
                read_at=maybe(MOMENT),
            )
        ),
        next=maybe(TEXT),
    ),
    "Receipt": obj(delivery_id=UUID, delivered_at=maybe(MOMENT), read_at=maybe(MOMENT)),
    "Alerts": obj(
        ("notes",),
        items=many(obj(**_ALERT, days_silent=maybe(WHOLE))),
        next=maybe(TEXT),
        notes=_NOTED,
    ),
    "AlertState": obj(**_ALERT),
    "QuarantineList": obj(
        items=many(
            obj(
                item_id=UUID,
                org=TEXT,
                received_at=MOMENT,
                actor=TEXT,
                event_id=UUID,
                code=TEXT,
                pointer=TEXT,
                state=one_of("waiting", "accepted", "dismissed"),
                settled_at=maybe(MOMENT),
                settled_by=maybe(TEXT),
                settled_reason=maybe(TEXT),
            )
        ),
        next=maybe(TEXT),
    ),
    "NumberClashes": obj(items=many(obj(**_CLASH)), more=FLAG),
    "NumberClash": obj(**_CLASH),
    "Dismissed": obj(item_id=UUID, state=one_of("dismissed")),
    "EventTypes": obj(
        items=many(
            obj(
                type=TEXT,
                label=LABEL,
                decision=FLAG,
                record=maybe(TEXT),
                schema=TEXT,
                fields=many(
                    obj(
                        ("words",),
                        name=TEXT,
                        label=LABEL,
                        required=FLAG,
                        many=FLAG,
                        personal=FLAG,
                        words=many(obj(word=TEXT, zh=TEXT, en=TEXT)),
                    )
                ),
            )
        )
    ),
    **ACTIVITY_ANSWERS,
    **(_OF_STREAMS if STREAM else {}),
    "ErrorKnown": obj(code=TEXT, statuses=many(WHOLE), means=many(LABEL), remedy=LABEL),
    "AnyObject": ANY_OBJECT,
    "Health": obj(status=one_of("ok")),
    "Readiness": obj(
        status=one_of("ready", "not_ready"),
        checks=many(obj(name=TEXT, ok=FLAG)),
        watch=obj(ok=FLAG, checks=many(obj(name=TEXT, ok=FLAG))),
    ),
}
