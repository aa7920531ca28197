"""By which ladders alerts ring: read and set over HTTP."""

from tests.api.support import ApiWorld, codes
from tests.support.actions import SCHOOL


def test_a_ladder_is_set_from_today_on_and_read_with_who_set_it(world: ApiWorld) -> None:
    world.enrol()
    before = world.caller.get("/v1/ladders", org=SCHOOL)
    body = {"org": SCHOOL, "kind": "unseen", "warning": 20, "critical": 80}

    first, again = (world.caller.put("/v1/ladders", body) for _ in range(2))

    unseen = {each["kind"]: each for each in first.json["items"]}["unseen"]
    was = {each["kind"]: each for each in before.json["items"]}["unseen"]
    assert (was["steps"], was["set_by"]) == ({"warning": 30, "high": 60, "critical": 90}, None)
    assert (unseen["steps"], unseen["set_by"], unseen["on"]) == (
        {"warning": 20, "critical": 80},
        SCHOOL,
        True,
    )
    assert (before.headers["ETag"], first.headers["ETag"]) == ('"0"', again.headers["ETag"])


def test_what_must_ring_is_not_switched_off(world: ApiWorld) -> None:
    world.enrol()
    off = world.caller.put("/v1/ladders", {"org": SCHOOL, "kind": "uncontacted", "on": False})
    late = world.caller.put("/v1/ladders", {"org": SCHOOL, "kind": "uncontacted", "info": 100})
    turned = world.caller.put("/v1/ladders", {"org": SCHOOL, "kind": "no_pairing", "info": 9, "high": 3})

    assert [each.status_code for each in (off, late, turned)] == [422, 422, 422]
    assert codes(off) == codes(late) == [("/kind", "alert_must_ring")]
    assert codes(turned) == [("/high", "ladder_descends")]
