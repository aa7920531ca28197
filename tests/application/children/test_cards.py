"""The cards of children: whatever is kept, lists say what the files say."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.children.cards import Cards
from application.children.listing import ChildFilter, ChildListed
from application.eventstore.log import EventLog
from application.system import System
from domain.card import Card, encoded
from tests.support.actions import SCHOOL, Desk
from tests.support.keys import lose_keys
from tests.support.systems import StandingClock
from tests.support.tampering import lift_the_guard

AT = "(SELECT position FROM child_card WHERE version = 3)"
THEN = datetime(2026, 3, 20, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def then(clock: StandingClock) -> None:
    clock.now = THEN


@pytest.fixture
def school(desk: Desk) -> list[UUID]:
    """Children with all that a card can say."""
    carer = desk.carer()
    told = desk.enrol("2026-03-01")
    desk.pair(told, carer)
    desk.visit(told, carer, "2026-03-04")
    for parent, away in (("father", True), ("mother", None)):
        more = {} if away is None else {"away": away, "away_from": "2026-02-01"}
        desk.submit("parent_work_recorded", "2026-03-02", child=told, parent=parent, **more)
    desk.submit("guardian_designated", "2026-03-02", child=told, name="林奶奶", relation="奶奶")
    moved = desk.enrol("2026-03-02")
    desk.submit("profile_changed", "2026-03-03", child=moved, health="良好", based_on=1)
    desk.submit("profile_changed", "2026-03-03", child=moved, health="一般", based_on=2)
    left = desk.enrol("2026-03-03")
    visit = desk.visit(left, carer, "2026-03-05")
    desk.void(left, visit.event_id)
    desk.correct(left, desk.visit(left, carer, "2026-03-06").event_id, details={"minutes": 30})
    desk.system.organisations.ensure(f"{SCHOOL} 2", actor=SYSTEM)
    desk.propose(left, f"{SCHOOL} 2", "2026-03-07")
    return [told, moved, left]


def cards(system: System, ids: list[UUID], **clocks: Any) -> dict[UUID, bytes]:
    return {i: encoded(card) for i, card in system.cards.of(ids, unreadable=None, **clocks)}


def kept(system: System, ids: list[UUID]) -> set[UUID]:
    return {card.child_id for card in system.cards.kept(ids)}


def listed(system: System) -> list[ChildListed]:
    return list(system.children.page(ChildFilter(), actor=SYSTEM, org=SCHOOL).items)


def sql(system: System, text: str, **params: Any) -> None:
    with system.database.transaction() as tx:
        tx.run(text, **params)


def test_a_kept_card_says_what_the_file_says(system: System, school: list[UUID]) -> None:
    folded, shown = cards(system, school), listed(system)

    done = system.cards.keep(), system.cards.keep()

    assert done == (3, 0)
    assert kept(system, school) == set(school)
    assert (cards(system, school), listed(system)) == (folded, shown)
    assert list(system.cards.differing()) == []


def test_silence_goes_on_by_the_same_card(system: System, school: list[UUID], clock: StandingClock) -> None:
    system.cards.keep()
    before = {child.child_id: child.days_silent for child in listed(system)}

    clock.forward(days=5)

    after = {child.child_id: child.days_silent for child in listed(system)}
    assert kept(system, school) == set(school)
    assert after == {child_id: days + 5 for child_id, days in before.items() if days is not None}


def test_a_card_that_has_been_overtaken_is_not_used(desk: Desk, system: System, school: list[UUID]) -> None:
    system.cards.keep()
    carer = desk.carer("陆老师")

    desk.visit(school[1], carer, "2026-03-19")

    assert kept(system, school) == {school[0], school[2]}
    assert {c.last_contact_on for c in listed(system) if c.child_id == school[1]} == {date(2026, 3, 19)}
    system.cards.write({school[1]: 4})
    assert kept(system, school) == set(school)


def test_the_past_is_not_answered_by_a_card_of_the_present(
    desk: Desk, system: System, school: list[UUID], clock: StandingClock
) -> None:
    asked: dict[str, Any] = {"known_at": clock.now}
    known, at_first = cards(system, school, **asked), cards(system, school, as_of=date(2026, 3, 3))
    clock.forward(days=1)
    desk.submit("profile_changed", "2026-03-21", child=school[0], health="良好", based_on=6)

    system.cards.keep()

    assert kept(system, school) == set(school)
    assert cards(system, school, **asked) == known != cards(system, school)
    # Said by now of days before: it is so of that day as well; what happened later is not.
    assert cards(system, school[1:], as_of=date(2026, 3, 3)) == {i: at_first[i] for i in school[1:]}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE child_card SET edition = 'another'",
        "UPDATE child_card SET version = version - 1",
        "UPDATE child_card SET position = position - 1",
        # Another life of the log holds another event in the same place.
        "UPDATE events SET recorded_at = '2026-03-20 03:00:00.000000Z'",
        f"UPDATE events SET event_id = '{UUID(int=1)}' WHERE notification_id = {AT}",
    ],
)
def test_a_card_of_anything_else_is_not_used(system: System, school: list[UUID], change: str) -> None:
    system.cards.keep()
    lift_the_guard(system.database)

    sql(system, change)

    assert kept(system, school) < set(school)


def test_a_card_that_was_changed_is_found_and_not_used(system: System, school: list[UUID]) -> None:
    system.cards.keep()
    shown = listed(system)

    sealed = "(SELECT sealed FROM child_card WHERE child_id = :other)"
    change = f"UPDATE child_card SET sealed = {sealed} WHERE child_id = :one"
    sql(system, change, one=school[0], other=school[1])

    assert kept(system, school) == set(school[1:])
    assert list(system.cards.differing()) == [(school[0], "sealed")]
    assert listed(system) == shown
    assert sum(system.cards.rebuild()) == 3
    assert kept(system, school) == set(school)


@pytest.mark.parametrize("sealed", [b"", b"x", bytes(80), "x", "7", 7])
def test_garbage_is_no_card(system: System, school: list[UUID], sealed: bytes | str | int) -> None:
    if system.database.dialect == "postgres" and not isinstance(sealed, bytes):
        pytest.skip("PostgreSQL keeps nothing but bytes there")
    system.cards.keep()
    shown = listed(system)

    sql(system, "UPDATE child_card SET sealed = :sealed WHERE child_id = :id", sealed=sealed, id=school[0])

    assert listed(system) == shown
    assert list(system.cards.differing()) == [(school[0], "sealed")]


def test_who_was_erased_is_not_on_a_card(system: System, school: list[UUID]) -> None:
    system.cards.keep()

    system.keyring.destroy(school[0])

    assert kept(system, school) == set(school[1:])
    assert [c.name for c in listed(system) if c.erased] == [None]
    fresh = Cards(log=system.log, database=system.database, keyring=system.keyring)
    fresh.keep()
    rows = dict(system.database.tuples("SELECT child_id, sealed FROM child_card"))
    assert {child_id for child_id, sealed in rows.items() if not sealed} == {school[0]}
    assert [c.name for c in listed(system) if c.erased] == [None]


@pytest.mark.parametrize("before", [True, False])
def test_who_has_lost_the_key_is_named(system: System, school: list[UUID], before: bool) -> None:
    if before:
        system.cards.keep()
    lose_keys(system.keys_database, school[0])

    system.cards.keep()

    page = system.children.page(ChildFilter(), actor=SYSTEM, org=SCHOOL)
    assert dict(page.unreadable) == {school[0]: "KeysMissing"}
    assert {child.child_id for child in page.items} == kept(system, school) == set(school[1:])


def test_what_was_read_in_another_life_of_the_server_is_not_written(
    system: System, school: list[UUID]
) -> None:
    class FailsOver(EventLog):
        def load_many(self, *asked: Any, **more: Any) -> Any:
            found = system.log.load_many(*asked, **more)
            system.database.generation += 1
            return found

    log = FailsOver(recorder=system.log._recorder, keyring=system.keyring)
    late = Cards(log=log, database=system.database, keyring=system.keyring)

    late.write(dict.fromkeys(school, 1))

    assert system.database.tuples("SELECT child_id FROM child_card") == []


def test_a_card_names_nobody_in_the_clear(system: System, school: list[UUID]) -> None:
    system.cards.keep()

    rows = system.database.tuples("SELECT edition, sealed FROM child_card")

    (card, *_) = system.cards.kept(school[:1])
    assert isinstance(card, Card)
    assert card.name == "林小禾"
    assert not any("林小禾".encode() in bytes(sealed) for _, sealed in rows)
