"""A name that nobody may see: it is in no row of the watch, no webhook, no log line."""

import logging

import httpx
import pytest

from projections import tables
from tests.support.keys import lose_keys
from tests.support.tampering import tamper
from tests.support.world import World

CANARY = "Canary-Wang-Xiaoming"


def test_no_name_leaves_the_childs_file(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world.recipient("Head teacher", catch_all=True)
    world.recipient("Hook", channel="webhook")
    world.bind("C39", effective_from="2026-03-01")
    child = world.enrol(f"{CANARY}-number", on="2026-03-01", name=CANARY)
    other = world.enrol(f"{CANARY}-other", on="2026-02-28", name=CANARY)
    world.pair(child, on="2026-03-01")
    world.answer = lambda _: httpx.Response(503)
    world.advance_to("2026-03-15 08:10")
    world.answer = lambda _: httpx.Response(410)
    world.advance_to("2026-04-02 09:00")
    visit = world.visit(child, on="2026-04-02", details={"record": f"{CANARY} was well."})
    voiding = world.void(child, visit.event_id)
    tamper(world.database, voiding.position)
    lose_keys(world.system.keys_database, other)
    world.advance_to("2026-04-05 09:00")

    for statement in tables.DDL:
        if "CREATE TABLE" in statement:
            rows = world.database.all(f"SELECT * FROM {statement.split()[2]}")
            assert rows or "recompute_pending" in statement
            assert CANARY not in repr(rows)
    assert world.posted
    for request in world.posted:
        assert CANARY.encode() not in request.content
        assert CANARY not in repr(request.headers) + str(request.url)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("workers"))
    assert "others are told" in logged
    assert CANARY not in logged
