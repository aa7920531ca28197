"""PostgreSQL out of reach for a while: requests fail quickly and plainly, and everything heals by itself."""

import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from tests.api.support import api_world
from tests.support.proxy import wire_to
from tests.support.world import eventually


def test_requests_fail_within_ten_seconds_and_heal_by_themselves(
    tmp_path: Path, postgres_db_url: str
) -> None:
    server = urlsplit(postgres_db_url)
    assert server.port is not None
    with wire_to(server.port) as wire:
        address = server.netloc.replace(f":{server.port}", f":{wire.port}")
        urls = {
            "database_url": server._replace(netloc=address).geturl(),
            "keys_url": f"sqlite:///{tmp_path}/keys.db",
        }
        with api_world(tmp_path, **urls) as world:
            child, carer, event = world.enrol(), world.carer(), uuid4()
            path = f"/v1/children/{child}/events/{event}"
            body = {"type": "talk_held", "occurred_on": "2026-03-05", "details": {"carers": [carer]}}

            wire.cut()
            failed, seconds = [], []
            for ask in (
                lambda: world.caller.put(path, body),
                lambda: world.caller.get(f"/v1/children/{child}"),
            ):
                began = time.monotonic()
                failed.append(ask())
                seconds.append(time.monotonic() - began)
            ready = world.http.simulate_get("/readyz")
            wire.mend()
            eventually(lambda: world.http.simulate_get("/readyz").status_code == 200, seconds=60)
            healed = world.caller.put(path, body)

            assert [(f.status_code, f.json["code"]) for f in failed] == [(503, "unavailable")] * 2
            assert max(seconds) < 10
            assert ready.status_code == 503
            assert healed.status_code == 201
