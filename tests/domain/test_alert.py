"""The ladder of silence and the life of an alert case."""

from datetime import UTC, date, datetime

import pytest

from domain.org import Step
from domain.policy import BadPolicy, default_policy, policy_from_text
from domain.refusal import Conflict, Invalid
from domain.streams.alerts.case import AlertKind, alert_id, fold_alert
from tests.support.builders import an_id
from tests.support.samples import sample_event

ESCALATION = default_policy().escalation


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (0, None),
        (13, None),
        (14, Step.INFO),
        (29, Step.INFO),
        (30, Step.WARNING),
        (45, Step.HIGH),
        (59, Step.HIGH),
        (60, Step.CRITICAL),
        (400, Step.CRITICAL),
    ],
)
def test_a_step_is_reached_on_its_day(days: int, step: Step | None) -> None:
    assert ESCALATION.step_at(days) is step


def test_a_step_rings_at_eight_in_shanghai() -> None:
    rings = [
        ESCALATION.next_ring(date(2026, 3, 1), after=after) for after in (None, Step.INFO, Step.CRITICAL)
    ]

    assert rings == [datetime(2026, 3, 15, 0, tzinfo=UTC), datetime(2026, 3, 31, 0, tzinfo=UTC), None]


def test_before_eight_the_day_before_is_the_last_that_rang() -> None:
    assert ESCALATION.last_ring_day(datetime(2026, 3, 14, 23, 59, tzinfo=UTC)) == date(2026, 3, 14)
    assert ESCALATION.last_ring_day(datetime(2026, 3, 15, 0, 0, tzinfo=UTC)) == date(2026, 3, 15)


def test_one_silence_has_one_case() -> None:
    one = alert_id(AlertKind.UNCONTACTED, child=an_id("child"), anchor=an_id("visit"))

    assert one == alert_id(AlertKind.UNCONTACTED, child=an_id("child"), anchor=an_id("visit"))
    assert one != alert_id(AlertKind.UNCONTACTED, child=an_id("child"), anchor=an_id("call"))


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (date(2026, 3, 15), "snooze_in_the_past"),
        (date(2026, 3, 30), "snooze_too_long"),
        (date(2026, 3, 29), None),
    ],
)
def test_a_snooze_is_short(until: date, code: str | None) -> None:
    case = fold_alert(an_id("case"), [sample_event("alert_raised")])

    if code is None:
        case.refuse_snooze(until, today=date(2026, 3, 15))
    else:
        with pytest.raises(Invalid) as refused:
            case.refuse_snooze(until, today=date(2026, 3, 15))
        assert refused.value.reason.code == code


def test_a_case_that_is_over_takes_no_answer() -> None:
    with pytest.raises(Conflict):
        fold_alert(an_id("case"), ()).refuse_closed()


def test_a_deployment_may_have_a_ladder_of_its_own() -> None:
    policy = policy_from_text(
        "[capacity]\nvolunteer = 3\n"
        "[uncontacted]\nhour = 7\ninfo = 7\nwarning = 14\nhigh = 21\ncritical = 28\n"
    )

    assert policy.escalation.step_at(7) is Step.INFO
    assert {k.value: v for k, v in policy.capacity.items()} == {"volunteer": 3}


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[capacity]\n",
        "[capacity]\nuncle = 2\n[uncontacted]\nhour = 8\ninfo = 1\nwarning = 2\nhigh = 3\ncritical = 4\n",
        "[capacity]\n[uncontacted]\nhour = 24\ninfo = 1\nwarning = 2\nhigh = 3\ncritical = 4\n",
        "[capacity]\n[uncontacted]\nhour = 8\ninfo = 2\nwarning = 2\nhigh = 3\ncritical = 4\n",
        "[capacity]\n[uncontacted]\nhour = 8\ninfo = true\nwarning = 2\nhigh = 3\ncritical = 4\n",
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(BadPolicy):
        policy_from_text(text)
