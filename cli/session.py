"""What a command works with: the settings, the language, and the system on the data directory."""

import os
import pwd
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from application.access import Actor, Role
from application.settings import Settings
from application.system import System, migrate_system, open_system
from application.upkeep.places import nothing_there
from application.upkeep.upgrading import Progress
from cli.upgrade_steps import STEPS
from domain.event import Channel
from domain.refusal import Text
from projections import tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One command of one person at this machine."""

    settings: Settings
    language: str

    @contextmanager
    def system(self, *, make: bool = False, as_owner: bool = False) -> Iterator[System]:
        """Open the system for the block, `as_owner` of the tables where these are made or changed.

        Whoever means to write the first of it may `make` the files of a store where none of them is there;
        a server's tables are made by `careledger migrate` alone. Raises NoLedger and NotMigrated.
        """
        if make and nothing_there(self.settings):
            self.migrate()
        settings = self.settings.as_owner() if as_owner else self.settings
        system = open_system(settings, ddl=tables.DDL)
        try:
            yield system
        finally:
            system.close()

    def migrate(
        self,
        *,
        progress: Progress = lambda _label, _done, _total: None,
        agreed: Callable[[Sequence[Text]], bool] = lambda _foreseen: True,
    ) -> bool:
        """Make the tables, or bring the store up to this version, as `migrate_system` does."""
        make_private(self.settings)
        return migrate_system(self.settings, ddl=tables.DDL, steps=STEPS, progress=progress, agreed=agreed)


def session_of(ctx: typer.Context) -> Session:
    """Return the session of a command."""
    session = ctx.find_root().obj
    assert isinstance(session, Session)
    return session


def known_org(system: System, org: str) -> str:
    """Return a path as it is spelled here; "" is everywhere.

    Raises `Unknown` for an organisation that is none: a mistyped path must not read as "nobody there".
    """
    return system.organisations.existing(org) if org else org


def operator() -> Actor:
    """Return who sits at this machine. Whoever may read the data directory may do everything in it."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Actor(name=name, role=Role.MANAGER, channel=Channel.SYSTEM)


def make_private(settings: Settings) -> None:
    """Make the data directory, for its owner alone, where anything is to lie in it."""
    if not any(url.startswith("sqlite:") for url in (settings.database_url, settings.keys_url)):
        return
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
