"""A store of a released version, opened by this one, says what it said, but for what the changelog tells."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from application.intake.imports.care_log import import_care_log
from application.intake.imports.roster import import_roster
from application.intake.imports.runs import imports_of
from application.intake.undo import undo_batch
from domain.event import Event
from domain.rules.calendar import default_calendar
from domain.streams.alerts import case as alert
from projections.rebuild import rebuild
from tests.support.world import World
from tests.upgrade import allowed
from tests.upgrade.allowed import Since
from tests.upgrade.asking import asked_again, events_of, pages, rows_digest
from tests.upgrade.differences import Comparison
from tests.upgrade.people import AI
from tests.upgrade.questions import (
    KNOWN,
    NOW,
    TERMINAL,
    Answer,
    Question,
    asked_by_api,
    asked_in_terminal,
)
from tests.upgrade.stores import (
    POSTGRES,
    Opened,
    Store,
    archive,
    copied,
    expected_of,
    opened,
    papers,
    unpacked,
)
from tests.upgrade.teller import OPERATOR

# A store and what is asked of it: by day all of the first on SQLite and a part of the others, and all of
# them among the slow tests.
BY_DAY = ("0.1-sqlite-all", "0.1-postgres-some", "0.2-sqlite-some")
WHOLE = (
    "0.1-sqlite-all",
    *(
        pytest.param(name, marks=pytest.mark.slow(seconds=2))
        for name in ("0.1-postgres-all", "0.2-sqlite-all", "0.2-postgres-all")
    ),
)
STORES = (*BY_DAY, *WHOLE[1:])
whole = pytest.mark.parametrize("store", WHOLE, indirect=True)
EVERY = 6
REBUILT = {
    "child_status": "child_id",
    "alert_status": "child_id",
    "activity_status": "activity_id",
    "timeline": "child_id",
    "compliance": "child_id",
}
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store as its users have it after the upgrade: unpacked, and migrated by the product's own command.

    Who only reads opens it; who writes takes a copy.
    """
    version, engine, how_much = request.param.split("-")
    url = request.getfixturevalue("postgres_url") if engine == POSTGRES else ""
    folder = tmp_path_factory.mktemp(request.param)
    more: dict[str, Any] = {"archive": archive(version, engine), "expected": expected_of(version)}
    with unpacked(engine, folder, server_url=url, **more) as store:
        migrated = store.terminal.run("migrate", "--yes")
        assert migrated.code == 0, migrated
        yield replace(store, version=version, every=EVERY if how_much == "some" else 1)


