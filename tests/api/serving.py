"""The service as it runs, for tests: gunicorn on the loopback address, over a fresh database."""

import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from application.access import SYSTEM, Role
from application.settings import Settings, read_settings
from projections.tables import DDL
from tests.support.databases import opened
from tests.support.processes import Program, Server, started

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Service:
    server: Server
    settings: Settings
    key: str
    log: Path

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.server.url,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=10,
            trust_env=False,
        )


@contextmanager
def serving(
    database_url: str, folder: Path, *, config: str = "api.gunicorn_conf", **more: str
) -> Iterator[Service]:
    environ = {
        "CARELEDGER_DATA_DIR": str(folder),
        "CARELEDGER_DATABASE_URL": database_url,
        "CARELEDGER_KEYS_URL": f"sqlite:///{folder}/keys.db",
        "CARELEDGER_WEB_WORKERS": "2",
        "CARELEDGER_WEB_THREADS": "3",
        "PYTHONPATH": str(ROOT),
    } | more
    settings = read_settings(environ)
    system = opened(settings, ddl=DDL)
    _, key = system.api_keys.create(actor=SYSTEM, name="office", role=Role.MANAGER)
    system.close()
    with started(lambda port: program(port, environ, folder=folder, config=config)) as server:
        yield Service(server=server, settings=settings, key=key, log=folder / "gunicorn.log")


def program(
    port: int, environ: dict[str, str], *, folder: Path, config: str = "api.gunicorn_conf"
) -> tuple[str, Program]:
    url = f"http://127.0.0.1:{port}"
    env = shutil.which("env")
    assert env is not None
    variables = [f"{name}={value}" for name, value in {**environ, "PORT": str(port)}.items()]
    command = [sys.executable, "-m", "gunicorn", "-c", f"python:{config}", "api.wsgi:application"]

    def ready(_pid: int) -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=2, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    return url, Program(
        arguments=[env, *variables, *command],
        ready=ready,
        stop_signal=signal.SIGTERM,
        log=folder / "gunicorn.log",
    )
