"""When a client wrote something down: kept, shown and no part of what is the same content."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson

from application.intake.submission import Submission, encoded, encoded_content
from tests.support.actions import Desk

EARLIER, LATER = datetime(2026, 6, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)


def _address(desk: Desk, child: UUID, text: str, noted_at: datetime | None, event_id: UUID) -> bool:
    made = desk.submit(
        "profile_changed", "2026-03-05", child=child, event_id=event_id, address=text, noted_at=noted_at
    )
    return made.new


def test_what_was_noted_later_stands_in_whatever_order_it_comes(desk: Desk) -> None:
    for notes in (((EARLIER, "old"), (LATER, "new")), ((LATER, "new"), (EARLIER, "old"))):
        child = desk.enrol()
        for noted_at, text in notes:
            _address(desk, child, text, noted_at, uuid4())

        assert desk.child(child).profile.address == "new"


def test_it_is_kept_and_read_back(desk: Desk) -> None:
    child, event_id = desk.enrol(), uuid4()
    _address(desk, child, "old", EARLIER, event_id)

    assert desk.child(child).fact(event_id).event.noted_at == EARLIER


def test_a_moment_to_come_says_nothing(desk: Desk) -> None:
    child, event_id = desk.enrol(), uuid4()
    _address(desk, child, "new", desk.system.now() + timedelta(hours=1), event_id)

    assert desk.child(child).fact(event_id).event.noted_at is None


def test_the_same_noted_at_another_time_is_the_same(desk: Desk) -> None:
    child, event_id = desk.enrol(), uuid4()

    assert _address(desk, child, "old", EARLIER, event_id)
    assert not _address(desk, child, "old", LATER, event_id)
    assert not _address(desk, child, "old", None, event_id)


def test_what_waits_in_quarantine_is_told_by_what_it_says_alone() -> None:
    said = Submission(event_id=uuid4(), type="profile_changed", details={"address": "x"}, noted_at=EARLIER)

    words = orjson.loads(encoded(said))
    del words["noted_at"]
    assert encoded_content(said) == orjson.dumps(words, option=orjson.OPT_SORT_KEYS)