@pytest.fixture
def copy(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    url = request.getfixturevalue("postgres_url") if store.engine == POSTGRES else ""
    with copied(store, tmp_path / "copy", server_url=url) as made:
        yield made


@pytest.fixture
def there(store: Store) -> Iterator[Opened]:
    with opened(store) as there:
        yield there


def test_every_event_lies_there_as_it_lay_and_reads_as_it_read(there: Opened) -> None:
    was = there.store.answers

    assert rows_digest(there, until=was["rows"]["last"]) == was["rows"]
    read = [event for event in events_of(there) if event["position"] <= was["rows"]["last"]]
    assert read == was["events"]


def test_it_is_well_and_migrated_once(store: Store) -> None:
    assert store.terminal.run("migrate").code == 0
    checked = store.terminal.run("check", "--json")

    assert (checked.code, checked.json["ok"], checked.json["findings"]) == (0, True, [])
    assert checked.json["erased_streams"] == len(
        {e["stream"] for e in store.answers["events"] if e["erased"]}
    )


@pytest.mark.parametrize("group", [KNOWN, NOW])
def test_it_answers_what_it_answered(there: Opened, group: str) -> None:
    held = Comparison(allowed=_since(there.store).answers.get(group, ()))
    for question, was in _asked(there.store, group):
        held.hold(question.name, was, asked_by_api(question, there.as_(question.caller)))

    held.require(all_used=there.store.every == 1)


def test_it_answers_in_the_terminal_what_it_answered(store: Store) -> None:
    _keys_used(store)
    held = Comparison(allowed=_since(store).answers.get(TERMINAL, ()))
    for question, was in _asked(store, TERMINAL):
        held.hold(question.name, was, asked_in_terminal(question, store.terminal))

    held.require(all_used=store.every == 1)


@pytest.mark.parametrize("slug", ["office", "a_school", "b_manager"])
def test_a_follower_is_told_what_it_was_told(there: Opened, slug: str) -> None:
    held = Comparison(allowed=_since(there.store).feeds)
    feed = there.store.answers["feeds"][slug]
    told = _told(there, slug)

    assert [item["id"] for item in told] == [item["id"] for item in feed["items"]]
    for was, now in zip(feed["items"], told, strict=True):
        held.hold_values(f"{slug} {was['data']['position']}", was, now)
    # The first of them sees everything.
    held.require(all_used=slug == "office")


def test_followers_go_on_by_the_cursors_they_have(there: Opened) -> None:
    for slug, feed in there.store.answers["feeds"].items():
        for cursor, passed in feed["cursors"][1 :: 5 * there.store.every]:
            rest = [item["id"] for item in feed["items"][passed:]]
            # What lies behind the cursor, nothing of what lay before it, and nothing twice.
            assert [item["id"] for item in _told(there, slug, since=cursor, most=60)] == rest[:60]


def test_what_is_sent_again_is_there_already(copy: Store) -> None:
    with opened(copy) as there:
        before = rows_digest(there)["count"]
        sent, was = (known[:: copy.every] for known in (copy.expected.sent, copy.expected.again))
        now = asked_again(there, sent)
        after = rows_digest(there)["count"]

    held = Comparison(allowed=_since(copy).again)
    for request, then, again in zip(sent, was, now, strict=True):
        held.hold_values(f"{request['again']} {request['path']}", then, again)
    held.require(all_used=copy.every == 1)
    # What was never heard of are the last two lines of the upload that was cut.
    new = [line for _, told in now if isinstance(told, list) for line in told if line == [201, "recorded"]]
    assert after - before == len(new) <= 2


def test_a_new_event_is_told_to_who_stands_at_the_end(copy: Store) -> None:
    child = copy.expected.children["both_away"]
    call = {"caller": "carer", "called": "mother", "outcome": "connected", "minutes": 5}
    body = {"type": "call_made", "occurred_on": "2026-06-30", "details": call}
    event = "0b6e7f2a-8c5e-4a57-b0f1-6d0b3f4d9a11"
    with opened(copy) as there:
        made = there.as_("a_school").put(f"/v1/children/{child}/events/{event}", body)
        heard = {
            slug
            for slug, feed in copy.answers["feeds"].items()
            if event
            in [i["id"] for page, _ in pages(there.as_(slug), since=feed["cursors"][-1][0]) for i in page]
        }

    assert made.status_code == 201, made.json
    assert heard == {"office", "city_auditor", "a_watcher", "a_school", "a_class"}


def test_papers_that_were_imported_are_known(copy: Store) -> None:
    found = papers(copy.version)
    with opened(copy) as there:
        asked: dict[str, Any] = {"org": AI, "registers": there.system.registers, "actor": OPERATOR}
        roster = import_roster(found["roster.xlsx"], **asked)
        log = import_care_log(found["care_log.csv"], **asked)

    new = {name: number for name, (_, number) in _since(copy).imported.items()}
    assert roster.enrolled == new.get("roster.xlsx", 0)
    assert (log.recorded, log.already_recorded) == (new.get("care_log.csv", 0), 4)


def test_imports_of_before_are_known_by_their_ids_and_undone(copy: Store) -> None:
    ids = {name: UUID(each) for name, each in copy.expected.imports.items()}
    with opened(copy) as there:
        runs = {run.import_id: run for run in imports_of(there.system.database)}
        batches = there.system.batches
        told: dict[str, Any] = {
            "approved_by": "王校长",
            "registers": there.system.registers,
            "actor": OPERATOR,
        }
        undone = undo_batch(ids["care_log"], **told)
        again = undo_batch(ids["wrong"], **told)
        broken_off = batches.find(ids["broken_off"])

    assert (undone.voided, undone.kept) == (4, ())
    assert (again.voided, again.kept, runs[ids["wrong"]].undone_at is None) == (0, (), False)
    assert (broken_off.state, runs[ids["broken_off"]].finished_at) == ("cut", None)
    assert all(runs[ids[name]].finished_at for name in ("roster", "care_log", "wrong"))


@whole
def test_what_is_rebuilt_is_what_was_there(copy: Store) -> None:
    with opened(copy) as there:
        before = _rows(there)
        unreadable = rebuild(
            database=there.system.database,
            log=there.system.log,
            governing=lambda child: there.system.organisations.governance.governing(child.orgs),
            calendar=default_calendar(),
            now=there.system.now,
        )
        after = _rows(there)

    assert unreadable == ()
    for name in REBUILT:
        assert after[name] == before[name], name


@whole
def test_the_watch_says_nothing_that_it_has_not_said(copy: Store) -> None:
    with _world(copy) as world:
        head, _ = world.system.log.head()
        with world.database.transaction() as tx:
            # Every child that is watched is looked at, also whose silence has nothing to say for weeks.
            tx.run("UPDATE timer SET due_at = :now WHERE kind = 'silence'", now=world.now)
        world.settle()
        said = _alerts_behind(world, head)
        slugs = {child: slug for slug, child in copy.expected.children.items()}
        assert {(slugs[child], type_) for child, type_ in said} == set(_since(copy).first_round)

        # Two days go their way: who could not be told is told, and what falls due rings.
        world.advance_to("2026-07-02 08:30")
        rung = {(slugs[child], type_) for child, type_ in _alerts_behind(world, head)}
        states = world.database.all(
            "SELECT DISTINCT state FROM delivery WHERE created_at < :now", now=copy.expected.now
        )
    assert rung - set(_since(copy).first_round) == {
        ("num_goes_over", "alert_escalated"),
        ("al_ended", "alert_raised"),
    }
    assert {row["state"] for row in states} == {"accepted", "failed"}


def test_what_is_allowed_stands_in_the_changelog() -> None:
    told = " ".join(CHANGELOG.read_text(encoding="utf-8").split())
    lines = [line for since in allowed.SINCE.values() for line in since.changelog]

    assert [line for line in lines if " ".join(line.split()) not in told] == []


def _since(store: Store) -> Since:
    return allowed.SINCE[store.version]


def _asked(store: Store, group: str) -> Iterator[tuple[Question, Answer]]:
    known = [(words, answer) for words, answer in store.answers["questions"] if words["group"] == group]
    for words, answer in known[:: store.every]:
        yield Question(**words), Answer(**answer)


def _keys_used(store: Store) -> None:
    """Ask something over HTTP as each who did before the terminal was asked: keys say when they were used."""
    first = {}
    for group in (KNOWN, NOW):
        for words, _ in [each for each in store.answers["questions"] if each[0]["group"] == group]:
            first.setdefault(words["caller"], Question(**words))
    with opened(store) as there:
        for caller, question in first.items():
            asked_by_api(question, there.as_(caller))


def _told(there: Opened, slug: str, *, since: str | None = None, most: int = 2**31) -> list[dict[str, Any]]:
    """Follow the changes to the end of what there was, or for so many; what is newer is left out."""
    last, told = there.store.answers["rows"]["last"], list[dict[str, Any]]()
    for page, _ in pages(there.as_(slug), limit=min(most, 500), since=since):
        told += [item for item in page if item["data"]["position"] <= last]
        if len(told) >= most:
            break
    return told[:most]


def _rows(there: Opened) -> Mapping[str, list[Any]]:
    """Return the rows of what is rebuilt, but not of erased files: theirs were made while more was known."""
    erased = {UUID(event["stream"]) for event in there.store.answers["events"] if event["erased"]}
    found = {}
    for name, key in REBUILT.items():
        rows = there.system.database.all(f"SELECT * FROM {name} ORDER BY 1, 2, 3, 4")
        found[name] = [row for row in rows if row[key] not in erased]
    return found


def _world(store: Store) -> World:
    urls = {"database_url": store.database_url, "keys_url": store.keys_url}
    return World(store.folder, start="2026-06-30 12:00", seed=99, **urls)


def _alerts_behind(world: World, position: int) -> list[tuple[str, str]]:
    """Return what was said of alerts behind a position, by child; that somebody was told is left out."""
    types = {each.type for each in alert.EVENT_TYPES} - {"alert_notified"}
    events: list[Event] = []
    while found := world.system.log.after(position, limit=500):
        events += [event for event in found if event.type in types]
        position = found[-1].position or 0
    cases = {event.originator_id: world.system.alerts.load(event.originator_id) for event in events}
    return [(str(cases[event.originator_id].child), event.type) for event in events]
