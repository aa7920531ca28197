from datetime import UTC, date, datetime

from domain.rules.clocks import Clocks, clocks

# 16:30 on 21 November in Shanghai, and 00:30 on the 22nd.
NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)


def test_without_a_question_it_is_today_as_known_now() -> None:
    assert clocks(now=NOW) == Clocks(as_of=date(2026, 11, 21), as_known_at=NOW)
    assert clocks(now=AFTER_MIDNIGHT).as_of == date(2026, 11, 22)


def test_a_day_of_knowledge_means_its_end_in_shanghai() -> None:
    assert clocks(now=NOW, as_known_at=date(2026, 3, 31)) == Clocks(
        as_of=date(2026, 3, 31), as_known_at=datetime(2026, 3, 31, 15, 59, 59, 999999, tzinfo=UTC)
    )


def test_the_day_asked_about_follows_the_moment_of_knowledge_unless_it_is_named() -> None:
    moment = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)

    assert clocks(now=NOW, as_known_at=moment).as_of == date(2026, 4, 1)
    assert clocks(now=NOW, as_known_at=moment, as_of=date(2026, 2, 1)).as_of == date(2026, 2, 1)


def test_nothing_is_known_later_than_now() -> None:
    today = Clocks(as_of=date(2026, 11, 21), as_known_at=NOW, clipped=True)

    assert clocks(now=NOW, as_known_at=datetime(2027, 1, 1, tzinfo=UTC)) == today
    assert clocks(now=NOW, as_known_at=date(2026, 11, 21)) == today
    assert clocks(now=NOW, as_known_at=date(2026, 11, 22)) == today
    assert clocks(now=NOW, as_known_at=date.max) == today
