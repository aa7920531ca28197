"""Standard Webhooks 1.0: a signed POST with ids, the same `webhook-id` at every attempt."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from standardwebhooks import Webhook

from application.organisations.reaching import is_web_address, signs
from domain.alert_kind import UNCONTACTED
from domain.days import SHANGHAI
from domain.streams.alerts.case import Counted
from workers.channel import Accepted, Channel, Item, Notice, Outcome, Permanent, Resources
from workers.outgoing import Answer, post, refusal

# A digest of alerts of several kinds.
SEVERAL = "alerts.several"


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
        "type": _type(notice),
        "timestamp": newest.astimezone(SHANGHAI).isoformat(),
        "data": _digested(notice.items) if notice.digest else _alone(notice.items[0]),
    }
    return msgspec.json.encode(body)


def _digested(items: Sequence[Item]) -> dict[str, Any]:
    """Count by step, and list each alert, worst first."""
    counts = Counter(item.step for item in items)
    return {"counts": dict(counts), "alerts": [_item(item) for item in items]}


def _type(notice: Notice) -> str:
    kinds = {item.kind for item in notice.items}
    if not notice.digest:
        return f"alert.{notice.items[0].kind}"
    return f"alerts.{notice.items[0].kind}" if len(kinds) == 1 else SEVERAL


def _item(item: Item) -> dict[str, Any]:
    """Return what a message says of an alert, short enough for a hundred of them to stay below 20 kB."""
    uncontacted = item.silence.days if item.silence else None
    return {
        "alert_id": str(item.alert_id),
        "child_id": str(item.child_id),
        "step": item.step,
        "days_silent": item.days_silent if item.kind == UNCONTACTED else uncontacted,
        "kind": item.kind,
        "days": item.days_silent,
        "days_child_unseen": item.unseen.days if item.unseen else None,
    }


def _alone(item: Item) -> dict[str, Any]:
    """Return the same of the only alert of a message, with the entries that its days count from."""
    return _item(item) | {
        "since": item.since.isoformat() if item.since else None,
        "anchor": str(item.anchor) if item.anchor else None,
        "silence_rests_on": _rests_on(item.silence),
        "unseen_rests_on": _rests_on(item.unseen),
    }


def _rests_on(counted: Counted | None) -> dict[str, str] | None:
    if counted is None:
        return None
    return {"event_id": str(counted.by), "type": counted.type, "day": counted.since.isoformat()}


CHANNEL = Channel(name="webhook", send=_send, calls_out=True, fits=_fits)
