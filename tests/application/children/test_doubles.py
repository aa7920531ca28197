"""Files that may be of one child are found by what they agree in, and told apart by somebody who looked."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import Actor, Forbidden, Role
from application.children.doubles import Double, State
from application.children.likenesses import Likenesses
from application.system import System
from domain.refusal import Unknown
from tests.support.actions import CLASS, SCHOOL, Desk

THERE = "other county/township/school"
MANAGER = Actor(name="office", role=Role.MANAGER, org="county")


def pairs(system: System, *, state: State = State.OPEN, actor: Actor = MANAGER) -> list[Double]:
    return system.doubles.listed(actor=actor, state=state)


def files_of(double: Double) -> set[UUID]:
    return {each.child_id for each in double.children}


def digests(system: System, child: UUID) -> int:
    ((count,),) = system.database.tuples("SELECT count(*) FROM likeness WHERE child_id = :c", c=child)
    return int(count)


def test_two_files_of_one_name_and_birth_date_are_listed_with_what_they_agree_in(desk: Desk) -> None:
    one, other = desk.enrol(student_no="G1"), desk.enrol(student_no="G2", name="林晓和")
    desk.enrol(student_no="G3", name="王强", birth_date="2015-01-01")

    (double,) = pairs(desk.system)

    assert files_of(double) == {one, other}
    assert double.likeness.agrees == ("sound", "birth_date", "sex")
    assert double.likeness.differs == ("student_no", "name")


def test_who_has_another_birth_date_is_found_by_its_people(desk: Desk) -> None:
    one, other = (desk.enrol(birth_date=born) for born in ("2016-05-20", "2015-05-20"))
    assert pairs(desk.system) == []

    for child in (one, other):
        desk.submit("guardian_designated", "2026-03-02", child=child, name="周桂兰")
        desk.submit("parent_work_recorded", "2026-03-02", child=child, parent="father", name="林大山")

    (double,) = pairs(desk.system)
    assert {"father", "guardian"} <= {*double.likeness.agrees}
    assert "birth_date" in double.likeness.differs


def test_nobody_is_compared_with_another_county_or_with_who_is_out_of_reach(desk: Desk) -> None:
    desk.enrol(student_no="G1")
    desk.enrol(student_no="G2", org=THERE)
    assert pairs(desk.system, actor=Actor(name="top", role=Role.MANAGER)) == []

    desk.enrol(student_no="G3", org="county/township/other school")
    below = Actor(name="school", role=Role.MANAGER, org=SCHOOL)

    assert len(pairs(desk.system)) == 1
    assert pairs(desk.system, actor=below) == []


def test_who_was_told_apart_is_not_listed_until_a_file_says_otherwise_who_it_is(desk: Desk) -> None:
    _, other = desk.enrol(student_no="G1"), desk.enrol(student_no="G2")
    (double,) = pairs(desk.system)

    told = desk.system.doubles.tell_apart(double.double_id, actor=MANAGER)
    again = desk.system.doubles.tell_apart(double.double_id, actor=Actor(name="x", role=Role.MANAGER))

    assert (told.state, told.settled_by) == (State.APART, "office")
    assert again == told
    assert pairs(desk.system) == []
    assert [each.double_id for each in pairs(desk.system, state=State.APART)] == [double.double_id]
    desk.submit("guardian_designated", "2026-03-02", child=other, name="周桂兰")
    (renewed,) = pairs(desk.system)
    assert renewed.double_id != double.double_id


def test_what_was_told_apart_can_be_taken_back(desk: Desk) -> None:
    desk.enrol(student_no="G1")
    desk.enrol(student_no="G2")
    (double,) = pairs(desk.system)

    desk.system.doubles.tell_apart(double.double_id, actor=MANAGER)
    assert desk.system.doubles.reopen(double.double_id, actor=MANAGER) == double

    assert pairs(desk.system) == [double]


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (Actor(name="c", role=Role.CLIENT, org="county"), Forbidden),
        (Actor(name="m", role=Role.MANAGER, org="other county"), Unknown),
    ],
)
def test_who_may_not_say_so(desk: Desk, actor: Actor, refusal: type[Exception]) -> None:
    desk.enrol(student_no="G1")
    desk.enrol(student_no="G2")
    (double,) = pairs(desk.system)

    with pytest.raises(refusal):
        desk.system.doubles.tell_apart(double.double_id, actor=actor)

    assert pairs(desk.system) == [double]


@pytest.mark.parametrize("change", ["corrected", "voided", "renamed"])
def test_digests_follow_the_file(desk: Desk, change: str) -> None:
    enrolment = uuid4()
    child = desk.enrol(student_no="G1", enrolment_id=enrolment)
    desk.enrol(student_no="G2")
    assert len(pairs(desk.system)) == 1
    said: dict[str, dict[str, Any]] = {
        "corrected": {"fields": {"details": {"name": "王强"}}, "reason": "录错", "approved_by": "王校长"},
        "voided": {"reason": "误录", "approved_by": "王校长"},
    }
    version = desk.child(child).version

    if change == "renamed":
        desk.submit("profile_changed", "2026-03-02", child=child, name="王强", based_on=version)
    else:
        desk.submit(
            f"event_{change}", "2026-03-02", child=child, target=enrolment, based_on=version, **said[change]
        )

    assert pairs(desk.system) == []
    likenesses = desk.system.record.likenesses
    assert list(likenesses.wrong({child: desk.system.log.stream(child)})) == []
    assert (digests(desk.system, child) == 0) is (change == "voided")


def test_digests_go_at_erasure_and_the_pair_with_them(desk: Desk) -> None:
    one, other = desk.enrol(student_no="G1"), desk.enrol(student_no="G2")
    system = desk.system
    system.keyring.destroy(one)

    assert pairs(system) == []
    system.record.likenesses.forget_erased()
    assert (digests(system, one), digests(system, other) > 0) == (0, True)
    assert system.record.likenesses.left_over([one, other]) == []


def test_a_store_without_digests_gets_those_that_it_would_have(desk: Desk) -> None:
    ids = [desk.enrol(student_no=f"G{number}", org=CLASS) for number in range(3)]
    kept = sorted(map(tuple, desk.system.database.tuples("SELECT child_id, digest FROM likeness")))
    likenesses: Likenesses = desk.system.record.likenesses
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM likeness")
    assert sorted(likenesses.wrong(desk.system.log.streams(ids))) == sorted(ids)

    assert [each for some in likenesses.rebuild() for each in some] == sorted(ids)

    assert sorted(map(tuple, desk.system.database.tuples("SELECT child_id, digest FROM likeness"))) == kept


def test_no_digest_answers_a_guess_of_a_name(desk: Desk) -> None:
    """What lies in the table is made of two facts and the secret, and is another in each county."""
    desk.enrol(student_no="G1")
    desk.enrol(student_no="G1", org=THERE)

    rows = desk.system.database.tuples("SELECT digest, count(*) FROM likeness GROUP BY digest")

    assert all(count == 1 and len(bytes(digest)) == 8 for digest, count in rows)
