"""Kinds of alerts lived through: when each rings, what ends it, and by which ladder an office has it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from domain.alert_kind import Ending, alert_kinds
from domain.refusal import Invalid
from domain.streams.alerts.case import AlertResolved
from domain.streams.organisations.ladders import AlertLadderSet
from tests.support.builders import CARER, an_id
from tests.support.world import ORG, SCHOOL, World

CALL = {"caller": "mother", "called": "carer", "outcome": "connected", "minutes": 10}


def rung(world: World, child: UUID, kind: str) -> list[tuple[str | None, bool]]:
    return [(case.step, case.open) for case in world.alerts(child) if case.kind == kind]


def told(world: World, head: UUID) -> list[tuple[str, str, int]]:
    return [(item.kind, item.step, item.days_silent) for item in world.inbox(head)]


def endings(world: World, child: UUID, kind: str) -> Sequence[tuple[Ending, UUID | None]]:
    events = [e for c in world.alerts(child) if c.kind == kind for e in world.system.log.stream(c.alert_id)]
    return [(e.details.ending, e.details.by_event) for e in events if isinstance(e.details, AlertResolved)]


def ladder(world: World, kind: str, *, org: str = SCHOOL, **said: Any) -> bool:
    changed = world.system.organisations.governance.set_ladder(
        org, ladder=AlertLadderSet(kind=kind, **said), actor=SYSTEM
    )
    world.settle()
    return changed


def away(world: World, child: UUID, *, on: str) -> None:
    for parent in ("father", "mother"):
        world.record(child, "parent_work_recorded", on=on, details={"parent": parent, "away": True})


def test_a_child_whose_mother_rings_each_week_and_whom_nobody_has_seen_rings_at_thirty_days(
    world: World,
) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    for week in range(14):
        month, day = divmod(7 * week + 4, 30)
        world.advance_to(f"2026-{3 + month:02}-{day + 1:02} 19:00")
        world.record(child, "call_made", on=world.today.isoformat(), details=CALL)
        world.settle()

    assert told(world, head) == [
        ("unseen", "warning", 30),
        ("unseen", "high", 60),
        ("unseen", "critical", 90),
    ]
    (case,) = world.alerts(child)
    said = case.rang_by(world.now)
    assert said is not None
    assert (said.details.unseen.days, said.details.unseen.type) == (90, "child_enrolled")
    assert (said.details.silence.type, said.details.silence.days < 14) == ("call_made", True)


def test_whoever_sees_the_child_ends_it_and_a_voided_sighting_opens_it_again(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    for day in ("03-10", "03-20"):
        world.advance_to(f"2026-{day} 19:00")
        world.record(child, "call_made", on=f"2026-{day}", details=CALL)
    world.advance_to("2026-04-02 09:00")
    assert rung(world, child, "unseen") == [("warning", True)]

    guardian = world.visit(child, on="2026-04-02", details={"met": ["guardian"]})
    world.settle()
    assert rung(world, child, "unseen") == [("warning", True)]

    seen = world.visit(child, on="2026-04-02")
    world.settle()
    assert rung(world, child, "unseen") == [("warning", False)]
    assert endings(world, child, "unseen") == [(Ending.SEEN, seen.event_id)]

    world.void(child, seen.event_id)
    world.settle()
    assert rung(world, child, "unseen") == [("warning", True)]
    assert guardian.event_id != seen.event_id


def test_a_child_whom_nobody_reaches_at_all_is_told_of_once(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-05-31 09:00")

    assert {kind for kind, _, _ in told(world, head)} == {"uncontacted"}

    world.record(child, "call_made", on="2026-05-31", details=CALL)
    world.settle()

    assert told(world, head)[-1][:2] == ("unseen", "critical")
    assert rung(world, child, "uncontacted") == [("critical", False)]


def test_a_ladder_changed_today_leaves_what_rang_before_as_it_was(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-16 09:00")

    assert ladder(world, "uncontacted", org=ORG, info=20, warning=30, critical=50)
    assert not ladder(world, "uncontacted", org=ORG, info=20, warning=30, critical=50)

    assert rung(world, child, "uncontacted") == [("info", True)]
    world.advance_to("2026-04-21 09:00")
    assert told(world, head) == [
        ("uncontacted", "info", 14),
        ("uncontacted", "warning", 30),
        ("uncontacted", "critical", 50),
    ]


def test_the_nearest_unit_up_the_tree_has_its_way(world: World) -> None:
    world.recipient()
    ladder(world, "no_pairing", org=SCHOOL, info=3)
    ladder(world, "no_pairing", org=ORG, on=False)
    here, beside = world.enrol("T1", on="2026-03-01"), world.enrol("T2", on="2026-03-01", org=f"{SCHOOL}/9/9")
    world.advance_to("2026-03-06 09:00")

    assert rung(world, here, "no_pairing") == []
    assert rung(world, beside, "no_pairing") == [("info", True)]


def test_a_kind_that_is_switched_off_ends_its_alerts(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-10 09:00")
    assert rung(world, child, "no_pairing") == []

    ladder(world, "no_pairing")
    assert rung(world, child, "no_pairing") == [("info", True)]
    ladder(world, "no_pairing", on=False)
    assert endings(world, child, "no_pairing") == [(Ending.SWITCHED_OFF, None)]


def test_no_pairing_ends_with_a_pairing_and_another_pupil_is_none(world: World) -> None:
    world.recipient()
    ladder(world, "no_pairing")
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-09 09:00")
    pupil = world.carer(an_id("pupil"), name="邓小手")
    world.pair(child, on="2026-03-09", carer=pupil, kind="hand_in_hand")
    world.settle()
    assert rung(world, child, "no_pairing") == [("info", True)]

    paired = world.pair(child, on="2026-03-09")
    world.settle()

    assert endings(world, child, "no_pairing") == [(Ending.SETTLED, paired.event_id)]
    world.void(child, paired.event_id)
    world.settle()
    assert rung(world, child, "no_pairing") == [("info", True)]


@pytest.mark.parametrize(
    ("born", "kind", "step"),
    [
        ("2019-05-20", "unattended_under_8", "critical"),
        ("2016-05-20", "alone_under_16", "critical"),
    ],
)
def test_a_child_whom_nobody_looks_after_rings_without_being_asked_for(
    world: World, born: str, kind: str, step: str
) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01", details={"birth_date": born})
    away(world, child, on="2026-03-01")
    cares = world.record(child, "care_arranged", on="2026-03-01", details={"name": "殷奶奶"})
    world.advance_to("2026-03-10 09:00")
    assert told(world, head) == []

    world.record(
        child, "care_arrangement_ended", on="2026-03-10", details={"arrangement": str(cares.event_id)}
    )
    world.advance_to("2026-03-11 09:00")
    assert rung(world, child, kind) == [(step, True)]

    again = world.record(child, "care_arranged", on="2026-03-11", details={"name": "殷姑姑"})
    world.settle()
    assert endings(world, child, kind) == [(Ending.SETTLED, again.event_id)]


def test_a_parent_on_a_visit_home_looks_after_the_child(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    away(world, child, on="2026-03-01")
    cares = world.record(child, "care_arranged", on="2026-03-01", details={"name": "殷奶奶"})
    world.advance_to("2026-03-10 09:00")
    world.record(
        child, "parent_home_recorded", on="2026-03-09", details={"parent": "mother", "until": "2026-03-15"}
    )
    ended = {"arrangement": str(cares.event_id)}
    world.record(child, "care_arrangement_ended", on="2026-03-10", details=ended)

    world.advance_to("2026-03-15 09:00")
    assert rung(world, child, "alone_under_16") == []
    world.advance_to("2026-03-16 09:00")
    assert rung(world, child, "alone_under_16") == [("high", True)]


@pytest.mark.parametrize(("reason", "day"), [("grades_fell", "2026-03-09"), ("low_mood", "2026-03-05")])
def test_a_visit_that_something_called_for_is_told_when_it_is_overdue(
    world: World, reason: str, day: str
) -> None:
    world.recipient()
    ladder(world, "trigger_visit_overdue")
    child = world.enrol("T1", on="2026-03-01")
    seen = world.record(child, "trigger_observed", on="2026-03-01", details={"kind": reason})
    world.advance_to(f"{day} 07:59")
    assert rung(world, child, "trigger_visit_overdue") == []
    world.advance_to(f"{day} 08:00")
    assert rung(world, child, "trigger_visit_overdue") == [("warning", True)]

    visit = world.visit(child, on=day)
    world.settle()
    assert rung(world, child, "trigger_visit_overdue") == [("warning", True)]
    named = {"trigger": str(seen.event_id), "visit": str(visit.event_id)}
    closed = world.record(child, "trigger_closed", on=day, details=named)
    world.settle()
    assert endings(world, child, "trigger_visit_overdue") == [(Ending.SETTLED, closed.event_id)]


# Of each kind what begins it on 1 March, by when it has rung, at which step, and what ends it.
LIVED: dict[str, tuple[Sequence[tuple[str, dict[str, Any]]], str, str, tuple[str, dict[str, Any]]]] = {
    "no_entrustment": (
        [
            ("parent_work_recorded", {"parent": "father", "away": True}),
            ("parent_work_recorded", {"parent": "mother", "away": True}),
        ],
        "2026-03-15",
        "info",
        ("entrustment_signed", {"name": "殷奶奶", "age": 61}),
    ),
    "minor_in_charge": (
        [("care_arranged", {"name": "殷小姐", "age": 15})],
        "2026-03-08",
        "high",
        ("care_arranged", {"name": "殷奶奶", "age": 61}),
    ),
    "dropout_risk": (
        [("dropout_risk_raised", {"reasons": ["逃学"]})],
        "2026-03-04",
        "high",
        ("school_status_changed", {"status": "attending"}),
    ),
    "risk_raised": (
        [("risk_assessed", {"level": "red"})],
        "2026-03-02",
        "warning",
        ("home_visit_made", {"carers": ["CARER"], "outcome": "met", "met": ["child"], "record": "好"}),
    ),
    "psych": (
        [("counselling_opened", {})],
        "2026-03-15",
        "warning",
        ("counselling_session", {"case": "FIRST", "carers": ["CARER"]}),
    ),
    "health": (
        [("health_check_recorded", {"follow_up_on": "2026-03-03"})],
        "2026-03-10",
        "info",
        ("health_check_recorded", {}),
    ),
    "holiday_untracked": (
        [("holiday_plan_registered", {"holiday": "summer", "stays": "not_known"})],
        "2026-03-02",
        "warning",
        ("holiday_check_made", {"result": "well", "carers": ["CARER"]}),
    ),
    "data_gap": ([], "2026-03-31", "info", ("contact_card_issued", {"holders": ["child"]})),
    "parent_unseen": (
        [("parent_work_recorded", {"parent": "father", "away": True})],
        "2026-08-31",
        "warning",
        ("parent_home_recorded", {"parent": "father", "seen": True}),
    ),
}


@pytest.mark.parametrize("kind", sorted(LIVED))
def test_each_kind_rings_on_its_day_is_ended_by_its_fact_and_opened_again_if_that_is_void(
    world: World, kind: str
) -> None:
    begins, day, step, (ends, said) = LIVED[kind]
    world.recipient()
    ladder(world, kind)
    child = world.enrol("T1", on="2026-03-01")
    first = None
    for type_, details in begins:
        recorded = world.record(child, type_, on="2026-03-01", details=details)
        first = first or recorded.event_id
    world.advance_to(f"{day} 07:59")
    before = rung(world, child, kind)
    world.advance_to(f"{day} 08:00")
    assert rung(world, child, kind)[-1] == (step, True)
    assert before in ([], [(alert_kinds()[kind].steps[0][0].value, True)])

    words = {
        name: [str(CARER) if each == "CARER" else each for each in value]
        if isinstance(value, list)
        else (str(first) if value == "FIRST" else value)
        for name, value in said.items()
    }
    ended = world.record(child, ends, on=day, details=words)
    world.settle()
    assert rung(world, child, kind)[-1][1] is False
    assert endings(world, child, kind)[-1][1] == ended.event_id

    world.void(child, ended.event_id)
    world.settle()
    assert [is_open for _, is_open in rung(world, child, kind)] == [True]


def test_a_handover_that_nobody_answers_is_told_until_it_is_answered(world: World) -> None:
    world.recipient()
    ladder(world, "handover_open")
    child = world.enrol("T1", on="2026-03-01")
    there = f"{SCHOOL}/2/2"
    world.system.organisations.ensure(there, actor=SYSTEM)
    proposed = world.record(child, "transfer_proposed", on="2026-03-01", details={"to": there})
    world.advance_to("2026-03-08 09:00")
    assert rung(world, child, "handover_open") == [("warning", True)]

    named = {"transfer": str(proposed.event_id), "reason": "已不转学"}
    answered = world.record(child, "transfer_withdrawn", on="2026-03-08", details=named)
    world.settle()
    assert endings(world, child, "handover_open") == [(Ending.SETTLED, answered.event_id)]


def test_what_was_laid_out_is_told_until_a_correction_says_that_it_was_paid_back(world: World) -> None:
    world.recipient()
    ladder(world, "claim_open")
    child = world.enrol("T1", on="2026-03-01")
    said = {"carers": [str(CARER)], "cost_fen": 4200, "paid_by": "carer", "repaid": False}
    laid_out = world.record(child, "illness_escorted", on="2026-03-01", details=said)
    world.advance_to("2026-03-31 09:00")
    assert rung(world, child, "claim_open") == [("info", True)]

    world.correct(child, laid_out.event_id, details={"repaid": True})
    world.settle()
    ((ending, by_event),) = endings(world, child, "claim_open")
    assert (ending, by_event is not None) == (Ending.SETTLED, True)


def test_nothing_but_what_must_ring_rings_where_no_office_asked_for_it(world: World) -> None:
    on = {name for name, kind in alert_kinds().items() if kind.on}

    assert on == {"uncontacted", "unseen", "alone_under_16", "unattended_under_8"}
    assert on == {name for name, kind in alert_kinds().items() if kind.required}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "unseen", "on": False}, "alert_must_ring"),
        ({"kind": "uncontacted", "info": 61, "critical": 90}, "alert_must_ring"),
        ({"kind": "uncontacted", "info": 14, "high": 90}, "alert_must_ring"),
        ({"kind": "no_pairing", "info": 30, "warning": 10}, "ladder_descends"),
    ],
)
def test_a_ladder_that_would_tell_nobody_is_refused(world: World, said: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        ladder(world, **said)

    assert [fault.reason.code for fault in refused.value.faults] == [code]
