"""What goes out in the next call, a single notice or a digest, and what has to wait for another hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.days import SHANGHAI, local_day, start_of_day
from domain.streams.organisations.unit import RecipientRegistered
from projections.outbox.deliveries import CANARY, CRITICAL, Delivery

# So many go one by one; more of them go together.
MOST_SINGLES = 3
MOST_ITEMS = 100
HOUR = timedelta(hours=1)
QUIET, LIMITED = "quiet_hours", "hourly_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why and until when everything waits that isn't critical."""

    reason: str
    until: datetime


def wait_of(recipient: RecipientRegistered, *, sent: Sequence[datetime], now: datetime) -> Wait | None:
    """Return whether a recipient is to be left alone; `sent` are the messages of the last hour."""
    if (until := _quiet_until(recipient, now=now)) is not None:
        return Wait(reason=QUIET, until=until)
    most = recipient.most_per_hour
    if most is not None and len(sent) >= most:
        return Wait(reason=LIMITED, until=sent[len(sent) - most] + HOUR)
    return None


def held_back(due: Sequence[Delivery]) -> list[Delivery]:
    """Return those of what is due that a wait holds back: all that isn't critical, messages as a whole."""
    urgent = {each.message_id for each in due if each.step == CRITICAL and each.message_id is not None}
    return [each for each in due if each.step not in {CRITICAL, CANARY} and each.message_id not in urgent]


def next_message(due: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """Choose what goes first of what is due, worst first; of a message that was tried, one of its members.

    A few go one by one, more go together, and so does what was held back.
    """
    first = due[0]
    if first.message_id is not None or first.step == CANARY:
        return (first,)
    fresh = [each for each in due if each.message_id is None and each.step != CANARY]
    together = len(fresh) > MOST_SINGLES or any(each.last_reason in {QUIET, LIMITED} for each in fresh)
    return tuple(fresh[: MOST_ITEMS if together else 1])


def _quiet_until(recipient: RecipientRegistered, *, now: datetime) -> datetime | None:
    begins, ends = recipient.quiet_from, recipient.quiet_until
    if begins is None or ends is None:
        return None
    hour, today = now.astimezone(SHANGHAI).hour, local_day(now)
    quiet = begins <= hour < ends if begins <= ends else hour >= begins or hour < ends
    if not quiet:
        return None
    return start_of_day(today if hour < ends else today + timedelta(days=1), hour=ends)
