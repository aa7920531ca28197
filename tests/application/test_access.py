"""Who may do what, where: the whole table, so that a change of it is seen."""

import pytest

from application.access import ALLOWED, Action, Actor, Forbidden, Role, require
from domain.refusal import Unknown

MATRIX = {
    Role.CLIENT: "submit read report",
    Role.AUDITOR: "read report",
    Role.WATCHER: "read report watch",
    Role.MANAGER: "submit read report manage watch",
    Role.SYSTEM: "submit read report manage watch",
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_every_role_may_do_exactly_what_the_matrix_says(role: Role, action: Action) -> None:
    actor = Actor(name="somebody", role=role)

    if action.value in MATRIX[role].split():
        require(actor, action, org="a/b")
    else:
        with pytest.raises(Forbidden):
            require(actor, action, org="a/b")


def test_every_role_has_its_row() -> None:
    assert set(ALLOWED) == set(Role)


@pytest.mark.parametrize(
    ("org", "seen"),
    [
        ("a/b", True),
        ("a/b/c", True),
        ("a/b2", False),
        ("a", False),
        ("x", False),
        ("", False),
        ("a/b/", True),
    ],
)
def test_a_subtree_ends_at_its_separators(org: str, seen: bool) -> None:
    actor = Actor(name="somebody", role=Role.MANAGER, org="a/b")

    if seen:
        require(actor, Action.READ, org=org)
    else:
        with pytest.raises(Unknown):
            require(actor, Action.READ, org=org)


def test_granted_types_bound_what_is_submitted() -> None:
    phone = Actor(name="phone", role=Role.CLIENT, types=frozenset({"talk_held"}))

    require(phone, Action.SUBMIT, org="a", event_type="talk_held")
    with pytest.raises(Forbidden):
        require(phone, Action.SUBMIT, org="a", event_type="home_visit_made")
