"""The worker while the database or Redis is gone: it lives on, says so once, and ends when told to."""

import signal
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from application.system import System
from tests.faults.test_killed_workers import accepted, enrol, opened, somebody_to_tell, types, worker
from tests.support.proxy import Wire, wire_to
from tests.support.servers import MortalRedis, mortal_redis
from tests.support.world import eventually
from tests.workers.sink import Sink, alerts_told, running_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture
def redis() -> Iterator[MortalRedis]:
    with mortal_redis() as server:
        yield server


@pytest.fixture
def wire(postgres_db_url: str) -> Iterator[Wire]:
    server = urlsplit(postgres_db_url)
    assert server.port is not None
    with wire_to(server.port) as wire:
        yield wire


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def environ(tmp_path: Path, redis: MortalRedis, wire: Wire, postgres_db_url: str) -> dict[str, str]:
    """What a worker of production is told; its way to the database can be cut."""
    server = urlsplit(postgres_db_url)
    address = server.netloc.replace(f":{server.port}", f":{wire.port}")
    return {
        "CARELEDGER_DATA_DIR": str(tmp_path),
        "CARELEDGER_DATABASE_URL": server._replace(netloc=address).geturl(),
        "CARELEDGER_REDIS_URL": redis.url,
        "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
    }


def test_a_worker_lives_through_outages_says_so_once_and_ends_in_the_midst_of_one(
    environ: dict[str, str], redis: MortalRedis, wire: Wire, log: Path, sink: Sink
) -> None:
    redis.kill()
    with opened(environ) as system, worker(environ, "workers", log=log) as process:
        somebody_to_tell(system, sink)
        enrol(system, range(3))
        eventually(lambda: types(system)["alert_raised"] == 3, seconds=30)
        eventually(lambda: "sweep: BrokerUnavailable" in log.read_text(), seconds=20)
        wire.cut()
        eventually(lambda: "relay: DatabaseUnavailable" in log.read_text(), seconds=20)

        wire.mend()
        redis.start()
        eventually(lambda: accepted(system) == 3, seconds=45)
        eventually(lambda: log.read_text().count("at work again") >= 2, seconds=20)

        assert alerts_told(sink).total() == 3
        # One line when it began, however often it was tried; the sweep met two outages in one.
        assert log.read_text().count("relay: DatabaseUnavailable") == 1
        assert log.read_text().count("sweep: ") <= 3
        ends_in_time(process, ("redis", "database", "receiver"), system, redis, wire, sink)


@pytest.mark.slow(seconds=10)
@pytest.mark.parametrize("gone", ["nothing", "redis", "database", "receiver"])
def test_a_worker_that_is_told_to_end_ends_in_time(  # noqa: PLR0917  fixtures and cases
    gone: str, environ: dict[str, str], redis: MortalRedis, wire: Wire, log: Path, sink: Sink
) -> None:
    with opened(environ) as system, worker(environ, "workers", log=log) as process:
        somebody_to_tell(system, sink)
        ends_in_time(process, (gone,), system, redis, wire, sink)


def ends_in_time(  # noqa: PLR0917  everything that may be gone
    process: "subprocess.Popen[bytes]",
    gone: Collection[str],
    system: System,
    redis: MortalRedis,
    wire: Wire,
    sink: Sink,
) -> None:
    """Take away what is to be gone while a notice is on its way, and tell the worker to end."""
    sink.manner = "silent" if "receiver" in gone else "polite"
    before = len(sink.posted)
    enrol(system, range(10, 12))
    eventually(lambda: len(sink.posted) > before, seconds=30)
    if "redis" in gone:
        redis.kill()
    if "database" in gone:
        wire.cut()

    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
