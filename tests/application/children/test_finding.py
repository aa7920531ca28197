"""Children are found by part of a name, by its sound and its initials, through digests that follow them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.access import Actor, Role
from application.children import cards, finding
from application.children.finding import INCOMPLETE, TOO_MANY, TOO_SHORT, NamesFound
from application.system import System
from application.upkeep.name_parts import NAME_PARTS
from domain.name_parts import Match, Wanted, searched
from domain.refusal import Unknown
from domain.sounds import sounds_of
from tests.support.actions import SCHOOL, Desk

OTHER_COUNTY = "other county/township/school"


@pytest.fixture
def by_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be compared who is not meant by a digest."""
    monkeypatch.setattr(finding, "MOST_COMPARED", 0)


def find(desk: Desk, text: str, *, org: str = "", after: finding.Place | None = None) -> NamesFound:
    return desk.system.name_search.page(text, actor=desk.actor, org=org, after=after)


def ids(desk: Desk, text: str, *, org: str = "") -> list[UUID]:
    return [found.child_id for found in find(desk, text, org=org).items]


def parts(system: System) -> dict[UUID, set[bytes]]:
    found: dict[UUID, set[bytes]] = {}
    for child_id, digest in system.database.tuples("SELECT child_id, digest FROM name_part"):
        found.setdefault(child_id, set()).add(bytes(digest))
    return found


@pytest.mark.usefixtures("by_digests")
@pytest.mark.parametrize(
    ("text", "name", "match"),
    [
        ("小禾", "林小禾", Match.PART),
        ("欧阳", "欧阳小禾", Match.PREFIX),
        ("linxiaohe", "林小禾", Match.SOUND),
        ("lin xiao he", "林小禾", Match.SOUND),
        ("linxia", "林小禾", Match.PART_OF_SOUND),
        ("xiaomi", "张小明", Match.PART_OF_SOUND),
        ("zhangxiaomi", "张小明", Match.PART_OF_SOUND),
        ("lxh", "林小禾", Match.INITIALS),
        ("shan xiong", "单雄信", Match.PART_OF_SOUND),
        ("古丽 买买提", "阿依古丽·买买提", Match.PART),
        ("㛃䶮", "𠮷㛃䶮", Match.PART),
        ("smith", "Anna Smith", Match.PART),
        ("李", "李", Match.WHOLE),
    ],
)
def test_a_child_is_found(desk: Desk, text: str, name: str, match: Match) -> None:
    child = desk.enrol(name=name)
    desk.enrol(name="赵大力")

    found = find(desk, text, org="county").items

    assert [(each.child_id, each.name, each.match) for each in found] == [(child, name, match)]


@pytest.mark.usefixtures("by_digests")
def test_the_best_answers_come_first_and_pages_go_on_behind_them(desk: Desk) -> None:
    names = ["李小明", "张小明月", "小明", "小明月", "肖明", "张肖明"]
    children = {name: desk.enrol(name=name) for name in names}
    search = desk.system.name_search

    first = search.page("xiaoming", actor=desk.actor, org="county", limit=2)
    rest = search.page("xiaoming", actor=desk.actor, org="county", after=first.next)
    written = find(desk, "小明").items

    assert {each.name for each in first.items} == {"小明", "肖明"}
    assert {each.name for each in rest.items} == {"李小明", "张小明月", "小明月", "张肖明"}
    assert rest.next is None
    assert [each.name for each in written[:2]] == ["小明", "小明月"]
    assert {each.child_id for each in written} == {children[name] for name in names[:4]}


