"""One visit that was written down twice, and two visits of one day."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.repeats import repeats, repeats_of
from tests.support.actions import Desk

CONTENT = "了解学习和生活情况，孩子近来按时完成作业，奶奶身体尚好"


def said(**more: Any) -> dict[str, Any]:
    return {"outcome": "met", "record": CONTENT, "carers": ["卢老师"], "day": "2026-05-10"} | more


@pytest.mark.parametrize(
    ("other", "twice"),
    [
        ({}, True),
        ({"record": f"{CONTENT}。"}, True),
        ({"record": None, "minutes": 40}, True),
        ({"carers": ["卢老师", "石老师"]}, True),
        ({"met": ["child"]}, True),
        ({"day": "2026-05-10T16:10:00+08:00"}, True),
        ({"record": "孩子发烧，已送卫生院，父亲当晚返家"}, False),
        ({"carers": ["石老师"]}, False),
        ({"outcome": "nobody_home"}, False),
        ({"day": "2026-05-11"}, False),
        ({"day": "2026-05-10T09:00:00+08:00"}, False),
        ({"place": "奶奶家"}, True),
    ],
    ids=str,
)
def test_an_entry_tells_of_the_same_as_another(desk: Desk, other: dict[str, Any], twice: bool) -> None:
    people = {name: desk.carer(name) for name in ("卢老师", "石老师")}
    child = desk.enrol()
    first = {"day": "2026-05-10T16:00:00+08:00"} if "T" in other.get("day", "") else {}
    one, two = (_visit(desk, child, people, said(**each)) for each in (first, other))

    state = desk.child(child)

    found = [(before.event_id, after.event_id) for before, after in repeats(state)]
    assert [{*each} for each in found] == ([{one, two}] if twice else [])
    fact = state.fact(two)
    assert fact is not None
    assert [each.event_id for each in repeats_of(state, fact)] == ([one] if twice else [])


def _visit(desk: Desk, child: UUID, people: dict[str, UUID], said: dict[str, Any]) -> UUID:
    event_id, carers = uuid4(), [str(people[name]) for name in said.pop("carers")]
    words = {name: value for name, value in said.items() if value is not None}
    desk.submit("home_visit_made", words.pop("day"), child=child, event_id=event_id, carers=carers, **words)
    return event_id


def test_what_is_void_is_no_repeat(desk: Desk) -> None:
    child, carer = desk.enrol(), desk.carer("卢老师")
    desk.visit(child, carer, "2026-05-10")
    again = desk.visit(child, carer, "2026-05-10")
    assert len(list(repeats(desk.child(child)))) == 1

    desk.void(child, again.event_id)

    assert list(repeats(desk.child(child))) == []
