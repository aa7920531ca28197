"""What is refused of the types of care actions, and what they make of a child."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from domain.catalogue import details_by_type
from domain.child import Child, fold
from domain.event import Details, Event, NewEvent, Occurred
from domain.family import care_at_home
from domain.ledger.event_type import declared
from domain.refusal import AtOdds
from domain.wire import from_wire
from tests.support.builders import CARER, CHILD, an_id, enrolled, event, stream, visit

WHO = [str(CARER)]
Said = tuple[str, str, Mapping[str, Any]]


def said(type_: str, **words: Any) -> Details:
    return from_wire(details_by_type()[type_], words)


def known(*earlier: Event) -> Child:
    return fold(CHILD, stream(enrolled("2026-03-01"), *earlier))


def codes(child: Child, day: str, details: Details) -> list[str]:
    new = NewEvent(
        event_id=an_id("new"),
        occurred=Occurred.on(date.fromisoformat(day)),
        details=details,
        recorded_by="Li",
    )
    return [fault.reason.code for fault in declared(type(details)).check(new, child)]


ALONE: list[tuple[str, Mapping[str, Any], str | None]] = [
    ("letter_sent", {"writer": "child", "reader": "mother"}, None),
    ("letter_sent", {"writer": "child", "reader": "child"}, "letter_to_oneself"),
    ("health_check_recorded", {"follow_up_on": "2026-04-30"}, "follow_up_before_check"),
    ("absence_observed", {"until": "2026-04-30"}, "ends_before_it_begins"),
    ("peer_hosted", {"host": "the Hes", "guardian_agreed": True}, None),
    ("peer_hosted", {"host": "the Hes", "guardian_agreed": False}, "guardian_did_not_agree"),
    ("holiday_plan_registered", {"holiday": "summer", "stays": "at_home"}, None),
    (
        "holiday_plan_registered",
        {"holiday": "summer", "stays": "relatives", "leaves_on": "2026-07-08", "returns_on": "2026-07-01"},
        "ends_before_it_begins",
    ),
    ("consent_recorded", {"scope": "photo", "giver": "mother"}, None),
    # The child is nine.
    ("consent_recorded", {"scope": "photo", "giver": "child"}, "not_theirs_to_give"),
    ("consent_recorded", {"scope": "photo", "giver": "entrusted_carer"}, "not_theirs_to_give"),
    ("entrustment_signed", {"name": "Zhou Guilan", "age": 61}, None),
    ("entrustment_signed", {"name": "Zhou Guilan", "age": 16}, "too_young_to_be_entrusted"),
    ("entrustment_signed", {"name": "Zhou Guilan", "excluded_by": ["addiction"]}, "may_not_be_entrusted"),
    # What is true is recorded, good or bad.
    ("care_arranged", {"name": "Zhou Xiaohe", "age": 13, "capability": "poor"}, None),
    ("trigger_closed", {"trigger": str(an_id("nothing"))}, "no_such_action"),
]


@pytest.mark.parametrize(("type_", "words", "code"), ALONE)
def test_what_is_refused_by_itself(type_: str, words: Mapping[str, Any], code: str | None) -> None:
    details = said(type_, **words)
    if code == "no_such_action":
        with pytest.raises(AtOdds, match=code):
            codes(known(), "2026-05-06", details)
    else:
        assert codes(known(), "2026-05-06", details) == ([code] if code else [])


def test_on_the_day_of_turning_fourteen_a_child_consents_itself() -> None:
    consent = said("consent_recorded", scope="photo", giver="child")

    assert codes(known(), "2030-05-19", consent) == ["not_theirs_to_give"]
    assert codes(known(), "2030-05-20", consent) == []


def test_a_level_is_lowered_by_two_and_raised_by_one() -> None:
    # Given a child at yellow.
    child = known(event(said("risk_assessed", level="yellow"), "2026-04-01"))

    # Then whoever lowers the level names who approved.
    assert codes(child, "2026-05-01", said("risk_assessed", level="green")) == ["lowered_alone"]
    assert codes(child, "2026-05-01", said("risk_assessed", level="green", approved_by="Wang")) == []
    assert codes(child, "2026-05-01", said("risk_assessed", level="red")) == []
    # What came later says nothing about an earlier day.
    assert codes(child, "2026-03-15", said("risk_assessed", level="green")) == []


def test_a_wish_comes_true_once() -> None:
    wish = event(said("wish_collected", wish="a kite"), "2026-04-01")
    fulfilled = said("wish_fulfilled", wish=str(wish.event_id))

    assert codes(known(wish), "2026-05-01", fulfilled) == []
    assert codes(known(wish, event(fulfilled, "2026-05-01")), "2026-06-01", fulfilled) == [
        "wish_fulfilled_already"
    ]


def test_a_scheme_runs_once_at_a_time() -> None:
    # Given a grant until June.
    grant = event(said("subsidy_granted", scheme="subsistence", until="2026-06-30"), "2026-04-01")
    again = said("subsidy_granted", scheme="subsistence")

    # Then another one begins after it, of another scheme at once.
    assert codes(known(grant), "2026-06-30", again) == ["subsidy_runs_already"]
    assert codes(known(grant), "2026-07-01", again) == []
    assert codes(known(grant), "2026-03-10", again) == ["subsidy_runs_already"]
    assert codes(known(grant), "2026-05-01", said("subsidy_granted", scheme="orphan")) == []
    # And where it was ended, the day after that.
    end = event(said("subsidy_ended", subsidy=str(grant.event_id)), "2026-05-05")
    assert codes(known(grant, end), "2026-05-05", again) == ["subsidy_runs_already"]
    assert codes(known(grant, end), "2026-05-06", again) == []


def test_a_reason_to_visit_is_settled_by_a_later_visit_or_by_approval() -> None:
    early, late = visit("2026-04-01"), visit("2026-04-20")
    trigger = event(said("trigger_observed", kind="low_mood"), "2026-04-10")
    child = known(early, trigger, late)

    def settled(**words: Any) -> list[str]:
        return codes(child, "2026-04-21", said("trigger_closed", trigger=str(trigger.event_id), **words))

    assert settled(visit=str(late.event_id)) == []
    assert settled(visit=str(early.event_id)) == ["visit_before_trigger"]
    assert settled() == settled(not_needed_because="all is well") == ["visit_or_reason"]
    assert settled(not_needed_because="all is well", approved_by="Wang") == []


def test_counselling_is_opened_before_a_session_and_closed_once() -> None:
    opening = event(said("counselling_opened", channel="mailbox"), "2026-04-01")
    case = {"case": str(opening.event_id)}
    closing = said("counselling_closed", outcome="better", **case)

    with pytest.raises(AtOdds):
        codes(known(), "2026-04-02", said("counselling_session", carers=WHO, **case))
    assert codes(known(opening), "2026-04-02", said("counselling_session", carers=WHO, **case)) == []
    assert codes(known(opening), "2026-05-01", closing) == []
    assert codes(known(opening, event(closing, "2026-05-01")), "2026-05-02", closing) == [
        "counselling_closed_already"
    ]


def test_several_people_may_look_after_a_child_at_home() -> None:
    # Given a grandmother and an aunt, of whom the aunt has left.
    grandmother = event(said("care_arranged", name="Zhou Guilan", relation="grandmother"), "2026-03-01")
    aunt = event(said("care_arranged", name="Zhou Mei", relation="aunt"), "2026-03-02")
    left = event(said("care_arrangement_ended", arrangement=str(aunt.event_id)), "2026-04-01")

    def at_home(*earlier: Event) -> list[str | None] | None:
        found = care_at_home(known(*earlier))
        return None if found is None else [each.name for each in found]

    # Then the grandmother is left, and nobody once she has gone too.
    assert at_home() is None
    assert at_home(grandmother, aunt) == ["Zhou Guilan", "Zhou Mei"]
    assert at_home(grandmother, aunt, left) == ["Zhou Guilan"]
    gone = event(said("care_arrangement_ended", arrangement=str(grandmother.event_id)), "2026-04-02")
    assert at_home(grandmother, aunt, left, gone) == []


def test_none_of_them_is_a_contact() -> None:
    # A letter, a message or a check ends no silence: nobody has seen or spoken with the child by it.
    quiet = known(
        event(said("letter_sent", writer="child", reader="mother"), "2026-04-01"),
        event(said("message_sent", reader="mother", arrived=True), "2026-04-02"),
        event(said("holiday_check_made", result="well", carers=WHO), "2026-04-03"),
        event(said("tutoring_held", subject="maths", carers=WHO), "2026-04-04"),
    )

    assert quiet.last_contact is None
