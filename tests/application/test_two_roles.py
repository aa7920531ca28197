"""The owner makes tables, the service works with rows: it can't change an event, nor lift what refuses it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from application.eventstore.database import DatabaseError
from application.eventstore.migrations.migrate import Misplaced, NotMigrated
from application.settings import BadSetting, Settings, read_settings
from application.system import migrate_system, open_system
from cli.main import main
from domain.refusal import Conflict
from projections import tables, timeline
from projections.runner import Runner
from tests.support.databases import fresh_postgres
from tests.support.roles import Roles, two_roles
from tests.support.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Two databases with two roles each: `settings` are the service's, and name the owner."""

    roles: Roles
    events_url: str
    keys_url: str
    settings: Settings

    @property
    def environ(self) -> dict[str, str]:
        settings = self.settings
        return {
            "CARELEDGER_DATA_DIR": str(settings.data_dir),
            "CARELEDGER_DATABASE_URL": settings.database_url,
            "CARELEDGER_KEYS_URL": settings.keys_url,
            "CARELEDGER_OWNER_DATABASE_URL": settings.owner_database_url or "",
            "CARELEDGER_OWNER_KEYS_URL": settings.owner_keys_url or "",
        }

    def world(self) -> World:
        return World(
            self.settings.data_dir,
            database_url=self.settings.database_url,
            keys_url=self.settings.keys_url,
            owner_database_url=self.settings.owner_database_url,
            owner_keys_url=self.settings.owner_keys_url,
        )


@pytest.fixture
def place(tmp_path: Path, postgres_url: str) -> Iterator[Place]:
    with ExitStack() as opened:
        roles = opened.enter_context(two_roles(postgres_url))
        events, keys = (opened.enter_context(fresh_postgres(postgres_url)) for _ in range(2))
        (owner, service), (keys_owner, keys_service) = roles.made(events), roles.made(keys)
        settings = Settings(
            data_dir=tmp_path,
            database_url=service,
            keys_url=keys_service,
            owner_database_url=owner,
            owner_keys_url=keys_owner,
        )
        yield Place(roles=roles, events_url=events, keys_url=keys, settings=settings)


FORBIDDEN = (
    "UPDATE events SET recorded_at = recorded_at - interval '38 days'",
    "DELETE FROM events",
    "TRUNCATE events",
    "ALTER TABLE events DISABLE TRIGGER events_are_kept",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "DROP TRIGGER events_are_kept ON events",
    "DROP TABLE events",
    "CREATE OR REPLACE FUNCTION events_are_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE TABLE mine (one int)",
    "CREATE TRIGGER mine BEFORE INSERT ON events EXECUTE FUNCTION events_are_kept()",
    "SET session_replication_role = replica",
    "UPDATE log_incarnation SET cause = 'other'",
    "DELETE FROM schema_version",
    "UPDATE upgrade_step SET finished_at = now()",
    "UPDATE ledger SET noted_at = now()",
)


def test_the_whole_watch_works_as_the_service_and_no_event_can_be_changed(place: Place) -> None:
    with place.world() as world:
        head = world.recipient(catch_all=True)
        child = world.enrol("T1", on="2026-03-01")
        visit = world.visit(child, on="2026-03-01")
        world.bind("C39", effective_from="2026-03-01")
        world.advance_to("2026-03-16 08:00")
        world.void(child, visit.event_id)
        world.settle()
        assert [item.step for item in world.inbox(head)] == ["info"]
        before = world.system.log.head()

        for statement in FORBIDDEN:
            with (
                psycopg.connect(place.settings.database_url, autocommit=True) as connection,
                pytest.raises((errors.InsufficientPrivilege, errors.WrongObjectType)),
            ):
                connection.execute(statement.encode())

        # To grant what one does not have is a warning, and does nothing.
        with psycopg.connect(place.settings.database_url, autocommit=True) as connection:
            connection.execute("GRANT UPDATE, DELETE, TRUNCATE ON events TO PUBLIC")
            may = "SELECT has_table_privilege('events', 'UPDATE, DELETE, TRUNCATE')"
            assert connection.execute(may).fetchone() == (False,)
        assert world.system.log.head() == before
        assert len(world.system.log.stream(child)) == 3
        world.system.keyring.destroy(child)
        assert world.system.log.stream(child)[0].erased


def test_of_the_keys_the_service_works_with_rows_and_changes_no_table(place: Place) -> None:
    with place.world() as world:
        world.enrol("T1", on="2026-03-01")
    for statement in (
        "ALTER TABLE stream_key ADD COLUMN mine int",
        "DROP TABLE secret",
        "TRUNCATE stream_key",
    ):
        with (
            psycopg.connect(place.settings.keys_url, autocommit=True) as connection,
            pytest.raises(errors.InsufficientPrivilege),
        ):
            connection.execute(statement.encode())


