"""What is sent to recipients whose channel is a webhook, as the document tells of it (Standard Webhooks)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal
from uuid import UUID

from api.answer import Answer, Moment, shown
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


class NoticedAlert(Answer):
    """An alert of which a recipient is told. It holds ids and numbers only; names are read over the API."""

    alert_id: Annotated[UUID, shown("预警编号", "Id of the alert", "`get_alert` reads it.")]
    child_id: Annotated[UUID | None, shown("儿童编号", "Id of the child", "Null where it is of no child.")]
    step: Annotated[Step, shown("级别", "Step")]
    days_silent: Annotated[int | None, shown("未联系天数", "Days silent", "On the day of the notice.")]


class AlertNotice(Answer):
    """One alert was raised, or became more severe."""

    type: Annotated[Literal["alert.uncontacted"], shown("类型", "Type")]
    timestamp: _Sent
    data: Annotated[NoticedAlert, shown("数据", "Data")]


class NoticedAlerts(Answer):
    """Several alerts, the most severe first."""

    counts: Annotated[dict[str, int], shown("各级数量", "Counts", "By step.")]
    alerts: Annotated[list[NoticedAlert], shown("预警", "Alerts", "100 at most.")]


class AlertDigest(Answer):
    """Several alerts were raised or became more severe, and are told together."""

    type: Annotated[Literal["alerts.uncontacted"], shown("类型", "Type")]
    timestamp: _Sent
    data: Annotated[NoticedAlerts, shown("数据", "Data")]


MESSAGES: Mapping[str, tuple[type[Answer], str, str]] = MappingProxyType(
    {
        "alert.uncontacted": (AlertNotice, "预警通知", "An alert"),
        "alerts.uncontacted": (AlertDigest, "预警汇总", "Several alerts at once"),
    }
)


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
    alert = {
        "alert_id": "00000000-0000-4000-8000-000000000202",
        "child_id": "00000000-0000-4000-8000-000000000002",
        "step": "high",
        "days_silent": 45,
    }
    data = alert if type_ == "alert.uncontacted" else {"counts": {"high": 1}, "alerts": [alert]}
    return {"type": type_, "timestamp": "2026-04-15T08:00:00+08:00", "data": data}
