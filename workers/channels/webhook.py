"""Standard Webhooks 1.0: a signed POST with ids, the same `webhook-id` at every attempt."""

import msgspec
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from domain.days import SHANGHAI
from workers.channel import Accepted, Channel, Means, Notice, Outcome, Permanent
from workers.outgoing import Answer, post, refusal

EVENT_TYPE = "alert.uncontacted"


def _send(notice: Notice, means: Means) -> Outcome:
    signer = _signer(notice.secret)
    if signer is None:
        return Permanent(reason="bad_secret")
    attempted_at = means.now()
    body = _body(notice)
    headers = {
        "content-type": "application/json",
        "webhook-id": str(notice.delivery_id),
        "webhook-timestamp": str(int(attempted_at.timestamp())),
        "webhook-signature": signer.sign(str(notice.delivery_id), attempted_at, body.decode()),
    }
    answer = post(notice.address, body=body, headers=headers, means=means)
    if not isinstance(answer, Answer):
        return answer
    return refusal(answer, now=attempted_at) or Accepted(provider_id=None)


def _signer(secret: str | None) -> Webhook | None:
    try:
        return Webhook(secret or "")
    except (ValueError, EmptyWebhookSecretError):
        return None


def _body(notice: Notice) -> bytes:
    """Write the body; it is the same at every attempt."""
    return msgspec.json.encode(
        {
            "type": EVENT_TYPE,
            "timestamp": notice.created_at.astimezone(SHANGHAI).isoformat(),
            "data": {
                "alert_id": str(notice.alert_id),
                "child_id": str(notice.child_id),
                "step": notice.step,
                "days_silent": notice.days_silent,
            },
        }
    )


CHANNEL = Channel(name="webhook", send=_send, calls_out=True)
