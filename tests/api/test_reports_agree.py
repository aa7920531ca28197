"""A report lists what the service lists: the same rows as a page, as a file and over HTTP."""

import csv
import io
from uuid import UUID, uuid4

import pytest

from application.access import SYSTEM, Role
from tests.api.support import SCHOOL, ApiWorld, visit
from tests.api.test_pages import of, rows
from tests.api.test_receipts import recipient, sent

OTHER = "county/township/other school"
# Where the service lists what a report lists, and the column by which rows are compared.
LISTS = {
    "activities": ("/v1/activities", "活动编号", "activity_id"),
    "carers": ("/v1/carers", "帮扶人编号", "carer_id"),
    "cases": ("/v1/alerts", "个案编号", "case_no"),
    "children": ("/v1/children", "个案编号", "case_no"),
    "deliveries": ("/v1/deliveries", "通知编号", "delivery_id"),
    "organisations": ("/v1/organisations", "机构路径", "org"),
    "quarantine": ("/v1/quarantine", "待核实编号", "item_id"),
    "recipients": ("/v1/recipients", "接收人编号", "recipient_id"),
    "rules": ("/v1/rules", "规则", "rule_id"),
    "transfers": ("/v1/transfers", "个案编号", "case_no"),
}


@pytest.fixture
def full(small_world: ApiWorld) -> ApiWorld:
    """A school in which every list has something."""
    world = small_world
    sent(world, recipient(world), number=2)
    child, carer = UUID(world.enrol(student_no=None)), UUID(world.carer())
    world.desk.pair(child, carer)
    # A visit to a child whom nobody knows waits.
    item = {"event_id": str(uuid4()), "child_id": str(uuid4())} | visit(str(carer))
    assert world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [item]}).status_code == 207
    held = {"org": SCHOOL, "kind": "lecture", "topic": "安全", "occurred_on": "2026-06-01"}
    body = held | {"participants": [{"child_id": str(child)}]}
    assert world.caller.put(f"/v1/activities/{uuid4()}", body).status_code == 201
    world.system.organisations.ensure(OTHER, actor=SYSTEM)
    proposed = {"type": "transfer_proposed", "occurred_on": "2026-06-20", "details": {"to": OTHER}}
    etag = world.caller.get(f"/v1/children/{child}").headers["ETag"]
    done = world.caller.put(f"/v1/children/{child}/events/{uuid4()}", proposed, If_Match=etag)
    assert done.status_code == 201, done.json
    return world


def test_rows_are_the_same_as_a_page_as_a_file_and_over_http(full: ApiWorld) -> None:
    visitor = of(full, Role.MANAGER)
    for name, (path, title, field) in LISTS.items():
        items = [str(item[field]) for item in full.caller.get(path).json["items"]]
        file = visitor.get(f"/reports/{name}.csv")
        listed = [row[title] for row in csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))]
        page = visitor.get(f"/reports/{name}")

        assert items, name
        assert sorted(listed) == sorted(items), name
        assert len(rows(page.text)) == len(items), name
