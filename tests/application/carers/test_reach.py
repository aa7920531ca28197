"""Carers of others can be neither used nor named, and the answer is that to a carer whom nobody knows."""

from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Role
from application.system import System
from domain.history import carers_in, history
from domain.refusal import Refused
from tests.support.actions import CLASS, SCHOOL, Desk, codes
from tests.support.organiser import Organiser

NEIGHBOUR, ELSEWHERE = "county/township/other school", "other county/township/school"


@pytest.fixture
def school(system: System) -> Desk:
    return Desk(system, actor=Actor(name="school", role=Role.CLIENT, org=SCHOOL))


@pytest.mark.parametrize("org", [ELSEWHERE, NEIGHBOUR, "other county"])
def test_a_foreign_carer_is_as_one_that_nobody_knows(desk: Desk, school: Desk, org: str) -> None:
    child, foreign = desk.enrol(), desk.carer("师乙", org=org)
    before = desk.system.carers.load(foreign)

    said = {}
    for carer in (foreign, uuid4()):
        for what in ("pair", "visit", "hold"):
            with pytest.raises(Refused) as refused:
                _do(what, school, child, carer)
            said.setdefault(what, []).append((type(refused.value), codes(refused)))

    assert all(first == second for first, second in said.values()), said
    assert desk.system.carers.load(foreign) == before
    assert desk.child(child).version == 1


def test_nobody_pairs_across_counties_whatever_he_may_see(desk: Desk) -> None:
    child, foreign = desk.enrol(), desk.carer(org=ELSEWHERE)

    with pytest.raises(Refused) as refused:
        desk.pair(child, foreign)

    assert codes(refused) == [("unknown_carer", "/details/carer")]


def test_carers_of_the_school_and_of_above_serve_its_classes(desk: Desk) -> None:
    child = desk.enrol()
    a_class = Desk(desk.system, actor=Actor(name="class", role=Role.CLIENT, org=CLASS))

    for carer in (desk.carer("甲"), desk.carer("乙", org=CLASS), desk.carer("丙", org="county/township")):
        a_class.visit(child, carer, "2026-03-05")

    assert desk.child(child).version == 4


def test_an_entry_that_names_a_foreign_carer_tells_no_name(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, foreign, own = desk.enrol(), desk.carer("师乙", org=ELSEWHERE), desk.carer("师甲")
    with monkeypatch.context() as as_0_1:
        as_0_1.setattr("application.recording.session.in_reach", lambda *_, **__: True)
        desk.pair(child, foreign)
    desk.pair(child, own)

    found = desk.child(child)
    called = desk.system.carers.called(carers_in(found), counties=found.counties)

    assert {carer: [name for _, name in said] for carer, said in called.items()} == {own: ["师甲"]}
    assert not any("师乙" in entry.text.zh for entry in history(found, called=called))


def test_a_carer_of_the_former_county_stays_in_what_is_corrected(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer("师甲")
    visit = desk.visit(child, carer, "2026-03-05")
    desk.system.organisations.ensure(ELSEWHERE, actor=SYSTEM)
    moved = desk.propose(child, ELSEWHERE, "2026-03-06")
    receiver = Desk(desk.system, actor=Actor(name="there", role=Role.CLIENT, org=ELSEWHERE))
    receiver.accept(child, moved.event_id, "2026-03-07")

    desk.correct(child, visit.event_id, details={"record": "家中有祖母"})

    found = desk.child(child)
    assert desk.system.carers.names(carers_in(found), counties=found.counties) == {carer: "师甲"}
    with pytest.raises(Refused):
        receiver.visit(child, carer, "2026-03-08")


def _do(what: str, school: Desk, child: UUID, carer: UUID) -> None:
    if what == "pair":
        school.pair(child, carer)
    elif what == "visit":
        school.visit(child, carer, "2026-03-05")
    else:
        Organiser(school, actor=school.actor).hold(child, carers=(carer,))


def test_a_row_that_was_moved_gives_nobody_anothers_carer(desk: Desk, school: Desk) -> None:
    child, foreign = desk.enrol(), desk.carer("师乙", org=ELSEWHERE)
    desk.system.carers._remembered.clear()
    with desk.system.database.transaction() as tx:
        tx.run("UPDATE carer_status SET org = :org", org=SCHOOL)

    with pytest.raises(Refused) as refused:
        school.pair(child, foreign)

    assert codes(refused) == [("unknown_carer", "/details/carer")]
    assert desk.system.carers.load(foreign).slots == {}
