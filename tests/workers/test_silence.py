"""The ladder of silence, lived through: when it rings, who hears it, what ends it."""

from datetime import date

from application.access import SYSTEM
from application.intake.batches import CARE_LOG, COMPLETE
from domain.event import Channel
from domain.streams.alerts.case import Ending
from projections.compliance import of_child
from projections.outbox import deliveries, receipts
from projections.outbox.receipts import Receipt
from tests.support.builders import an_id
from tests.support.world import SCHOOL, World, moment


def steps(world: World, recipient: str = "Head teacher") -> list[str]:
    return [item.step for item in world.inbox(world.recipient(recipient))]


def test_a_silent_child_rings_at_eight_on_the_day_that_a_step_is_reached(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")

    world.advance_to("2026-05-10 09:00")

    assert [(item.step, item.days_silent, item.created_at) for item in world.inbox(head)] == [
        ("info", 14, moment("2026-03-15 08:00")),
        ("warning", 30, moment("2026-03-31 08:00")),
        ("high", 45, moment("2026-04-15 08:00")),
        ("critical", 60, moment("2026-04-30 08:00")),
    ]
    assert [case.open for case in world.alerts(child)] == [True]


def test_a_contact_ends_it_and_silence_counts_from_there(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-20 16:00")

    world.visit(child, at="2026-03-20 15:00")
    world.settle()

    assert [case.open for case in world.alerts(child)] == [False]
    world.advance_to("2026-04-03 07:59")
    assert len(world.inbox(head)) == 1
    world.advance_to("2026-04-03 08:00")
    assert [item.days_silent for item in world.inbox(head)] == [14, 14]


def test_a_contact_entered_late_moves_the_ring(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-14 20:00")

    world.visit(child, on="2026-03-05")
    world.advance_to("2026-03-19 07:59")

    assert world.inbox(head) == []
    world.advance_to("2026-03-19 08:00")
    assert [item.days_silent for item in world.inbox(head)] == [14]


def test_voiding_the_contact_that_ended_it_reopens_the_earlier_case(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-20 16:00")
    visit = world.visit(child, on="2026-03-20")
    world.advance_to("2026-04-01 10:00")

    world.void(child, visit.event_id)
    world.settle()

    (case,) = world.alerts(child)
    assert (case.open, case.step, str(case.silent_since)) == (True, "warning", "2026-03-01")
    assert steps(world) == ["info", "warning"]


def test_a_case_whose_own_beginning_is_void_never_was(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-02-20")
    visit = world.visit(child, on="2026-03-01")
    world.advance_to("2026-03-20 10:00")

    world.void(child, visit.event_id)
    world.settle()

    events = [e for case in world.alerts(child) for e in world.system.log.stream(case.alert_id)]
    endings = [e.details.ending for e in events if e.type == "alert_resolved"]  # type: ignore[attr-defined]
    assert endings == [Ending.NEVER_WAS]
    assert sorted(case.open for case in world.alerts(child)) == [False, True]


def test_an_alert_outlives_what_leaves_the_day_of_its_silence_as_it_is(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-02-20")
    first = world.visit(child, on="2026-03-01")
    world.advance_to("2026-03-20 10:00")
    (case,) = world.alerts(child)

    # Another contact of that day comes in late, and the one that the alert began with never was.
    world.visit(child, on="2026-03-01")
    world.settle()
    world.void(child, first.event_id)
    world.settle()

    assert [(c.alert_id, c.open, c.version) for c in world.alerts(child)] == [
        (case.alert_id, True, case.version)
    ]
    # It ends, and when its end never was it is opened again, as one case throughout.
    ended = world.visit(child, on="2026-03-20")
    world.settle()
    assert [c.open for c in world.alerts(child)] == [False]
    world.void(child, ended.event_id)
    world.settle()
    assert [(c.alert_id, c.open) for c in world.alerts(child)] == [(case.alert_id, True)]
    world.advance_to("2026-04-01 08:00")
    assert steps(world) == ["info", "info", "warning"]
    assert [item.days_silent for item in world.inbox(head)] == [14, 19, 30]


def test_a_corrected_day_counts_from_then_on(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-04-05 10:00")
    visit = world.visit(child, on="2026-04-04")
    world.settle()
    assert [case.open for case in world.alerts(child)] == [False]

    world.correct(child, visit.event_id, occurred_on="2026-03-04")
    world.settle()

    open_ones = [case for case in world.alerts(child) if case.open]
    assert [(case.step, str(case.silent_since)) for case in open_ones] == [("warning", "2026-03-04")]


def test_a_day_corrected_to_later_takes_the_alert_down_a_step_in_silence(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    visit = world.visit(child, on="2026-03-01")
    world.advance_to("2026-04-10 10:00")
    assert steps(world) == ["info", "warning"]

    world.correct(child, visit.event_id, occurred_on="2026-03-20")
    world.advance_to("2026-04-19 08:00")

    assert steps(world) == ["info", "warning", "warning"]
    assert [case.step for case in world.alerts(child)] == ["warning"]


def test_the_last_day_of_care_ends_the_alert_the_day_after(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-20 10:00")

    world.record(child, "child_exited", on="2026-03-20", details={"reason": "moved"})
    world.advance_to("2026-03-20 23:59")
    assert [case.open for case in world.alerts(child)] == [True]

    world.advance_to("2026-03-21 00:00")
    assert [case.open for case in world.alerts(child)] == [False]


def test_turning_eighteen_ends_it_though_nothing_is_recorded(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01", details={"birth_date": "2008-04-01"})

    world.advance_to("2026-03-31 23:00")
    assert [case.open for case in world.alerts(child)] == [True]

    world.advance_to("2026-06-30 09:00")
    assert [case.open for case in world.alerts(child)] == [False]
    assert steps(world) == ["info", "warning"]


def test_history_brought_in_by_import_rings_once_at_its_present_step(world: World) -> None:
    world.recipient()
    world.advance_to("2026-06-30 10:00")
    child = world.enrol("T1", on="2026-03-01", channel=Channel.IMPORT)
    for day in ("2026-03-05", "2026-04-28"):
        world.settle()
        world.visit(child, on=day, channel=Channel.IMPORT)

    world.advance_to("2026-06-30 10:00:59")
    assert world.alerts(child) == []

    world.advance_to("2026-07-02 10:00")
    assert [(case.step, str(case.silent_since)) for case in world.alerts(child)] == [
        ("critical", "2026-04-28")
    ]
    assert steps(world) == ["critical"]


def test_history_of_a_silence_that_is_over_never_rings(world: World) -> None:
    world.recipient()
    world.advance_to("2026-06-30 10:00")
    child = world.enrol("T1", on="2026-03-01", channel=Channel.IMPORT)
    world.visit(child, on="2026-06-25", channel=Channel.IMPORT)

    world.advance_to("2026-07-08 10:00")

    assert world.alerts(child) == []
    assert steps(world) == []


def test_nothing_rings_while_an_import_into_the_school_is_running(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 07:50")
    batches = world.system.batches
    upload = batches.begin_paper(source=CARE_LOG, org=SCHOOL, file_sha256="0" * 64, actor=SYSTEM)

    world.advance_to("2026-03-15 08:10")
    assert world.alerts(child) == []

    batches.end(upload, state=COMPLETE)
    world.advance_to("2026-03-15 08:12")
    assert steps(world) == ["info"]


def test_an_import_that_was_broken_off_holds_nothing_back_for_long(world: World) -> None:
    world.recipient()
    world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 07:50")
    world.system.batches.begin_paper(source=CARE_LOG, org=SCHOOL, file_sha256="0" * 64, actor=SYSTEM)

    world.advance_to("2026-03-15 08:52")

    assert steps(world) == ["info"]


def test_a_file_that_was_erased_stops_nothing(world: World) -> None:
    world.recipient()
    world.bind("C39", effective_from="2026-03-01")
    erased, other = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    visit = world.visit(erased, on="2026-03-01")
    world.correct(erased, visit.event_id, details={"record": "Told of the exam."})

    world.system.keyring.destroy(erased)
    world.advance_to("2026-03-16 09:00")

    assert [case.open for case in world.alerts(other)] == [True]
    assert [row.period for row in of_child(world.database, child_id=erased, now=world.now)] == ["2026-03"]


def test_an_acknowledged_alert_still_escalates(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 09:00")
    (case,) = world.alerts(child)

    world.system.alerts.acknowledge(case.alert_id, by="Wang", note=None, actor=SYSTEM)
    world.advance_to("2026-03-31 09:00")

    assert steps(world) == ["info", "warning"]
    assert [case.acknowledged_by for case in world.alerts(child)] == [None]


def test_an_alert_that_was_read_still_escalates(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-15 09:00")
    (item,) = world.inbox(head)

    with world.database.transaction() as tx:
        receipts.write(tx, item.delivery_id, receipt=Receipt.READ, at=world.now)
    world.advance_to("2026-03-31 09:00")

    assert [(i.step, i.read_at is not None) for i in world.inbox(head)] == [
        ("info", True),
        ("warning", False),
    ]
    (listed,) = world.system.alerts.listed(actor=SYSTEM)
    assert (listed.acknowledged, [case.step for case in world.alerts(child)]) == (False, ["warning"])


def test_a_snoozed_alert_is_silent_until_the_snooze_ends_and_then_rings_once(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-25 09:00")
    _snooze(world, until="2026-04-03", child_no="T1")

    world.advance_to("2026-04-04 07:59")
    assert [case.step for case in world.alerts(child)] == ["warning"]
    assert steps(world) == ["info"]

    world.advance_to("2026-04-10 08:00")
    assert [(i.step, i.created_at) for i in world.inbox(world.recipient())] == [
        ("info", moment("2026-03-15 08:00")),
        ("warning", moment("2026-04-04 08:00")),
    ]


def test_where_a_step_is_reached_on_the_day_that_the_snooze_ends_one_notice_goes_out(world: World) -> None:
    world.recipient()
    world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-25 09:00")
    _snooze(world, until="2026-03-30", child_no="T1")

    world.advance_to("2026-04-10 08:00")

    assert steps(world) == ["info", "warning"]


def test_a_snoozed_alert_that_ended_meanwhile_rings_no_more(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-03-25 09:00")
    _snooze(world, until="2026-04-03", child_no="T1")
    world.visit(child, on="2026-03-25")

    world.advance_to("2026-04-07 09:00")

    assert steps(world) == ["info"]


def test_one_file_that_cannot_be_read_does_not_keep_the_others_from_being_watched(world: World) -> None:
    world.recipient()
    first, second = (world.enrol(number, on="2026-03-01") for number in ("T1", "T2"))
    world.settle()
    with world.database.transaction() as tx:
        tx.run("UPDATE timer SET kind = 'of tomorrow' WHERE key = :key", key=min(first, second))

    world.advance_to("2026-03-15 08:00")

    assert [len(world.alerts(child)) for child in sorted((first, second))] == [0, 1]


def test_a_corrected_day_is_what_the_alert_tells_from_then_on(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    visit = world.visit(child, on="2026-03-01")
    world.advance_to("2026-03-16 09:00")
    world.correct(child, visit.event_id, occurred_on="2026-03-10")
    world.advance_to("2026-03-24 09:00")

    (listed,) = world.system.alerts.listed(actor=SYSTEM)
    assert (listed.open, str(listed.silent_since)) == (True, "2026-03-10")

    world.correct(child, visit.event_id, occurred_on="2026-03-08")
    world.settle()

    (listed,) = world.system.alerts.listed(actor=SYSTEM)
    assert (listed.open, listed.step, str(listed.silent_since)) == (True, "info", "2026-03-08")
    assert [(i.step, i.days_silent) for i in world.inbox(world.recipient())] == [("info", 14), ("info", 14)]


def test_an_alert_keeps_its_acknowledgement_where_only_its_day_was_corrected(world: World) -> None:
    world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    visit = world.visit(child, on="2026-03-01")
    world.advance_to("2026-03-20 09:00")
    (case,) = world.alerts(child)
    world.system.alerts.acknowledge(case.alert_id, by="Li", note=None, actor=SYSTEM)

    world.correct(child, visit.event_id, occurred_on="2026-03-04")
    world.settle()

    (listed,) = world.system.alerts.listed(actor=SYSTEM)
    assert (listed.acknowledged, str(listed.silent_since)) == (True, "2026-03-04")
    assert steps(world) == ["info"]


def _snooze(world: World, *, until: str, child_no: str) -> None:
    (case,) = world.alerts(an_id(child_no))
    world.system.alerts.snooze(
        case.alert_id, until=date.fromisoformat(until), reason="Away", approved_by="Li", actor=SYSTEM
    )
    world.settle()


def test_notices_are_listed_with_what_became_of_them(world: World) -> None:
    head = world.recipient()
    child = world.enrol("T1", on="2026-03-01")
    world.advance_to("2026-04-10 09:00")
    database = world.database

    first, second = deliveries.listed(database, org=SCHOOL, recipient_id=head)

    assert [(each.step, each.state, each.child_id) for each in (first, second)] == [
        ("info", "accepted", child),
        ("warning", "accepted", child),
    ]
    after = (first.created_at, first.delivery_id)
    assert deliveries.listed(database, org=SCHOOL, recipient_id=head, after=after) == (second,)
    assert deliveries.listed(database, org=SCHOOL, recipient_id=head, limit=1) == (first,)
    assert deliveries.listed(database, org=SCHOOL, recipient_id=head, state="failed") == ()
    assert deliveries.listed(database, org="another county") == ()
    with database.transaction() as tx:
        receipts.write(tx, first.delivery_id, receipt=Receipt.READ, at=world.now)
    assert deliveries.listed(database, org=SCHOOL, alert_id=first.alert_id)[0].read_at == world.now
