"""What was known at a moment is answered the same for ever, also while somebody is slow to write."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from application.eventstore.database import utc_now
from application.eventstore.recorder import CareStoredEvent
from application.reports.query_clocks import clocks_of
from application.settings import Settings
from application.system import migrate_system, open_system
from tests.support.actions import Desk


def test_a_slow_writer_that_spans_a_moment_changes_nothing_that_was_known_then(
    tmp_path: Path, postgres_db_url: str
) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=postgres_db_url, keys_url=f"sqlite:///{tmp_path}/keys.db"
    )
    migrate_system(settings)
    system = open_system(settings)
    log, desk = system.log, Desk(system)
    try:
        child, carer = desk.enrol(), desk.carer()
        visit = desk.visit(child, carer, "2026-03-05")
        with ThreadPoolExecutor(1) as elsewhere, system.database.transaction() as slow:
            # Another child's event has its place and its time, and is not committed yet.
            slow_id = uuid4()
            stored = log._recorder.by_event_id(visit.event_id)
            own = {"originator_id": slow_id, "originator_version": 1, "event_id": uuid4()}
            event = CareStoredEvent(**vars(stored) | own)
            log._recorder._insert(slow, [event])
            moment = utc_now()
            asked = elsewhere.submit(clocks_of, log, now=utc_now(), as_known_at=moment).result(timeout=10)
            before = elsewhere.submit(log._recorder.stream, [slow_id], known_at=asked.as_known_at).result(
                timeout=10
            )

        after = log._recorder.stream([slow_id], known_at=asked.as_known_at)
        now = clocks_of(log, now=utc_now(), as_known_at=utc_now())

        assert asked.clipped
        assert after == before == []
        assert len(log._recorder.stream([slow_id], known_at=now.as_known_at)) == 1
    finally:
        system.close()
