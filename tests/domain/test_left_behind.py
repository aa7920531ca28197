"""Who counts as left behind, under each definition, on any day, and why."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from domain.card import Card, card_of
from domain.care_actions.care_arranged import CareArranged
from domain.care_actions.care_arrangement_ended import CareArrangementEnded
from domain.care_actions.guardian_designated import GuardianDesignated
from domain.care_actions.parent_home_recorded import ParentHomeRecorded
from domain.care_actions.parent_status_recorded import ParentStatusRecorded
from domain.care_actions.parent_work_recorded import ParentWorkRecorded, WorkField
from domain.care_actions.profile_changed import ProfileChanged
from domain.child import fold
from domain.choices import HowFar, HukouType, Parent, ParentStatus
from domain.event import Event
from domain.left_behind import (
    FactAsked,
    Judged,
    LeftBehindClass,
    counts_as_left_behind,
    definitions,
    judged,
    parents_away,
)
from domain.told import contradictions_of
from tests.support.builders import CHILD, enrolled, event, stream

FATHER, MOTHER = Parent.FATHER, Parent.MOTHER
BOTH, ONE, NOT, UNKNOWN = LeftBehindClass
ORG = "清溪县/东岭镇/东岭小学/三年级"


def of(which: Parent, away: bool | None, day: str = "2026-01-10", **said: Any) -> Event:
    dates = {name: date.fromisoformat(said[name]) for name in ("away_from", "away_to") if name in said}
    details = ParentWorkRecorded(parent=which, away=away, **(said | dates))
    return event(details, day, name=which.value, org=ORG)


def state(which: Parent, status: ParentStatus, day: str = "2026-01-10", since: str | None = None) -> Event:
    told = since and date.fromisoformat(since)
    return event(ParentStatusRecorded(parent=which, status=status, since=told), day, name=which.value)


def visit(which: Parent, day: str, until: str, *, planned: bool = False) -> Event:
    details = ParentHomeRecorded(parent=which, planned=planned, until=date.fromisoformat(until))
    return event(details, day, name=f"{which} {planned}")


def known(*events: Event, hukou: HukouType | None = HukouType.RURAL, born: str = "2016-05-20") -> Card:
    opening = enrolled("2025-03-01", birth_date=born, org=ORG)
    details = replace(opening.details, hukou_type=hukou, address="贵州省清溪县东岭镇")  # type: ignore[type-var]
    told = stream(event(details, "2025-03-01", org=ORG), *events)
    return card_of(fold(CHILD, told), last=told[-1])


def asked(child: Card, definition: str, day: str = "2026-06-30") -> Judged:
    return judged(child, date.fromisoformat(day), definitions()[definition])


def found(child: Card, definition: str, day: str = "2026-06-30") -> LeftBehindClass:
    return asked(child, definition, day).found


def missing(judged: Judged) -> set[tuple[FactAsked, Parent | None]]:
    return {(ground.fact, ground.parent) for ground in judged.missing}


GONE = (of(FATHER, True), of(MOTHER, True))


@pytest.mark.parametrize(("father", "mother"), list(product(("said nothing", True, False, None), repeat=2)))
def test_the_broad_definition_answers_as_it_always_did(father: Any, mother: Any) -> None:
    said = {FATHER: father, MOTHER: mother}
    # Neither what became of a parent nor the days of an absence ever counted in it.
    child = known(
        *(
            of(which, away, away_from="2026-06-29", away_to="2026-06-30")
            for which, away in said.items()
            if away != "said nothing"
        ),
        state(FATHER, ParentStatus.DEAD),
    )

    answered = asked(child, "school_broad@1")

    away = parents_away(child, date(2026, 6, 30))
    assert answered.left_behind is counts_as_left_behind(away)
    order = {"both_parents_away": BOTH, "single_parent_away": ONE, "none_away": NOT, "unknown": UNKNOWN}
    assert answered.found is order[away.value]


def test_the_register_asks_for_three_months_and_has_codes() -> None:
    child = known(of(FATHER, True, away_from="2026-02-28"), of(MOTHER, False))

    days = ("2026-02-27", "2026-05-27", "2026-05-28")
    answers = [asked(child, "register@1", day) for day in days]

    assert [each.found for each in answers] == [NOT, NOT, ONE]
    assert [each.definition.code(each.found) for each in answers] == ["0", "0", "1"]


@pytest.mark.parametrize(
    ("day", "expected", "lacks"),
    [("2026-02-01", UNKNOWN, {(FactAsked.AWAY_FROM, FATHER)}), ("2026-04-10", ONE, set())],
)
def test_an_absence_without_a_day_counts_from_the_first_entry_that_tells_it(
    day: str, expected: LeftBehindClass, lacks: set[Any]
) -> None:
    child = known(of(FATHER, True), of(FATHER, True, "2026-01-20", place="东莞"), of(MOTHER, False))

    answered = asked(child, "register@1", day)

    assert (answered.found, missing(answered)) == (expected, lacks)


@pytest.mark.parametrize("definition", ["register@1", "state_2016@1", "national_2024@1"])
def test_the_spring_festival_does_not_empty_the_register(definition: str) -> None:
    far: dict[str, Any] = {"away_from": "2025-03-01", "how_far": HowFar.BEYOND}
    child = known(
        of(FATHER, True, **far),
        of(MOTHER, True, **far),
        visit(FATHER, "2026-02-10", "2026-02-24"),
        visit(MOTHER, "2026-02-10", "2026-02-24"),
        visit(MOTHER, "2026-04-01", "2026-04-06", planned=True),
    )

    days = ("2026-02-09", "2026-02-17", "2026-02-25", "2026-04-04", "2026-05-01")
    assert [found(child, definition, day) for day in days] == [BOTH] * 5


def test_a_return_for_good_ends_an_absence_and_leaving_again_begins_another() -> None:
    child = known(
        of(FATHER, True, away_from="2025-09-01"),
        of(MOTHER, False),
        of(FATHER, False, "2026-02-10"),
        of(FATHER, True, "2026-03-01", away_from="2026-03-01"),
    )

    days = ("2026-02-09", "2026-02-10", "2026-03-01", "2026-06-01")
    assert [found(child, "register@1", day) for day in days] == [ONE, NOT, NOT, ONE]


def test_who_leaves_later_is_at_home_until_then_and_who_was_to_be_back_is_back() -> None:
    child = known(*(of(which, True, away_from="2026-02-01", away_to="2026-06-01") for which in Parent))

    days = ("2026-01-31", "2026-02-01", "2026-05-31", "2026-06-01")
    assert [found(child, "state_2016@1", day) for day in days] == [NOT, BOTH, BOTH, NOT]


ALONE = (of(FATHER, True), of(MOTHER, False))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (GONE, BOTH),
        (ALONE, UNKNOWN),
        ((*ALONE, state(MOTHER, ParentStatus.LIVING_TOGETHER)), NOT),
        ((*ALONE, state(MOTHER, ParentStatus.DIVORCED)), NOT),
        *(
            ((*ALONE, state(MOTHER, unable)), ONE)
            for unable in (
                ParentStatus.INCAPABLE,
                ParentStatus.DETAINED,
                ParentStatus.MISSING,
                ParentStatus.DEAD,
            )
        ),
        ((*ALONE, state(MOTHER, ParentStatus.INCAPABLE, since="2026-07-01")), UNKNOWN),
        ((of(FATHER, False), of(MOTHER, False)), NOT),
        ((of(FATHER, True), state(FATHER, ParentStatus.DEAD), of(MOTHER, False)), NOT),
        ((), UNKNOWN),
    ],
)
def test_the_state_asks_whether_the_other_parent_can_care(
    events: tuple[Event, ...], expected: LeftBehindClass
) -> None:
    assert found(known(*events), "state_2016@1") is expected


def test_what_is_missing_and_what_decided_is_named() -> None:
    unsaid = asked(known(*ALONE), "state_2016@1")
    dead = state(MOTHER, ParentStatus.DEAD)
    said = asked(known(*ALONE, dead), "state_2016@1")

    assert missing(unsaid) == {(FactAsked.STATE, MOTHER)}
    assert unsaid.decided == ()
    assert {(ground.fact, ground.parent, ground.event_id) for ground in said.decided} >= {
        (FactAsked.AWAY, FATHER, ALONE[0].event_id),
        (FactAsked.STATE, MOTHER, dead.event_id),
        (FactAsked.BIRTH_DATE, None, None),
    }


def test_one_who_is_away_is_enough_and_the_other_is_named_as_unknown() -> None:
    answered = asked(known(of(FATHER, True)), "register@1")

    assert (answered.found, answered.left_behind) == (ONE, True)
    assert missing(answered) == {(FactAsked.AWAY, MOTHER)}


def test_where_one_parent_is_dead_the_other_who_is_away_is_both_in_the_register() -> None:
    child = known(of(FATHER, True), state(MOTHER, ParentStatus.DEAD))

    assert (found(child, "register@1"), found(child, "state_2016@1")) == (BOTH, ONE)


def test_it_counts_until_the_sixteenth_birthday_and_on_it() -> None:
    child = known(*GONE, born="2010-06-30")

    assert [found(child, "state_2016@1", day) for day in ("2026-06-30", "2026-07-01")] == [BOTH, NOT]
    assert found(child, "register@1", "2026-07-01") is BOTH


@pytest.mark.parametrize(
    ("hukou", "expected"), [(HukouType.RURAL, BOTH), (HukouType.URBAN, NOT), (None, UNKNOWN)]
)
def test_the_registration_is_asked_for_by_one_definition_alone(
    hukou: HukouType | None, expected: LeftBehindClass
) -> None:
    child = known(*GONE, hukou=hukou)

    assert (found(child, "state_2016@1"), found(child, "register@1")) == (expected, BOTH)


def test_a_registration_counts_from_the_day_of_its_change() -> None:
    child = known(*GONE, event(ProfileChanged(hukou_type=HukouType.URBAN), "2026-06-01"))

    assert [found(child, "state_2016@1", day) for day in ("2026-05-31", "2026-06-01")] == [BOTH, NOT]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"how_far": HowFar.TOWNSHIP}, NOT),
        ({"how_far": HowFar.COUNTY}, NOT),
        ({"how_far": HowFar.PROVINCE}, BOTH),
        ({"how_far": HowFar.BEYOND, "place": "本县"}, BOTH),
        ({"place": "广东省东莞市"}, BOTH),
        ({"place": "贵州省"}, UNKNOWN),
        ({"place": "贵州省清溪县城"}, NOT),
        ({"place": "在县城打零工"}, NOT),
        ({"place": "东岭镇砖厂"}, NOT),
        ({"place": "长顺县东岭镇"}, BOTH),
        ({"place": "广东某市镇上"}, BOTH),
        ({"place": "外县"}, BOTH),
        ({"place": "某工地"}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_the_border_comes_from_what_is_said_of_the_place(
    where: dict[str, Any], expected: LeftBehindClass
) -> None:
    child = known(*(of(which, True, away_from="2025-06-01", **where) for which in Parent))

    answered = asked(child, "national_2024@1")

    assert answered.found is expected
    assert (expected is UNKNOWN) is ((FactAsked.BORDER, FATHER) in missing(answered))


def test_six_months_across_counties() -> None:
    child = known(*(of(which, True, away_from="2025-12-31", how_far=HowFar.PROVINCE) for which in Parent))

    assert [found(child, "national_2024@1", day) for day in ("2026-06-30", "2026-07-01")] == [NOT, BOTH]


def test_a_definition_may_ask_who_looks_after_the_child() -> None:
    grandmother = event(CareArranged(name="林奶奶", relation="祖母"), "2026-01-10")
    over = event(CareArrangementEnded(arrangement=grandmother.event_id), "2026-05-01")

    answers = [
        found(known(*GONE, *more), "school_cared@1") for more in ((), (grandmother,), (grandmother, over))
    ]

    assert answers == [UNKNOWN, BOTH, NOT]


def test_a_new_telephone_says_nothing_of_the_rest() -> None:
    away = {"name": "李父", "place": "东莞", "away_from": "2025-01-01", "how_far": HowFar.BEYOND}
    before = known(of(FATHER, True, **away), of(MOTHER, True, **away | {"name": "王母"}))
    after = known(
        of(FATHER, True, **away),
        of(MOTHER, True, **away | {"name": "王母"}),
        of(FATHER, None, "2026-03-01", phone="13900000000"),
    )

    for each in definitions():
        assert asked(after, each).found is asked(before, each).found
    father = after.shown["parents"][0]
    assert (father["name"], father["place"], father["phone"]) == ("李父", "东莞", "13900000000")


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ({"away": False}, {"place", "away_from", "how_far"}),
        ({"away": None, "unknown": (WorkField.AWAY,)}, {"away", "place", "away_from", "how_far"}),
        ({"away": None, "place": "深圳"}, {"how_far"}),
        ({"away": None, "unknown": (WorkField.PHONE,)}, {"phone"}),
        ({"away": None, "name": "张父"}, {"away", "place", "away_from", "how_far", "phone"}),
    ],
)
def test_what_no_longer_holds_of_a_parent_is_not_carried_on(said: dict[str, Any], gone: set[str]) -> None:
    all_said = {"name": "李父", "place": "东莞", "away_from": "2025-01-01", "how_far": HowFar.BEYOND}
    first = of(FATHER, True, phone="13900000001", **all_said)
    later = of(FATHER, said.pop("away"), "2026-03-01", **said)

    (father,) = known(first, later).shown["parents"]

    names = {"away", "name", "place", "away_from", "how_far", "phone"}
    assert {name for name in names if father.get(name) is None} == gone


def test_the_guardian_stays_who_it_is_with_a_new_telephone() -> None:
    first = GuardianDesignated(name="王奶奶", relation="奶奶", age=61, address="东岭村三组", phone="1")
    again = GuardianDesignated(name="王 奶奶", phone="2")
    other = GuardianDesignated(name="赵爷爷", phone="3")

    def guardian(*said: GuardianDesignated) -> dict[str, Any]:
        events = [event(each, f"2026-03-0{n}", name=str(n)) for n, each in enumerate(said, start=1)]
        (found,) = known(*events).shown["guardian"]
        return found

    assert guardian(first, again).items() >= {"relation": "奶奶", "age": 61, "phone": "2"}.items()
    assert guardian(first, other).get("relation") is None


def test_nobody_says_of_a_field_what_it_is_and_that_it_is_unknown() -> None:
    said = ParentWorkRecorded(parent=FATHER, phone="1", unknown=(WorkField.PLACE, WorkField.PHONE))

    assert [fault.pointer for fault in contradictions_of(said)] == ["/details/unknown/1"]
