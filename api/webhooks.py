"""What is sent to recipients whose channel is a webhook, as the document tells of it (Standard Webhooks)."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec

from api.answer import Answer, Moment, shown
from api.silence import DaysUnseen, SilenceRestsOn, UnseenRestsOn
from domain.alert_kind import UNCONTACTED, alert_kinds
from domain.org import Step

_Sent = Annotated[Moment, shown("时间", "Timestamp", "When the newest of its notices was made.")]
HEADERS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "webhook-id": {
            "description": "消息编号 · Id of the message, the same at every attempt: `give_receipt` has it.",
            "schema": {"type": "string", "format": "uuid"},
            "example": "00000000-0000-4000-8000-000000000201",
        },
        "webhook-timestamp": {
            "description": "发送时间 · When this attempt was made, in seconds since 1970.",
            "schema": {"type": "string", "pattern": "^[0-9]{10,12}$"},
            "example": "1776211200",
        },
        "webhook-signature": {
            "description": "签名 · `v1,` and the HMAC-SHA256 of id, timestamp and body in base64. "
            "While a secret is replaced there are two, and one must fit.",
            "schema": {"type": "string", "pattern": "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$"},
            "example": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        },
    }
)
_RESPONSES = {
    "2XX": {"description": "Taken: it is not sent again."},
    "429": {"description": "Too many: it is sent again, after `Retry-After` where that is given."},
    "4XX": {"description": "Refused for good: it is not sent again. 408 and 425 are as 429."},
    "5XX": {"description": "Not to be taken now: it is sent again."},
}


class ListedAlert(Answer):
    """An alert of which a recipient is told. It holds ids and numbers only; names are read over the API."""

    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert", "`get_alert` reads it.")]
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Null where it is of no child.")]
    step: Annotated[Step, shown("级别", "Step")]
    days_silent: Annotated[
        int | None, shown("未联系天数", "Days silent", "Of the child, on the day of the notice.")
    ]
    kind: Annotated[str, shown("类别", "Kind", "What it is about; other kinds may follow.")]
    days: Annotated[int, shown("天数", "Days", "How long what it is about has lasted.")]
    days_child_unseen: DaysUnseen


class NoticedAlert(ListedAlert):
    """The only alert of a message, with the entries that its days count from."""

    since: Annotated[date | None, shown("起始日", "Since", "The day that `days` counts from.")]
    anchor: Annotated[UUID | None, shown("起因", "Anchor", "The entry that `days` counts from.")]
    silence_rests_on: SilenceRestsOn
    unseen_rests_on: UnseenRestsOn


class NoticedAlerts(Answer):
    """Several alerts, the most severe first."""

    counts: Annotated[dict[str, int], shown("各级数量", "Counts", "By step.")]
    alerts: Annotated[list[ListedAlert], shown("预警", "Alerts", "100 at most.")]


def _message(type_: str, name: str, said: str, data: Any) -> type[Answer]:
    """Make the class of a message, told by its type."""
    fields = [
        ("type", Annotated[Literal[type_], shown("类型", "Type")]),
        ("timestamp", _Sent),
        ("data", Annotated[data, shown("数据", "Data")]),
    ]
    made = msgspec.defstruct(
        name, fields, bases=(Answer,), kw_only=True, namespace={"__doc__": said, "__module__": __name__}
    )
    return cast("type[Answer]", made)


def _messages() -> dict[str, tuple[type[Answer], str, str]]:
    """Return each message by its type: one for each kind of alert, and digests."""
    one, many = "One alert was raised, or became more severe.", "raised or became more severe, and are told"
    found: dict[str, tuple[type[Answer], str, str]] = {}
    for name, kind in alert_kinds().items():
        # The names of those of silence are older than other kinds.
        called = "" if name == UNCONTACTED else "".join(part.title() for part in name.split("_"))
        about = "" if name == UNCONTACTED else f"：{kind.label.zh}"
        single = _message(f"alert.{name}", f"{called}AlertNotice", one, NoticedAlert)
        digest = _message(
            f"alerts.{name}", f"{called}AlertDigest", f"Several alerts were {many} together.", NoticedAlerts
        )
        found[f"alert.{name}"] = (single, f"预警通知{about}", "An alert")
        found[f"alerts.{name}"] = (digest, f"预警汇总{about}", "Several alerts at once")
    several = _message(
        SEVERAL, "SeveralAlertDigest", f"Alerts of several kinds were {many} together.", NoticedAlerts
    )
    return found | {SEVERAL: (several, "预警汇总：多类", "Alerts of several kinds at once")}


SEVERAL = "alerts.several"
MESSAGES: Mapping[str, tuple[type[Answer], str, str]] = MappingProxyType(_messages())


def put_webhooks(document: dict[str, Any]) -> None:
    """Describe the messages that go out, each by its type."""
    document["webhooks"] = {
        type_: {
            "post": {
                "operationId": type_.replace(".", "_"),
                "tags": ["recipients"],
                "summary": f"{zh} · {en}",
                "description": f"{message.__doc__} It goes to recipients whose `channel` is `webhook`.",
                "security": [],
                "parameters": [
                    {"name": name, "in": "header", "required": True, **said} for name, said in HEADERS.items()
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {"$ref": f"#/components/schemas/{message.__name__}"},
                            "example": _example(type_),
                        }
                    },
                },
                "responses": _RESPONSES,
            }
        }
        for type_, (message, zh, en) in MESSAGES.items()
    }


def _example(type_: str) -> dict[str, Any]:
    name = type_.partition(".")[2]
    enrolled = {
        "event_id": "00000000-0000-4000-8000-000000000203",
        "type": "child_enrolled",
        "day": "2026-03-01",
    }
    alert = {
        "alert_id": "00000000-0000-4000-8000-000000000202",
        "child_id": "00000000-0000-4000-8000-000000000002",
        "step": "high",
        "days_silent": 45,
        "kind": UNCONTACTED if type_ == SEVERAL else name,
        "days": 45,
        "days_child_unseen": 45,
    }
    facts = {
        "since": "2026-03-01",
        "anchor": enrolled["event_id"],
        "silence_rests_on": enrolled,
        "unseen_rests_on": enrolled,
    }
    alone = type_.startswith("alert.")
    data: dict[str, Any] = alert | facts if alone else {"counts": {"high": 1}, "alerts": [alert]}
    return {"type": type_, "timestamp": "2026-04-15T08:00:00+08:00", "data": data}
