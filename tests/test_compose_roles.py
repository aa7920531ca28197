"""The two roles of docker-compose.yml, made by its own script on a volume that one role has filled so far."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
import yaml
from psycopg import sql

from application.eventstore.database import DatabaseError
from application.settings import Settings, read_settings
from application.system import migrate_system
from projections import tables
from tests.support.servers import started_postgres
from tests.support.world import World

ROOT = Path(__file__).parent.parent
DATABASES = {"postgres": "careledger", "keys-postgres": "keys"}


@pytest.mark.skipif(shutil.which("psql") is None, reason="no psql here")
def test_a_volume_of_one_role_comes_to_two_and_the_service_works_on(tmp_path: Path) -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    with started_postgres() as server:
        parts = urlsplit(server.url)
        administrator = _filled(services, server.url)
        one_role = _settings(services["migrate"]["environment"], place=server.url, folder=tmp_path)
        with World(tmp_path, **administrator) as world:
            child = world.enrol("T1", on="2026-03-01")

        for _ in range(2):
            _roles_made(services["roles"], host=parts.hostname or "", port=parts.port or 0)
            assert migrate_system(one_role, ddl=tables.DDL)

        served = _settings(services["api"]["environment"], place=server.url, folder=tmp_path)
        assert served.owner_database_url is None
        with World(
            tmp_path,
            database_url=served.database_url,
            keys_url=served.keys_url,
            owner_database_url=one_role.owner_database_url,
            owner_keys_url=one_role.owner_keys_url,
        ) as world:
            world.visit(child, on="2026-03-01", event_id=uuid4())
            with pytest.raises(DatabaseError), world.database.transaction() as tx:
                tx.run("ALTER TABLE events DISABLE TRIGGER events_are_kept")


def _password(name: str) -> str:
    # Both databases lie on one server here, so their roles are the same.
    return f"word{name.removeprefix('KEYS_').lower().replace('_', '')}"


def _filled(services: dict[str, Any], url: str) -> dict[str, str]:
    """Make what the images of PostgreSQL make at their first start; give the URLs of the administrator."""
    administrator = services["postgres"]["environment"]["POSTGRES_USER"]
    password = _password("POSTGRES_PASSWORD")
    with psycopg.connect(url, autocommit=True) as connection:
        made = sql.SQL("CREATE ROLE {} SUPERUSER LOGIN PASSWORD {}")
        connection.execute(made.format(sql.Identifier(administrator), sql.Literal(password)))
        for service, name in DATABASES.items():
            assert services[service]["environment"]["POSTGRES_DB"] == name
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(name), sql.Identifier(administrator)
                )
            )
    place = urlsplit(url).netloc.rpartition("@")[2]
    events, keys = (f"postgresql://{administrator}:{password}@{place}/{name}" for name in DATABASES.values())
    return {"database_url": events, "keys_url": keys}


def _settings(environ: dict[str, str], *, place: str, folder: Path) -> Settings:
    """Read the settings of a service as compose gives them, with this server in the place of both."""
    here = urlsplit(place).netloc.rpartition("@")[2]
    said = {
        name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: _password(found[1]), value)
        for name, value in environ.items()
        if name.endswith(("DATABASE_URL", "KEYS_URL"))
    }
    given = {name: re.sub(r"@[\w-]+:5432/", f"@{here}/", value) for name, value in said.items()}
    return replace(read_settings({**given, "CARELEDGER_DATA_DIR": str(folder)}))


def _roles_made(service: dict[str, Any], *, host: str, port: int) -> None:
    (script,) = service["command"]
    script = script.replace("$$", "$").replace(
        "/two_roles.sql", str(ROOT / "examples/postgres/two_roles.sql")
    )
    words = {name: _password(name) for name in service["environment"]}
    done = subprocess.run(
        [*service["entrypoint"], script],
        env={**words, "PATH": "/usr/bin:/bin", "PGHOSTADDR": host, "PGPORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
