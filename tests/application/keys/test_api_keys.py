"""Keys: shown once, hashed, scoped, and dead the moment they are revoked."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from application.access import SYSTEM, Role
from application.keys.api_keys import ApiKeys, ChangedKey, KeyFinding, Unauthenticated
from application.system import System
from application.upkeep.upgrade_steps import STEPS
from application.upkeep.upgrading import run_steps
from domain.refusal import Invalid, Unknown
from domain.streams.principals.principal import fold_principal
from tests.support.actions import Desk
from tests.support.systems import StandingClock


def test_a_key_says_who_holds_it(system: System) -> None:
    _, text = system.api_keys.create(
        actor=SYSTEM, name="phone", role=Role.CLIENT, org="a/b", types=["talk_held"]
    )

    actor = system.api_keys.authenticate(text)

    assert (actor.name, actor.role, actor.org, actor.types) == ("phone", Role.CLIENT, "a/b", {"talk_held"})


def test_the_secret_is_kept_nowhere(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)
    secret = text.split("_")[2]

    rows = system.keys_database.all("SELECT * FROM api_key")

    assert [k.key_id for k in system.api_keys.listed()] == [key.key_id]
    assert secret not in repr(rows)
    assert secret not in repr(system.api_keys.listed())


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + "z", lambda t: t + "_x", lambda _: "", lambda _: "crk_é_x"]
)
def test_a_key_that_is_not_right_is_nobody(system: System, spoil: object) -> None:
    _, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(spoil(text))


def test_a_key_of_one_row_does_not_open_another(system: System) -> None:
    (_, one), (_, other) = (system.api_keys.create(actor=SYSTEM, name=n, role=Role.CLIENT) for n in "ab")
    mixed = "_".join([*one.split("_")[:2], other.split("_")[2]])

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(mixed)


def test_an_expired_key_is_nobody(system: System, clock: StandingClock) -> None:
    _, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT, days=1)
    clock.forward(days=1)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)


def test_a_revoked_key_is_nobody_at_once(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)

    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    system.api_keys.revoke(key.key_id, actor=SYSTEM)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)
    with pytest.raises(Unknown):
        system.api_keys.revoke("nobody", actor=SYSTEM)


def test_what_another_process_does_to_a_key_holds_at_once(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT, org="a/b")
    elsewhere = ApiKeys(
        database=system.keys_database,
        keyring=system.keyring,
        log=system.log,
        events=system.database,
        random_bytes=bytes,
        now=system.now,
    )
    assert elsewhere.authenticate(text).org == "a/b"

    system.api_keys.change(key.key_id, actor=SYSTEM, org="a/c")
    assert elsewhere.authenticate(text).org == "a/c"

    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    with pytest.raises(Unauthenticated):
        elsewhere.authenticate(text)


def test_a_row_that_is_as_it_was_again_opens_again(system: System) -> None:
    _, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT, org="a/b")
    for org in ("a", "a/b", "a", "a/b"):
        with system.keys_database.transaction() as tx:
            tx.run("UPDATE api_key SET org = :org", org=org)
        if org == "a":
            with pytest.raises(ChangedKey):
                system.api_keys.authenticate(text)
        else:
            assert system.api_keys.authenticate(text).org == "a/b"


@pytest.mark.parametrize(
    "wish", [{"days": 0}, {"days": 367}, {"types": ["dance"]}, {"types": []}, {"org": "a//b"}]
)
def test_a_key_that_makes_no_sense_is_not_made(system: System, wish: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT, **wish)

    assert list(system.api_keys.listed()) == []


# What whoever administers the database of the keys could wish for, each in one statement.
WISHES = {
    "a role": "UPDATE api_key SET role = 'manager'",
    "everywhere": "UPDATE api_key SET org = ''",
    "all types": "UPDATE api_key SET types = NULL",
    "for ever": "UPDATE api_key SET expires_at = '2099-01-01 00:00:00+00:00'",
    "alive again": "UPDATE api_key SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
    "another's": "UPDATE api_key SET principal_id = '00000000-0000-4000-8000-000000000001'",
    "another's name": "UPDATE principal SET name = 'office'",
    "no principal": "DELETE FROM principal",
}


@pytest.mark.parametrize("wish", WISHES)
def test_a_row_that_was_changed_is_a_dead_key(system: System, wish: str) -> None:
    made = {"name": "phone", "role": Role.CLIENT, "org": "a/b", "types": ["talk_held"], "days": 30}
    key, text = system.api_keys.create(actor=SYSTEM, **made)
    if wish == "alive again":
        system.api_keys.revoke(key.key_id, actor=SYSTEM)
    else:
        assert system.api_keys.authenticate(text).key == key.key_id
    assert list(system.api_keys.findings()) == []

    with system.keys_database.transaction() as tx:
        tx.run(WISHES[wish])

    for _ in range(2):
        with pytest.raises(ChangedKey):
            system.api_keys.authenticate(text)
    assert KeyFinding(of="api_key", where=key.key_id, fault="changed") in list(system.api_keys.findings())
    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)


def test_a_row_beside_the_events_opens_nothing(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)
    digest = system.api_keys.digest(*text.split("_")[1:])
    system.api_keys.revoke(key.key_id, actor=SYSTEM)

    with system.database.transaction() as tx:
        tx.run(
            "INSERT INTO api_key (key_id, digest, name, role, org, created_at, expires_at)"
            " VALUES (:key_id, :digest, 'phone', 'manager', '', :now, :until)",
            key_id=key.key_id,
            digest=digest,
            now=system.now(),
            until=system.now() + timedelta(days=30),
        )
        tx.run("UPDATE upgrade_step SET finished_at = NULL WHERE name = 'api_keys_taken_over'")
    run_steps(system, STEPS, progress=lambda _label, _done, _total: None)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)


def test_a_row_of_before_is_told_from_its_events(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT, days=30)
    (row,) = system.keys_database.all("SELECT * FROM api_key")
    system.api_keys.change(key.key_id, actor=SYSTEM, role=Role.AUDITOR)
    (narrowed,) = system.keys_database.all("SELECT * FROM api_key")
    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    differs = [KeyFinding(of="api_key", where=key.key_id, fault="differs")]

    for before in (row, narrowed):
        with system.keys_database.transaction() as tx:
            tx.run(
                "UPDATE api_key SET role = :role, revoked_at = NULL, mac = :mac",
                role=before["role"],
                mac=before["mac"],
            )
        # Its seal is right: that is what the events are for.
        assert system.api_keys.authenticate(text).role == before["role"]
        assert list(system.api_keys.findings()) == differs

    with system.keys_database.transaction() as tx:
        tx.run("DELETE FROM api_key")
    assert list(system.api_keys.findings()) == []


def test_a_row_that_is_gone_is_missed_until_it_is_revoked(system: System) -> None:
    key, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)
    with system.keys_database.transaction() as tx:
        tx.run("DELETE FROM api_key")

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)
    assert list(system.api_keys.findings()) == [KeyFinding(of="api_key", where=key.key_id, fault="missing")]
    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    assert list(system.api_keys.findings()) == []


def test_what_becomes_of_a_key_is_told_by_its_principal(system: System, clock: StandingClock) -> None:
    clerk = replace(SYSTEM, name="值班员")
    key, _ = system.api_keys.create(actor=clerk, name="王老师", role=Role.CLIENT, org="a/b")
    other, _ = system.api_keys.create(actor=clerk, principal=key.principal_id, role=Role.AUDITOR, org="a")
    system.api_keys.change(other.key_id, actor=SYSTEM, days=7, types=["talk_held"])
    system.api_keys.revoke(key.key_id, actor=SYSTEM)
    system.api_keys.revoke(key.key_id, actor=SYSTEM)

    events = system.log.stream(key.principal_id)

    assert [(e.type, e.metadata.actor, e.org) for e in events] == [
        ("principal_registered", "值班员", "a/b"),
        ("key_issued", "值班员", "a/b"),
        ("key_issued", "值班员", "a"),
        ("key_changed", "careledger", "a"),
        ("key_revoked", "careledger", "a/b"),
    ]
    told = fold_principal(key.principal_id, events)
    assert told.name == "王老师"
    assert told.keys[key.key_id] is None
    changed = told.keys[other.key_id]
    assert changed is not None
    assert (changed.role, changed.types, changed.all_types) == ("auditor", ("talk_held",), False)
    assert changed.expires_at == clock.now + timedelta(days=7)
    assert {p.name for p in system.api_keys.principals()} == {"王老师"}


def test_events_name_the_principal_and_the_key(system: System) -> None:
    keys = [system.api_keys.create(actor=SYSTEM, name="careledger", role=Role.CLIENT) for _ in range(2)]
    children = []
    for _, text in keys:
        desk = Desk(system, actor=system.api_keys.authenticate(text))
        children.append(desk.enrol())
        desk.pair(children[-1], desk.carer(f"卢{len(children)}"))
    by_nobody = Desk(system).enrol()

    said = [{(e.metadata.principal, e.metadata.key) for e in system.log.stream(c)} for c in children]

    # Two keys of one name, which is that of the ledger besides: nobody takes one for the other.
    assert said == [{(key.principal_id, key.key_id)} for key, _ in keys]
    assert len({key.principal_id for key, _ in keys}) == 2
    assert {e.metadata.principal for e in system.log.stream(by_nobody)} == {None}


def test_the_last_use_is_noted_once_a_minute(system: System, clock: StandingClock) -> None:
    _, text = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)
    noted = []
    for seconds in (0, 59, 1, 30, 600):
        clock.forward(seconds=seconds)
        system.api_keys.authenticate(text)
        (key,) = system.api_keys.listed()
        noted.append(key.last_used_at)

    start = clock.now - timedelta(seconds=690)
    assert noted == [start, start, *[start + timedelta(seconds=60)] * 2, clock.now]


def test_a_principal_is_one_that_is_known(system: System) -> None:
    for wish in ({"principal": uuid4()}, {"principal": None}, {"name": "a", "principal": uuid4()}):
        with pytest.raises((Unknown, Invalid)):
            system.api_keys.create(actor=SYSTEM, role=Role.CLIENT, **wish)
    with pytest.raises(Invalid):
        system.api_keys.create(actor=SYSTEM, name=" ", role=Role.CLIENT)

    assert system.log.head()[0] == 0


def test_a_revoked_key_is_not_changed(system: System) -> None:
    key, _ = system.api_keys.create(actor=SYSTEM, name="phone", role=Role.CLIENT)
    system.api_keys.revoke(key.key_id, actor=SYSTEM)

    with pytest.raises(Unknown):
        system.api_keys.change(key.key_id, actor=SYSTEM, days=30)
