"""The shapes of all answers, as JSON Schema: the contract tests hold what is answered against them."""

from collections.abc import Mapping

from api.child_answers import CHILD_ANSWERS
from api.compliance_answers import COMPLIANCE_ANSWERS
from api.entry_answers import ENTRY_ANSWERS
from api.recording_answers import RECORDING_ANSWERS
from api.shapes import (
    ANY_OBJECT,
    DAY,
    FLAG,
    LABEL,
    MOMENT,
    TEXT,
    WHOLE,
    Shape,
    many,
    maybe,
    obj,
    one_of,
)

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
    "ErrorKnown": obj(code=TEXT, statuses=many(WHOLE), means=many(LABEL), remedy=LABEL),
    "AnyObject": ANY_OBJECT,
    "Health": obj(status=one_of("ok")),
    "Readiness": obj(
        status=one_of("ready", "not_ready"),
        checks=many(obj(name=TEXT, ok=FLAG)),
        watch=obj(ok=FLAG, checks=many(obj(name=TEXT, ok=FLAG))),
    ),
    **RECORDING_ANSWERS,
    **ENTRY_ANSWERS,
    **CHILD_ANSWERS,
    **COMPLIANCE_ANSWERS,
}
