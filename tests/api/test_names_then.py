"""A carer's name in a file is that of the moment that is spoken of, and no later registration changes it."""

from uuid import UUID, uuid4

from tests.api.support import CLASS, SCHOOL, ApiWorld, visit

NAMES = ("卢老师", "卢主任")


def _renamed(world: ApiWorld) -> tuple[str, str]:
    """Have a visit under the first name, one under the second, and one told late of the time of the first."""
    child, carer = world.enrol(), world.carer(NAMES[0])
    path = f"/v1/children/{child}/events"
    first = world.caller.put(f"{path}/{uuid4()}", visit(carer, "2026-06-30"))
    world.clock.forward(days=1)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": NAMES[1]}, if_match="*")
    world.clock.forward(days=1)
    second = world.caller.put(f"{path}/{uuid4()}", visit(carer, "2026-07-02"))
    late = world.caller.put(f"{path}/{uuid4()}", visit(carer, "2026-06-29"))
    assert {a.status_code for a in (first, second, late)} == {201}
    return child, carer


def test_an_entry_names_its_carer_as_of_its_day(world: ApiWorld) -> None:
    child, _ = _renamed(world)

    items = world.caller.get(f"/v1/children/{child}/history", type="home_visit_made").json["items"]

    named = [(item["occurred_on"], [n for n in NAMES if n in item["text"]["zh"]]) for item in items]
    # That of the 29th was written down when she went by the other name already.
    assert named == [
        ("2026-06-29", [NAMES[0]]),
        ("2026-06-30", [NAMES[0]]),
        ("2026-07-02", [NAMES[1]]),
    ]


def test_what_was_known_then_is_told_as_it_was_told_then(world: ApiWorld) -> None:
    child, carer = _renamed(world)
    moment = {"as_known_at": "2026-07-02T12:00:00Z"}
    world.clock.forward(days=1)
    before = [world.caller.get(f"/v1/children/{child}{what}", **moment) for what in ("", "/history")]

    world.clock.forward(days=3)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "从未来过的人"}, if_match="*")
    after = [world.caller.get(f"/v1/children/{child}{what}", **moment) for what in ("", "/history")]

    assert [a.text for a in before] == [a.text for a in after]
    assert "从未来过的人" not in world.caller.get(f"/v1/children/{child}/history").text


def test_who_was_registered_after_the_day_is_called_as_first(world: ApiWorld) -> None:
    child = world.desk.enrol("2026-01-10", org=CLASS)
    world.desk.visit(child, UUID(world.carer(NAMES[0])), "2026-02-01")

    (_, item) = world.caller.get(f"/v1/children/{child}/history").json["items"]

    assert NAMES[0] in item["text"]["zh"]


def test_a_pairing_names_its_carer_under_both_clocks(world: ApiWorld) -> None:
    child, carer = world.desk.enrol("2026-03-01", org=CLASS), world.carer(NAMES[0])
    world.desk.submit("pairing_started", "2026-03-02", child=child, carer=carer, kind="proxy_parent")
    told_on = world.clock().date()
    world.clock.forward(days=5)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": NAMES[1]}, if_match="*")

    def name(**clocks: str) -> str:
        (pairing,) = world.caller.get(f"/v1/children/{child}", **clocks).json["pairings"]
        return str(pairing["carer_name"])

    assert name() == NAMES[1]
    assert name(as_known_at=told_on.isoformat()) == NAMES[0]
    assert name(as_of=told_on.isoformat()) == NAMES[0]
