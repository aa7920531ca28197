"""Looking after the data: what is damaged is found, what is erased is not, what is rebuilt is right."""

import sqlite3
from pathlib import Path

from tests.cli.terminal import Terminal


def test_check_finds_a_status_row_that_is_not_what_the_events_say(school: Terminal) -> None:
    with sqlite3.connect(school.folder / "careledger.db") as database:
        database.execute("UPDATE child_status SET last_contact_on = '2026-01-01'")
    database.close()

    answer = school.run("check", "--json")

    assert answer.code == 1
    assert [(f["what"], f["detail"]) for f in answer.json["findings"]] == [
        ("child_status", "last_contact_on")
    ]
    school.json("rebuild")
    assert school.json("check")["ok"]


def test_check_finds_a_changed_byte(school: Terminal) -> None:
    with sqlite3.connect(school.folder / "careledger.db") as database:
        database.execute("DROP TRIGGER events_are_not_changed")
        ((state,),) = database.execute("SELECT state FROM events WHERE topic = 'home_visit_made'").fetchall()
        database.execute(
            "UPDATE events SET state = ? WHERE topic = 'home_visit_made'",
            (state[:-1] + bytes([state[-1] ^ 1]),),
        )
    database.close()

    answer = school.run("check", "--json")

    assert answer.code == 1
    assert [(f["what"], f["detail"]) for f in answer.json["findings"]] == [("event", "Tampered")]


def test_an_erased_child_is_no_finding(school: Terminal) -> None:
    found = school.json("history", "T1")
    with sqlite3.connect(school.folder / "keys.db") as database:
        database.execute(
            "UPDATE stream_key SET key = NULL, destroyed_at = created_at WHERE stream_id = ?",
            (found["child_id"],),
        )
    database.close()

    checked = school.json("check")

    assert (checked["ok"], checked["erased_streams"]) == (True, 1)
    assert "戴小春" not in school.run("history", found["child_id"]).out


def test_migrate_may_be_run_again_and_again(terminal: Terminal) -> None:
    assert [terminal.json("migrate") for _ in range(2)] == [{"migrated": True, "notices": []}] * 2


def test_a_worker_that_does_not_run_is_not_healthy(school: Terminal) -> None:
    answer = school.run("worker", "--healthy")

    assert answer.code == 1
    assert "sweep" in answer.err


def test_without_files_of_its_own_no_data_directory_is_made(tmp_path: Path, postgres_url: str) -> None:
    folder = tmp_path / "unwritten"
    terminal = Terminal(folder, CARELEDGER_DATABASE_URL=postgres_url, CARELEDGER_KEYS_URL=postgres_url)

    answer = terminal.run("children", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (1, "not_migrated")
    assert not folder.exists()
