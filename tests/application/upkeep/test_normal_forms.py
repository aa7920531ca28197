"""One number, one name, one path, however they are spelled; and stores in which the spelling counted."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.eventstore.database import Transaction
from application.reasons import NUMBER_TAKEN
from application.upkeep.derived_rows import strange_rows
from application.upkeep.normal_forms import NORMAL_FORMS
from application.upkeep.undotted_names import UNDOTTED_NAMES
from application.upkeep.upgrading import Advance
from domain.child import fold
from domain.refusal import Conflict
from tests.support.actions import CLASS, SCHOOL, Desk

SPELLINGS = ("G0001", "g0001", "Ｇ０００１", " G0001", "G00\u200b01")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_number_is_taken_and_found_in_every_spelling(desk: Desk, spelling: str) -> None:
    child = desk.enrol(student_no="G0001")

    with pytest.raises(Conflict) as refused:
        desk.enrol(student_no=spelling)

    assert refused.value.reason is NUMBER_TAKEN
    assert desk.system.record.find(kind="student_no", word=spelling, scope="") == (child,)


def test_a_name_is_found_in_every_spelling(desk: Desk) -> None:
    child = desk.enrol(name="阿依古丽·买买提")

    for spelling in ("阿依古丽•买买提", "阿依古丽 ・ 买买提", "阿依古丽·买买提\u200b"):
        assert desk.system.record.find(kind="name", word=spelling, scope="") == (child,)


def test_a_name_is_found_without_its_dot_and_with_one(desk: Desk) -> None:
    dotted, plain = desk.enrol(name="阿依古丽·买买提"), desk.enrol(name="古丽买买提")
    carer = desk.carer("努尔·艾力")

    for spelling in ("阿依古丽买买提", "阿依古丽·买买提", "阿依·古丽买买提"):
        assert desk.system.record.find(kind="name", word=spelling, scope="") == (dotted,)
    assert desk.system.record.find(kind="name", word="古丽·买买提", scope="") == (plain,)
    assert desk.system.carers.named(org=SCHOOL, name="努尔艾力") == (carer,)
    with pytest.raises(Conflict):
        desk.carer("努尔艾力")


def test_names_of_an_older_store_are_found_without_their_dots(desk: Desk) -> None:
    system, names = desk.system, ("阿依古丽·买买提", "阿依古丽·艾力")
    child, carer = desk.enrol(name=names[0]), desk.carer("努尔·艾力")
    desk.submit("profile_changed", "2026-03-05", child=child, name=names[1])
    with system.database.transaction() as tx:
        for name in names:
            _forget(tx, system.lookups.digests("name", name)[1])
        _forget(tx, system.lookups.digests("carer", "努尔·艾力", school=SCHOOL)[1])

    def found() -> list[tuple[UUID, ...]]:
        words = (name.replace("·", "") for name in names)
        children = [system.record.find(kind="name", word=word, scope="") for word in words]
        return [*children, system.carers.named(org=SCHOOL, name="努尔艾力")]

    before = found(), system.record.find(kind="name", word=names[1], scope="")
    list(UNDOTTED_NAMES.run(system.store(), None))

    assert before == ([(), (), ()], (child,))
    assert found() == [(child,), (child,), (carer,)]
    strange = strange_rows(
        database=system.database,
        log=system.log,
        lookups=system.lookups,
        kept=(),
        children=[child],
        carers=[carer],
        units=(),
        but=(),
    )
    assert [each for each in strange if each.table == "found_word"] == []


def _forget(tx: Transaction, digest: bytes) -> None:
    assert tx.run("DELETE FROM found_word WHERE digest = :digest", digest=digest)


def test_the_same_event_in_another_spelling_is_nothing_new(desk: Desk) -> None:
    event_id, child = uuid4(), uuid4()
    desk.enrol(child=child, enrolment_id=event_id, student_no="G0001", name="张三")

    desk.enrol(child=child, enrolment_id=event_id, student_no="ｇ0001 ", name="张\u3000三")

    assert desk.child(child).version == 1
    with pytest.raises(Conflict):
        desk.enrol(child=child, enrolment_id=event_id, student_no="G0001", name="张四")


def test_a_number_without_any_shape_is_none(desk: Desk) -> None:
    child = fold(there := desk.enrol(student_no="\u200b\u3000\ufeff"), desk.system.log.stream(there))

    assert child.profile is not None
    assert child.profile.student_no is None


def test_two_carers_of_one_name_are_not_told_apart_by_its_spelling(desk: Desk) -> None:
    desk.carer("张三")

    with pytest.raises(Conflict):
        desk.carer("张 三")


def test_a_path_is_that_of_the_unit_that_looks_the_same(desk: Desk) -> None:
    units, there = desk.system.organisations, "county/township/(中心校)"
    units.ensure(there, actor=desk.actor)

    child = desk.enrol(org="county/township/（中心校）/三年级\u200b")

    assert desk.child(child).org == f"{there}/三年级\u200b"
    assert units.spelled("County/township/（中心校）/三年级") == f"{there}/三年级\u200b"
    assert units.paths(below="county/township") == ["county/township", there, f"{there}/三年级\u200b"]


class _OldStore:
    """A store of a version in which `G0001` and `g0001` were two numbers."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.system = desk, desk.system
        self.upper = desk.enrol(student_no="G0001")
        with self.system.database.transaction() as tx:
            tx.run("DELETE FROM number_claim")
        self.lower, self.former = desk.enrol(student_no="g0001"), desk.enrol(student_no="T9")
        self.carer = desk.carer("卢 老师")
        desk.correct(self.former, self._enrolment(self.former), details={"student_no": "T10"})
        self.erased = desk.enrol(student_no="E1", name="蒋小月")

    def _enrolment(self, child: UUID) -> UUID:
        enrolment = self.desk.child(child).enrolment
        assert enrolment is not None
        return enrolment.event_id

    def words_of_0_1(self) -> None:
        """Leave what that version had: words under the digests of their spelling, in tables of their own."""
        digest = self.system.keyring.digest("lookup", "student_no", "E1")
        with self.system.database.transaction() as tx:
            for table in ("found_word", "number_claim", "org_spelling"):
                tx.run(f"DELETE FROM {table}")
            row: dict[str, Any] = {"kind": "student_no", "digest": digest, "stream": self.erased}
            tx.run("INSERT INTO lookup (kind, digest, stream_id) VALUES (:kind, :digest, :stream)", **row)
            tx.run("INSERT INTO claim (kind, digest, stream_id) VALUES (:kind, :digest, :stream)", **row)
        self.system.keyring.destroy(self.erased)


