"""Accepted, delivered, read and acknowledged are four facts: what an inbox lists, what a receipt writes."""

from datetime import timedelta
from uuid import UUID, uuid4

from application.access import SYSTEM, Role
from projections.outbox import deliveries, inbox
from projections.outbox.deliveries import Delivery
from tests.api.support import SCHOOL, ApiWorld, codes
from tests.support.systems import NOON


def recipient(world: ApiWorld, *, channel: str = "inbox") -> UUID:
    world.system.organisations.ensure(SCHOOL, actor=SYSTEM)
    new = uuid4()
    body = {"org": SCHOOL, "name": "德育处", "channel": channel, "quiet_from": 22, "quiet_until": 7}
    answered = world.caller.put(f"/v1/recipients/{new}", body)
    assert answered.status_code == 201, answered.json
    return new


def sent(
    world: ApiWorld, to: UUID, *, number: int = 1, parcel: UUID | None = None, attempts: int = 1
) -> list[UUID]:
    """Deliveries that went out, one a minute."""
    child = UUID(world.enrol())
    world.system.alerts.watch(child, actor=SYSTEM)
    (case,) = world.system.alerts.cases_of(child)
    made = []
    for minute in range(number):
        at = NOON + timedelta(minutes=minute)
        delivery = Delivery(
            delivery_id=uuid4(),
            alert_id=case.alert_id,
            child_id=child,
            org=SCHOOL,
            step="critical",
            days_silent=121,
            cause=uuid4(),
            recipient_id=to,
            channel="inbox",
            state=deliveries.ACCEPTED,
            attempts=attempts,
            not_before=at,
            created_at=at,
            updated_at=at,
        )
        item = inbox.InboxItem(
            delivery_id=delivery.delivery_id,
            recipient_id=to,
            alert_id=case.alert_id,
            child_id=child,
            step="critical",
            days_silent=121,
            created_at=at,
        )
        with world.system.database.transaction() as tx:
            deliveries.plan(tx, [delivery])
            inbox.put(tx, [item])
            if parcel is not None:
                tx.run("UPDATE delivery SET parcel = :p WHERE delivery_id = :d", p=parcel, d=item.delivery_id)
        made.append(delivery.delivery_id)
    return made


def test_an_inbox_is_read_page_by_page_the_newest_first(world: ApiWorld) -> None:
    head = recipient(world)
    made = sent(world, head, number=5)
    path = f"/v1/recipients/{head}/inbox"

    first = world.caller.get(path, limit=2).json
    second = world.caller.get(path, limit=2, cursor=first["next"]).json
    third = world.caller.get(path, limit=2, cursor=second["next"]).json

    pages = [[item["delivery_id"] for item in page["items"]] for page in (first, second, third)]
    newest = [str(delivery) for delivery in reversed(made)]
    assert pages == [newest[:2], newest[2:4], newest[4:]]
    assert third["next"] is None
    assert codes(world.caller.get(path, cursor="nonsense")) == [("/cursor", "bad_cursor")]


def test_read_is_delivered_as_well_and_the_first_moment_stays(world: ApiWorld) -> None:
    head = recipient(world)
    (delivery,) = sent(world, head)
    path = f"/v1/deliveries/{delivery}/receipt"
    early = (world.clock.now - timedelta(minutes=10)).isoformat()

    arrived = world.caller.put(path, {"state": "delivered", "at": early}).json
    world.clock.forward(minutes=1)
    read = world.caller.put(path, {"state": "read"}).json
    world.clock.forward(minutes=1)
    again = world.caller.put(path, {"state": "read"}).json
    (item,) = world.caller.get(f"/v1/recipients/{head}/inbox").json["items"]

    assert arrived == {
        "delivery_id": str(delivery),
        "delivered_at": "2026-06-30T03:50:00+00:00",
        "read_at": None,
    }
    assert read == arrived | {"read_at": "2026-06-30T04:01:00+00:00"}
    assert again == read
    assert item["read_at"] == read["read_at"]


def test_of_a_digest_its_own_id_names_all_of_it(world: ApiWorld) -> None:
    head, parcel = recipient(world), uuid4()
    sent(world, head, number=3, parcel=parcel)
    sent(world, head)

    answered = world.caller.put(f"/v1/deliveries/{parcel}/receipt", {"state": "read"})

    assert answered.json["read_at"] == answered.json["delivered_at"] == "2026-06-30T04:00:00+00:00"
    items = world.caller.get(f"/v1/recipients/{head}/inbox").json["items"]
    assert sorted(item["read_at"] is not None for item in items) == [False, True, True, True]


def test_a_receipt_is_given_by_who_may_answer_there(world: ApiWorld) -> None:
    (delivery,) = sent(world, recipient(world))
    path, body = f"/v1/deliveries/{delivery}/receipt", {"state": "delivered"}

    assert world.as_(Role.CLIENT).put(path, body).status_code == 403
    assert world.as_(Role.AUDITOR).put(path, body).status_code == 403
    assert world.as_(Role.WATCHER, org=f"{SCHOOL}2").put(path, body).status_code == 404
    assert world.caller.put(f"/v1/deliveries/{uuid4()}/receipt", body).status_code == 404
    assert world.as_(Role.WATCHER, org=SCHOOL).put(path, body).status_code == 200


def test_what_was_never_sent_has_no_receipt(world: ApiWorld) -> None:
    (delivery,) = sent(world, recipient(world), attempts=0)

    answered = world.caller.put(f"/v1/deliveries/{delivery}/receipt", {"state": "read"})

    assert answered.status_code == 404


def test_a_faulty_receipt_is_refused(world: ApiWorld) -> None:
    (delivery,) = sent(world, recipient(world))
    later = (world.clock.now + timedelta(hours=1)).isoformat()

    def refused(body: dict[str, str]) -> list[tuple[str, str]]:
        return codes(world.caller.put(f"/v1/deliveries/{delivery}/receipt", body))

    assert refused({"state": "seen"}) == [("/state", "wrong_value")]
    assert refused({}) == [("/state", "missing")]
    assert refused({"state": "read", "at": later}) == [("/at", "receipt_in_the_future")]
    assert refused({"state": "read", "at": "noon"}) == [("/at", "wrong_value")]


def test_a_recipient_shows_its_quiet_hours_and_limit_and_no_secret(world: ApiWorld) -> None:
    world.enrol()
    new = uuid4()
    body = {
        "org": SCHOOL,
        "name": "班主任",
        "channel": "webhook",
        "address": "https://school.example/hook",
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "previous_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx",
        "quiet_from": 21,
        "quiet_until": 7,
        "most_per_hour": 4,
    }

    shown = world.caller.put(f"/v1/recipients/{new}", body)
    wrong = world.caller.put(f"/v1/recipients/{new}", body | {"quiet_from": 24, "most_per_hour": 0})

    assert {name: shown.json[name] for name in ("quiet_from", "quiet_until", "most_per_hour")} == {
        "quiet_from": 21,
        "quiet_until": 7,
        "most_per_hour": 4,
    }
    assert shown.json["has_previous_secret"] is True
    assert "whsec" not in shown.text
    assert sorted(codes(wrong)) == [("/most_per_hour", "too_small"), ("/quiet_from", "too_large")]
