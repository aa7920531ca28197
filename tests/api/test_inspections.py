"""Inspections: children drawn at random and drawn again, visits that are no care, findings put right."""

from hashlib import sha256
from typing import Any
from uuid import uuid4

from application.access import Role
from tests.api.support import ApiWorld, codes
from tests.api.test_money_and_homes import Answer, at_once, opened, said, state


def inspection(world: ApiWorld, **more: Any) -> str:
    return opened(world, "inspections", **({"title": "年中督导", "inspectors": ["钱督学"]} | more))


def draw(world: ApiWorld, path: str, *, size: int = 3, event: str = "", **more: Any) -> Answer:
    return world.caller.put(f"{path}/samples/{event or uuid4()}", {"size": size} | more)


def closed(world: ApiWorld, path: str) -> Answer:
    version = world.caller.get(path).json["version"]
    return said(world, path, "inspection_closed", version=version)


def test_whoever_was_drawn_can_be_drawn_again_from_the_seed(world: ApiWorld) -> None:
    # Given eight children in care, and one who has left it.
    children = [world.enrol() for _ in range(8)]
    left = world.enrol()
    body = {"type": "child_exited", "occurred_on": "2026-05-01", "details": {"reason": "moved"}}
    gone = world.caller.put(f"/v1/children/{left}/events/{uuid4()}", body, If_Match='"1"')
    assert gone.status_code == 201, gone.text
    path, event = inspection(world), str(uuid4())

    # When three are drawn, twice under one id.
    first, again = (draw(world, path, event=event) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    sample = first.json
    assert again.json == sample | {"state": "already_recorded"}
    assert (sample["population"], len(sample["children"]), sample["reproduced"]) == (8, 3, True)

    # Then anybody gets the same of the seed, by hand.
    in_order = sorted(children, key=lambda child: sha256(f"{sample['seed']}:{child}".encode()).digest())
    assert sample["children"] == in_order[:3]
    assert sample["population_sha256"] == sha256("\n".join(sorted(children)).encode()).hexdigest()

    # And a day later too, though children have come and gone since.
    world.clock.forward(days=1)
    world.enrol()
    out = body | {"occurred_on": "2026-06-30"}
    gone = world.caller.put(f"/v1/children/{children[0]}/events/{uuid4()}", out, If_Match='"1"')
    assert gone.status_code == 201, gone.text
    later = world.caller.get(f"{path}/samples/{event}").json
    assert (later["children"], later["population"], later["reproduced"]) == (sample["children"], 8, True)

    # A second draw, of what is known by now, stays beside the first.
    same = draw(world, path, seed=sample["seed"], as_of="2026-06-29", size=20)
    assert (same.json["size"], same.json["population"], len(same.json["children"])) == (20, 9, 9)
    assert len(state(world, path)["drawn"]) == 2


def test_of_whom_nothing_can_be_drawn_is_said(small_world: ApiWorld) -> None:
    path, event = inspection(small_world), str(uuid4())

    nobody = draw(small_world, path)
    assert (nobody.status_code, nobody.json["code"]) == (409, "nobody_in_care")
    small_world.enrol()
    tomorrow = draw(small_world, path, as_of="2026-07-01")
    assert (tomorrow.status_code, codes(tomorrow)) == (422, [("/as_of", "in_the_future")])
    assert draw(small_world, path, event=event, size=1).status_code == 201
    other = draw(small_world, path, event=event, size=2)
    assert (other.status_code, codes(other)) == (409, [("/event_id", "event_id_reused")])
    assert small_world.caller.get(f"{path}/samples/{uuid4()}").status_code == 404
    assert draw(small_world, f"/v1/inspections/{uuid4()}").status_code == 404
    # Nobody says of himself who was drawn.
    own = said(small_world, path, "inspection_sample_drawn", seed="1")
    assert own.status_code == 422
    foreign = small_world.as_(Role.CLIENT, org="county/township/other school", name="other")
    assert foreign.get(f"{path}/samples/{event}").status_code == 404


def test_a_visit_by_inspectors_is_their_evidence_and_no_care(world: ApiWorld) -> None:
    child = world.enrol()
    before = world.caller.get(f"/v1/children/{child}").json
    path, event = inspection(world), str(uuid4())
    assert draw(world, path, size=1, event=event).json["children"] == [child]
    assert state(world, path)["unvisited"] == [child]

    words = {"child": child, "sample": event, "outcome": "nobody_home"}
    assert said(world, path, "inspection_visit_made", **words).status_code == 201
    assert state(world, path)["unvisited"] == [child]
    words |= {"outcome": "met", "met": ["child", "guardian"], "file_agrees": True, "record": "情况属实"}
    assert said(world, path, "inspection_visit_made", **words).status_code == 201

    while world.system.fan_outs.step():
        pass
    assert state(world, path)["unvisited"] == []
    after = world.caller.get(f"/v1/children/{child}").json
    assert (after["days_silent"], after["version"]) == (before["days_silent"], before["version"])
    other = said(world, path, "inspection_visit_made", child=str(uuid4()), sample=event, outcome="met")
    assert (other.status_code, codes(other)) == (422, [("/details/child", "not_in_sample")])
    # A sample that nobody knows of may come yet.
    assert said(world, path, "inspection_visit_made", **words | {"sample": str(uuid4())}).status_code == 202


def test_a_finding_is_put_right_and_closed_before_the_inspection_is(world: ApiWorld) -> None:
    path, finding, repair = inspection(world), str(uuid4()), str(uuid4())
    for step in ("plan", "leaders"):
        assert said(world, path, "inspection_step_taken", step=step).status_code == 201
    assert state(world, path)["steps_missing"] == ["teachers", "visits"]
    early = said(world, path, "inspection_finding_made", finding="名册不全", due="2026-05-06")
    assert (early.status_code, codes(early)) == (422, [("/details/due", "ends_before_it_begins")])
    made = said(world, path, "inspection_finding_made", event=finding, finding="名册不全", due="2026-05-20")
    assert made.status_code == 201

    # The inspection is not over while it is open; and it is closed only once it was put right.
    assert (closed(world, path).status_code, closed(world, path).json["code"]) == (409, "findings_open")
    assert said(world, path, "inspection_finding_closed", finding=finding).status_code == 202
    assert said(world, path, "inspection_finding_repaired", finding=str(uuid4())).status_code == 202
    body = {"type": "inspection_finding_repaired", "details": {"finding": finding, "how": "已补齐"}}
    before = world.caller.put(f"{path}/events/{uuid4()}", body | {"occurred_on": "2026-05-06"})
    assert (before.status_code, codes(before)) == (422, [("/occurred_on", "repaired_before_found")])
    right = world.caller.put(f"{path}/events/{repair}", body | {"occurred_on": "2026-05-21"})
    assert right.status_code == 201
    assert (
        said(world, path, "inspection_finding_repaired", finding=finding).json["code"] == "repaired_already"
    )

    early = said(world, path, "inspection_finding_closed", finding=finding)
    assert (early.status_code, codes(early)) == (422, [("/occurred_on", "closed_before_repaired")])
    body = {"type": "inspection_finding_closed", "occurred_on": "2026-05-22", "details": {"finding": finding}}
    answered = at_once(4, lambda _: world.caller.put(f"{path}/events/{uuid4()}", body))
    assert answered == [201, 409, 409, 409]
    (found,) = state(world, path)["findings"]
    assert (found["repaired_on"], found["closed_on"], found["late"]) == ("2026-05-21", "2026-05-22", True)
    # Two of the four steps were left out: that is so, and stays marked.
    assert closed(world, path).status_code == 201
    assert state(world, path)["steps_missing"] == ["teachers", "visits"]
    assert said(world, path, "inspection_step_taken", step="visits").json["code"] == "inspection_is_closed"
