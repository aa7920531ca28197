"""Before an upgrade a store is copied as it is, and comes back from that copy in any version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.binaries import postgres_binaries
from tests.support.databases import fresh_postgres
from tests.upgrade.stores import ENGINES, POSTGRES, SQLITE, archive, expected_of, unpacked


@pytest.mark.parametrize("engine", ENGINES)
def test_a_store_of_before_is_backed_up_as_it_is_and_restored_into_this_version(
    engine: str, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == POSTGRES:
        monkeypatch.setenv("PATH", f"{postgres_binaries()}:/usr/bin:/bin")
    old = unpacked(
        engine,
        tmp_path / "old",
        archive=archive("0.1", engine),
        expected=expected_of("0.1"),
        server_url=postgres_url,
    )
    with old as store, fresh_postgres(postgres_url) as events, fresh_postgres(postgres_url) as keys:
        position = store.terminal.json("backup", tmp_path / "copy")["manifest"]["position"]
        assert store.terminal.run("children", "--json").code == 1, "it was copied, and not upgraded"
        new = Terminal(tmp_path / "new")
        if engine == POSTGRES:
            new = Terminal(tmp_path / "new", CARELEDGER_DATABASE_URL=events, CARELEDGER_KEYS_URL=keys)

        restored = new.json("restore", tmp_path / "copy")

        assert (restored["position"], restored["events"]) == (position, position)
        checked = new.run("check", "--json").json
        assert (checked["ok"], checked["events"]) == (True, position)


def test_the_copy_of_a_file_is_what_the_old_version_made(tmp_path: Path) -> None:
    old = unpacked(
        SQLITE, tmp_path / "old", archive=archive("0.1", SQLITE), expected=expected_of("0.1"), server_url=""
    )
    with old as store:
        store.terminal.json("backup", tmp_path / "copy")

    for name, table in (("events.db", "events"), ("keys.db", "stream_key")):
        with closing(sqlite3.connect(tmp_path / "copy" / name)) as copy:
            ((version,),) = copy.execute("SELECT max(version) FROM schema_version").fetchall()
            ((rows,),) = copy.execute(f"SELECT count(*) FROM {table}").fetchall()
        assert version == 1
        assert rows
