"""A kind that is declared wrongly is refused before anything is served, by a sentence that names the file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import pytest

from domain.event import Details
from domain.fields import Choice, described
from domain.ledger.event_type import EventType
from domain.ledger.facts import Facts, view
from domain.ledger.kind import StreamKind
from domain.ledger.kind_check import faults_of_kinds
from domain.refusal import Text
from tests.support.lanterns import KIND, Lantern, LanternHung

HERE = "tests/domain/ledger/test_kind_check.py"
KITES = "domain/streams/kites/kind.py"
LABEL = Text(zh="放飞", en="Flown")


class Wind(Choice):
    """How the wind was."""

    STRONG = "strong", " ", "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class KiteFlown(Details):
    """A kite is flown, with one word that has no label in Chinese."""

    TYPE: ClassVar[str] = "kite_flown"

    height: int = described("高度", "")
    wind: Wind = described("风", "Wind")


@dataclass(frozen=True, slots=True, kw_only=True)
class KiteLost(Details):
    """A kite is lost; nobody says what that is called."""

    TYPE: ClassVar[str] = "kite-lost"

    where: str


@dataclass(frozen=True, kw_only=True)
class Kite(Facts):
    """Views that rest on what is not there, or on nothing, and one that no answer would show."""

    @view("kite_flwon")
    def flights(self) -> int:
        """How often it was flown."""
        return 0

    @view(KiteLost)
    def lost(self) -> bool:
        """Whether it is gone."""
        return False

    @view()
    def height(self) -> int:
        """How high it flies."""
        return 0

    @cached_property
    def colour(self) -> str:
        """What colour it is."""
        return "red"


FLOWN = EventType(details=KiteFlown, label=LABEL)
LOST = EventType(details=KiteLost, label=Text(zh="", en="Lost"), record="note")


def kites(**how: Any) -> StreamKind[Any]:
    told = {"name": "kite", "plural": "kites", "label": Text(zh="风筝", en="Kite"), "view": Lantern}
    return StreamKind(**told | {"types": KIND.types, "opens": KIND.opens} | how)


def found(kind: StreamKind[Any], *, module: str = "domain.streams.kites.kind") -> list[str]:
    return list(faults_of_kinds({module: kind}))


def test_nothing_is_wrong_with_a_kind_that_is_declared_well() -> None:
    assert found(kites()) == []
    assert found(KIND, module="tests.support.lanterns") == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (kites(name="Kite"), "the name `Kite` is not in snake_case."),
        (kites(plural="Kites"), "the plural `Kites` is not in kebab-case."),
        (kites(plural="fly-s"), "the plural `fly-s` belongs in a folder `fly_s`, not in `kites`."),
        (kites(label=Text(zh=" ", en="Kite")), "the kind has no label in Chinese."),
        (kites(label=Text(zh="风筝", en="")), "the kind has no label in English."),
        (kites(opens=()), "no type opens its streams."),
        (kites(opens=(KiteFlown,)), "`KiteFlown` opens its streams and is none of its types."),
    ],
)
def test_a_mistake_in_a_kind_is_told_of_its_file(kind: StreamKind[Any], fault: str) -> None:
    assert f"{KITES}: {fault}" in found(kind)


def test_the_views_of_a_kind_rest_on_its_types_and_are_shown() -> None:
    rests_on = "which no type of `kite` is or has."

    assert found(kites(view=Kite, served=True)) == [
        f"{HERE}: the view `flights` rests on `kite_flwon`, {rests_on}",
        f"{HERE}: the view `lost` rests on `KiteLost`, {rests_on}",
        f"{HERE}: the view `height` rests on nothing, so it would never be worked out again.",
        f"{HERE}: `colour` is not declared with `@view`, so no answer would show it.",
    ]
    assert not any("colour" in fault for fault in found(kites(view=Kite)))
    assert found(kites(view=dict)) == ["builtins.py: the view of `kite` is no subclass of `Facts`."]


def test_a_mistake_in_a_type_is_told_of_the_file_of_the_type() -> None:
    types = (*KIND.types, FLOWN, LOST, replace(FLOWN, decision=True))

    assert found(kites(types=types)) == [
        f"{HERE}: the field `KiteFlown.height` has no label in English.",
        f"{HERE}: the word `Wind.STRONG` has no label in Chinese.",
        f"{HERE}: the type `kite_lost` has no label in Chinese.".replace("kite_lost", "kite-lost"),
        f"{HERE}: the type `kite-lost` is not in snake_case.",
        f"{HERE}: the field `KiteLost.where` is not `described`.",
        f"{HERE}: `KiteFlown` is declared as a type twice.",
        f"{HERE}: the field `KiteFlown.height` has no label in English.",
        f"{HERE}: the word `Wind.STRONG` has no label in Chinese.",
    ]


def test_a_record_is_in_a_field_that_is_there() -> None:
    fed = EventType(details=LanternFed, label=LABEL, record="note", files="lamp")

    assert found(kites(types=(*KIND.types, fed))) == [
        f"{HERE}: `record` names the field `note`, which `LanternFed` has not.",
        f"{HERE}: `files` names the field `lamp`, which `LanternFed` has not.",
    ]


def test_what_is_personal_lies_in_no_field_that_is_not_sealed() -> None:
    lit = EventType(details=LanternLit, label=LABEL)

    assert found(kites(types=(*KIND.types, lit))) == [
        f"{HERE}: the field `LanternLit.by` holds `name`, which is personal, and is not personal itself.",
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighter:
    """Who lit one."""

    name: str = described("姓名", "Name", personal=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternLit(Details):
    """A light is put in; who watched is sealed as a whole."""

    TYPE: ClassVar[str] = "lantern_lit"

    by: tuple[Lighter, ...] = described("点灯人", "Lit by")
    watched: tuple[Lighter, ...] = described("旁观者", "Watched by", personal=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanternFed(Details):
    """Oil is poured in."""

    TYPE: ClassVar[str] = "lantern_fed"

    oil: int = described("油", "Oil")


@pytest.mark.parametrize(
    ("second", "clash"),
    [
        (lambda: kites(name="lantern", plural="lanterns"), {"name", "plural", "type"}),
        (lambda: kites(plural="lanterns"), {"plural", "type"}),
        (kites, {"type"}),
    ],
)
def test_two_kinds_share_neither_name_nor_plural_nor_types(
    second: Callable[[], StreamKind[Any]], clash: set[str]
) -> None:
    faults = list(faults_of_kinds({"domain.streams.a": KIND, "domain.streams.b": second()}))

    assert all(f.startswith("domain/streams/b.py: the ") for f in faults)
    assert all(f.endswith(" is that of domain/streams/a.py too.") for f in faults)
    assert {fault.split("the ")[1].split()[0] for fault in faults} == clash
    assert LanternHung.TYPE in {word for fault in faults for word in fault.split("`")}
