"""Standard Webhooks 1.0: a signed POST with ids, the same `webhook-id` at every attempt."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from standardwebhooks import Webhook

from application.organisations.reaching import is_web_address, signs
from domain.days import SHANGHAI
from workers.channel import Accepted, Channel, Item, Notice, Outcome, Permanent, Resources
from workers.outgoing import Answer, post, refusal

SINGLE_TYPE, DIGEST_TYPE = "alert.uncontacted", "alerts.uncontacted"


def _send(notice: Notice, resources: Resources) -> Outcome:
    signers = _signers(notice.secret, notice.previous_secret)
    if signers is None:
        return Permanent(reason="bad_secret")
    attempted_at = resources.now()
    message_id, body = str(notice.message_id), _body(notice)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(attempted_at.timestamp())),
        "webhook-signature": " ".join(s.sign(message_id, attempted_at, body.decode()) for s in signers),
    }
    answer = post(notice.address, body=body, headers=headers, resources=resources)
    if not isinstance(answer, Answer):
        return answer
    return refusal(answer, now=attempted_at) or Accepted(provider_id=None)


def _signers(secret: str | None, previous_secret: str | None) -> list[Webhook] | None:
    """Return who signs: the secret, and the one before it while that is replaced; None where one is bad."""
    secrets = [secret or ""] + ([previous_secret] if previous_secret else [])
    return [Webhook(each) for each in secrets] if all(map(signs, secrets)) else None


def _fits(address: str | None, secret: str | None) -> bool:
    return is_web_address(address) and signs(secret)


def _body(notice: Notice) -> bytes:
    """Write the body; while the items are the same, it is the same at every attempt."""
    newest = max(item.created_at for item in notice.items)
    body = {
        "type": DIGEST_TYPE if notice.digest else SINGLE_TYPE,
        "timestamp": newest.astimezone(SHANGHAI).isoformat(),
        "data": _digested(notice.items) if notice.digest else _item(notice.items[0]),
    }
    return msgspec.json.encode(body)


def _digested(items: Sequence[Item]) -> dict[str, Any]:
    """Count by step, and list each alert, worst first."""
    counts = Counter(item.step for item in items)
    return {"counts": dict(counts), "alerts": [_item(item) for item in items]}


def _item(item: Item) -> dict[str, Any]:
    return {
        "alert_id": str(item.alert_id),
        "child_id": str(item.child_id),
        "step": item.step,
        "days_silent": item.days_silent,
    }


CHANNEL = Channel(name="webhook", send=_send, calls_out=True, fits=_fits)
