"""`careledger repeats` lists entries that may tell of the same, until one of them is void."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID, uuid4

from application.settings import read_settings
from application.system import open_system
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.actions import Desk


@contextmanager
def desk_at(school: Terminal) -> Iterator[Desk]:
    with closing(open_system(read_settings(school.environ))) as system:
        yield Desk(system)


def test_two_entries_of_one_visit_are_listed_until_one_is_void(school: Terminal) -> None:
    child = UUID(school.json("history", "T1")["child_id"])
    with desk_at(school) as desk:
        carer = desk.carer("卢老师", org=SCHOOL)
        one, two = (desk.visit(child, carer, "2026-04-10").event_id for _ in range(2))
        other = desk.visit(child, carer, "2026-04-11", record=f"{uuid4()}")
    school.json("rebuild")

    (found,) = school.json("repeats")["items"]

    assert (found["occurred_on"], found["type"]) == ("2026-04-10", "home_visit_made")
    assert {*found["event_ids"]} == {str(one), str(two)}
    assert str(other.event_id) not in found["event_ids"]
    assert school.json("repeats", "--from", "2026-04-11")["items"] == []

    with desk_at(school) as desk:
        desk.void(child, two)
    assert school.json("repeats")["items"] == []
