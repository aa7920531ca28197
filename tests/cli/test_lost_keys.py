"""Keys that are missing, as an operator meets them: what starts, what is told, and the way back."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID
from wsgiref.util import setup_testing_defaults

import orjson
import pytest

from api.wsgi import LazyApplication
from application.eventstore.copy_sqlite import copy_sqlite
from application.settings import read_settings
from application.system import migrate_system, open_system
from application.upkeep.backup import create_backup
from application.upkeep.restoring import restored
from projections.tables import DDL
from tests.cli.terminal import SCHOOL, Terminal

ROOT = Path(__file__).parents[2]


@pytest.fixture
def right(school: Terminal, tmp_path: Path) -> Path:
    """A whole copy of the school's keys."""
    copy = tmp_path / "right.db"
    with closing(sqlite3.connect(school.folder / "keys.db")) as keys, closing(sqlite3.connect(copy)) as to:
        keys.backup(to)
    return copy


@pytest.fixture
def empty(school: Terminal, right: Path) -> Terminal:
    """The school with an empty keys database in the place of its own."""
    assert right.exists()
    for file in school.folder.glob("keys.db*"):
        file.unlink()
    return school


def test_check_names_a_file_without_its_key_and_merge_brings_it_back(school: Terminal, right: Path) -> None:
    child = school.json("history", "T1")["child_id"]
    with closing(sqlite3.connect(school.folder / "keys.db")) as keys, keys:
        keys.execute("DELETE FROM stream_key WHERE stream_id = ?", (child,))

    checked, told = school.run("check", "--json"), school.run("history", child, "--json")
    assert (checked.code, checked.json["keys_missing"]) == (1, 1)
    assert checked.json["findings"] == [{"what": "key", "where": child, "detail": "missing"}]
    assert (told.code, "keys_missing" in told.out + told.err) == (1, True)
    merged = [school.json("keys", "merge", right) for _ in range(2)]

    nothing = {"added": 0, "further": 0, "destroyed": 0, "secrets": 0, "secrets_differ": []}
    nothing |= {f"api_keys_{what}": 0 for what in ("added", "revoked", "changed")} | {"api_keys_differ": []}
    assert merged == [nothing | {"added": 1}, nothing]
    assert school.json("check")["ok"]
    assert "新增密钥 0 个" in school.run("--lang", "zh", "keys", "merge", right).out


def test_what_was_destroyed_in_either_stays_destroyed(school: Terminal, right: Path) -> None:
    child = school.json("history", "T1")["child_id"]
    with closing(open_system(read_settings(school.environ))) as system:
        system.keyring.destroy(UUID(child))
    assert school.json("keys", "merge", right)["added"] == 0
    assert school.json("check")["erased_streams"] == 1

    # And the other way round: it was destroyed where the keys come from.
    shutil.copyfile(right, school.folder / "again.db")
    with closing(sqlite3.connect(right)) as keys, keys:
        keys.execute(
            "UPDATE stream_key SET key = NULL, destroyed_at = created_at WHERE stream_id = ?", (child,)
        )
    environ = school.environ | {"CARELEDGER_KEYS_URL": f"sqlite:///{school.folder}/again.db"}
    other = Terminal(school.folder, **environ)
    # With its key the name came back, and is made findable again.
    other.json("rebuild")
    assert other.json("check")["erased_streams"] == 0
    assert other.json("keys", "merge", right)["destroyed"] == 1
    assert other.json("check")["erased_streams"] == 1


def test_nothing_starts_with_empty_keys_and_merge_mends_that_too(empty: Terminal, right: Path) -> None:
    refused = [empty.run(*words) for words in (("check",), ("migrate",), ("serve",))]
    worker = _worker(empty)
    with patch.dict(os.environ, empty.environ, clear=True), closing(LazyApplication()) as web:
        statuses = [_asked(web)]
        merged = empty.json("keys", "merge", right)
        statuses.append(_asked(web))

    assert [answer.code for answer in refused] == [1, 1, 1]
    assert all("keys_empty" in answer.err or "密钥库是空的" in answer.err for answer in refused)
    assert (worker.returncode, worker.stderr.splitlines()[0]) == (78, "keys_empty")
    assert statuses == [("503 Service Unavailable", "keys_empty"), ("200 OK", None)]
    assert merged["added"] > 0
    assert empty.json("check")["ok"]


def test_keys_of_another_ledger_are_neither_used_nor_merged(school: Terminal, tmp_path: Path) -> None:
    other = Terminal(tmp_path / "other")
    # The same papers, so that its files have the same names.
    other.json("import", "roster", tmp_path / "form.xlsx", "--org", SCHOOL, "--yes")
    shutil.copytree(tmp_path / "other", copy := tmp_path / "copy")
    keys = copy / "keys.db"
    swapped = Terminal(school.folder, CARELEDGER_KEYS_URL=f"sqlite:///{keys}")

    answers = [swapped.run("check"), school.run("keys", "merge", keys), _worker(swapped)]

    assert [_code(answer) for answer in answers] == [1, 1, 78]
    assert all("another ledger" in answer.err for answer in answers[:2])
    assert school.json("check")["ok"]


