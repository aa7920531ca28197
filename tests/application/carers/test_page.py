"""Carers of an organisation, page by page."""

from uuid import UUID

from application.access import SYSTEM
from application.system import System
from tests.support.actions import SCHOOL, Desk


def test_pages_of_carers_lose_nobody(desk: Desk, system: System) -> None:
    here = {desk.carer(name) for name in ("卢老师", "王老师", "陈老师")}
    desk.carer("李老师", org="county/township/other school")
    found: list[UUID] = []

    while page := system.carers.ids(actor=SYSTEM, org=SCHOOL, after=found[-1] if found else None, limit=2):
        found += page

    assert sorted(here) == found


def test_a_carer_that_can_not_be_read_is_told_beside_the_others(desk: Desk, system: System) -> None:
    lost, here = desk.carer("卢老师"), desk.carer("王老师")
    with system.keys_database.transaction() as tx:
        tx.run("DELETE FROM stream_key WHERE stream_id = :id", id=lost)
    unreadable: dict[UUID, str] = {}

    page = system.carers.load_many([lost, here], unreadable=unreadable.__setitem__)

    assert [carer.carer_id for carer in page] == [here]
    assert unreadable == {lost: "KeysMissing"}
