"""A carer's name in a file is that of the moment that is spoken of, and no later registration changes it."""

from datetime import UTC, datetime

from tests.api.support import CLASS, SCHOOL, ApiWorld, visit
from tests.support.actions import Desk

NAMES = ("卢老师", "卢主任")


def _renamed(world: ApiWorld) -> tuple[str, str]:
    """Have a visit under the first name, and one under the second, after which both were told of again."""
    child, carer = world.enrol(), world.carer(NAMES[0])
    path = f"/v1/children/{child}/events"
    world.clock.now = datetime(2026, 6, 20, 9, tzinfo=UTC)
    first = world.caller.put(f"{path}/00000000-0000-4000-8000-000000000001", visit(carer, "2026-06-20"))
    world.clock.forward(days=1)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": NAMES[1]})
    world.clock.forward(days=1)
    second = world.caller.put(f"{path}/00000000-0000-4000-8000-000000000002", visit(carer, "2026-06-22"))
    late = world.caller.put(f"{path}/00000000-0000-4000-8000-000000000003", visit(carer, "2026-06-19"))
    assert {a.status_code for a in (first, second, late)} == {201}
    return child, carer


def test_an_entry_names_its_carer_as_of_its_day(world: ApiWorld) -> None:
    child, _ = _renamed(world)

    items = world.caller.get(f"/v1/children/{child}/history").json["items"]

    named = {item["occurred_on"]: [n for n in NAMES if n in item["text"]["zh"]] for item in items}
    # That of the 19th was written down when she was called otherwise already.
    assert {day: named[day] for day in ("2026-06-19", "2026-06-20", "2026-06-22")} == {
        "2026-06-19": [NAMES[0]],
        "2026-06-20": [NAMES[0]],
        "2026-06-22": [NAMES[1]],
    }


def test_what_was_known_then_is_told_as_it_was_told_then(world: ApiWorld) -> None:
    child, carer = _renamed(world)
    moment = {"as_known_at": "2026-06-22T10:00:00Z"}
    before = [world.caller.get(f"/v1/children/{child}{what}", **moment) for what in ("", "/history")]

    world.clock.forward(days=3)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": "从未来过的人"})
    after = [world.caller.get(f"/v1/children/{child}{what}", **moment) for what in ("", "/history")]

    assert [a.text for a in before] == [a.text for a in after]
    assert "从未来过的人" not in world.caller.get(f"/v1/children/{child}/history").text


def test_who_was_registered_after_the_day_is_called_as_first(world: ApiWorld) -> None:
    child = world.desk.enrol("2026-01-10", org=CLASS)
    carer = world.carer(NAMES[0])
    Desk(world.system).visit(child, carer, "2026-02-01")

    (_, item) = world.caller.get(f"/v1/children/{child}/history").json["items"]

    assert NAMES[0] in item["text"]["zh"]


def test_a_pairing_names_its_carer_under_both_clocks(world: ApiWorld) -> None:
    child, carer = world.desk.enrol("2026-03-01", org=CLASS), world.carer(NAMES[0])
    world.desk.submit("pairing_started", "2026-03-02", child=child, carer=carer, kind="proxy_parent")
    told_on = world.clock().date()
    world.clock.forward(days=5)
    world.caller.put(f"/v1/carers/{carer}", {"org": SCHOOL, "name": NAMES[1]})

    def name(**clocks: str) -> str:
        (pairing,) = world.caller.get(f"/v1/children/{child}", **clocks).json["pairings"]
        return str(pairing["carer_name"])

    assert name() == NAMES[1]
    assert name(as_known_at=told_on.isoformat()) == NAMES[0]
    assert name(as_of=told_on.isoformat()) == NAMES[0]
