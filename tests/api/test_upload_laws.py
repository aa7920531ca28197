"""Laws of uploads: whatever the order in which phones reach us, the same is true afterwards, and once."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api import uploads
from domain.care_actions.parent_work_recorded import parents
from domain.child import Child, fold
from tests.api.support import ApiWorld, api_world, enrolment, visit

Item = dict[str, Any]
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
WEEK = st.lists(
    st.tuples(st.sampled_from(["met", "nobody_home", "call", "parent", "filed"]), st.integers(1, 28)),
    max_size=7,
)
SEEDS = st.integers(0, 2**16)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiWorld, ApiWorld]]:
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    with _world(here) as one, _world(there) as other:
        yield one, other


@pytest.mark.parametrize(
    "examples", [12, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_two_phones_are_offline_for_a_week_and_come_back_in_any_order(
    worlds: tuple[ApiWorld, ApiWorld], examples: int
) -> None:
    carer = uuid4()
    for world in worlds:
        world.desk.carer(f"卢{carer}", carer=carer)

    @settings(max_examples=examples, deadline=None, suppress_health_check=SLOW)
    @given(one=WEEK, other=WEEK, seeds=st.tuples(SEEDS, SEEDS), window=st.integers(1, 5))
    def holds(one: list[Any], other: list[Any], seeds: tuple[int, int], window: int) -> None:
        child = uuid4()
        enrol = enrolment(child) | {
            "type": "child_enrolled",
            "event_id": str(uuid4()),
            "child_id": str(child),
        }
        phones = [[enrol, *_said(one, child, carer, hour=10)], _said(other, child, carer, hour=11)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(uploads, "WINDOW_LINES", window)
            for world, seed in zip(worlds, seeds, strict=True):
                _come_back(world, phones, random.Random(seed))

        streams = [world.system.log.stream(child) for world in worlds]
        sent = {item["event_id"] for phone in phones for item in phone}
        for stream in streams:
            assert sorted(str(event.event_id) for event in stream) == sorted(sent)
        assert _true(fold(child, streams[0])) == _true(fold(child, streams[1]))
        for world in worlds:
            waiting = world.caller.get("/v1/quarantine", limit=500).json["items"]
            assert not {item["event_id"] for item in waiting} & sent

    holds()


def _world(folder: Path) -> Any:
    return api_world(
        folder, database_url=f"sqlite:///{folder}/care.db", keys_url=f"sqlite:///{folder}/keys.db"
    )


def _said(week: list[Any], child: UUID, carer: UUID, *, hour: int) -> list[Item]:
    """What a phone kept while it was offline, each with its own moment of writing in the phone's `hour`.

    A record is filed for one of its own visits.
    """
    items: list[Item] = []
    for minute, (what, day) in enumerate(week):
        noted = {"noted_at": f"2026-06-{28 if what == 'filed' else day:02}T{hour}:{minute:02}:00+08:00"}
        visits = [i["event_id"] for i in items if i["type"] == "home_visit_made"]
        item: Item = {
            "met": visit(str(carer), f"2026-06-{day:02}", record=None),
            "nobody_home": visit(str(carer), f"2026-06-{day:02}", outcome="nobody_home", record=None),
            "call": _of(
                "call_made", day, caller="carer", called="father", outcome="connected", minutes=day % 3
            ),
            "parent": _of("parent_work_recorded", day, parent="father", away=day % 2 == 0),
            "filed": _of(
                "record_filed", 28, target=visits[day % len(visits)] if visits else None, record="补记"
            ),
        }[what]
        if what != "filed" or visits:
            items.append(item | noted | {"event_id": str(uuid4()), "child_id": str(child)})
    return items


def _of(type_: str, day: int, **details: object) -> Item:
    return {"type": type_, "occurred_on": f"2026-06-{day:02}", "details": details}


def _come_back(world: ApiWorld, phones: list[list[Item]], chance: random.Random) -> None:
    """Each phone sends pieces of its week, some twice, in any order among both; and in the end all it has."""
    pieces = [chance.sample(phone, chance.randint(0, len(phone))) for phone in phones for _ in range(3)]
    chance.shuffle(pieces)
    # Whoever was put aside for want of the other phone's enrolment sends again, as phones do.
    for piece in (*pieces, *(chance.sample(phone, len(phone)) for phone in phones)):
        body = b"".join(json.dumps(item).encode() + b"\n" for item in piece)
        answered = world.caller.send(
            "PUT", f"/v1/event-batches/{uuid4()}", body=body, headers={"Content-Type": "application/x-ndjson"}
        )
        assert answered.json["counts"]["refused"] == 0, answered.json


def _true(child: Child) -> list[object]:
    facts = [(f.event_id, f.occurred, f.details, f.has_record, f.is_contact) for f in child.facts]
    return [facts, child.profile, parents(child), child.anchor, child.spans]
