"""Redis killed and started again empty, again and again: what it forgot is in the database."""

import random
from pathlib import Path

import pytest
import redis

from projections.outbox.recomputing import outstanding
from tests.faults.test_killed_workers import accepted, enrol, opened, somebody_to_tell, types, worker
from tests.support.servers import mortal_redis
from tests.support.world import eventually
from tests.workers.sink import alerts_told, running_sink


@pytest.mark.parametrize(
    ("children", "losses"),
    [
        pytest.param(60, 3),
        pytest.param(2000, 20, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
def test_a_redis_that_forgets_everything_loses_no_alert(
    children: int, losses: int, tmp_path: Path, postgres_db_url: str
) -> None:
    """Each loss strikes at a moment of chance while a share of the children is being worked off."""
    chance, share = random.Random(11), children // (losses + 1)
    with mortal_redis() as server, running_sink() as sink:
        environ = {
            "CARELEDGER_DATA_DIR": str(tmp_path),
            "CARELEDGER_DATABASE_URL": postgres_db_url,
            "CARELEDGER_REDIS_URL": server.url,
            "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
        }
        with (
            opened(environ) as system,
            worker(environ, "workers", "--part", "alerts", log=tmp_path / "alerts.log") as alerts,
            worker(environ, "workers", "--part", "records", log=tmp_path / "records.log") as records,
        ):
            somebody_to_tell(system, sink)
            for loss in range(losses + 1):
                last = children if loss == losses else (loss + 1) * share
                enrol(system, range(loss * share, last))
                if loss == losses:
                    break
                wanted = len(alerts_told(sink)) + chance.randint(1, max(1, share // 2))
                eventually(lambda wanted=wanted: len(alerts_told(sink)) >= wanted, seconds=60)
                if loss % 3 == 2:
                    with redis.Redis.from_url(server.url) as client:
                        client.flushall()
                else:
                    server.kill()
                    server.start()
            eventually(lambda: accepted(system) == children, seconds=300)
            eventually(lambda: outstanding(system.database) == 0, seconds=120)

            assert types(system)["alert_raised"] == children
            assert types(system)["alert_notified"] == children
            assert (alerts.poll(), records.poll()) == (None, None)
    told = alerts_told(sink)
    # No worker was killed, so nothing is told twice either.
    assert (len(told), told.total()) == (children, children)
