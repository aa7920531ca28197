"""Nobody learns by a name or a number that a child was here whose key was destroyed."""

from uuid import UUID

import pytest

from application.lookups import Lookups
from application.system import System
from domain.refusal import Conflict
from tests.support.actions import SCHOOL, Desk

TABLES = ("found_word", "number_claim", "lookup", "claim")


def found(desk: Desk, kind: str, word: str) -> tuple[UUID, ...]:
    return desk.system.record.find(kind=kind, word=word, scope="county")


def of(system: System, stream: UUID) -> list[str]:
    """Return the tables that have a word of a stream."""
    return [
        table
        for table in TABLES
        if system.database.tuples(f"SELECT 1 FROM {table} WHERE stream_id = :stream", stream=stream)
    ]


def left_by_version_0_1(system: System, stream: UUID) -> None:
    with system.database.transaction() as tx:
        for table in ("lookup", "claim"):
            tx.run(
                f"INSERT INTO {table} (kind, digest, stream_id) VALUES ('student_no', :digest, :stream)",
                digest=stream.bytes,
                stream=stream,
            )


def test_an_erased_child_is_found_by_nothing_from_that_moment_on(desk: Desk) -> None:
    child = desk.enrol(name="林小禾", student_no="T1", id_number="11010519491231002X")
    namesake = desk.enrol(name="林小禾", student_no="T2")

    desk.system.keyring.destroy(child)

    assert found(desk, "student_no", "T1") == found(desk, "id_number", "11010519491231002X") == ()
    assert found(desk, "name", "林小禾") == (namesake,)
    assert desk.system.record.meant(("T1",), scope="county") == {"T1": ()}


def test_who_bore_a_number_before_an_erased_child_is_found_by_it(desk: Desk) -> None:
    former = desk.enrol(student_no="T1")
    desk.submit("profile_changed", "2026-03-02", child=former, student_no="T2")
    bearer = desk.enrol(student_no="T1")
    assert found(desk, "student_no", "T1") == (bearer,)

    desk.system.keyring.destroy(bearer)

    assert found(desk, "student_no", "T1") == (former,)


def test_an_erased_carer_is_not_found_by_name(desk: Desk) -> None:
    carer = desk.carer("卢老师")
    desk.system.keyring.destroy(carer)
    named = desk.system.carers.named(org=SCHOOL, name="卢老师")

    assert desk.system.lookups.forget_erased() == 1
    assert (named, of(desk.system, carer)) == ((), [])


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_number_of_an_erased_child_is_free(desk: Desk, *, forgotten: bool) -> None:
    child = desk.enrol(student_no="T1")
    with pytest.raises(Conflict):
        desk.enrol(student_no="T1")
    desk.system.keyring.destroy(child)
    if forgotten:
        desk.system.lookups.forget_erased()

    other = desk.enrol(student_no="T1")

    assert found(desk, "student_no", "T1") == (other,)
    with pytest.raises(Conflict):
        desk.enrol(student_no="T1")


def test_the_worker_takes_away_what_an_erasure_leaves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    erased, other = desk.enrol(student_no="T1"), desk.enrol(student_no="T2")
    for child in (erased, other):
        left_by_version_0_1(desk.system, child)
    desk.system.keyring.destroy(erased)
    fresh = list(desk.system.lookups.outlasting())
    monkeypatch.setattr("application.lookups._GRACE_SECONDS", 0.0)
    old = list(desk.system.lookups.outlasting())

    done = [desk.system.lookups.keep() for _ in range(2)]

    assert fresh == []
    assert sorted(old) == sorted((table, erased) for table in TABLES)
    assert done == [1, 0]
    assert (of(desk.system, erased), of(desk.system, other)) == ([], list(TABLES))
    assert list(desk.system.lookups.outlasting()) == []


def test_a_dry_run_takes_the_number_of_an_erased_child_for_free(desk: Desk) -> None:
    child = desk.enrol(student_no="T1")
    lookups: Lookups = desk.system.lookups
    claim = lookups.claim(kind="student_no", word="T1", county="county", stream=child)
    before = lookups.holder(claim)

    desk.system.keyring.destroy(child)

    assert (before, lookups.holder(claim)) == (child, None)
