"""The shapes of answers about rules and how they were met, as JSON Schema."""

from collections.abc import Mapping

from api.shapes import (
    DAY,
    FLAG,
    NOTED,
    TEXT,
    UUID,
    WHOLE,
    Shape,
    many,
    obj,
    one_of,
    ref,
)

_PERIOD = obj(name=TEXT, first=DAY, last=DAY)
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

COMPLIANCE_ANSWERS: Mapping[str, Shape] = {
    "ChildCompliance": obj(
        ("notes",),
        child_id=UUID,
        population=TEXT,
        items=many(obj(bound=FLAG, watched=FLAG, **_VERDICT)),
        clocks=ref("Clocks"),
        notes=NOTED,
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
        notes=NOTED,
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
        notes=NOTED,
    ),
    "ComplianceOrOverview": {"oneOf": [ref("Compliance"), ref("ComplianceOverview")]},
}
