"""The outside monitor: one GET tells it that the watch works. No person is reached by it."""

from datetime import timedelta

from workers.channel import Accepted, Channel, Means, Notice, Outcome, Permanent
from workers.outgoing import Answer, get, refusal

STEP = "canary"
# Who takes longer than an interval for the whole way is not well; some seconds are no sign of anything.
ALWAYS_FRESH = timedelta(seconds=60)


def _send(notice: Notice, means: Means) -> Outcome:
    if notice.step != STEP:
        return Permanent(reason="reaches_nobody")
    if means.ping_url is None:
        return Permanent(reason="not_configured")
    now = means.now()
    if now - notice.created_at > max(ALWAYS_FRESH, timedelta(seconds=means.ping_seconds)):
        return Permanent(reason="stale")
    answer = get(means.ping_url, means=means)
    if not isinstance(answer, Answer):
        return answer
    return refusal(answer, now=now) or Accepted()


CHANNEL = Channel(name="ping", send=_send, for_people=False)
