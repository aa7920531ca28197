"""Entries of one day: nothing but the order of recording, or of their ids, says which is the later one.

The ids of most fall while they are recorded, so that the two orders differ.
"""

from datetime import timedelta
from typing import Any

from tests.upgrade.kids import carer_of
from tests.upgrade.teller import Teller, falling_ids, met, rising_ids

DAY = "05-20"
AT_ONCE = timedelta(0)


def told(tell: Teller) -> None:
    """Record the pairs of 20 May, all on that day."""
    _profiles(tell)
    _guardians(tell)
    _parents(tell)
    _contacts(tell)
    _moments(tell)
    _exits(tell)


def told_later(tell: Teller) -> None:
    """Record on 10 June what happened on 20 May as well; alerts that began on that day are open."""
    greater = rising_ids("day_late_greater 1", "day_late_greater 2")[1]
    smaller = falling_ids("day_late_smaller 1", "day_late_smaller 2")[1]
    for slug, event_id in (("day_late_greater", greater), ("day_late_smaller", smaller)):
        call = {"caller": "mother", "called": "child", "outcome": "connected", "minutes": 9}
        tell.event(slug, "call_made", DAY, event_id=event_id, **call)
    _corrections(tell)


def _profiles(tell: Teller) -> None:
    first, second = falling_ids("day_profile 1", "day_profile 2")
    _pair(
        tell,
        "day_profile",
        "profile_changed",
        (first, {"name": "孔小明", "address": "东岭村1组", "boarding": True}),
        (second, {"name": "孔小铭", "address": "东岭村2组", "boarding": False}),
    )


def _guardians(tell: Teller) -> None:
    first, second = falling_ids("day_guardian 1", "day_guardian 2")
    _pair(
        tell,
        "day_guardian",
        "guardian_designated",
        (first, {"name": "曹大山", "relation": "祖父", "phone": "10000000011"}),
        (second, {"name": "曹大娘", "relation": "祖母", "phone": "10000000012"}),
    )


def _parents(tell: Teller) -> None:
    """What was recorded last says the contrary of what the ids say."""
    for slug, last in (("day_parent_leaves", True), ("day_parent_returns", False)):
        first, second = falling_ids(f"{slug} 1", f"{slug} 2")
        said = ({"parent": "father", "away": not last}, {"parent": "father", "away": last})
        _pair(tell, slug, "parent_work_recorded", (first, said[0]), (second, said[1]))


def _contacts(tell: Teller) -> None:
    """Two contacts of a day, from which silence counts ever since."""
    for slug in ("day_contacts_falling", "day_home_contacts", "day_late_smaller"):
        _two_visits(tell, slug, falling_ids(f"{slug} 1", f"{slug} 2"))
    _two_visits(tell, "day_contacts_rising", rising_ids("rising 1", "rising 2"))
    _two_visits(tell, "day_late_greater", rising_ids("day_late_greater 1", "day_late_greater 2"))
    tell.visit("day_enrolled", DAY)


def _two_visits(tell: Teller, slug: str, ids: list[Any]) -> None:
    # Of those whose second comes later there is one now.
    for event_id in ids[:1] if slug.startswith("day_late") else ids:
        tell.event(slug, "home_visit_made", DAY, event_id=event_id, **met(carer_of(tell, slug)))


def _moments(tell: Teller) -> None:
    """Moments and bare days, and two entries of one moment that were even recorded at the same one."""
    carer = carer_of(tell, "day_moments")
    talk: dict[str, Any] = {"carers": [str(carer)], "record": "谈学习"}
    for event_id in falling_ids("day_moments 1", "day_moments 2"):
        tell.event("day_moments", "talk_held", f"{DAY}T16:00", event_id=event_id, pause=AT_ONCE, **talk)
    first, second = falling_ids("day_moments 3", "day_moments 4")
    tell.event("day_moments", "home_visit_made", DAY, event_id=first, **met(carer))
    call = {"caller": "carer", "called": "child", "outcome": "connected", "minutes": 4}
    tell.event("day_moments", "call_made", DAY, event_id=second, **call)
    # 16:00 of the same day once more, told in UTC and written down on paper before the others were sent.
    body = {"written_on": f"2026-{DAY}"}
    tell.event("day_moments", "talk_held", f"{DAY}T15:30", envelope=body, mark="early", **talk)


def _exits(tell: Teller) -> None:
    tell.event("day_exit", "child_exited", DAY, reason="parent_returned")
    tell.event("day_exit", "guardian_designated", DAY, name="谢大娘")


def come_back(tell: Teller) -> None:
    """On 21 May the child comes back and leaves again on the same day, which is voided on that day."""
    tell.event("day_exit", "child_readmitted", "05-21", reason="再次外出")
    exit_ = tell.event("day_exit", "child_exited", "05-21", reason="other", mark="again")
    said = {"target": str(exit_), "reason": "误录", "approved_by": "王校长"}
    tell.event("day_exit", "event_voided", "05-21", **said)


def closed(tell: Teller) -> None:
    """On 24 April two contacts with falling ids; the alert that follows ends in June."""
    for event_id in falling_ids("day_closed 1", "day_closed 2"):
        tell.event(
            "day_closed", "home_visit_made", "04-24", event_id=event_id, **met(carer_of(tell, "day_closed"))
        )


def closed_by(tell: Teller) -> None:
    tell.visit("day_closed", "06-22")


def _corrections(tell: Teller) -> None:
    """Correct one entry twice on one day: here recording alone ever counted."""
    visit = tell.visit("day_profile", "06-08")
    for event_id, minutes in zip(falling_ids("day_profile 3", "day_profile 4"), (50, 55), strict=True):
        fields = {"details": {"minutes": minutes}}
        said = {"target": str(visit), "fields": fields, "reason": "笔误", "approved_by": "王校长"}
        tell.event("day_profile", "event_corrected", "06-10", event_id=event_id, **said)


def _pair(tell: Teller, slug: str, type_: str, *said: tuple[Any, dict[str, Any]]) -> None:
    for event_id, details in said:
        tell.event(slug, type_, DAY, event_id=event_id, **details)


CHAPTERS = (
    ("04-24 18:30", closed),
    ("05-20 18:30", told),
    ("05-21 18:30", come_back),
    ("06-10 18:30", told_later),
    ("06-22 19:00", closed_by),
)
