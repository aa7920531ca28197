"""What could not be placed waits, sealed, until it can or until somebody says why not."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.access import Actor, Role
from application.eventstore.seal import Tampered, seal
from application.intake.quarantine import ACCEPTED, DISMISSED, _old_id
from application.intake.submission import Submission, encoded
from application.recording.outcome import NOWHERE
from domain.refusal import AtOdds, Conflict, Refused, Unknown
from tests.support.actions import CLASS, Desk


def talk(child: UUID, carer: UUID, **more: object) -> Submission:
    return Submission(
        event_id=uuid4(),
        type="talk_held",
        child_id=child,
        occurred_on=date(2026, 3, 5),
        details={"carers": [str(carer)], "record": "想念妈妈"},
        **more,
    )


def set_aside(desk: Desk, submission: Submission) -> UUID:
    (outcome,) = desk.system.submissions.submit_many([submission], actor=desk.actor, provenance=NOWHERE)
    assert isinstance(outcome, AtOdds)
    return desk.system.quarantine.keep(submission, refused=outcome, actor=desk.actor)


def test_what_names_a_child_not_known_yet_is_placed_when_it_is(desk: Desk) -> None:
    child, carer = uuid4(), desk.carer()
    item = set_aside(desk, talk(child, carer))
    with pytest.raises(Refused):
        desk.system.quarantine.retry(item, actor=desk.actor)
    assert [i.item_id for i in desk.system.quarantine.list(actor=desk.actor)] == [item]

    desk.enrol(child=child)
    recorded = desk.system.quarantine.retry(item, actor=desk.actor)

    assert (recorded.version, recorded.new) == (2, True)
    assert desk.system.quarantine.list(actor=desk.actor) == []
    assert [i.item_id for i in desk.system.quarantine.list(actor=desk.actor, state=ACCEPTED)] == [item]


def test_the_same_again_is_the_same_item(desk: Desk) -> None:
    submission = talk(uuid4(), desk.carer())

    assert set_aside(desk, submission) == set_aside(desk, submission)


def test_a_correction_before_its_target_waits_for_it(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer()
    late = talk(child, carer)
    correction = Submission(
        event_id=uuid4(),
        type="event_corrected",
        child_id=child,
        occurred_on=date(2026, 3, 6),
        recorded_by="李老师",
        based_on=1,
        details={
            "target": str(late.event_id),
            "fields": {"occurred_on": "2026-03-04"},
            "reason": "笔误",
            "approved_by": "王校长",
        },
    )
    item = set_aside(desk, correction)

    desk.system.submissions.submit(late, actor=desk.actor, provenance=NOWHERE)
    desk.system.quarantine.retry(item, actor=desk.actor)

    assert desk.child(child).fact(late.event_id).day == date(2026, 3, 4)


def test_a_dismissed_item_stays_readable_and_is_settled(desk: Desk) -> None:
    item = set_aside(desk, talk(uuid4(), desk.carer()))

    desk.system.quarantine.dismiss(item, reason="另一学校的儿童", actor=desk.actor)

    (settled,) = desk.system.quarantine.list(actor=desk.actor, state=DISMISSED)
    assert (settled.settled_by, settled.settled_reason) == (desk.actor.name, "另一学校的儿童")
    with pytest.raises(Conflict):
        desk.system.quarantine.retry(item, actor=desk.actor)


def test_an_item_is_seen_by_those_of_its_subtree_alone(desk: Desk) -> None:
    phone = Desk(desk.system, actor=Actor(name="phone", role=Role.CLIENT, org="county/township"))
    item = set_aside(phone, talk(uuid4(), uuid4()))
    elsewhere = Actor(name="other", role=Role.CLIENT, org="county/town")

    assert desk.system.quarantine.list(actor=elsewhere) == []
    with pytest.raises(Unknown):
        desk.system.quarantine.dismiss(item, reason="x", actor=elsewhere)
    assert [i.item_id for i in desk.system.quarantine.list(actor=phone.actor)] == [item]


def test_what_waits_does_not_lie_in_the_clear(desk: Desk) -> None:
    submission = talk(uuid4(), desk.carer())
    set_aside(desk, submission)

    (row,) = desk.system.database.all("SELECT * FROM quarantine")

    assert "想念妈妈".encode() not in row["sealed"]
    assert CLASS not in repr(row)


def test_of_a_retry_and_a_dismissal_at_once_what_is_recorded_holds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, carer, quarantine = uuid4(), desk.carer(), desk.system.quarantine
    first, second = (set_aside(desk, talk(child, carer)) for _ in range(2))
    desk.enrol(child=child)
    record_many = desk.system.record.record_many

    def and_meanwhile(**words: Any) -> Any:
        monkeypatch.undo()
        quarantine.dismiss(first, reason="重复", actor=desk.actor)
        return record_many(**words)

    monkeypatch.setattr(desk.system.record, "record_many", and_meanwhile)
    quarantine.retry(first, actor=desk.actor)
    seen = quarantine._seen

    def and_then(item: UUID, **words: Any) -> Any:
        monkeypatch.undo()
        row = seen(item, **words)
        quarantine.retry(item, actor=desk.actor)
        return row

    monkeypatch.setattr(quarantine, "_seen", and_then)
    with pytest.raises(Conflict):
        quarantine.dismiss(second, reason="重复", actor=desk.actor)

    assert quarantine.list(actor=desk.actor, state=DISMISSED) == []
    assert {i.item_id for i in quarantine.list(actor=desk.actor, state=ACCEPTED)} == {first, second}
    assert desk.child(child).version == 3


def phone(org: str = "county/township", *, name: str = "phone") -> Actor:
    return Actor(name=name, role=Role.CLIENT, org=org, principal=uuid4(), key=uuid4().hex)


def test_what_is_tried_again_by_another_is_recorded_as_its_senders(desk: Desk) -> None:
    child, carer, sender = uuid4(), desk.carer(), phone()
    said = talk(child, carer)
    item = set_aside(Desk(desk.system, actor=sender), said)
    desk.enrol(child=child)

    desk.system.quarantine.retry(item, actor=phone("county", name="office"))

    by = desk.child(child).fact(said.event_id).event.metadata
    assert (by.actor, by.role, by.principal, by.key) == ("phone", "client", sender.principal, sender.key)
    (settled,) = desk.system.quarantine.list(actor=desk.actor, state=ACCEPTED)
    assert settled.settled_by == "office"


@pytest.mark.parametrize("other", ["elsewhere/township", "county/township"])
def test_keys_of_one_name_have_items_of_their_own(desk: Desk, other: str) -> None:
    said, one, two = talk(uuid4(), uuid4()), phone(), phone(other)

    first, second = (set_aside(Desk(desk.system, actor=actor), said) for actor in (one, two))

    assert first != second
    assert [i.item_id for i in desk.system.quarantine.list(actor=two)] == sorted(
        {second, *([first] if other == one.org else [])},
        key=[i.item_id for i in desk.system.quarantine.list(actor=desk.actor)].index,
    )


@pytest.mark.parametrize(
    "change", ["org = 'elsewhere/township'", "actor = 'x'", "principal = NULL, role = NULL", "key = 'x'"]
)
def test_an_item_that_was_moved_or_renamed_does_not_open(desk: Desk, change: str) -> None:
    item = set_aside(Desk(desk.system, actor=phone()), talk(uuid4(), desk.carer()))
    assert list(desk.system.quarantine.unreadable()) == []
    with desk.system.database.transaction() as tx:
        tx.run(f"UPDATE quarantine SET {change}")

    assert list(desk.system.quarantine.unreadable()) == [(item, "Tampered")]
    with pytest.raises(Tampered):
        desk.system.quarantine.retry(item, actor=desk.actor)


def test_what_version_0_1_put_aside_goes_on_waiting_and_is_settled(desk: Desk) -> None:
    child, carer, sender = uuid4(), desk.carer(), phone()
    said, quarantine = talk(child, carer), desk.system.quarantine
    set_aside(Desk(desk.system, actor=sender), said)
    old = _old_id(quarantine._content(said), name=sender.name)
    keyring = desk.system.keyring
    sealed = seal(keyring.secret("quarantine"), encoded(said), aad=b"quarantine", nonce=keyring.nonce())
    with desk.system.database.transaction() as tx:
        tx.run(
            "UPDATE quarantine SET item_id = :old, sealed = :sealed,"
            " principal = NULL, key = NULL, role = NULL, channel = NULL",
            old=old,
            sealed=sealed,
        )

    assert set_aside(Desk(desk.system, actor=sender), said) == old
    assert set_aside(Desk(desk.system, actor=phone("elsewhere/township")), said) != old
    assert list(quarantine.unreadable()) == []
    desk.enrol(child=child)
    assert quarantine.retry(old, actor=desk.actor).new


def test_an_item_is_read_with_what_it_says_by_whoever_may_submit_there(desk: Desk) -> None:
    submission = talk(uuid4(), desk.carer())
    item_id = set_aside(desk, submission)
    other = Actor(name="other", role=Role.CLIENT, channel=desk.actor.channel, org="another county")

    item, said = desk.system.quarantine.read(item_id, actor=desk.actor)

    assert (item.item_id, item.event_id) == (item_id, submission.event_id)
    assert (said.type, said.details) == (submission.type, submission.details)
    with pytest.raises(Unknown):
        desk.system.quarantine.read(item_id, actor=other)


def test_items_are_found_by_their_code_and_their_event(desk: Desk) -> None:
    carer = desk.carer()
    one, other = talk(uuid4(), carer), talk(uuid4(), carer)
    first, second = set_aside(desk, one), set_aside(desk, other)

    def found(**wanted: Any) -> set[UUID]:
        return {item.item_id for item in desk.system.quarantine.list(actor=desk.actor, **wanted)}

    assert found(code="unknown_child") == {first, second}
    assert found(code="number_taken") == set()
    assert found(event_id=other.event_id) == {second}
