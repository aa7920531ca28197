"""Imports of version 0.1: their rows are carried over once, and may be undone like those made since."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from application.access import SYSTEM
from application.intake.imports.runs import imports_of
from application.intake.undo import undo_batch
from application.system import System
from application.upkeep.tables import DDL
from tests.application.papers import form, log, take_log, take_roster
from tests.support.systems import StandingClock

(CARRY_OVER,) = (each for each in DDL if "FROM import_run" in each)


def as_in_0_1(system: System, import_id: UUID) -> None:
    """Leave of an import what version 0.1 kept of it."""
    with system.database.transaction() as tx:
        tx.run(
            "INSERT INTO import_run (import_id, kind, org, file_sha256, started_at, finished_at, undone_at)"
            " SELECT batch_id, source, org, file_sha256, begun_at, ended_at, undone_at FROM batch"
            " WHERE batch_id = :id",
            id=import_id,
        )
        tx.run("DELETE FROM batch WHERE batch_id = :id", id=import_id)


def carry_over(system: System) -> None:
    with system.database.transaction() as tx:
        tx.run(CARRY_OVER)


def test_imports_are_listed_and_undone_as_before(system: System, clock: StandingClock) -> None:
    take_roster(system, form({}))
    clock.forward(minutes=1)
    done = take_log(system, log({}, {"内容": "二"}))
    before = imports_of(system.database)
    for run in before:
        as_in_0_1(system, run.import_id)
    assert imports_of(system.database) == []

    carry_over(system)
    carry_over(system)

    # Version 0.1 kept nothing of their lines.
    assert imports_of(system.database) == [replace(run, lines=0, counts=None) for run in before]
    undone = undo_batch(done.import_id, approved_by="王校长", registers=system.registers, actor=SYSTEM)
    assert undone.voided == 2
    assert [run.undone_at for run in imports_of(system.database)] == [None, system.now()]
    assert system.batches.find(done.import_id).lines_gone_at is not None


def test_an_import_that_0_1_broke_off_is_gone_on_with(system: System) -> None:
    take_roster(system, form({}))
    data = log({})
    begun = take_log(system, data)
    with system.database.transaction() as tx:
        tx.run("UPDATE batch SET ended_at = NULL WHERE batch_id = :id", id=begun.import_id)
    as_in_0_1(system, begun.import_id)
    carry_over(system)

    again = take_log(system, data)

    assert (again.import_id, again.recorded) == (begun.import_id, 1)
    assert [run.finished_at is None for run in imports_of(system.database)] == [False, False]


def test_an_import_is_listed_when_its_lines_are_long_gone(system: System) -> None:
    take_roster(system, form({}))
    begun = imports_of(system.database)
    system.batches._now = lambda: system.now() + timedelta(days=31)

    system.batches.begin(uuid4(), actor=SYSTEM, source="json")

    assert imports_of(system.database) == [replace(run, counts=None) for run in begun]
    assert system.batches.find(begun[0].import_id).lines_gone_at is not None
