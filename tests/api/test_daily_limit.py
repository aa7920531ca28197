"""Of one child 2,000 entries a day are taken over the API, by whatever door; the next day more."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon import testing

from application.access import Actor, Role
from application.recording.daily_limit import MOST_A_DAY
from application.recording.outcome import Recorded
from domain.care_actions.talk_held import TalkHeld
from domain.days import local_day, start_of_day
from domain.event import Channel, NewEvent, Occurred
from tests.api.support import SCHOOL, ApiWorld, codes, visit
from tests.api.test_activities import lecture
from tests.api.test_uploads import Item, send, visiting
from tests.api.test_uploads import lines as as_lines
from tests.support.crowd import crowd

FULL = [("", "too_many_events")]


def filled(world: ApiWorld, *, but: int = 0, channel: Channel = Channel.API) -> str:
    """A child with as many entries as a day may have; its enrolment is one of them."""
    child = world.enrol()
    crowd(world.system, UUID(child), events=MOST_A_DAY - 1 - but, channel=channel)
    return child


def put(world: ApiWorld, child: str, event: UUID, carer: str) -> testing.Result:
    return world.caller.put(f"/v1/children/{child}/events/{event}", visit(carer))


def seconds_left(world: ApiWorld) -> int:
    now = world.clock.now
    return int((start_of_day(local_day(now) + timedelta(days=1)) - now).total_seconds())


def test_one_more_than_a_day_may_have_waits_until_the_day_ends_in_china(world: ApiWorld) -> None:
    child, carer, other = filled(world, but=1), world.carer(), world.enrol()
    last, more = uuid4(), uuid4()

    taken = put(world, child, last, carer)
    refused = put(world, child, more, carer)
    sent_again = put(world, child, last, carer)
    elsewhere = put(world, other, uuid4(), carer)
    wait, left = int(refused.headers["Retry-After"]), seconds_left(world)
    world.clock.forward(seconds=wait)
    next_day = put(world, child, more, carer)

    assert taken.status_code == 201
    assert (refused.status_code, codes(refused)) == (429, FULL)
    assert (sent_again.status_code, sent_again.json["state"]) == (200, "already_recorded")
    assert elsewhere.status_code == 201
    assert wait == left
    assert (next_day.status_code, next_day.json["state"]) == (201, "recorded")


def test_a_full_file_can_still_be_mended_and_ended(world: ApiWorld) -> None:
    child, carer = filled(world, but=1), world.carer()
    last = uuid4()
    put(world, child, last, carer)
    decisions: list[dict[str, Any]] = [
        {
            "type": "event_corrected",
            "details": {
                "target": str(last),
                "fields": {"details": {"minutes": 20}},
                "reason": "另一记录",
                "approved_by": "王校长",
            },
        },
        {
            "type": "event_voided",
            "details": {"target": str(last), "reason": "重复", "approved_by": "王校长"},
        },
        {"type": "child_exited", "details": {"reason": "moved"}},
    ]

    told = [
        world.caller.put(
            f"/v1/children/{child}/events/{uuid4()}",
            body | {"occurred_on": "2026-06-30"},
            If_Match=f'"{MOST_A_DAY + n}"',
        ).status_code
        for n, body in enumerate(decisions)
    ]

    assert told == [201, 201, 201]
    assert put(world, child, uuid4(), carer).json["code"] == "too_many_events"


def test_decisions_have_a_limit_of_their_own(small_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.recording.daily_limit.MOST_A_DAY", 3)
    child, carer = small_world.enrol(), small_world.carer()
    events = [uuid4() for _ in range(2)]
    assert [put(small_world, child, event, carer).status_code for event in events] == [201, 201]

    told = [
        small_world.caller.put(
            f"/v1/children/{child}/events/{uuid4()}",
            {
                "type": "event_corrected",
                "occurred_on": "2026-06-30",
                "details": {
                    "target": str(events[0]),
                    "fields": {"details": {"minutes": 20 + n}},
                    "reason": "另一记录",
                    "approved_by": "王校长",
                },
            },
            If_Match=f'"{3 + n}"',
        ).status_code
        for n in range(4)
    ]

    assert told == [201, 201, 201, 429]


def test_in_a_batch_and_an_upload_only_the_lines_of_that_child_are_refused(world: ApiWorld) -> None:
    child, carer, other = filled(world, but=3), world.carer(), world.enrol()
    items = [visiting(child, carer), visiting(other, carer), visiting(child, carer), visiting(child, carer)]
    late: list[Item] = [visiting(child, carer), visiting(other, carer)]

    batch = world.caller.put(f"/v1/event-batches/{uuid4()}", {"items": [*items, *late]})
    again = send(world.caller, as_lines(*items, *late, visiting(child, carer)))
    refused = world.caller.get(again.json["links"]["refused"].split("?")[0], state="refused").json["items"]

    assert [item["status"] for item in batch.json["items"]] == [201, 201, 201, 201, 429, 201]
    assert batch.json["items"][4]["problem"]["code"] == "too_many_events"
    assert again.json["counts"] == {"recorded": 0, "already_recorded": 5, "quarantined": 0, "refused": 2}
    assert [(r["line"], r["status"], r["problem"]["code"]) for r in refused] == [
        (5, 429, "too_many_events"),
        (7, 429, "too_many_events"),
    ]
    assert len(world.system.log.stream(UUID(child))) == MOST_A_DAY


def test_what_a_phone_kept_is_counted_and_papers_that_were_imported_are_not(world: ApiWorld) -> None:
    papers, phone, carer = (
        filled(world, channel=Channel.IMPORT),
        filled(world, channel=Channel.OFFLINE),
        world.carer(),
    )

    assert put(world, papers, uuid4(), carer).status_code == 201
    offline = world.caller.put(
        f"/v1/children/{phone}/events/{uuid4()}", visit(carer), X_CareLedger_Channel="offline"
    )
    assert (offline.status_code, codes(offline)) == (429, FULL)
    (imported,) = world.system.record.record_many(
        actor=Actor(name="office", role=Role.MANAGER, channel=Channel.IMPORT),
        stream_id=UUID(phone),
        new_events=[
            NewEvent(
                event_id=uuid4(),
                occurred=Occurred.on(local_day(world.clock.now)),
                details=TalkHeld(carers=(UUID(carer),), record="All well."),
                recorded_by="Teacher Li",
            )
        ],
        unattended=True,
    )
    assert isinstance(imported, Recorded)


def test_what_waits_in_quarantine_goes_on_waiting(small_world: ApiWorld) -> None:
    world = small_world
    child, carer, coming = filled(world, but=1), world.carer(), str(uuid4())
    batch = {"items": [visiting(child, coming)]}
    (told,) = world.caller.put(f"/v1/event-batches/{uuid4()}", batch).json["items"]
    item = told["item_id"]
    world.caller.put(f"/v1/carers/{coming}", {"org": SCHOOL, "name": "石老师"})
    assert put(world, child, uuid4(), carer).status_code == 201

    retried = world.caller.post(f"/v1/quarantine/{item}/retry")
    waiting = world.caller.get("/v1/quarantine").json["items"]
    world.clock.forward(seconds=int(retried.headers["Retry-After"]))
    later = world.caller.post(f"/v1/quarantine/{item}/retry")

    assert (retried.status_code, codes(retried)) == (429, FULL)
    assert [each["item_id"] for each in waiting] == [item]
    assert later.status_code == 201


def test_what_comes_from_an_activity_waits_and_is_written_the_next_day(small_world: ApiWorld) -> None:
    full, other = filled(small_world), small_world.enrol()
    activity = f"/v1/activities/{uuid4()}"

    small_world.caller.put(activity, lecture(full, other))
    first = small_world.caller.get(activity).json["participants"]
    small_world.clock.forward(seconds=86_400)
    while small_world.system.fan_outs.step():
        pass
    later = small_world.caller.get(activity).json["participants"]

    assert [(p["state"], p.get("code")) for p in first] == [
        ("quarantined", "too_many_events"),
        ("recorded", None),
    ]
    assert [p["state"] for p in later] == ["recorded", "recorded"]


@pytest.mark.parametrize("new_events", [1, 3])
def test_who_loses_a_race_counts_again(
    small_world: ApiWorld, new_events: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The count is that of the stream as it is saved upon: two at once can't both take the last place."""
    child, carer = filled(small_world, but=new_events), small_world.carer()
    winner = [visiting(child, carer) for _ in range(new_events)]
    log = small_world.system.log
    append, raced = log.append, list[bool]()

    def beaten(*args: object, **words: object) -> object:
        if not raced:
            raced.append(True)
            send(small_world.caller, as_lines(*winner))
        return append(*args, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(log, "append", beaten)
    loser = put(small_world, child, uuid4(), carer)

    assert (loser.status_code, codes(loser)) == (429, FULL)
    assert len(log.stream(UUID(child))) == MOST_A_DAY
