"""What may be recorded on any kind of stream, shown on one that nobody will ever need."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace as restated

from domain.event import Details, Event, NewEvent, Occurred
from domain.history import carers_in, history
from domain.ids import own_id
from domain.ledger.contradictions import contradictions
from domain.ledger.decide import decide
from domain.ledger.event_corrected import EventCorrected
from domain.ledger.event_voided import EventVoided
from domain.ledger.facts import fold
from domain.refusal import AtOdds, Conflict, Invalid, Refused, Unknown
from tests.support.builders import CARER, an_id, event, stream
from tests.support.lanterns import (
    KIND,
    Colour,
    Lantern,
    LanternHung,
    LanternLit,
    LanternNoted,
    LanternSealed,
    LanternSnuffed,
)
from tests.support.samples import sample_details

TODAY = date(2026, 6, 1)
HUNG = LanternHung(colour=Colour.RED, place="gate")


def hung(day: str = "2026-03-01", **fields: Any) -> Event:
    return event(LanternHung(**{"colour": Colour.RED, "place": "gate"} | fields), day, name=str(fields))


def folded(*events: Event) -> Lantern:
    return fold(Lantern, events[0].originator_id if events else an_id("lantern"), stream(*events))


def new_event(details: Details, day: str = "2026-03-05", **envelope: Any) -> NewEvent:
    occurred = Occurred.on(date.fromisoformat(day))
    said = {"event_id": an_id("draft"), "recorded_by": "Teacher Li"} | envelope
    return NewEvent(occurred=occurred, details=details, **said)


def correction(target: UUID, approved_by: str = "head", **fields: Any) -> NewEvent:
    return new_event(EventCorrected(target=target, fields=fields, reason="wrong", approved_by=approved_by))


def voiding(target: UUID, approved_by: str = "head") -> NewEvent:
    return new_event(EventVoided(target=target, reason="never was", approved_by=approved_by))


def refused(state: Lantern, said: NewEvent, **how: Any) -> tuple[type[Refused], str, str]:
    with pytest.raises(Refused) as why:
        decide(KIND, state, said, today=TODAY, **how)
    return type(why.value), why.value.reason.code, why.value.faults[0].pointer


def test_what_may_be_recorded_is_not_refused() -> None:
    lit = event(LanternLit(wick=3), "2026-03-02")
    state = folded(hung(), lit)

    for said in (
        new_event(LanternSnuffed()),
        new_event(LanternNoted(target=lit.event_id)),
        correction(lit.event_id, details={"wick": 4}),
        voiding(lit.event_id),
    ):
        decide(KIND, state, said, today=TODAY)
    decide(KIND, folded(), new_event(HUNG), today=TODAY)


def test_a_stream_is_opened_once_and_before_all_else() -> None:
    assert refused(folded(), new_event(LanternSnuffed())) == (Unknown, "unknown_stream", "")
    assert refused(folded(hung()), new_event(HUNG)) == (Conflict, "already_open", "")


def test_the_ledgers_own_ids_are_nobodys_to_choose() -> None:
    state = fold(Lantern, own_id(an_id("names"), "lantern"), ())

    assert refused(state, new_event(HUNG)) == (Invalid, "reserved_id", "/stream_id")


def test_a_type_of_another_kind_is_not_known_here() -> None:
    assert refused(folded(hung()), new_event(sample_details("call_made"))) == (
        Invalid,
        "unknown_type",
        "/type",
    )


def test_bounds_and_days_hold_on_every_kind() -> None:
    state = folded(hung())

    assert refused(state, new_event(LanternLit(wick=51))) == (Invalid, "too_large", "/details/wick")
    assert refused(state, new_event(LanternSnuffed(), "2026-06-02")) == (
        Invalid,
        "in_the_future",
        "/occurred_on",
    )
    written = new_event(LanternSnuffed(), written_on=date(2026, 3, 4))
    assert refused(state, written) == (Invalid, "written_before_it_happened", "/written_on")


def test_what_the_kind_and_the_type_add_is_asked_too() -> None:
    sealed = folded(hung(), event(LanternSealed(), "2026-03-02"))
    with pytest.raises(AtOdds):
        decide(KIND, sealed, new_event(LanternSnuffed(), "2026-12-02"), today=date(2026, 12, 31))

    unlit = new_event(LanternNoted(target=an_id("nobody")))
    assert refused(sealed, unlit) == (Invalid, "lantern_not_lit", "/details/target")


@pytest.mark.parametrize("make", [correction, voiding])
def test_a_correction_or_voiding_names_what_stands(make: Any) -> None:
    lit = event(LanternLit(wick=3), "2026-03-02")
    void = event(EventVoided(target=lit.event_id, reason="never was", approved_by="head"), "2026-03-03")

    assert refused(folded(hung()), make(an_id("nobody"))) == (AtOdds, "no_such_event", "/details/target")
    assert refused(folded(hung(), lit, void), make(lit.event_id)) == (Conflict, "is_void", "/details/target")


def test_a_type_says_whether_it_can_be_corrected_or_voided() -> None:
    sealed = event(LanternSealed(), "2026-03-02")
    state = folded(hung(), sealed)

    corrects = correction(sealed.event_id, occurred_on="2026-03-01")
    assert refused(state, corrects) == (Conflict, "not_correctable", "/details/target")
    assert refused(state, voiding(sealed.event_id)) == (Conflict, "not_voidable", "/details/target")


def test_what_a_correction_makes_of_an_entry_is_decided_like_any_entry() -> None:
    lit = event(LanternLit(wick=3), "2026-03-02")
    state = folded(hung(), lit)

    too_large = correction(lit.event_id, details={"wick": 51})
    assert refused(state, too_large) == (Invalid, "too_large", "/details/fields/details/wick")
    tomorrow = correction(lit.event_id, occurred_on="2026-06-02")
    assert refused(state, tomorrow) == (Invalid, "in_the_future", "/details/fields/occurred_on")


def test_the_opening_is_voided_last() -> None:
    first, lit = hung(), event(LanternLit(wick=3), "2026-03-02")
    void = event(EventVoided(target=first.event_id, reason="never was", approved_by="head"), "2026-03-03")

    assert refused(folded(first, lit), voiding(first.event_id)) == (
        Conflict,
        "opening_stands",
        "/details/target",
    )
    decide(KIND, folded(first), voiding(first.event_id), today=TODAY)
    decide(KIND, folded(first, void), new_event(HUNG), today=TODAY)
    assert refused(folded(first, void), new_event(LanternSnuffed()))[0] is Unknown


@pytest.mark.parametrize("which", ["first", "second"])
def test_of_two_openings_neither_is_corrected_or_voided(which: str) -> None:
    # `decide` lets no second one in: such a store was written by something else.
    first, second = hung(place="gate"), hung(place="bridge")
    state, target = folded(first, second), {"first": first, "second": second}[which].event_id

    corrects = correction(target, details={"place": "mill"})
    assert refused(state, corrects) == (Conflict, "already_open", "/details/fields")
    assert refused(state, voiding(target)) == (Conflict, "opening_stands", "/details/target")
    again = replace(KIND, opens_again=True)
    for said in (corrects, voiding(target)):
        decide(again, state, said, today=TODAY)


@pytest.mark.parametrize(
    ("approved_by", "by"), [("teacher  LI", None), ("key of the office", "Key of the office")]
)
def test_nobody_approves_of_what_is_his_own(approved_by: str, by: str | None) -> None:
    lit = event(LanternLit(wick=3), "2026-03-02")
    state, pointer = folded(hung(), lit), "/details/approved_by"

    for said in (
        correction(lit.event_id, approved_by, details={"wick": 4}),
        voiding(lit.event_id, approved_by),
    ):
        assert refused(state, said, by=by) == (Invalid, "same_approver", pointer)


def test_the_history_of_any_stream_is_told_in_words() -> None:
    lit = event(LanternLit(wick=3, keepers=(CARER,)), "2026-03-02")
    mended = event(
        EventCorrected(
            target=lit.event_id, fields={"details": {"wick": 4}}, reason="wrong", approved_by="head"
        ),
        "2026-03-03",
    )
    state = folded(hung(), lit, mended)

    told = history(state, called={CARER: ((lit.recorded_at, "林远"),)})

    assert [entry.text.en for entry in told][:2] == [
        "Hung: Colour: red; Place: gate",
        "Lit: Wick (mm): 4; Keepers: 林远",
    ]
    assert told[1].as_recorded == {"details": {"wick": 3}}
    assert told[1].corrected_by == (mended.event_id,)
    assert carers_in(state) == (CARER,)


def test_entries_of_one_day_that_settle_the_same_contradict_each_other_on_any_stream() -> None:
    one = restated(hung(place="gate"), event_id=an_id("one"))
    other = restated(hung(place="bridge"), event_id=an_id("other"))

    (found,) = contradictions(folded(one, other))

    assert (found.field, found.earlier, found.later) == ("lantern.place", one.event_id, other.event_id)
