"""A log of a million events: saves into it against saves into an empty one, and the memory of a rebuild."""

import os
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from random import Random
from uuid import UUID, uuid4

import psycopg

from application.eventstore.mapper import EventMapper
from application.system import System
from benchmarks.figures import Report
from benchmarks.places import Place, library, most_memory, on_postgres, opened, raw_connection, server
from benchmarks.rounds import Watch, Work, interleaved, say
from benchmarks.samples import HOME_VISIT, a_visit, carer_of, enrolled, status_row
from benchmarks.saves import RAW

# Another number is for trying the benchmark out.
EVENTS = int(os.environ.get("CARELEDGER_BENCH_EVENTS", "1000000"))
CHILDREN_AT_ONCE, VISITS_EACH = 500, 49
SAVES = 250
ROUNDS = 7
KINDS = ("same_child", "random_children")


def measure(report: Report) -> None:
    """Measure saves into both for one another, then rebuild the read models of the full one."""
    with ExitStack() as stack:
        url = stack.enter_context(server())
        full = stack.enter_context(on_postgres(url))
        sides = {
            "full": stack.enter_context(_side(full, EVENTS)),
            "empty": stack.enter_context(_side(stack.enter_context(on_postgres(url)), 0)),
        }
        for kind in KINDS:
            works = {f"{name} {side}": work for side, of in sides.items() for name, work in of[kind].items()}
            rounds = interleaved(f"million, {kind}", works, rounds=ROUNDS)
            report.rates(f"million, {kind}", rounds, units=SAVES)
            ours = {side: zip(rounds[f"raw {side}"], rounds[f"save {side}"], strict=True) for side in sides}
            quotients = [
                (raw_full / save_full) / (raw_empty / save_empty)
                for (raw_full, save_full), (raw_empty, save_empty) in zip(
                    ours["full"], ours["empty"], strict=True
                )
            ]
            report.add(f"million_{kind}", statistics.median(quotients), rounds=ROUNDS)
        report.add("memory_rebuild_mb", most_memory(full, "rebuild", "--json"), rounds=1)


@contextmanager
def _side(place: Place, events: int) -> Iterator[Mapping[str, Watch]]:
    with opened(place) as system, library(place.url), raw_connection(place.url) as raw:
        carer = carer_of(system)
        children = enrolled(system, SAVES)
        _fill(system, children, carer, events)
        raw.execute(
            "INSERT INTO plain_events (originator_id, originator_version, topic, state) "
            "SELECT originator_id, originator_version, topic, state FROM events"
        )
        raw.execute("VACUUM ANALYZE")
        chosen: Mapping[str, Callable[[], Sequence[UUID]]] = {
            "same_child": lambda: children[:1] * SAVES,
            "random_children": lambda: Random().sample(children, SAVES),  # noqa: S311  no secret
        }
        yield {
            kind: {"raw": _raw(raw, carer, wanted), "save": _saves(system, carer, wanted)}
            for kind, wanted in chosen.items()
        }


def _fill(system: System, children: list[UUID], carer: UUID, events: int) -> None:
    """Record so many events, all but the enrolments past the decisions; the children join the others."""
    done = len(children)
    while done < events:
        more = enrolled(system, CHILDREN_AT_ONCE)
        for version in range(2, 2 + VISITS_EACH):
            system.log.append([a_visit(child, carer, version=version) for child in more])
        children += more
        done += len(more) * (1 + VISITS_EACH)
        say(f"filling: {done:,} of {events:,}")


def _raw(raw: psycopg.Connection, carer: UUID, chosen: Callable[[], Sequence[UUID]]) -> Work:
    mapper = EventMapper(nonce=lambda: bytes(12))
    state = mapper.to_stored_event(a_visit(uuid4(), carer, version=2), key=bytes(32)).state
    newest = "SELECT max(originator_version) FROM plain_events WHERE originator_id = %s"

    def prepare() -> Callable[[], object]:
        wanted = []
        for child, times in Counter(chosen()).items():
            row = raw.execute(newest, (child,)).fetchone()
            version = (row and row[0]) or 0
            wanted += [(child, version + 1 + n, HOME_VISIT, state) for n in range(times)]
        return lambda: [raw.execute(RAW, values, prepare=True) for values in wanted]

    return prepare


def _saves(system: System, carer: UUID, chosen: Callable[[], Sequence[UUID]]) -> Work:
    def prepare() -> Callable[[], object]:
        ready = []
        for child, times in Counter(chosen()).items():
            loaded, key = system.log.load(child)
            stream = list(loaded)
            for _ in range(times):
                stream.append(event := a_visit(child, carer, version=len(stream) + 1))
                ready.append((event, status_row(child, stream), key))
        return lambda: [system.log.append([event], rows=[row], keys=key) for event, row, key in ready]

    return prepare
