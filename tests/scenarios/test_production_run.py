"""The production processes by hand: migrate, serve and worker over two PostgreSQL databases and Redis.

A canary stands in for the names of a child, a carer, a guardian and a recipient. It may be read back by those
who may read it, and lies nowhere else.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis

from application.eventstore.database import utc_now
from domain.days import local_day
from tests.support.databases import fresh_postgres
from tests.support.processes import launched
from tests.support.world import SECRET, eventually
from tests.workers.sink import Sink, running_sink

ROOT = Path(__file__).parents[2]
CODE = "import sys; from cli.main import main; sys.exit(main())"
CANARY = "金丝雀不可外传"
ORG = "某县/某镇/某小学"


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """What runs, and where it writes."""

    environ: Mapping[str, str]
    folder: Path
    url: str
    key: str
    processes: Mapping[str, "subprocess.Popen[bytes]"]

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=10, trust_env=False)

    def logs(self) -> str:
        return "\n".join(p.read_text(errors="replace") for p in self.folder.glob("*.log"))


def careledger(environ: Mapping[str, str], *words: str) -> str:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def running(environ: Mapping[str, str], *words: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one command until the end of the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            launched([sys.executable, "-c", CODE, *words], stop_signal=signal.SIGTERM, account=None),
            cwd=ROOT,
            env=dict(environ),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


@pytest.fixture
def production(tmp_path: Path, postgres_url: str, redis_db_url: str) -> Iterator[Production]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with fresh_postgres(postgres_url) as events, fresh_postgres(postgres_url) as keys:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "CARELEDGER_DATA_DIR": str(tmp_path / "unused"),
            "CARELEDGER_DATABASE_URL": events,
            "CARELEDGER_KEYS_URL": keys,
            "CARELEDGER_REDIS_URL": redis_db_url,
            "CARELEDGER_WEBHOOK_ALLOW_PRIVATE": "1",
            "PORT": str(port),
        }
        careledger(environ, "migrate")
        made = json.loads(
            careledger(environ, "keys", "create", "--name", "office", "--role", "manager", "--json")
        )
        url = f"http://127.0.0.1:{port}"
        with (
            running(environ, "serve", log=tmp_path / "serve.log") as serve,
            running(environ, "worker", "--part", "alerts", log=tmp_path / "alerts.log") as alerts,
            running(environ, "worker", "--part", "records", log=tmp_path / "records.log") as records,
        ):
            eventually(lambda: answers(url), seconds=40)
            yield Production(
                environ=environ,
                folder=tmp_path,
                url=url,
                key=made["key"],
                processes={"serve": serve, "alerts": alerts, "records": records},
            )


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


def test_a_name_is_read_by_those_who_may_and_lies_nowhere_else(production: Production, sink: Sink) -> None:
    child, carer = str(uuid4()), str(uuid4())
    long_ago = (local_day(utc_now()) - timedelta(days=20)).isoformat()
    problems: list[str] = []
    with production.client() as client:
        client.put(f"/v1/carers/{carer}", json={"org": ORG, "name": CANARY}).raise_for_status()
        for channel, more in (("webhook", {"address": sink.url, "secret": SECRET}), ("inbox", {})):
            register_recipient(client, channel=channel, **more)
        enrolled = client.put(
            f"/v1/children/{child}",
            json={
                "org": f"{ORG}/3年级/1班",
                "occurred_on": long_ago,
                "recorded_by": CANARY,
                "details": {
                    "name": CANARY,
                    "student_no": CANARY,
                    "sex": "female",
                    "birth_date": "2016-05-20",
                },
            },
        )
        assert enrolled.status_code == 201, enrolled.text
        for type_, details, status in (
            ("guardian_designated", {"name": CANARY}, 201),
            ("talk_held", {"carers": [carer]}, 201),
            ("talk_held", {"carers": [str(uuid4())], "record": CANARY}, 422),
            ("talk_held", {"carers": [carer], "mood": CANARY}, 422),
            ("talk_held", {"carers": [carer], "mood": 9, "record": CANARY}, 422),
        ):
            body = {"type": type_, "occurred_on": long_ago, "details": details}
            answer = client.put(f"/v1/children/{child}/events/{uuid4()}", json=body)
            assert answer.status_code == status, answer.text
            problems.append(answer.text)
        waiting = client.put(
            f"/v1/event-batches/{uuid4()}",
            json={
                "items": [
                    {
                        "event_id": str(uuid4()),
                        "student_no": "unknown",
                        "type": "talk_held",
                        "occurred_on": long_ago,
                        "details": {"carers": [carer], "record": CANARY},
                    }
                ]
            },
        )
        assert waiting.status_code == 207
        problems.append(waiting.text)

        eventually(lambda: bool(sink.posted), seconds=40)
        eventually(lambda: bool(client.get("/v1/alerts").json()["items"]), seconds=10)
        seen = client.get(f"/v1/children/{child}").text + client.get(f"/v1/children/{child}/history").text
        metrics = client.get("/metrics").text
    healthy = subprocess.run(
        [sys.executable, "-c", CODE, "worker", "--healthy"], cwd=ROOT, env=production.environ, check=False
    )

    assert CANARY in seen
    assert healthy.returncode == 0
    places = {
        "problems": "\n".join(problems),
        "metrics": metrics,
        "webhooks": repr([(p.path, dict(p.headers), p.body) for p in sink.posted]) + decoded(sink),
        "redis": dumped_redis(production.environ["CARELEDGER_REDIS_URL"]),
        "event database": dumped_postgres(production.environ["CARELEDGER_DATABASE_URL"]),
        "keys database": dumped_postgres(production.environ["CARELEDGER_KEYS_URL"]),
        "logs": production.logs(),
    }
    assert "talk_held" in places["event database"]
    for place, text in places.items():
        for form in (
            CANARY,
            CANARY.encode().hex(),
            json.dumps(CANARY).strip('"'),
            repr(CANARY.encode())[2:-1],
        ):
            assert form not in text, place


def test_the_processes_end_when_told_to(production: Production) -> None:
    for name, process in production.processes.items():
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0, name


def register_recipient(client: httpx.Client, *, channel: str, **more: str) -> None:
    body = {"org": ORG, "name": CANARY, "channel": channel, "catch_all": True, **more}
    answer = client.put(f"/v1/recipients/{uuid4()}", json=body)
    assert answer.status_code < 300, answer.text


def decoded(sink: Sink) -> str:
    return "\n".join(posted.body.decode() for posted in sink.posted)


def dumped_redis(url: str) -> str:
    client = redis.Redis.from_url(url)
    try:
        return repr([(key, client.dump(key)) for key in client.scan_iter()])
    finally:
        client.close()


def dumped_postgres(url: str) -> str:
    """Every row of every table, as text; bytes come as hex."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        return "\n".join(
            str(row[0])
            for (table,) in tables
            for row in connection.execute(f'SELECT t::text FROM "{table}" t')  # type: ignore[arg-type]
        )