def _steps(store: _OldStore, cursor: str | None = None) -> Iterator[Advance]:
    return NORMAL_FORMS.run(store.system, cursor)


def test_after_the_upgrade_everybody_is_found_as_before_and_in_every_spelling(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("application.upkeep.normal_forms.CHUNK", 1)
    store = _OldStore(desk)
    store.words_of_0_1()
    find, meant = desk.system.record.find, desk.system.record.meant
    assert find(kind="student_no", word="G0001", scope="") == ()

    interrupted = _steps(store)
    cursors = [next(interrupted).cursor, next(interrupted).cursor]
    interrupted.close()
    done = list(_steps(store, cursors[-1]))

    assert [a.done for a in done][-1] <= done[-1].total == 5
    assert meant(("G0001",), scope="") == {"G0001": (store.upper,)}
    assert meant((" g0001",), scope="") == {" g0001": (store.lower,)}
    for spelling in ("G0001", "g0001", "Ｇ0001"):
        assert set(find(kind="student_no", word=spelling, scope="")) == {store.upper, store.lower}
    assert set(meant(("Ｇ0001",), scope="")["Ｇ0001"]) == {store.upper, store.lower}
    assert find(kind="student_no", word="T9", scope="county") == (store.former,)
    assert find(kind="student_no", word="E1", scope="") == ()
    assert desk.system.carers.named(org=SCHOOL, name="卢老师") == (store.carer,)
    assert desk.system.organisations.spelled(CLASS.upper()) == CLASS
    for taken in ("Ｔ10", "G0001"):
        with pytest.raises(Conflict):
            desk.enrol(student_no=taken)
    assert desk.enrol(student_no="E1") != store.erased


def test_the_upgrade_finds_children_by_the_log_not_by_their_rows(desk: Desk) -> None:
    store = _OldStore(desk)
    store.words_of_0_1()
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM child_status WHERE child_id = :id", id=store.former)

    list(_steps(store))

    with pytest.raises(Conflict):
        desk.enrol(student_no="T10")
