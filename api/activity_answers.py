"""The shapes of answers about activities and transfers, as JSON Schema."""

from collections.abc import Mapping

from api.shapes import DAY, FLAG, MOMENT, TEXT, UUID, WHOLE, Shape, many, maybe, obj, one_of, ref

_ACTIVITY: dict[str, Shape] = {
    "activity_id": UUID,
    "version": WHOLE,
    "org": TEXT,
    "kind": TEXT,
    "occurred_on": DAY,
    "void": FLAG,
    "counts": ref("ActivityCounts"),
}

ACTIVITY_ANSWERS: Mapping[str, Shape] = {
    "Transfers": obj(
        ("notes",),
        items=many(
            obj(
                transfer_id=UUID,
                child_id=UUID,
                version=WHOLE,
                student_no=TEXT,
                name=TEXT,
                org=TEXT,
                to=TEXT,
                proposed_on=DAY,
                days_open=WHOLE,
                overdue=FLAG,
                proposed_by=TEXT,
                duties=many(TEXT),
                reason=maybe(TEXT),
                open_alerts=many(UUID),
                pairings=many(UUID),
            )
        ),
        next=maybe(TEXT),
        notes=many(ref("Note")),
    ),
    "ActivityKnown": obj(
        activity_id=UUID,
        event_id=UUID,
        version=WHOLE,
        state=one_of("recorded", "already_recorded"),
        counts=ref("ActivityCounts"),
    ),
    "ActivityCounts": obj(waiting=WHOLE, recorded=WHOLE, quarantined=WHOLE, voided=WHOLE, dismissed=WHOLE),
    "ParticipantDismissed": obj(activity_id=UUID, number=WHOLE, state=one_of("dismissed")),
    "Activity": obj(
        **_ACTIVITY,
        occurred_at=maybe(MOMENT),
        topic=TEXT,
        minutes=maybe(WHOLE),
        place=maybe(TEXT),
        carers=many(UUID),
        participants=many(
            obj(
                number=WHOLE,
                child_id=maybe(UUID),
                student_no=maybe(TEXT),
                role=TEXT,
                state=one_of("waiting", "recorded", "quarantined", "voided", "dismissed"),
                code=maybe(TEXT),
                settled_at=maybe(MOMENT),
                settled_by=maybe(TEXT),
                settled_reason=maybe(TEXT),
                event_id=maybe(UUID),
            )
        ),
        absent=many(obj(child_id=maybe(UUID), student_no=maybe(TEXT), reason=maybe(TEXT))),
        next=maybe(TEXT),
    ),
    "Activities": obj(("notes",), items=many(obj(**_ACTIVITY)), next=maybe(TEXT), notes=many(ref("Note"))),
}
