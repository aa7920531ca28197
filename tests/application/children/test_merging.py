"""Two files of one child become one: everything counts once, nothing is lost, and it can be undone."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from application.access import Action, Actor, Forbidden, Role
from application.children.merging import Merge
from application.eventstore.keyring import KeysMissing
from application.upkeep.derived_rows import strange_rows
from domain.care_actions.guardian_designated import guardian
from domain.care_actions.parent_work_recorded import parents
from domain.case_no import case_no_of
from domain.child import Child
from domain.choices import CarerKind, Parent
from domain.effects import Effect
from domain.refusal import AtOdds, Conflict, Invalid, Refused, Unknown
from projections import status
from tests.support.actions import CLASS, SCHOOL, Desk, codes
from tests.support.systems import StandingClock

MANAGER = Actor(name="office", role=Role.MANAGER, org="county")
SAID = {"reason": "同一名儿童建了两份档案", "approved_by": "王校长"}
TODAY = date(2026, 6, 30)


def merge(desk: Desk, child: UUID, into: UUID, *, actor: Actor = MANAGER) -> Merge:
    return desk.system.merges.merge(child, into=into, actor=actor, **SAID)


def undo(desk: Desk, child: UUID, *, actor: Actor = MANAGER) -> Merge:
    return desk.system.merges.undo(child, actor=actor, **SAID)


def two_files(desk: Desk, **more: object) -> tuple[UUID, UUID]:
    """The file that was opened first, and the other one."""
    kept = desk.enrol("2026-03-01", student_no="G1")
    return kept, desk.enrol("2026-04-01", student_no="G2", **more)


def what_stands(child: Child) -> Counter[tuple[str, str, str]]:
    return Counter((f.type, f.day.isoformat(), repr(f.details)) for f in child.facts)


def strange(desk: Desk) -> Iterator[object]:
    """What `check` finds in the rows that are written with events."""
    system = desk.system
    children = [c for (c,) in system.database.tuples("SELECT child_id FROM child_status ORDER BY child_id")]
    carers = [c for (c,) in system.database.tuples("SELECT carer_id FROM carer_status")]
    units = [u for (u,) in system.database.tuples("SELECT stream_id FROM org_unit")]
    kept = (system.record.likenesses, system.record.name_digests)
    yield from strange_rows(
        database=system.database,
        log=system.log,
        lookups=system.lookups,
        kept=kept,
        children=children,
        carers=carers,
        units=units,
        but=(),
    )
    yield from status.differences(system.database, system.log, but=())


def test_the_entries_of_a_merged_file_go_on_in_the_kept_one(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    own = desk.visit(kept, carer, "2026-03-10")
    visit = desk.visit(other, carer, "2026-05-20", record="作业完成", written_on=date(2026, 5, 21))
    call = desk.submit(
        "talk_held", "2026-05-22T15:00+08:00", child=other, carers=[str(carer)], record="谈学习"
    )

    merged = merge(desk, other, kept)

    child = desk.child(kept)
    came = {
        f.event.source_event_id: f for f in child.facts if f.event.metadata.causation_id == merged.event_id
    }
    assert merged.entries == len(came)
    assert {own.event_id, *(came[i].event_id for i in (visit.event_id, call.event_id))} <= {
        f.event_id for f in child.facts
    }
    there = desk.child(other).fact(visit.event_id)
    assert there is not None
    here = came[visit.event_id]
    assert (here.day, here.details, here.late_days, here.event.recorded_by) == (
        there.day,
        there.details,
        there.late_days,
        there.event.recorded_by,
    )
    assert child.last_contact is not None
    assert child.last_contact.day == date(2026, 5, 22)
    assert list(strange(desk)) == []


def test_a_merged_file_stands_for_nobody_and_is_read_as_it_was(desk: Desk, clock: StandingClock) -> None:
    kept, other = two_files(desk)
    before, then = desk.child(other), clock.now
    clock.forward(days=1)

    merge(desk, other, kept)

    now = desk.child(other)
    assert (now.merged_into, now.profile, now.spans, now.pairings) == (kept, None, (), ())
    assert desk.child(other, known_at=then) == before
    assert desk.child(other, as_of=date(2026, 5, 1)).spans == ()
    assert desk.system.record.in_care("county", TODAY) == (kept,)
    assert desk.system.doubles.listed(actor=MANAGER) == []


def test_numbers_and_names_lead_to_the_kept_child(desk: Desk) -> None:
    kept, other = two_files(desk, name="林晓和", id_number="11010120160307004X")
    record = desk.system.record
    wanted = {
        "student_no": "G2",
        "id_number": "11010120160307004X",
        "name": "林晓和",
        "case_no": case_no_of(other),
    }

    merge(desk, other, kept)

    assert {
        kind: record.find(kind=kind, word=w, scope="county") for kind, w in wanted.items()
    } == dict.fromkeys(wanted, (kept,))
    with pytest.raises(Conflict) as refused:
        desk.enrol(student_no="G2")
    assert codes(refused) == [("number_taken", "/details/student_no")]
    assert list(strange(desk)) == []

    undo(desk, other)

    assert {
        kind: record.find(kind=kind, word=w, scope="county") for kind, w in wanted.items()
    } == dict.fromkeys(wanted, (other,))
    assert list(strange(desk)) == []


def test_what_the_kept_file_leaves_open_is_filled(desk: Desk) -> None:
    kept = desk.enrol(student_no=None, name="林小禾")
    other = desk.enrol("2026-04-01", student_no="G2", name="林晓和", address="东岭村", tags=["poor"])
    desk.submit("profile_changed", "2026-05-01", child=other, name="林小和", health="良好")

    merge(desk, other, kept)

    profile = desk.child(kept).profile
    assert profile is not None
    assert (profile.name, profile.student_no, [*profile.tags]) == ("林小禾", "G2", ["poor"])
    assert [f.details for f in desk.child(kept).having(Effect.CHANGES_PROFILE)][-1].health == "良好"
    assert list(strange(desk)) == []


def test_care_goes_on_where_the_other_file_had_the_child_in_care(desk: Desk) -> None:
    there = f"{SCHOOL}/grade 4/class 1"
    kept = desk.enrol("2026-03-01", student_no="G1")
    desk.submit("child_exited", "2026-04-10", child=kept, reason="moved", based_on=1)
    other = desk.enrol("2026-04-01", student_no="G2", org=there)
    assert desk.child(kept).in_care(TODAY) is False

    merge(desk, other, kept)

    child = desk.child(kept)
    assert [(s.start, s.last) for s in child.spans] == [
        (date(2026, 3, 1), date(2026, 4, 10)),
        (date(2026, 4, 11), date(2034, 5, 19)),
    ]
    assert [child.org_on(date(2026, *day)) for day in ((4, 1), (4, 10), (4, 11))] == [CLASS, CLASS, there]
    assert list(strange(desk)) == []


def test_where_both_had_the_child_in_care_the_kept_file_says_where_and_for_how_long(desk: Desk) -> None:
    kept, other = two_files(desk, org=f"{SCHOOL}/grade 4/class 1")
    desk.submit("child_exited", "2026-05-01", child=other, reason="moved", based_on=1)
    before = desk.child(kept)

    merge(desk, other, kept)

    after = desk.child(kept)
    assert (after.spans, after.moves) == (before.spans, before.moves)


def test_pairings_come_over_with_their_ends_and_take_no_second_place(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer, second = desk.carer(capacity=1), desk.carer("孟老师", capacity=1)
    first = desk.pair(other, carer, "2026-04-01")
    desk.submit("pairing_ended", "2026-05-01", child=other, pairing=str(first.event_id))
    desk.pair(other, second, "2026-05-01")
    desk.submit("child_exited", "2026-06-01", child=other, reason="moved", based_on=4)

    merge(desk, other, kept)

    assert [(p.carer, p.start, p.end) for p in desk.child(kept).pairings] == [
        (carer, date(2026, 4, 1), date(2026, 5, 1)),
        (second, date(2026, 5, 1), date(2026, 6, 2)),
    ]
    slots = desk.system.carers.load(second).slots.values()
    assert [(s.child, s.end) for s in slots] == [(kept, date(2026, 6, 2))]


def test_a_carer_who_is_paired_in_both_files_is_paired_once(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer(capacity=2)
    for child in (kept, other):
        desk.pair(child, carer, "2026-04-01")

    merge(desk, other, kept)

    assert len(desk.child(kept).pairings) == 1
    assert desk.system.carers.load(carer).load(TODAY, kind=CarerKind.CARE_COUNSELLOR) == 1


def test_a_running_pairing_comes_over_without_an_end_that_nobody_recorded(desk: Desk) -> None:
    kept, other = two_files(desk)
    first, second = desk.carer(), desk.carer("孟老师")
    desk.pair(other, first, "2026-04-02")

    merge(desk, other, kept)

    child = desk.child(kept)
    assert [f.type for f in child.facts if f.type == "pairing_ended"] == []
    (running,) = child.pairings
    words = {"pairing": str(running.event_id), "carer": str(second), "kind": "care_counsellor"}
    desk.submit(
        "care_handed_over",
        "2026-06-01",
        child=kept,
        accepted_by="孟老师",
        based_on=child.version,
        **words,
    )
    assert [(p.carer, p.start) for p in desk.child(kept).pairings if p.holds(TODAY)] == [
        (second, date(2026, 6, 1))
    ]


@pytest.mark.parametrize("paired_in_both", [False, True])
def test_a_running_pairing_goes_on_after_an_exit_of_the_kept_file(desk: Desk, paired_in_both: bool) -> None:
    kept, other = two_files(desk)
    carer, second = desk.carer(capacity=2), desk.carer("孟老师")
    if paired_in_both:
        desk.pair(kept, carer, "2026-04-05")
    desk.pair(other, carer, "2026-04-05")
    desk.pair(other, second, "2026-04-06")
    desk.submit("child_exited", "2026-04-20", child=kept, reason="moved", based_on=desk.child(kept).version)
    ended = {"pairing": str(desk.child(other).pairings[1].event_id)}
    desk.submit("pairing_ended", "2026-05-10", child=other, **ended)
    before = [desk.child(each).pairings for each in (kept, other)]

    merge(desk, other, kept)

    pairings = desk.child(kept).pairings
    of_age = date(2034, 5, 20)
    assert sorted((p.start, p.end) for p in pairings if p.carer == carer) == [
        (date(2026, 4, 5), date(2026, 4, 21)),
        (date(2026, 4, 21), of_age),
    ]
    assert sorted((p.start, p.end) for p in pairings if p.carer == second) == [
        (date(2026, 4, 6), date(2026, 4, 21)),
        (date(2026, 4, 21), date(2026, 5, 10)),
    ]
    assert list(strange(desk)) == []

    undo(desk, other)

    assert [desk.child(each).pairings for each in (kept, other)] == before


def test_the_same_said_in_both_files_counts_once_and_what_is_alike_is_hinted_at(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    for child in (kept, other):
        desk.visit(child, carer, "2026-05-20")
    desk.visit(other, carer, "2026-05-20", minutes=40)

    merge(desk, other, kept)

    visits = [f for f in desk.child(kept).facts if f.type == "home_visit_made"]
    assert sorted(f.details.minutes or 0 for f in visits) == [0, 40]


def test_two_visits_of_one_paper_of_a_client_are_two(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer, paper = desk.carer(), uuid4()
    for child, day in ((kept, "2026-05-20"), (other, "2026-05-21")):
        desk.visit(child, carer, day, source_event_id=paper)

    merge(desk, other, kept)

    visits = [f.day.isoformat() for f in desk.child(kept).facts if f.type == "home_visit_made"]
    assert visits == ["2026-05-20", "2026-05-21"]


def test_a_record_that_was_filed_later_stays_with_its_visit(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    visit = desk.visit(other, carer, "2026-05-20", record=None)
    desk.submit("record_filed", "2026-05-25", child=other, target=str(visit.event_id), record="补记")

    merge(desk, other, kept)

    (came,) = [f for f in desk.child(kept).facts if f.type == "home_visit_made"]
    assert came.has_record


def test_an_entry_that_names_another_names_what_came_of_it(desk: Desk) -> None:
    kept, other = two_files(desk)
    arranged = desk.submit("care_arranged", "2026-05-01", child=other, name="任大娘", relation="祖母")
    desk.submit(
        "care_arrangement_ended", "2026-05-20", child=other, arrangement=str(arranged.event_id), reason="回家"
    )

    merge(desk, other, kept)

    facts = {f.type: f for f in desk.child(kept).facts}
    assert facts["care_arrangement_ended"].details.arrangement == facts["care_arranged"].event_id


def test_what_was_corrected_comes_over_as_it_stands_and_what_is_void_does_not(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    wrong, void = (desk.visit(other, carer, f"2026-05-{day}") for day in (20, 21))
    desk.correct(other, wrong.event_id, occurred_on="2026-05-19")
    desk.void(other, void.event_id)

    merge(desk, other, kept)

    visits = [f.day for f in desk.child(kept).entries if f.type == "home_visit_made"]
    assert visits == [date(2026, 5, 19)]


def test_what_only_repeats_of_parents_and_guardians_blanks_nothing(desk: Desk) -> None:
    kept, other = two_files(desk)
    father = {"parent": "father", "name": "林大山", "away": True}
    desk.submit("parent_work_recorded", "2026-03-02", child=kept, **father, place="浙江", phone="13800000001")
    desk.submit("guardian_designated", "2026-03-02", child=kept, name="周桂兰", phone="13800000002")
    desk.submit("parent_work_recorded", "2026-04-02", child=other, parent="father", name="林大山")
    desk.submit("guardian_designated", "2026-04-02", child=other, name="周桂兰", relation="祖母")
    before = desk.child(kept)

    merge(desk, other, kept)

    child = desk.child(kept)
    assert child.parents_told == before.parents_told
    assert parents(child) == parents(before)
    named = guardian(child)
    assert named is not None
    assert (named.relation, named.phone) == ("祖母", "13800000002")


def test_what_is_said_of_somebody_else_or_has_changed_keeps_nothing_of_before(desk: Desk) -> None:
    kept, other = two_files(desk)
    father = {"parent": "father", "name": "林大山"}
    known = {"away": True, "place": "浙江", "phone": "13800000001"}
    desk.submit("parent_work_recorded", "2026-03-02", child=kept, **father, **known)
    desk.submit("guardian_designated", "2026-03-02", child=kept, name="周桂兰", phone="13800000002")
    desk.submit("parent_work_recorded", "2026-04-02", child=other, **father, away=False)
    desk.submit("guardian_designated", "2026-04-02", child=other, name="林大海", relation="伯父")

    merge(desk, other, kept)

    child = desk.child(kept)
    work, named = parents(child)[Parent.FATHER], guardian(child)
    assert (work.away, work.place, work.phone) == (False, None, "13800000001")
    assert named is not None
    assert (named.name, named.phone) == ("林大海", None)


def test_the_same_merge_again_is_nothing_new(desk: Desk) -> None:
    kept, other = two_files(desk)
    first = merge(desk, other, kept)
    head = desk.system.log.head()

    assert merge(desk, other, kept) == first
    undone = undo(desk, other)
    assert (undone.undone, undone.entries) == (True, 0)
    after = desk.system.log.head()
    assert after != head
    assert undo(desk, other) == undone
    assert desk.system.log.head() == after


def test_a_merge_is_answered_with_the_time_at_which_it_is_stored(desk: Desk, clock: StandingClock) -> None:
    kept, other = two_files(desk)
    clock.forward(seconds=1)
    desk.enrol("2026-05-01")
    stored, clock.now = clock.now, clock.now - timedelta(milliseconds=5)

    merged = merge(desk, other, kept)

    assert merged.merged_at == stored
    assert merge(desk, other, kept) == merged


def test_of_an_erased_child_nobody_is_told_in_which_file_it_goes_on(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    merge(desk, other, kept)
    for child in (kept, other):
        desk.system.keyring.destroy(child)

    with pytest.raises(Conflict) as refused:
        desk.visit(other, carer, "2026-06-01")

    assert codes(refused) == [("erased", "")]


def test_of_merges_and_visits_at_one_moment_none_is_lost_or_twice(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    desk.visit(other, carer, "2026-05-20")
    start = threading.Barrier(4)

    def race(number: int) -> None:
        start.wait()
        if number % 2:
            merge(desk, other, kept)
        else:
            desk.visit(kept, carer, f"2026-06-0{number + 1}")

    threads = [threading.Thread(target=race, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    visits = [f.day.isoformat() for f in desk.child(kept).facts if f.type == "home_visit_made"]
    assert visits == ["2026-05-20", "2026-06-01", "2026-06-03"]
    assert [f.type for f in desk.child(other).facts].count("child_merged") == 1


def test_undoing_a_merge_gives_both_files_back_as_they_were(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer = desk.carer()
    desk.pair(other, carer, "2026-04-01")
    desk.visit(other, carer, "2026-05-20")
    before = [desk.child(child) for child in (kept, other)]
    slots = desk.system.carers.load(carer).slots

    merge(desk, other, kept)
    later = desk.visit(kept, carer, "2026-06-01")
    undo(desk, other)

    here, there = desk.child(kept), desk.child(other)
    assert what_stands(here) - what_stands(before[0]) == Counter(
        {("home_visit_made", "2026-06-01", repr(here.fact(later.event_id).details)): 1}  # type: ignore[union-attr]
    ) + Counter({k: v for k, v in what_stands(here).items() if k[0] == "event_voided"})
    for now, was in ((here, before[0]), (there, before[1])):
        assert (now.spans, now.pairings, now.profile, now.moves) == (
            was.spans,
            was.pairings,
            was.profile,
            was.moves,
        )
    assert desk.system.carers.load(carer).slots == slots
    assert list(strange(desk)) == []
    assert merge(desk, other, kept).undone is False


def test_a_merged_file_takes_nothing_more_and_knows_what_it_has(desk: Desk) -> None:
    kept, other = two_files(desk)
    carer, event_id = desk.carer(), uuid4()
    desk.visit(other, carer, "2026-05-20", event_id=event_id)
    merge(desk, other, kept)

    with pytest.raises(AtOdds) as refused:
        desk.visit(other, carer, "2026-06-01")
    assert codes(refused) == [("merged_into", "")]
    assert str(kept) in refused.value.reason.zh
    again = desk.visit(other, carer, "2026-05-20", event_id=event_id)
    by_number = desk.visit(kept, carer, "2026-05-20", event_id=event_id)

    assert (again.new, by_number.new) == (False, False)
    assert by_number.stream_id == other


def test_a_file_that_took_over_another_is_merged_and_both_lead_on(desk: Desk) -> None:
    oldest = desk.enrol("2026-02-01", student_no="G0")
    kept, other = two_files(desk)
    carer = desk.carer()
    desk.visit(other, carer, "2026-05-20")
    merge(desk, other, kept)

    merge(desk, kept, oldest)

    record = desk.system.record
    assert [record.find(kind="student_no", word=f"G{n}", scope="") for n in range(3)] == [(oldest,)] * 3
    assert record.find(kind="case_no", word=case_no_of(other), scope="") == (oldest,)
    assert [f.type for f in desk.child(oldest).facts].count("home_visit_made") == 1
    with pytest.raises(Conflict) as refused:
        undo(desk, other)
    assert codes(refused) == [("merged_into", "")]
    undo(desk, kept)
    undo(desk, other)
    assert list(strange(desk)) == []


def refusals(desk: Desk, kept: UUID, other: UUID, actor: Actor = MANAGER) -> tuple[type[Refused], str, str]:
    """How a merge is refused, having written nothing."""
    head = desk.system.log.head()
    with pytest.raises(Refused) as refused:
        merge(desk, other, kept, actor=actor)
    assert desk.system.log.head() == head
    ((code, pointer),) = codes(refused)
    return type(refused.value), code, pointer


def test_what_can_not_be_merged_is_refused_by_name(desk: Desk) -> None:
    kept, other = two_files(desk)
    away = desk.enrol("2026-05-01", org="other county/township/school")
    younger = desk.enrol("2026-05-01")
    moving = desk.enrol("2026-05-01")
    desk.system.organisations.ensure(f"{SCHOOL}/grade 4", actor=MANAGER)
    desk.propose(moving, f"{SCHOOL}/grade 4", "2026-06-01")
    top = Actor(name="top", role=Role.MANAGER)

    assert refusals(desk, kept, kept) == (Conflict, "same_file", "/into")
    assert refusals(desk, other, kept) == (Conflict, "kept_opened_later", "/into")
    assert refusals(desk, kept, away, top) == (Conflict, "other_county", "/into")
    assert refusals(desk, kept, moving) == (Conflict, "transfer_open", "")
    assert refusals(desk, kept, uuid4()) == (Unknown, "unknown_child", "")
    assert refusals(desk, kept, away) == (Unknown, "not_found", "")
    for unseen in (uuid4(), away):
        assert refusals(desk, unseen, other) == (Conflict, "unknown_child", "/into")
    assert refusals(desk, kept, other, Actor(name="c", role=Role.CLIENT, org="county"))[0] is Forbidden
    assert refusals(desk, kept, other, Actor(name="王校长", role=Role.MANAGER, org="county")) == (
        Invalid,
        "same_approver",
        "/approved_by",
    )
    merge(desk, other, kept)
    assert refusals(desk, other, younger) == (Conflict, "merged_into", "/into")
    assert refusals(desk, younger, other) == (Conflict, "merged_into", "")
    with pytest.raises(Conflict) as refused:
        undo(desk, younger)
    assert codes(refused) == [("not_merged", "")]


def test_whoever_manages_one_of_two_merged_files_does_not_undo_it(desk: Desk) -> None:
    kept, other = desk.enrol("2026-03-01"), desk.enrol("2026-04-01", org="county/township/second school")
    merge(desk, other, kept)
    second = Actor(name="second", role=Role.MANAGER, org="county/township/second school")
    head = desk.system.log.head()

    with pytest.raises(Forbidden):
        undo(desk, other, actor=second)

    assert desk.system.log.head() == head


def test_files_that_lost_their_key_or_were_erased_are_not_merged(desk: Desk) -> None:
    kept, other = two_files(desk)
    third = desk.enrol("2026-05-01")
    desk.system.keyring.destroy(third)
    assert refusals(desk, kept, third) == (Conflict, "erased", "")
    with desk.system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=other)

    with pytest.raises(KeysMissing):
        merge(desk, other, kept)


def test_a_number_that_the_kept_file_made_its_own_is_in_the_way_of_undoing(desk: Desk) -> None:
    kept, other = two_files(desk)
    merge(desk, other, kept)
    desk.submit("profile_changed", "2026-06-01", child=kept, student_no="G2")
    head = desk.system.log.head()

    with pytest.raises(Conflict) as refused:
        undo(desk, other)

    assert codes(refused) == [("number_taken", "")]
    assert desk.system.log.head() == head


def test_a_merged_file_is_read_by_who_may_read_it(desk: Desk) -> None:
    kept, other = two_files(desk)
    merge(desk, other, kept)

    events = desk.system.record.stream(other, actor=MANAGER, action=Action.READ)

    assert [e.type for e in events] == ["child_enrolled", "child_merged"]