def test_only_keys_are_merged(school: Terminal, tmp_path: Path) -> None:
    answers = [
        school.run("keys", "merge", tmp_path / "nothing.db", "--json"),
        school.run("keys", "merge", school.folder / "careledger.db", "--json"),
    ]

    assert [answer.code for answer in answers] == [1, 1]
    assert all("no_keys_there" in answer.out + answer.err for answer in answers)
    assert not (tmp_path / "nothing.db").exists()


def test_keys_of_a_backup_of_version_0_1_are_destroyed_as_they_come_back(
    school: Terminal, tmp_path: Path
) -> None:
    child = school.json("history", "T1")["child_id"]
    settings = read_settings(school.environ)
    manifest = create_backup(settings, tmp_path / "backup")
    with closing(sqlite3.connect(tmp_path / "backup" / "keys.db")) as keys, keys:
        for (table,) in keys.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table not in {"stream_key", "secret", "schema_version", "schema_statement"}:
                keys.execute(f"DROP TABLE {table}")
        keys.execute("DELETE FROM schema_version WHERE version > 1")
    anew = read_settings({"CARELEDGER_DATA_DIR": str(tmp_path / "anew")})

    with restored(anew, tmp_path / "backup", manifest, erased=[UUID(child)]) as staged:
        assert migrate_system(staged, ddl=DDL)

    with closing(open_system(anew)) as system:
        assert all(event.erased for event in system.log.stream(UUID(child)))


@pytest.mark.parametrize("lost_here", [False, True])
def test_merge_brings_back_what_a_key_was_narrowed_to(
    school: Terminal, tmp_path: Path, *, lost_here: bool
) -> None:
    key = school.json("keys", "create", "--role", "manager", "--name", "office")["key_id"]
    wide, narrow = school.folder / "keys.db", tmp_path / "narrow.db"
    copy_sqlite(wide, tmp_path / "wide.db", ask=(), limit_seconds=10)
    school.json("keys", "change", key, "--role", "auditor")
    copy_sqlite(wide, narrow, ask=(), limit_seconds=10)
    _exchange(wide, tmp_path / "wide.db")
    if lost_here:
        # The one side lost the row, the other never heard of the change.
        copy_sqlite(wide, narrow_not := tmp_path / "other.db", ask=(), limit_seconds=10)
        with closing(sqlite3.connect(wide)) as keys, keys:
            keys.execute("DELETE FROM api_key WHERE key_id = ?", (key,))
        narrow = narrow_not

    merged = [school.json("keys", "merge", narrow) for _ in range(2)]

    counted = [(m["api_keys_added"], m["api_keys_changed"], m["api_keys_differ"]) for m in merged]
    assert counted == [(int(lost_here), 1, []), (0, 0, [])]
    assert [k["role"] for k in school.json("keys", "list") if k["key_id"] == key] == ["auditor"]
    assert school.json("check")["ok"]


def test_merge_keeps_the_narrower_row_of_this_side(school: Terminal, tmp_path: Path) -> None:
    key = school.json("keys", "create", "--role", "manager", "--name", "office")["key_id"]
    copy_sqlite(school.folder / "keys.db", wide := tmp_path / "wide.db", ask=(), limit_seconds=10)
    school.json("keys", "change", key, "--role", "auditor")

    assert school.json("keys", "merge", wide)["api_keys_changed"] == 0
    assert [k["role"] for k in school.json("keys", "list") if k["key_id"] == key] == ["auditor"]


def test_merge_ends_with_1_where_nothing_decides_between_two_rows(school: Terminal, tmp_path: Path) -> None:
    key = school.json("keys", "create", "--role", "manager", "--name", "office")["key_id"]
    own, other = school.folder / "keys.db", tmp_path / "other.db"
    copy_sqlite(own, other, ask=(), limit_seconds=10)
    for file, role in ((own, "client"), (other, "auditor")):
        with closing(sqlite3.connect(file)) as keys, keys:
            keys.execute("UPDATE api_key SET role = ? WHERE key_id = ?", (role, key))

    said, told = school.run("keys", "merge", other), school.run("keys", "merge", other, "--json")

    assert (said.code, told.code) == (1, 1)
    assert key in said.out + said.err
    assert told.json["api_keys_differ"] == [key]


def _exchange(file: Path, copy: Path) -> None:
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()
    shutil.copyfile(copy, file)


def _worker(terminal: Terminal) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers"],
        env=terminal.environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _code(answer: Any) -> int:
    code: int = answer.returncode if isinstance(answer, subprocess.CompletedProcess) else answer.code
    return code


def _asked(application: LazyApplication) -> tuple[str, str | None]:
    """Ask whether it is ready; give the status and the code of the problem."""
    environ: dict[str, Any] = {"PATH_INFO": "/readyz"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    answer = b"".join(application(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type, return-value]
    return statuses[0], orjson.loads(answer).get("code")
