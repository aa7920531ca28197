"""Over HTTP: one submission against the same request that stores nothing, and a batch against one by one."""

import json
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from application.access import SYSTEM, Role
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import Place, answers, on_postgres, opened, server
from benchmarks.rounds import Work, interleaved, ratio
from benchmarks.samples import DAY, RECORD, carer_of, enrolled
from tests.support.processes import Program, started

ROOT = Path(__file__).parents[1]
CONNECTIONS = 16
REQUESTS = 320
BATCH, LINES, CHILDREN = 500, 5000, 50
EVENTS_EACH = BATCH // CHILDREN
JSON, NDJSON = "application/json", "application/x-ndjson"


def measure(report: Report) -> None:
    """Measure gunicorn with two workers of four threads, asked over sixteen connections."""
    with server() as url, on_postgres(url) as place, opened(place) as system:
        carer = carer_of(system)
        _, key = system.api_keys.create(actor=SYSTEM, name="bench", role=Role.MANAGER)
        with _gunicorn(place) as base, _asking(base, key) as ask:
            works = {
                # Known content under a known id: parsed, authenticated, read, decided, and nothing stored.
                "nothing_stored": _again(ask, system, carer),
                "single": _single(ask, system, carer),
                "batch": _batch(ask, system, carer),
                "lines": _lines(ask, system, carer),
            }
            rounds = interleaved("services", works, rounds=5)
    count = len(rounds["single"])
    report.rates("services, single", {n: rounds[n] for n in ("nothing_stored", "single")}, units=REQUESTS)
    report.rates("services, batch", {"batch": rounds["batch"]}, units=BATCH)
    report.rates("services, lines", {"lines": rounds["lines"]}, units=LINES)
    report.add("http_single", ratio(rounds, "nothing_stored", "single"), rounds=count)
    report.add("http_batch_500", ratio(rounds, "single", "batch") * BATCH / REQUESTS, rounds=count)
    report.add("http_ndjson", ratio(rounds, "batch", "lines") * LINES / BATCH, rounds=count)


Ask = Callable[..., None]


def _again(ask: Ask, system: System, carer: UUID) -> Work:
    (child,) = enrolled(system, 1)
    path, body = f"/v1/children/{child}/events/{uuid4()}", json.dumps(_words(carer))

    def prepare() -> Callable[[], object]:
        ask(path, body)
        return lambda: _all(ask, [(path, body)] * REQUESTS)

    return prepare


def _single(ask: Ask, system: System, carer: UUID) -> Work:
    def prepare() -> Callable[[], object]:
        body = json.dumps(_words(carer))
        # New children each time: those of the rounds before have grown.
        paths = [f"/v1/children/{child}/events/{uuid4()}" for child in _each(system, REQUESTS)]
        return lambda: _all(ask, [(path, body) for path in paths])

    return prepare


def _batch(ask: Ask, system: System, carer: UUID) -> Work:
    def prepare() -> Callable[[], object]:
        body = json.dumps({"items": _items(_each(system, BATCH), carer)})
        return lambda: ask(f"/v1/event-batches/{uuid4()}", body)

    return prepare


def _lines(ask: Ask, system: System, carer: UUID) -> Work:
    def prepare() -> Callable[[], object]:
        # What a phone or a school has gathered lies child by child.
        items = _items(sorted(_each(system, LINES)), carer)
        body = "".join(f"{json.dumps(item)}\n" for item in items)
        return lambda: ask(f"/v1/event-batches/{uuid4()}", body, kind=NDJSON)

    return prepare


def _each(system: System, count: int) -> list[UUID]:
    """Return children for so many events, ten to a child in a batch, as they come."""
    children = enrolled(system, max(CHILDREN, count // EVENTS_EACH))
    return [children[n % len(children)] for n in range(count)]


def _items(children: Sequence[UUID], carer: UUID) -> list[dict[str, object]]:
    return [{"event_id": str(uuid4()), "child_id": str(child), **_words(carer)} for child in children]


def _words(carer: UUID) -> dict[str, object]:
    details = {"carers": [str(carer)], "outcome": "met", "minutes": 40, "record": RECORD}
    return {"type": "home_visit_made", "occurred_on": DAY.isoformat(), "details": details}


def _all(ask: Ask, wanted: Sequence[tuple[str, str]]) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        list(threads.map(lambda each: ask(*each), wanted))


@contextmanager
def _asking(base: str, key: str) -> Iterator[Ask]:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base, headers=headers, limits=limits, timeout=120, trust_env=False) as client:

        def ask(path: str, body: str, *, kind: str = JSON) -> None:
            client.put(path, content=body, headers={"Content-Type": kind}).raise_for_status()

        yield ask


@contextmanager
def _gunicorn(place: Place) -> Iterator[str]:
    env = shutil.which("env")
    assert env is not None
    environ = {
        "CARELEDGER_DATA_DIR": str(place.folder),
        "CARELEDGER_DATABASE_URL": place.settings.database_url,
        "CARELEDGER_KEYS_URL": place.settings.keys_url,
        "CARELEDGER_WEB_WORKERS": "2",
        "CARELEDGER_WEB_THREADS": "4",
        "PYTHONPATH": str(ROOT),
    }

    def program(port: int) -> tuple[str, Program]:
        url = f"http://127.0.0.1:{port}"
        variables = [f"{name}={value}" for name, value in {**environ, "PORT": str(port)}.items()]
        command = [sys.executable, "-m", "gunicorn", "-c", "python:api.gunicorn_conf", "api.wsgi:application"]
        return url, Program(
            arguments=[env, *variables, *command],
            ready=lambda _: answers(f"{url}/healthz"),
            stop_signal=signal.SIGTERM,
            log=place.folder / "gunicorn.log",
        )

    with started(program) as running:
        yield running.url
