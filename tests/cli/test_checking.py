"""`careledger check` finds what is missing, misplaced or not what the events say, and says what it can't."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.access import SYSTEM
from application.eventstore.database import Database
from application.intake.imports.answers import Answer
from application.intake.imports.answers import Asked as FileAsked
from application.intake.imports.uploaded_paper import Asked
from application.settings import read_settings
from application.system import open_system
from cli.checking import Finding, _lasting
from projections.runner import Runner
from tests.application.papers import form, log
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.tampering import lift_the_guard

Change = Callable[[Database, str], object]


@pytest.fixture
def kept(tmp_path: Path, database_url: str) -> Iterator[tuple[Terminal, Database]]:
    """A school on either engine, with read models at the end of the log."""
    terminal = Terminal(tmp_path / "data", CARELEDGER_DATABASE_URL=database_url)
    terminal.json("migrate", "--yes")
    (tmp_path / "form.xlsx").write_bytes(form({}))
    (tmp_path / "log.csv").write_bytes(log({}, {"日期": "2026-03-09", "登记日期": "2026-03-10"}))
    terminal.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")
    terminal.json("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")
    system = open_system(read_settings(terminal.environ))
    try:
        Runner(database=system.database, log=system.log, now=system.now).catch_up()
        system.cards.keep()
        yield terminal, system.database
    finally:
        system.close()


def run(sql: str) -> Change:
    def change(database: Database, child: str) -> None:
        with database.transaction() as tx:
            tx.run(sql, child=child, no=False)

    return change


def garbage(table: str, column: str, *, where: str = "TRUE") -> Change:
    """Write what is no bytes into one row, where the engine takes it."""

    def change(database: Database, child: str) -> None:
        value = "x" if database.dialect == "sqlite" else b"x"
        row = "rowid" if database.dialect == "sqlite" else "ctid"
        one = f"(SELECT {row} FROM {table} WHERE {where} LIMIT 1)"
        with database.transaction() as tx:
            tx.run(f"UPDATE {table} SET {column} = :value WHERE {row} = {one}", value=value)

    return change


def test_all_is_well_and_what_could_not_be_found_is_said(kept: tuple[Terminal, Database]) -> None:
    terminal, database = kept

    checked = terminal.json("check")

    assert (checked["ok"], checked["findings"]) == (True, [])
    expected = ["lost_at_the_end", "not_sealed", "compliance_not_compared"]
    if database.dialect == "postgres":
        expected[2:2] = ["positions_may_be_missing", "one_role"]
    assert [found["code"] for found in checked["notes"]] == expected
    assert "leave no trace" in terminal.run("--lang", "en", "check").out


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            run("DELETE FROM events WHERE originator_id = :child AND originator_version = 2"),
            ["hole versions 2"],
        ),
        (
            run(
                "UPDATE events SET recorded_at = '2020-01-01 00:00:00Z' "
                "WHERE originator_id = :child AND originator_version = 2"
            ),
            ["disorder version 2"],
        ),
        (run("DELETE FROM timeline WHERE version = 2"), ["timeline event_id"]),
        (run("UPDATE timeline SET org = 'x' WHERE version = 2"), ["timeline org"]),
        (run("DELETE FROM pairing"), ["pairings pairing_id"]),
        (run("UPDATE pairing SET kind = 'volunteer'"), ["pairings kind"]),
        (
            run("UPDATE pairing SET event_id = '00000000-0000-4000-8000-000000000001'"),
            ["pairings event_id", "pairings left over"],
        ),
        (
            run("UPDATE timeline SET event_id = '00000000-0000-4000-8000-000000000001' WHERE version = 2"),
            ["timeline event_id", "timeline left over"],
        ),
        (run("UPDATE child_status SET last_contact_on = '2020-01-01'"), ["child_status last_contact_on"]),
        (run("UPDATE tracking_position SET position = 999 WHERE name = 'timeline'"), ["follower 999"]),
        (
            run("UPDATE child_card SET child_id = '00000000-0000-4000-8000-000000000001'"),
            ["child_card left over"],
        ),
        (garbage("child_card", "sealed"), ["child_card sealed"]),
        (garbage("number_claim", "digest"), ["number_claim student_no", "number_claim left over"]),
        (garbage("found_word", "digest", where="kind = 'name'"), ["found_word name", "found_word left over"]),
        (garbage("likeness", "digest"), ["likeness digests"]),
        (garbage("name_part", "digest"), ["name_part digests"]),
        (run("UPDATE carer_status SET org = 'x'"), ["carer_status org"]),
        (run("DELETE FROM carer_status"), ["carer_status org"]),
        (run("DELETE FROM number_claim"), ["number_claim student_no"]),
        (
            run("UPDATE number_claim SET stream_id = '00000000-0000-4000-8000-000000000001'"),
            ["number_claim student_no"],
        ),
        (run("UPDATE number_claim SET county = 'x'"), ["number_claim student_no", "number_claim left over"]),
        (run("DELETE FROM found_word WHERE kind = 'name'"), ["found_word name"]),
        (run("DELETE FROM found_word WHERE kind = 'carer'"), ["found_word carer"]),
        (run("UPDATE found_word SET borne = :no"), ["found_word student_no"]),
        (
            run(
                "UPDATE found_word SET stream_id = '00000000-0000-4000-8000-000000000001' WHERE kind = 'name'"
            ),
            ["found_word name", "found_word left over"],
        ),
        (run("DELETE FROM likeness"), ["likeness digests"]),
        (
            run("UPDATE likeness SET child_id = '00000000-0000-4000-8000-000000000001'"),
            ["likeness digests", "likeness left over"],
        ),
        (run("DELETE FROM name_part"), ["name_part digests"]),
        (
            run("UPDATE name_part SET child_id = '00000000-0000-4000-8000-000000000001'"),
            ["name_part digests", "name_part left over"],
        ),
        (run("DELETE FROM org_unit"), ["org_unit missing"]),
        (
            run(
                "INSERT INTO org_unit (path, stream_id) VALUES ('x', '00000000-0000-4000-8000-000000000001')"
            ),
            ["org_unit left over"],
        ),
    ],
)
def test_it_is_found(kept: tuple[Terminal, Database], change: Change, found: list[str]) -> None:
    terminal, database = kept
    lift_the_guard(database)
    if database.dialect == "sqlite":
        run("DROP TRIGGER events_are_not_removed")(database, "")
    change(database, terminal.json("history", "T1")["child_id"])

    answer = terminal.run("check", "--json")

    assert answer.code == 1
    # Who removes an event leaves more traces than the one that is looked for here.
    told = [f"{f['what']} {f['detail']}" for f in answer.json["findings"]]
    assert [wanted for wanted in found if not any(t.startswith(wanted) for t in told)] == []


def test_an_item_of_quarantine_that_does_not_open_is_named(kept: tuple[Terminal, Database]) -> None:
    terminal, database = kept
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO quarantine"
            " (item_id, org, received_at, actor, event_id, code, pointer, sealed, state)"
            " VALUES (:item, 'x', '2026-03-01 00:00:00Z', 'x', :item, 'x', '', :sealed, 'waiting')",
            item=UUID(int=7),
            sealed=b"x",
        )

    answer = terminal.run("check", "--json")

    assert answer.code == 1
    assert answer.json["findings"] == [
        {"what": "quarantine", "where": str(UUID(int=7)), "detail": "Tampered"}
    ]


def test_words_of_an_erased_child_are_named_and_taken_away(
    kept: tuple[Terminal, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, _ = kept
    child = terminal.json("history", "T1")["child_id"]
    with closing(open_system(read_settings(terminal.environ))) as system:
        system.keyring.destroy(UUID(child))
    monkeypatch.setattr("application.lookups._GRACE_SECONDS", 0.0)

    left = terminal.run("check", "--json")
    terminal.run("rebuild")
    after = terminal.json("check")

    named = [(f["what"], f["where"]) for f in left.json["findings"]]
    assert (left.code, named) == (1, [("found_word", child), ("number_claim", child)])
    assert after["findings"] == []


def test_a_rebuild_writes_missing_words_and_numbers_again(kept: tuple[Terminal, Database]) -> None:
    terminal, database = kept
    tables = ("found_word", "number_claim")
    before = [sorted(database.tuples(f"SELECT * FROM {table}")) for table in tables]
    for table in tables:
        run(f"DELETE FROM {table}")(database, "")

    terminal.json("rebuild")

    assert [sorted(database.tuples(f"SELECT * FROM {table}")) for table in tables] == before
    assert terminal.json("check")["findings"] == []


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        ("name_part", "DELETE FROM secret", "missing"),
        ("lookup", "UPDATE secret SET value = :other", "changed"),
        ("api_key_row", "DELETE FROM secret", "missing"),
    ],
)
def test_a_lost_secret_is_named_and_the_rest_is_checked(
    kept: tuple[Terminal, Database], name: str, change: str, fault: str
) -> None:
    terminal, database = kept
    with closing(open_system(read_settings(terminal.environ))) as system:
        system.keyring.secret(name)
        with system.keys_database.transaction() as tx:
            tx.run(f"{change} WHERE name = :name", name=name, other=bytes(32))
    run("UPDATE carer_status SET org = 'x'")(database, "")

    answer = terminal.run("check", "--json")

    named = [(f["what"], f["where"], f["detail"]) for f in answer.json["findings"]]
    assert (answer.code, named[0]) == (1, ("secret", name, fault))
    assert [what for what, _, _ in named[1:]] == ["carer_status"]


def test_a_value_of_no_type_that_it_may_have_stops_no_other_check(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "data")
    terminal.json("migrate", "--yes")
    terminal.json("org", "set", SCHOOL, "--pupils", "77")
    with closing(open_system(read_settings(terminal.environ))) as system:
        run("INSERT INTO likeness (child_id, digest) VALUES ('nobody', 'x')")(system.database, "")
        run("INSERT INTO timer (kind, key, due_at, position) VALUES ('x', 'y', 'z', 0)")(system.database, "")
        run("UPDATE org_unit SET stream_id = 'x' WHERE path = 'x'")(system.database, "")

    answer = terminal.run("check", "--json")

    assert (answer.code, [f["what"] for f in answer.json["findings"]]) == (1, ["rows"])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE batch_line SET event_id = :other WHERE state = 'recorded'", ["batch_line event"]),
        ("UPDATE batch_line SET child_id = :other WHERE state = 'recorded'", ["batch_line event"]),
        ("UPDATE batch_line SET position = 1 WHERE position > 1", ["batch_line event"]),
        ("DELETE FROM paper", ["paper missing"]),
        ("DELETE FROM batch", ["paper left over", "batch_line left over"]),
        ("UPDATE column_map SET org = 'x'", ["column_map left over"]),
        ("UPDATE column_map SET kind = 'x'", ["column_map left over"]),
        ("UPDATE paper_answer SET kind = 'x'", ["paper_answer left over"]),
        ("UPDATE paper_answer SET word = 'x'", ["paper_answer left over"]),
        ("UPDATE paper_answer SET child_id = :other", ["paper_answer left over"]),
    ],
)
def test_what_lies_beside_batches_is_held_against_them(
    kept: tuple[Terminal, Database], change: str, found: list[str]
) -> None:
    terminal, database = kept
    with closing(open_system(read_settings(terminal.environ))) as system:
        asked = Asked(kind="roster", org=SCHOOL)
        system.uploaded_papers.upload(form({"学籍号": "T2"}), asked=asked, actor=SYSTEM, key=None)
        system.uploaded_papers.maps.remember(SCHOOL, kind="roster", mapped=("星座=备注",))
        ((child, _),) = system.record.belonging(SCHOOL)[:1]
        asked_of = FileAsked(kind="care_log", org=SCHOOL, file_sha256="x")
        system.registers.answers.keep(asked_of, [Answer(line=2, child_id=child)], said_by="王")
    before = terminal.json("check")["findings"]

    with database.transaction() as tx:
        tx.run(change, **({"other": UUID(int=1)} if ":other" in change else {}))

    told = {f"{f['what']} {f['detail']}" for f in terminal.run("check", "--json").json["findings"]}
    assert (before, set(found) <= told) == ([], True)


def test_a_hole_in_the_positions_of_a_file_is_found(school: Terminal) -> None:
    system = open_system(read_settings(school.environ))
    head, _ = system.log.head()
    lift_the_guard(system.database)
    run("DROP TRIGGER events_are_not_removed")(system.database, "")
    with system.database.transaction() as tx:
        tx.run("DELETE FROM events WHERE notification_id IN :gone", gone=(2, 3, head))
    system.close()

    answer = school.run("check", "--json")

    spans: list[Any] = [f["where"] for f in answer.json["findings"] if f["what"] == "position"]
    assert (answer.code, spans) == (1, ["2-3", str(head)])


def test_a_sequence_behind_the_log_is_found(tmp_path: Path, postgres_db_url: str) -> None:
    terminal = Terminal(tmp_path / "data", CARELEDGER_DATABASE_URL=postgres_db_url)
    terminal.json("migrate", "--yes")
    terminal.json("org", "set", SCHOOL, "--pupils", "77")
    terminal.json("org", "set", SCHOOL, "--pupils", "78")
    system = open_system(read_settings(terminal.environ))
    run("ALTER SEQUENCE events_notification_id_seq RESTART WITH 1")(system.database, "")
    system.close()

    answer = terminal.run("check", "--json")

    assert (answer.code, [f["what"] for f in answer.json["findings"]]) == (1, ["sequence"])


def test_what_is_written_while_a_check_looks_is_no_finding() -> None:
    lasting = Finding(what="number_claim", where="a", detail="left over")
    looks = iter([[lasting, Finding(what="number_claim", where="b", detail="left over")], [lasting], []])

    assert _lasting(lambda: next(looks)) == [lasting]
    assert _lasting(lambda: next(looks)) == []
