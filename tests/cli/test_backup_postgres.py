"""The drill on PostgreSQL, with its own tools."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from application.eventstore import copy_postgres
from tests.application.papers import form, log
from tests.cli.drill import assert_restored, backed_up_while_writing
from tests.cli.terminal import SCHOOL, Terminal
from tests.support.binaries import postgres_binaries
from tests.support.databases import fresh_postgres


@pytest.fixture
def servers(postgres_url: str, tmp_path: Path) -> Iterator[tuple[Terminal, Terminal]]:
    """A terminal on two databases of a server, and one on two others that are empty."""
    path = f"{postgres_binaries()}{os.pathsep}{os.environ['PATH']}"
    with ExitStack() as stack:
        urls = [stack.enter_context(fresh_postgres(postgres_url)) for _ in range(4)]
        live, back = (
            Terminal(
                tmp_path / name, CARELEDGER_DATABASE_URL=events_url, CARELEDGER_KEYS_URL=keys_url, PATH=path
            )
            for name, events_url, keys_url in (("live", *urls[:2]), ("back", *urls[2:]))
        )
        live.json("migrate")
        (tmp_path / "form.xlsx").write_bytes(form({}))
        (tmp_path / "log.csv").write_bytes(log({}))
        live.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")
        live.json("import", "care-log", tmp_path / "log.csv", "--org", SCHOOL, "--yes")
        yield live, back


def test_on_postgres_the_drill_is_the_same(servers: tuple[Terminal, Terminal], tmp_path: Path) -> None:
    live, back = servers
    known = live.json("history", "T1")
    manifest, carers = backed_up_while_writing(live, tmp_path / "backup")
    assert manifest["engine"] == {"events": "postgres", "keys": "postgres"}
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "backup").iterdir()} == {0o600}
    data = bytearray((tmp_path / "backup" / "keys.dump").read_bytes())
    shutil.copytree(tmp_path / "backup", tmp_path / "changed")
    data[len(data) // 2] ^= 1
    (tmp_path / "changed" / "keys.dump").write_bytes(data)

    changed = back.run("restore", tmp_path / "changed", "--json")
    elsewhere = Terminal(tmp_path / "files").run("restore", tmp_path / "backup", "--json")
    done = back.json("restore", tmp_path / "backup")
    again = back.run("restore", tmp_path / "backup", "--json")

    assert changed.json["error"]["code"] == "backup_changed"
    assert elsewhere.json["error"]["code"] == "other_engine"
    assert again.json["error"]["code"] == "not_empty"
    of_their_place = ("clocks", "head")
    then = back.json("history", "T1")
    assert {**then, **{name: known[name] for name in of_their_place}} == known
    assert then["head"]["ledger"] != known["head"]["ledger"]
    assert_restored(live, back, done=done, manifest=manifest, carers=carers)


def test_on_postgres_a_key_destroyed_since_stays_destroyed(
    servers: tuple[Terminal, Terminal], tmp_path: Path
) -> None:
    live, back = servers
    child = live.json("history", "T1")["child_id"]
    live.json("backup", tmp_path / "backup")
    (tmp_path / "list.txt").write_text(f"{child}\n")

    back.json("restore", tmp_path / "backup", "--erased", tmp_path / "list.txt")

    assert "戴小春" not in back.run("history", child).out
    assert back.json("check")["erased_streams"] == 1


def test_on_postgres_damage_behind_a_gap_is_found_whoever_else_is_at_work(
    servers: tuple[Terminal, Terminal], postgres_url: str, tmp_path: Path
) -> None:
    live, back = servers
    with psycopg.connect(live.environ["CARELEDGER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT nextval(pg_get_serial_sequence('events', 'notification_id'))")
        live.json("org", "set", SCHOOL, "--pupils", "77")
        connection.execute("ALTER TABLE events DISABLE TRIGGER events_are_kept")
        connection.execute(
            "UPDATE events SET state = overlay(state PLACING '\\x00'::bytea FROM length(state)) || state "
            "WHERE notification_id = (SELECT max(notification_id) FROM events)"
        )
    live.json("backup", tmp_path / "backup")

    with psycopg.connect(postgres_url) as elsewhere:
        # It has an id now, and for all a reader can tell it may own the gap.
        elsewhere.execute("SELECT pg_current_xact_id()")
        answer = back.run("restore", tmp_path / "backup", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (1, "backup_damaged")


@pytest.mark.parametrize(("there", "code"), [("", "tool_missing"), ("9.6", "tool_too_old")])
def test_without_the_right_tools_of_postgres_nothing_is_begun(
    servers: tuple[Terminal, Terminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str, code: str
) -> None:
    live, _ = servers
    (tmp_path / "bin").mkdir()
    if there:
        (tmp_path / "bin" / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {there}'\n")
        (tmp_path / "bin" / "pg_dump").chmod(0o755)
    monkeypatch.setattr(copy_postgres, "_INSTALLED", tmp_path / "none")
    live.environ["PATH"] = str(tmp_path / "bin")

    answer = live.run("backup", tmp_path / "backup", "--json")

    assert (answer.code, answer.json["error"]["code"]) == (1, code)
    assert not (tmp_path / "backup").exists()
