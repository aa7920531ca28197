"""Keys: shown once, hashed, scoped, and dead the moment they are revoked."""

import pytest

from application.access import Role
from application.api_keys import Unauthenticated
from application.system import System
from domain.refusal import Invalid, Unknown
from tests.support.systems import StandingClock


def test_a_key_says_who_holds_it(system: System) -> None:
    _, text = system.api_keys.create(name="phone", role=Role.CLIENT, org="a/b", types=["talk_held"])

    actor = system.api_keys.authenticate(text)

    assert (actor.name, actor.role, actor.org, actor.types) == ("phone", Role.CLIENT, "a/b", {"talk_held"})


def test_the_secret_is_kept_nowhere(system: System) -> None:
    key, text = system.api_keys.create(name="phone", role=Role.CLIENT)
    secret = text.split("_")[2]

    rows = system.database.all("SELECT * FROM api_key")

    assert [k.key_id for k in system.api_keys.list()] == [key.key_id]
    assert secret not in repr(rows)
    assert secret not in repr(system.api_keys.list())


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1] + "z", lambda t: t + "_x", lambda _: "", lambda _: "crk_é_x"]
)
def test_a_key_that_is_not_right_is_nobody(system: System, spoil: object) -> None:
    _, text = system.api_keys.create(name="phone", role=Role.CLIENT)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(spoil(text))


def test_a_key_of_one_row_does_not_open_another(system: System) -> None:
    (_, one), (_, other) = (system.api_keys.create(name=n, role=Role.CLIENT) for n in "ab")
    mixed = "_".join([*one.split("_")[:2], other.split("_")[2]])

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(mixed)


def test_an_expired_key_is_nobody(system: System, clock: StandingClock) -> None:
    _, text = system.api_keys.create(name="phone", role=Role.CLIENT, days=1)
    clock.forward(days=1)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)


def test_a_revoked_key_is_nobody_at_once(system: System) -> None:
    key, text = system.api_keys.create(name="phone", role=Role.CLIENT)

    system.api_keys.revoke(key.key_id)
    system.api_keys.revoke(key.key_id)

    with pytest.raises(Unauthenticated):
        system.api_keys.authenticate(text)
    with pytest.raises(Unknown):
        system.api_keys.revoke("nobody")


@pytest.mark.parametrize("wish", [{"days": 0}, {"days": 367}, {"types": ["dance"]}, {"org": "a//b"}])
def test_a_key_that_makes_no_sense_is_not_made(system: System, wish: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        system.api_keys.create(name="phone", role=Role.CLIENT, **wish)

    assert system.api_keys.list() == []
