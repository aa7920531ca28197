"""Two real roles of a PostgreSQL database, made as the runbook says, and gone after the block."""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

SCRIPT = Path(__file__).parents[2] / "examples" / "postgres" / "two_roles.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The names of two roles on a server, and the password that both have."""

    owner: str
    service: str
    password: str

    def made(self, administrator_url: str) -> tuple[str, str]:
        """Run the script in a database, and give the URLs of it for owner and service."""
        said = {
            "careledger.owner": self.owner,
            "careledger.service": self.service,
            "careledger.owner_password": self.password,
            "careledger.service_password": self.password,
        }
        options = " ".join(f"-c {name}={value}" for name, value in said.items())
        with psycopg.connect(administrator_url, autocommit=True, options=options) as connection:
            connection.execute(SCRIPT.read_text(encoding="utf-8").encode())
        owner, service = (self._url(administrator_url, role) for role in (self.owner, self.service))
        return owner, service

    def _url(self, administrator_url: str, role: str) -> str:
        parts = urlsplit(administrator_url)
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{role}:{self.password}@{place}").geturl()


@contextlib.contextmanager
def two_roles(server_url: str) -> Iterator[Roles]:
    """This will give names for two roles, and drop the roles at the end with what is theirs in databases."""
    mark = secrets.token_hex(4)
    roles = Roles(owner=f"owner_{mark}", service=f"service_{mark}", password=secrets.token_hex(12))
    try:
        yield roles
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            for name in (roles.service, roles.owner):
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
