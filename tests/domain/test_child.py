"""What a child's stream tells once it is folded."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.care_actions.call_made import CallOutcome
from domain.care_actions.talk_held import TalkMode
from domain.care_actions.visit_verified import VisitVerdict, VisitVerified
from domain.child import fold
from domain.choices import CarerKind, Met, VisitOutcome
from domain.history import history
from tests.support.builders import (
    CARER,
    CHILD,
    OTHER_CARER,
    call,
    corrected,
    enrolled,
    event,
    exited,
    paired,
    readmitted,
    record_filed,
    stream,
    talk,
    visit,
    voided,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def test_a_child_never_contacted_is_silent_since_enrolment() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01")))

    assert child.days_silent(day("2026-03-15")) == 14
    assert child.days_silent(day("2026-02-28")) is None


@pytest.mark.parametrize(
    ("entry", "contact"),
    [
        (visit("2026-03-05", outcome=VisitOutcome.MET, record=None), True),
        (visit("2026-03-05", outcome=VisitOutcome.NOBODY_HOME), False),
        (visit("2026-03-05", outcome=VisitOutcome.REFUSED), False),
        (call("2026-03-05", outcome=CallOutcome.CONNECTED, minutes=1), True),
        (call("2026-03-05", outcome=CallOutcome.CONNECTED, minutes=0), False),
        (call("2026-03-05", outcome=CallOutcome.NO_ANSWER, minutes=5), False),
        (call("2026-03-05", outcome=CallOutcome.NOT_UNDERSTOOD, minutes=5), False),
        (talk("2026-03-05", record="想念父母"), True),
        (talk("2026-03-05", record=None), False),
    ],
)
def test_what_counts_as_a_contact(entry: object, contact: bool) -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01"), entry))

    assert child.days_silent(day("2026-03-10")) == (5 if contact else 9)


@pytest.mark.parametrize(
    ("entry", "seen"),
    [
        (visit("2026-03-05", met=(Met.CHILD, Met.GUARDIAN)), True),
        (visit("2026-03-05", met=(Met.GUARDIAN,)), False),
        (visit("2026-03-05", met=()), False),
        (call("2026-03-05", outcome=CallOutcome.CONNECTED, minutes=20), False),
        (talk("2026-03-05", record="想念父母"), True),
        (talk("2026-03-05", record="想念父母", mode=TalkMode.VIDEO), False),
        (talk("2026-03-05", record=None), False),
    ],
)
def test_only_who_met_the_child_itself_has_seen_it(entry: object, seen: bool) -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01"), entry))

    assert child.days_child_unseen(day("2026-03-10")) == (5 if seen else 9)
    assert child.unseen_anchor is not None
    assert (child.unseen_anchor.type == "child_enrolled") is not seen


def test_a_mother_who_rings_each_week_does_not_say_that_anybody_saw_the_child() -> None:
    calls = [call(f"2026-03-{7 * week:02}", minutes=10) for week in range(1, 5)]
    child = fold(CHILD, stream(enrolled("2026-03-01"), *calls))

    assert (child.days_silent(day("2026-03-31")), child.days_child_unseen(day("2026-03-31"))) == (3, 30)


def test_a_voided_sighting_lets_the_one_before_count_again() -> None:
    seen, again = talk("2026-03-05", record="想念父母"), talk("2026-03-20", record="想念父母")
    child = fold(CHILD, stream(enrolled("2026-03-01"), seen, again, voided("2026-03-21", again)))

    assert child.days_child_unseen(day("2026-03-21")) == 16


def test_a_visit_that_the_family_disproves_has_seen_nobody() -> None:
    seen = visit("2026-03-05", met=(Met.CHILD,))
    checked = event(VisitVerified(visit=seen.event_id, result=VisitVerdict.NO), "2026-03-08")
    child = fold(CHILD, stream(enrolled("2026-03-01"), seen, checked))

    assert child.days_child_unseen(day("2026-03-10")) == 9


def test_a_record_filed_later_makes_a_talk_a_contact_from_that_day_on() -> None:
    held = talk("2026-03-05", record=None)
    events = stream(enrolled("2026-03-01"), held, record_filed("2026-03-08", held))

    assert fold(CHILD, events).last_contact.event_id == held.event_id
    assert fold(CHILD, events, as_of=day("2026-03-07")).last_contact is None


@pytest.mark.parametrize(
    ("kinds", "carers", "contact"),
    [
        ((CarerKind.HAND_IN_HAND,), (CARER,), False),
        ((CarerKind.HAND_IN_HAND,), (CARER, OTHER_CARER), True),
        ((CarerKind.HAND_IN_HAND, CarerKind.VOLUNTEER), (CARER,), True),
    ],
)
def test_what_another_pupil_did_is_no_contact(
    kinds: tuple[CarerKind, ...], carers: tuple[UUID, ...], contact: bool
) -> None:
    pairs = [paired(f"2026-03-0{n}", kind=kind, name=kind) for n, kind in enumerate(kinds, start=2)]
    child = fold(CHILD, stream(enrolled("2026-03-01"), *pairs, talk("2026-03-05", carers=carers)))

    assert (child.last_contact is not None) is contact
    assert [e.is_contact for e in history(child, called={})][-1] is contact


def test_a_visit_that_the_family_disproved_is_no_contact_until_that_is_void() -> None:
    met = visit("2026-05-02")
    asked = [
        event(VisitVerified(visit=met.event_id, result=VisitVerdict.NO), "2026-05-09", name="no"),
        event(
            VisitVerified(visit=met.event_id, result=VisitVerdict.NOT_REACHED), "2026-05-12", name="nobody"
        ),
    ]
    before, disproved = stream(enrolled("2026-03-01"), met), stream(enrolled("2026-03-01"), met, asked[0])

    assert fold(CHILD, before).last_contact is not None
    assert fold(CHILD, disproved).last_contact is None
    assert fold(CHILD, disproved, as_of=day("2026-05-08")).last_contact is not None
    # That nobody was reached later takes back nothing.
    assert fold(CHILD, stream(enrolled("2026-03-01"), met, *asked)).last_contact is None
    restored = stream(enrolled("2026-03-01"), met, asked[0], voided("2026-05-13", asked[0]))
    assert fold(CHILD, restored).last_contact is not None


def test_a_filing_that_is_void_files_nothing() -> None:
    held = talk("2026-03-05", record=None)
    filing = record_filed("2026-03-08", held)

    child = fold(CHILD, stream(enrolled("2026-03-01"), held, filing, voided("2026-03-09", filing)))

    assert not child.fact(held.event_id).has_record


def test_an_exit_day_is_the_last_day_of_care() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01"), exited("2026-04-01"), readmitted("2026-05-01")))

    seen = ["2026-02-28", "2026-03-01", "2026-04-01", "2026-04-02", "2026-05-01"]
    assert [child.in_care(day(d)) for d in seen] == [False, True, True, False, True]


def test_silence_begins_anew_with_readmission() -> None:
    child = fold(
        CHILD,
        stream(enrolled("2026-03-01"), visit("2026-03-05"), exited("2026-03-10"), readmitted("2026-05-01")),
    )

    assert child.days_silent(day("2026-05-03")) == 2


def test_care_ends_the_day_before_the_18th_birthday() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01", birth_date="2008-05-20")))

    assert child.in_care(day("2026-05-19"))
    assert not child.in_care(day("2026-05-20"))


def test_who_was_born_on_29_february_comes_of_age_on_1_march() -> None:
    child = fold(CHILD, stream(enrolled("2025-03-01", birth_date="2008-02-29")))

    assert child.in_care(day("2026-02-28"))
    assert not child.in_care(day("2026-03-01"))


def test_the_end_of_care_ends_the_pairings() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01"), paired("2026-03-02"), exited("2026-04-01")))

    assert [(p.start, p.end) for p in child.pairings] == [(day("2026-03-02"), day("2026-04-02"))]


def test_late_is_more_than_five_days() -> None:
    on_time = visit("2026-03-05", written_on="2026-03-10")
    late = visit("2026-03-06", written_on="2026-03-12")

    child = fold(CHILD, stream(enrolled("2026-03-01"), on_time, late))

    assert [(f.days_late, f.late) for f in child.facts if f.type == "home_visit_made"] == [
        (5, False),
        (6, True),
    ]


def test_without_a_written_day_lateness_counts_to_the_recording() -> None:
    entry = visit("2026-03-05", known="2026-03-12")

    child = fold(CHILD, stream(enrolled("2026-03-01"), entry))

    assert child.fact(entry.event_id).days_late == 7


def test_a_corrected_day_moves_the_entry() -> None:
    entry = visit("2026-03-05")

    child = fold(
        CHILD,
        stream(
            enrolled("2026-03-01"),
            entry,
            corrected("2026-03-08", entry, fields={"occurred_on": "2026-03-07"}),
        ),
    )

    assert child.fact(entry.event_id).day == day("2026-03-07")
    assert child.days_silent(day("2026-03-08")) == 1


def test_as_of_leaves_out_what_happened_later() -> None:
    events = stream(enrolled("2026-03-01"), visit("2026-03-05"), visit("2026-03-09"))

    child = fold(CHILD, events, as_of=day("2026-03-08"))

    assert child.last_contact.day == day("2026-03-05")


def test_silence_grows_by_one_each_day() -> None:
    child = fold(CHILD, stream(enrolled("2026-03-01")))

    silences = [child.days_silent(day("2026-03-01") + timedelta(days=n)) for n in range(100)]

    assert silences == list(range(100))


def test_as_of_a_day_knows_no_void_entry_of_later() -> None:
    early, late = visit("2026-03-05"), visit("2026-04-05")
    story = stream(
        enrolled("2026-03-01"), early, late, voided("2026-04-10", early), voided("2026-04-10", late)
    )

    child = fold(CHILD, story, as_of=date(2026, 3, 31))

    assert [fact.event_id for fact in child.void] == [early.event_id]
