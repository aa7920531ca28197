"""The organisation tree, its rules and its recipients."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from application.access import SYSTEM, Actor, Forbidden, Role
from application.system import System, open_system
from domain.org import ROOT, Step
from domain.refusal import Conflict, Invalid, Unknown
from domain.rules.binding import rule_in_force
from domain.rules.rule_files import presets
from domain.streams.organisations.unit import RecipientRegistered
from tests.support.systems import StandingClock

SCHOOL = "county/township/school"
C39 = presets()["C39", 1]


def recipient(**more: object) -> RecipientRegistered:
    return RecipientRegistered(recipient=uuid4(), name="值班员", channel="inbox", **more)


def test_a_path_is_created_with_all_above_it_once(system: System) -> None:
    for _ in range(2):
        system.organisations.ensure(f" {SCHOOL} / grade 3/class 4", actor=SYSTEM)

    assert system.organisations.paths() == [
        "county",
        "county/township",
        SCHOOL,
        f"{SCHOOL}/grade 3",
        f"{SCHOOL}/grade 3/class 4",
    ]


@pytest.mark.parametrize("path", ["", "a//b", "/a", "a/b/c/d/e/f", "a/\x00b", "x" * 61])
def test_a_path_that_is_none_is_refused(system: System, path: str) -> None:
    with pytest.raises(Invalid):
        system.organisations.ensure(path, actor=SYSTEM)


def test_the_number_of_pupils_is_recorded(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)

    system.organisations.count_pupils(SCHOOL, pupils=502, actor=SYSTEM)
    head = system.log.head()
    system.organisations.count_pupils(SCHOOL, pupils=502, actor=SYSTEM)

    assert system.organisations.unit(SCHOOL).pupils == 502
    assert system.log.head() == head


def test_only_managers_of_the_subtree_manage_it(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)

    for actor, error in (
        (Actor(name="c", role=Role.CLIENT), Forbidden),
        (Actor(name="m", role=Role.MANAGER, org="county/town"), Unknown),
    ):
        with pytest.raises(error):
            system.organisations.count_pupils(SCHOOL, pupils=1, actor=actor)


def test_a_rule_holds_for_all_below_from_its_day_on(system: System) -> None:
    system.organisations.ensure(f"{SCHOOL}/grade 3/class 4", actor=SYSTEM)
    system.organisations.governance.bind_rule(SCHOOL, rule=C39, effective_from=date(2026, 3, 1), actor=SYSTEM)

    bindings = system.organisations.governance.bindings([f"{SCHOOL}/grade 3/class 4"])

    for day, held in ((date(2026, 2, 28), False), (date(2026, 3, 1), True)):
        found = rule_in_force(bindings, org=f"{SCHOOL}/grade 3/class 4", rule_id="C39", day=day)
        assert (found is not None) is held
    assert bindings[0].rule == C39


def test_a_rule_that_another_process_binds_is_known_at_once(system: System, clock: StandingClock) -> None:
    path = f"{SCHOOL}/grade 3/class 4"
    system.organisations.ensure(path, actor=SYSTEM)
    other = open_system(system.settings, clock=clock)

    rules = [presets()[rule_id, 1] for rule_id in ("C39", "C04", "C05")]
    for n, (org, rule) in enumerate(zip((SCHOOL, path, "county"), rules, strict=True), start=1):
        assert len(system.organisations.governance.bindings([path])) == n - 1
        other.organisations.governance.bind_rule(
            org, rule=rule, effective_from=date(2026, 3, 1), actor=SYSTEM
        )
        found = system.organisations.governance.bindings([path])
        assert len(found) == n
        assert found == other.organisations.governance.bindings([path])
        assert system.organisations.governance.bindings([f"{SCHOOL} 2"]) == tuple(
            b for b in found if b.org == "county"
        )
    other.close()


def test_binding_the_same_again_is_nothing_new(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    one = system.organisations.governance.bind_rule(
        SCHOOL, rule=C39, effective_from=date(2026, 3, 1), actor=SYSTEM
    )

    other = system.organisations.governance.bind_rule(
        SCHOOL, rule=C39, effective_from=date(2026, 3, 1), actor=SYSTEM
    )

    assert one == other
    assert len(system.organisations.governance.bindings([SCHOOL])) == 1


def test_a_binding_does_not_reach_back_over_one_that_was(system: System, clock: StandingClock) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    system.organisations.governance.bind_rule(SCHOOL, rule=C39, effective_from=date(2026, 3, 1), actor=SYSTEM)

    with pytest.raises(Conflict):
        system.organisations.governance.bind_rule(
            SCHOOL, rule=C39, effective_from=date(2026, 5, 1), actor=SYSTEM
        )


def test_a_recipient_is_registered_replaced_and_removed(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    keeper, watcher = recipient(catch_all=True), recipient()
    for details in (keeper, watcher, watcher):
        system.organisations.recipients.register(SCHOOL, details=details, actor=SYSTEM)
    later = RecipientRegistered(
        recipient=watcher.recipient, name="值班员", channel="inbox", from_step=Step.HIGH
    )
    system.organisations.recipients.register(SCHOOL, details=later, actor=SYSTEM)
    assert [r for _, r in system.organisations.recipients.listed()] == [keeper, later]

    system.organisations.recipients.remove(SCHOOL, recipient=watcher.recipient, actor=SYSTEM)

    assert [r for _, r in system.organisations.recipients.listed()] == [keeper]


def test_the_last_catch_all_stays(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    keeper = recipient(catch_all=True)
    system.organisations.recipients.register(SCHOOL, details=keeper, actor=SYSTEM)

    with pytest.raises(Conflict) as refused:
        system.organisations.recipients.remove(SCHOOL, recipient=keeper.recipient, actor=SYSTEM)

    assert refused.value.reason.code == "last_catch_all"


def test_a_binding_does_not_reach_back_over_one_from_above(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    system.organisations.governance.bind_rule(
        "county", rule=C39, effective_from=date(2026, 3, 1), actor=SYSTEM
    )

    with pytest.raises(Conflict) as refused:
        system.organisations.governance.bind_rule(
            SCHOOL, rule=C39, effective_from=date(2026, 5, 1), actor=SYSTEM
        )

    assert refused.value.reason.code == "rewrites_the_past"
    system.organisations.governance.bind_rule(SCHOOL, rule=C39, effective_from=date(2026, 7, 1), actor=SYSTEM)


def test_the_last_catch_all_does_not_become_another(system: System) -> None:
    system.organisations.ensure(SCHOOL, actor=SYSTEM)
    keeper = recipient(catch_all=True)
    system.organisations.recipients.register(SCHOOL, details=keeper, actor=SYSTEM)

    with pytest.raises(Conflict) as refused:
        system.organisations.recipients.register(
            SCHOOL, details=replace(keeper, catch_all=False), actor=SYSTEM
        )

    assert refused.value.reason.code == "last_catch_all"
    system.organisations.recipients.register(SCHOOL, details=recipient(catch_all=True), actor=SYSTEM)
    system.organisations.recipients.register(SCHOOL, details=replace(keeper, catch_all=False), actor=SYSTEM)


def test_the_last_catch_all_is_that_of_a_county_and_the_operator_counts_everywhere(system: System) -> None:
    units = system.organisations
    said = {path: _catch_all(path) for path in ("one county", "other county", ROOT)}
    for path in ("one county", "other county"):
        units.ensure(path, actor=SYSTEM)
        units.recipients.register(path, details=said[path], actor=SYSTEM)

    with pytest.raises(Conflict) as refused:
        units.recipients.remove("one county", recipient=said["one county"].recipient, actor=SYSTEM)
    units.recipients.register(ROOT, details=said[ROOT], actor=SYSTEM)
    units.recipients.remove("one county", recipient=said["one county"].recipient, actor=SYSTEM)

    assert refused.value.reason.code == "last_catch_all"
    with pytest.raises(Conflict):
        units.recipients.remove(ROOT, recipient=said[ROOT].recipient, actor=SYSTEM)
    assert units.paths() == ["one county", "other county"]


def test_nobody_but_the_operator_registers_at_the_root(system: System) -> None:
    manager = Actor(name="manager", role=Role.MANAGER, org="one county")

    with pytest.raises(Unknown):
        system.organisations.recipients.register(ROOT, details=_catch_all(ROOT), actor=manager)


def _catch_all(name: str) -> RecipientRegistered:
    return RecipientRegistered(recipient=uuid4(), name=name or "Operator", channel="inbox", catch_all=True)