def test_what_is_short_is_looked_for_among_few_and_says_so_among_many(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, _ = desk.enrol(name="林小禾"), desk.enrol(name="赵大力")

    few = [find(desk, text) for text in ("林", "lin", "xiaoh", "禾")]
    monkeypatch.setattr(finding, "MOST_COMPARED", 1)
    many = find(desk, "林")
    initials = find(desk, "zdl")

    assert [([each.child_id for each in found.items], found.notes) for found in few] == [([child], ())] * 4
    assert (many.items, many.notes) == ((), (TOO_SHORT,))
    assert [each.name for each in initials.items] == ["赵大力"]


@pytest.mark.usefixtures("by_digests")
def test_more_than_can_be_compared_is_said_and_whole_names_are_not_missed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("李小明", "张小明", "赵小明"):
        desk.enrol(name=name, org=f"{SCHOOL}/a")
    whole = desk.enrol(name="小明", org=f"{SCHOOL}/z")
    monkeypatch.setattr(finding, "MOST_MEANT", 2)

    found = find(desk, "小明")

    assert found.notes == (TOO_MANY,)
    assert found.items[0].child_id == whole


@pytest.mark.usefixtures("by_digests")
def test_a_former_name_is_found_and_said_to_be_one(desk: Desk) -> None:
    child = desk.enrol(name="林小禾")
    desk.submit("profile_changed", "2026-04-01", child=child, name="林晓禾")
    mended = desk.enrol(name="赵大力")
    enrolment = desk.child(mended).enrolment
    assert enrolment is not None
    desk.correct(mended, enrolment.event_id, details={"name": "赵达力"})

    now, then, before = (find(desk, text).items for text in ("晓禾", "小禾", "大力"))

    assert [(each.child_id, each.former_name) for each in now] == [(child, None)]
    assert [(each.child_id, each.name, each.former_name) for each in then] == [(child, "林晓禾", "林小禾")]
    assert [(each.child_id, each.former_name) for each in before] == [(mended, "赵大力")]


@pytest.mark.usefixtures("by_digests")
def test_a_child_is_found_where_it_belongs_and_its_digests_move_along(desk: Desk) -> None:
    child, twin = desk.enrol(name="林小禾"), desk.enrol(name="林小禾", org=OTHER_COUNTY)
    before = parts(desk.system)
    proposed = desk.propose(child, OTHER_COUNTY, "2026-05-01")
    on_its_way = ids(desk, "小禾", org="other county")

    desk.accept(child, proposed.event_id, "2026-05-02")

    after = parts(desk.system)
    assert on_its_way == [twin]
    assert set(ids(desk, "小禾", org="other county")) == {child, twin}
    assert ids(desk, "小禾", org="county") == []
    assert before[child].isdisjoint(before[twin])
    assert after[child] == after[twin] == before[twin]


def test_nobody_looks_beyond_what_a_key_may_see(desk: Desk) -> None:
    desk.enrol(name="林小禾")
    stranger = Actor(name="stranger", role=Role.CLIENT, org=OTHER_COUNTY, channel="api")

    with pytest.raises(Unknown):
        desk.system.name_search.page("小禾", actor=stranger, org=SCHOOL)


def test_a_void_enrolment_leaves_nothing(desk: Desk) -> None:
    child = desk.enrol(name="林小禾")
    enrolment = desk.child(child).enrolment
    assert enrolment is not None

    desk.void(child, enrolment.event_id)

    assert parts(desk.system) == {}
    assert ids(desk, "小禾") == []


def test_after_an_erasure_nothing_remains(desk: Desk) -> None:
    child, other = desk.enrol(name="林小禾"), desk.enrol(name="林小禾")
    desk.system.keyring.destroy(child)
    hidden = ids(desk, "小禾")

    forgotten = desk.system.record.name_digests.forget_erased()

    assert hidden == [other]
    assert (forgotten, desk.system.record.name_digests.forget_erased()) == (1, 0)
    assert parts(desk.system).keys() == {other}
    assert find(desk, "小禾").notes == ()


@pytest.mark.usefixtures("by_digests")
def test_an_older_store_gets_its_digests_and_says_till_then_that_somebody_may_be_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    children = [desk.enrol(name="林小禾") for _ in range(3)]
    expected = parts(desk.system)
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM name_part")
        tx.run("UPDATE child_status SET searched_in = NULL")
    untold = find(desk, "小禾")
    monkeypatch.setattr("application.children.name_digests.AT_ONCE", 1)

    interrupted = NAME_PARTS.run(desk.system.store(), None)
    cursor = next(interrupted).cursor
    between = find(desk, "小禾")
    rest = list(NAME_PARTS.run(desk.system.store(), cursor))

    assert (untold.items, untold.notes) == ((), (INCOMPLETE,))
    assert (len(between.items), between.notes) == (1, (INCOMPLETE,))
    assert [advance.done for advance in rest] == [1, 2]
    assert set(ids(desk, "小禾")) == set(children)
    assert find(desk, "小禾").notes == ()
    assert parts(desk.system) == expected


def test_few_without_digests_are_compared_one_by_one(desk: Desk) -> None:
    child = desk.enrol(name="林小禾")
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM name_part")
        tx.run("UPDATE child_status SET searched_in = NULL")

    assert (ids(desk, "小禾"), find(desk, "小禾").notes) == ([child], ())


def test_an_entry_that_names_nobody_leaves_the_digests_alone(desk: Desk) -> None:
    child, carer = desk.enrol(name="林小禾"), desk.carer()
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM name_part")

    visit = desk.visit(child, carer, "2026-04-01")
    desk.correct(child, visit.event_id, details={"record": "谈了学习"})

    assert parts(desk.system) == {}


NAMES = (
    *(
        "张小明",
        "小明",
        "王小明子",
        "欧阳小明",
        "单子涵",
        "曾子涵",
        "单西安",
        "先子涵",
        "安西",
        "西安明",
        "明",
    ),
    *("阿依·古丽", "古丽·买买提", "Anna Li", "O'Neil", "𠮷㛃䶮", "张𠮷㛃", "解小单", "朴明", "吕略"),
)


@pytest.mark.usefixtures("by_digests")
def test_whoever_holds_what_is_looked_for_is_found_within_and_nobody_outside(desk: Desk) -> None:
    schools = [SCHOOL, f"{SCHOOL} 2", OTHER_COUNTY]
    names = {desk.enrol(name=name, org=org): (name, org) for name in NAMES for org in schools[::2]}
    names |= {desk.enrol(name=name, org=schools[1]): (name, schools[1]) for name in NAMES[::3]}

    @given(name=st.sampled_from(NAMES), org=st.sampled_from(schools), data=st.data())
    def every_part_and_sound(name: str, org: str, data: st.DataObject) -> None:
        text = searched(name)
        start = data.draw(st.integers(0, len(text) - 1))
        part = text[start : start + data.draw(st.integers(1, 6))]
        heard = [data.draw(st.sampled_from(each)) for each in sounds_of(part) if each]

        for asked in (part, "".join(heard), " ".join(heard)):
            found = find(desk, asked, org=org) if asked else NamesFound(items=(), next=None, notes=())
            wanted = Wanted(asked)
            meant = {child for child, (called, at) in names.items() if at == org and wanted.match(called)}
            shown = {each.child_id for each in found.items}
            assert shown <= meant
            assert shown == meant or TOO_SHORT in found.notes

    every_part_and_sound()


def test_the_worker_sees_to_who_has_none_and_forgets_who_was_erased(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, erased = desk.enrol(name="林小禾"), desk.enrol(name="林小禾")
    expected = parts(desk.system)[child]
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM name_part WHERE child_id = :child", child=child)
        tx.run("UPDATE child_status SET searched_in = NULL WHERE child_id = :child", child=child)
    desk.system.keyring.destroy(erased)

    done = [desk.system.record.name_digests.keep() for _ in range(3)]

    assert done == [1, 0, 0]
    assert parts(desk.system) == {child: expected}


def test_a_rebuild_makes_every_digest_anew(desk: Desk) -> None:
    desk.enrol(name="林小禾")
    expected = parts(desk.system)
    with desk.system.database.transaction() as tx:
        tx.run("DELETE FROM name_part")
        tx.run(
            "INSERT INTO name_part (child_id, digest) VALUES (:stranger, :other)",
            stranger=uuid4(),
            other=b"x",
        )

    assert list(desk.system.record.name_digests.rebuild()) == [1]
    assert parts(desk.system) == expected


TABLES = ("name_part", "likeness")


def told_by_an_older_program(desk: Desk, tell: Callable[[], object]) -> None:
    """Record something as version 0.2.0 does, which leaves the digests as they were."""
    system = desk.system
    kept = {table: system.database.tuples(f"SELECT child_id, digest FROM {table}") for table in TABLES}
    searched_in = system.database.tuples("SELECT child_id, searched_in FROM child_status")
    tell()
    with system.database.transaction() as tx:
        tx.run("UPDATE child_status SET searched_in = NULL")
        for child_id, county in searched_in:
            tx.run(
                "UPDATE child_status SET searched_in = :county WHERE child_id = :child_id",
                county=county,
                child_id=child_id,
            )
        for table, rows in kept.items():
            tx.run(f"DELETE FROM {table}")
            tx.many(
                f"INSERT INTO {table} (child_id, digest) VALUES (:child_id, :digest)",
                [{"child_id": child_id, "digest": digest} for child_id, digest in rows],
            )


def kept_by_the_worker(system: System) -> dict[str, list[Any]]:
    while any(
        keep() for keep in (system.cards.keep, system.record.likenesses.keep, system.record.name_digests.keep)
    ):
        pass
    return {
        table: sorted(system.database.tuples(f"SELECT child_id, digest FROM {table}")) for table in TABLES
    }


@pytest.mark.usefixtures("by_digests")
def test_what_an_older_program_records_is_found_once_the_worker_has_read_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "_RESTS", 0)
    desk.enrol(name="周平", org=OTHER_COUNTY)
    renamed, moved = desk.enrol(name="林小禾"), desk.enrol(name="赵大力", birth_date="2016-03-04")
    proposed = desk.propose(moved, OTHER_COUNTY, "2026-05-01")
    kept_by_the_worker(desk.system)
    told_by_an_older_program(
        desk, lambda: desk.submit("profile_changed", "2026-04-01", child=renamed, name="王晓月")
    )
    told_by_an_older_program(desk, lambda: desk.accept(moved, proposed.event_id, "2026-05-02"))
    told_by_an_older_program(desk, lambda: desk.enrol(name="孙安宁", birth_date="2015-06-07"))
    desk.submit("parent_work_recorded", "2026-05-03", child=renamed, parent="father", away=True)
    before = ids(desk, "晓月", org="county")

    kept = kept_by_the_worker(desk.system)

    assert before == []
    assert ids(desk, "晓月", org="county") == [renamed]
    assert ids(desk, "大力", org="other county") == [moved]
    assert len(ids(desk, "安宁")) == 1
    for rebuild in (desk.system.record.likenesses.rebuild, desk.system.record.name_digests.rebuild):
        list(rebuild())
    assert kept == kept_by_the_worker(desk.system)
