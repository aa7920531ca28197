"""Undoing an import: everything it recorded is void, twice is once, and the papers may be brought again."""

from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Actor, Forbidden, Role
from application.intake.undo import UndoResult, undo_batch
from application.system import System
from domain.child import Child, fold
from domain.ledger.event_voided import EventVoided
from domain.refusal import Unknown
from tests.application.papers import form, log, take_log, take_roster
from tests.support.actions import Desk


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def undo(system: System, import_id: UUID, **more: object) -> UndoResult:
    return undo_batch(import_id, approved_by="王校长", registers=system.registers, actor=SYSTEM, **more)  # type: ignore[arg-type]


def children(system: System) -> list[Child]:
    ids = [row["child_id"] for row in system.database.all("SELECT child_id FROM child_status")]
    return [fold(child_id, events) for child_id, events in system.log.streams(ids).items()]


def test_a_care_log_is_undone_and_may_be_imported_again(system: System) -> None:
    take_roster(system)
    first = take_log(system)

    undone = undo(system, first.import_id)

    assert (undone.voided, undone.already_void, undone.kept) == (931, 0, ())
    assert all(child.last_contact is None for child in children(system))
    again = take_log(system)
    assert (again.recorded, again.already_recorded) == (931, 10)
    third = take_log(system)
    assert (third.recorded, third.already_recorded) == (0, 941)


def test_undoing_twice_is_undoing_once(system: System) -> None:
    take_roster(system, form({}))
    done = take_log(system, log({}, {"内容": "二"}))
    undo(system, done.import_id)
    head = system.log.head()

    again = undo(system, done.import_id)

    assert (again.voided, again.already_void) == (0, 2)
    assert system.log.head() == head


def test_an_interrupted_undo_is_finished_by_running_it_again(system: System) -> None:
    take_roster(system)
    done = take_log(system)

    def interrupt(number: int, _total: int) -> None:
        if number == 20:
            raise Interrupted

    with pytest.raises(Interrupted):
        undo(system, done.import_id, progress=interrupt)
    rest = undo(system, done.import_id)

    assert 0 < rest.voided < 931
    assert rest.voided + rest.already_void == 931


def test_a_voiding_names_the_import_its_recorder_and_its_approver(system: System) -> None:
    take_roster(system, form({}))
    done = take_log(system, log({}))

    undo(system, done.import_id)

    (child,) = children(system)
    ((fact, said),) = child.of(EventVoided)
    assert (said.undoes_import, said.approved_by) == (done.import_id, "王校长")
    assert fact.event.recorded_by == "careledger import undo"


def test_only_the_lines_of_that_import_are_undone(system: System) -> None:
    take_roster(system, form({}))
    kept = take_log(system, log({}))
    done = take_log(system, log({}, {"内容": "二"}))

    undo(system, done.import_id)

    (child,) = children(system)
    imports = [f.event.metadata.import_id for f in child.facts if f.type == "home_visit_made"]
    assert imports == [kept.import_id]


def test_a_roster_is_undone_and_may_be_imported_again(system: System) -> None:
    done = take_roster(system)

    undone = undo(system, done.import_id)

    assert undone.kept == ()
    assert all(child.enrolment is None for child in children(system))
    again = take_roster(system)
    assert (again.enrolled, again.already_recorded) == (54, 1)
    assert len([c for c in children(system) if c.enrolment and c.pairings]) == 54
    third = take_roster(system)
    assert (third.enrolled, third.already_recorded, third.differs) == (0, 55, ())


def test_children_with_later_entries_are_left_alone(system: System) -> None:
    done = take_roster(system, form({}, {"学籍号": "T2", "姓名": "另一人"}))
    take_log(system, log({}))

    undone = undo(system, done.import_id)

    (kept,) = undone.kept
    assert system.record.find(kind="student_no", word="T1", scope="") == (kept,)
    standing = {child.child_id: child.enrolment is not None for child in children(system)}
    assert standing.pop(kept)
    assert list(standing.values()) == [False]


def test_what_was_voided_by_hand_stays_so(system: System) -> None:
    take_roster(system, form({}))
    done = take_log(system, log({}))
    (child,) = children(system)
    assert child.last_contact is not None
    Desk(system).void(child.child_id, child.last_contact.event_id)

    undone = undo(system, done.import_id)
    again = take_log(system, log({}))

    assert (undone.voided, undone.already_void) == (0, 1)
    assert (again.recorded, again.already_recorded) == (0, 1)


def test_an_import_that_nobody_knows_is_not_undone(system: System) -> None:
    with pytest.raises(Unknown):
        undo(system, uuid4())


def test_a_client_may_not_undo(system: System) -> None:
    done = take_roster(system, form({}))

    with pytest.raises(Forbidden):
        undo_batch(
            done.import_id,
            approved_by="x",
            registers=system.registers,
            actor=Actor(name="c", role=Role.CLIENT),
        )
