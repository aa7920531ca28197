"""The shapes of answers about alerts, who is watched and who is notified, as JSON Schema."""

from collections.abc import Mapping

from api.shapes import (
    DAY,
    FLAG,
    MOMENT,
    NOTED,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    many,
    maybe,
    obj,
    ref,
)

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

ALERT_ANSWERS: Mapping[str, Shape] = {
    "Watch": obj(
        org=TEXT,
        population=TEXT,
        everybody=FLAG,
        items=many(obj(org=TEXT, since=DAY, everybody=FLAG)),
    ),
    "Recipient": obj(("warnings",), **_RECIPIENT),
    "Recipients": obj(("notes",), items=many(ref("Recipient")), notes=NOTED),
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
    "DeliveryReceipt": obj(delivery_id=UUID, delivered_at=maybe(MOMENT), read_at=maybe(MOMENT)),
    "Alerts": obj(
        ("notes",),
        items=many(obj(**_ALERT, days_silent=maybe(WHOLE))),
        next=maybe(TEXT),
        notes=NOTED,
    ),
    "AlertState": obj(**_ALERT),
}
