"""`careledger dead-letters`: listed, tried again by the worker, dismissed with a reason."""

from pathlib import Path

import psycopg
import pytest

from application.eventstore.engines import open_database
from application.settings import read_settings
from application.system import System, open_system
from projections import positions
from projections.runner import Runner
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.tampering import put_back, tamper


@pytest.fixture
def damaged(school: Terminal) -> tuple[Terminal, int, bytes]:
    """A school of whose events one was changed, at a position, and its bytes before that."""
    system = opened(school)
    try:
        visit = next(e for e in system.log.after(0, limit=100) if e.type == "home_visit_made")
        state = tamper(system.database, visit.position or 0)
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
    finally:
        system.close()
    return school, visit.position or 0, state


def opened(terminal: Terminal) -> System:
    return open_system(read_settings(terminal.environ))


def fed(terminal: Terminal) -> None:
    """What a worker would do."""
    system = opened(terminal)
    try:
        while Runner(database=system.database, log=system.log, now=system.now).step():
            pass
    finally:
        system.close()


def test_it_is_listed_tried_again_and_gone(damaged: tuple[Terminal, int, bytes]) -> None:
    school, place, state = damaged
    (letter,) = school.json("dead-letters", "list", "--follower", "timeline")
    assert (letter["letter"], letter["reason"], letter["state"]) == (
        f"timeline:{place}",
        "Tampered",
        "waiting",
    )
    assert f"timeline:{place}" in school.run("--lang", "zh", "dead-letters", "list").out
    assert "待处理" in school.run("--lang", "zh", "dead-letters", "list").out
    assert "waiting" in school.run("--lang", "en", "dead-letters", "list").out
    assert school.json("dead-letters", "list", "--follower", "relay") == []

    asked = school.json("dead-letters", "retry", letter["letter"], "--wait", "0")
    assert asked == {"worked_off": 0, "failed": 0, "asked": 1}
    fed(school)
    assert school.json("dead-letters", "list", "--follower", "timeline")[0]["attempts"] == 2

    database = open_database(f"sqlite:///{school.folder}/careledger.db")
    put_back(database, place, state)
    database.close()
    school.json("dead-letters", "retry", "--all", "--wait", "0")
    fed(school)
    assert school.json("dead-letters", "list", "--all") == []
    assert school.json("check")["ok"]


def test_it_is_dismissed_with_a_code_word_only(damaged: tuple[Terminal, int, bytes]) -> None:
    school, place, _ = damaged
    name = f"timeline:{place}"

    refused = school.run("dead-letters", "dismiss", name, "--reason", "戴小春 again", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "not_a_code_word")
    assert school.run("dead-letters", "dismiss", name).code == 2
    school.json("dead-letters", "dismiss", name, "--reason", "not-ours")

    assert school.json("dead-letters", "list", "--follower", "timeline") == []
    (letter,) = school.json("dead-letters", "list", "--all", "--follower", "timeline")
    assert (letter["state"], letter["dismissed_reason"]) == ("dismissed", "not-ours")
    assert letter["dismissed_by"]
    again = school.run("dead-letters", "dismiss", name, "--reason", "not-ours", "--json")
    assert (again.code, again.json["error"]["code"]) == (1, "already_dismissed")


def test_a_name_that_is_none_is_refused(school: Terminal) -> None:
    for words in (("retry", "relay:1"), ("dismiss", "relay:1", "--reason", "not-ours")):
        answer = school.run("dead-letters", *words, "--json")
        assert (answer.code, answer.json["error"]["code"]) == (1, "no_such_letter")
    assert school.run("dead-letters", "retry").code == 2
    assert school.run("dead-letters", "retry", "relay:1", "--all").code == 2


def test_a_rebuild_says_what_it_could_not_read_and_goes_on(damaged: tuple[Terminal, int, bytes]) -> None:
    school, _, _ = damaged

    answer = school.run("rebuild", "--json")

    assert answer.code == 1
    assert {(f["what"], f["detail"]) for f in answer.json["findings"]} == {
        ("child_status", "Tampered"),
        ("compliance", "Tampered"),
    }
    assert answer.json["rebuilt"]["timeline"] > 0
    assert len(school.json("dead-letters", "list", "--follower", "timeline")) == 1


def test_who_meets_an_unreadable_event_is_told_where_to_look(
    damaged: tuple[Terminal, int, bytes],
) -> None:
    school, _, _ = damaged

    answer = school.run("history", "T1", "--json")
    assert (answer.code, answer.json["error"]["code"]) == (1, "unreadable_event")
    assert "careledger check" in answer.json["error"]["zh"]
    assert "careledger check" in answer.json["error"]["en"]

    # A report is of all the others.
    for command in ("children", "alerts"):
        answer = school.run(command, "--json")
        assert (answer.code, answer.json["items"], answer.json["notes"]) == (1, [], [])
        assert answer.err.count("careledger check") == 2


def test_who_waits_for_an_open_transaction_gives_up_and_says_where_to_look(
    tmp_path: Path, postgres_db_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"CARELEDGER_DATABASE_URL": postgres_db_url}
    terminal = Terminal(tmp_path / "data", **environ)
    terminal.json("migrate")
    with psycopg.connect(postgres_db_url, autocommit=True) as connection:
        connection.execute("SELECT nextval(pg_get_serial_sequence('events', 'notification_id'))")
    terminal.json("org", "set", SCHOOL, "--pupils", "77")
    monkeypatch.setattr(positions, "WAIT_SECONDS", 0.2)

    with psycopg.connect(postgres_url) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        for command in ("check", "rebuild"):
            answer = terminal.run(command, "--json")
            assert (answer.code, answer.json["error"]["code"]) == (1, "log_held_up")
            assert "pg_stat_activity" in answer.json["error"]["zh"]
            assert "pg_stat_activity" in answer.json["error"]["en"]
    assert terminal.json("check")["ok"]