def test_a_store_of_one_role_comes_to_two_by_the_script_and_migrate(place: Place) -> None:
    one_role = replace(
        place.settings,
        database_url=place.events_url,
        keys_url=place.keys_url,
        owner_database_url=None,
        owner_keys_url=None,
    )
    with World(one_role.data_dir, database_url=one_role.database_url, keys_url=one_role.keys_url) as world:
        child = world.enrol("T1", on="2026-03-01")

    with pytest.raises(Conflict, match="not_the_owner"):
        migrate_system(place.settings, ddl=tables.DDL)
    for url in (place.events_url, place.keys_url):
        place.roles.made(url)
    migrate_system(place.settings, ddl=tables.DDL)

    with place.world() as world:
        world.visit(child, on="2026-03-01", event_id=uuid4())
        assert len(world.system.log.stream(child)) == 2
        with pytest.raises(DatabaseError), world.database.transaction() as tx:
            tx.run("DELETE FROM events")


def test_the_owner_rebuilds_while_the_service_reads_on(place: Place, run: Callable[..., int]) -> None:
    with place.world() as world:
        child = world.enrol("T1", on="2026-03-01")
        world.settle()

        assert run("rebuild", "--json") == 0
        world.visit(child, on="2026-03-01")
        Runner(database=world.database, log=world.system.log, now=lambda: world.now).catch_up()

        assert len(timeline.of_child(world.database, child_id=child)) == 2
        with pytest.raises(DatabaseError), world.database.transaction() as tx:
            tx.run("DROP TABLE timeline")


def test_without_the_owner_s_url_nobody_migrates_or_rebuilds(
    place: Place, run: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.world().close()
    monkeypatch.delenv("CARELEDGER_OWNER_DATABASE_URL")
    monkeypatch.delenv("CARELEDGER_OWNER_KEYS_URL")

    for command in ("migrate", "rebuild"):
        assert run(command, "--json") == 1
        assert "not_the_owner" in capsys.readouterr().out


def test_a_backup_is_made_and_restored_and_the_service_works_on(  # noqa: PLR0917  fixtures
    place: Place,
    run: Callable[..., int],
    tmp_path: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with place.world() as world:
        child = world.enrol("T1", on="2026-03-01")
    assert run("backup", str(tmp_path / "copy"), "--json") == 0

    with fresh_postgres(postgres_url) as events, fresh_postgres(postgres_url) as keys:
        (owner, service), (keys_owner, keys_service) = place.roles.made(events), place.roles.made(keys)
        there = replace(
            place.settings,
            database_url=service,
            keys_url=keys_service,
            owner_database_url=owner,
            owner_keys_url=keys_owner,
        )
        for name, value in replace(place, settings=there).environ.items():
            monkeypatch.setenv(name, value)
        assert run("restore", str(tmp_path / "copy"), "--json") == 0
        capsys.readouterr()
        assert run("check", "--json") == 0
        assert "one_role" not in capsys.readouterr().out
        with replace(place, settings=there).world() as world:
            world.visit(child, on="2026-03-01", event_id=uuid4())
            with pytest.raises(DatabaseError), world.database.transaction() as tx:
                tx.run("UPDATE events SET org = ''")


def test_a_url_of_another_database_and_a_service_that_may_too_much_are_refused(place: Place) -> None:
    migrate_system(place.settings, ddl=tables.DDL)
    elsewhere = replace(place.settings, owner_database_url=place.settings.owner_keys_url)
    administrator = replace(place.settings, database_url=place.events_url)

    with pytest.raises(Conflict, match="service_may_too_much"):
        migrate_system(administrator, ddl=tables.DDL)
    with pytest.raises(Misplaced, match="must not lie"):
        migrate_system(elsewhere, ddl=tables.DDL)


def test_the_owner_s_url_is_that_of_a_server_and_is_never_shown(tmp_path: Path) -> None:
    service = "postgresql://service:word@db/care"
    environ = {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_OWNER_DATABASE_URL": "postgresql://o:secret@db/care",
    }

    settings = read_settings(environ | {"CARELEDGER_DATABASE_URL": service})

    assert settings.as_owner().database_url == "postgresql://o:secret@db/care"
    assert settings.as_owner().keys_url == settings.keys_url
    assert "secret" not in repr(settings)
    with pytest.raises(BadSetting, match="CARELEDGER_OWNER_DATABASE_URL"):
        read_settings(environ)


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command `careledger`, with the settings of the place."""
    for name, value in place.environ.items():
        monkeypatch.setenv(name, value)
    return lambda *words: main(words)


def test_one_role_is_allowed_and_granted_nothing(place: Place) -> None:
    same = replace(
        place.settings,
        database_url=place.settings.owner_database_url or "",
        keys_url=place.settings.owner_keys_url or "",
    )

    migrate_system(same, ddl=tables.DDL)

    open_system(same).close()


def test_a_service_that_may_not_read_yet_is_told_to_migrate(place: Place) -> None:
    assert migrate_system(place.settings, ddl=tables.DDL)
    with psycopg.connect(place.settings.owner_database_url or "", autocommit=True) as owner:
        owner.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {place.roles.service}".encode())

    with pytest.raises(NotMigrated):
        open_system(place.settings)
