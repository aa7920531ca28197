"""The outside monitor: one GET tells it that the watch works. No person is reached by it."""

from datetime import timedelta

from projections.outbox.deliveries import CANARY
from workers.channel import Accepted, Channel, Notice, Outcome, Permanent, Resources
from workers.outgoing import Answer, get, refusal

# Who takes longer than an interval for the whole way is not well; some seconds are no sign of anything.
ALWAYS_FRESH = timedelta(seconds=60)


def _send(notice: Notice, resources: Resources) -> Outcome:
    item = notice.items[0]
    if item.step != CANARY:
        return Permanent(reason="reaches_nobody")
    if resources.ping_url is None:
        return Permanent(reason="not_configured")
    now = resources.now()
    if now - item.created_at >= max(ALWAYS_FRESH, timedelta(seconds=resources.ping_seconds)):
        return Permanent(reason="stale")
    answer = get(resources.ping_url, resources=resources)
    if not isinstance(answer, Answer):
        return answer
    return refusal(answer, now=now) or Accepted()


CHANNEL = Channel(name="ping", send=_send, for_people=False)
