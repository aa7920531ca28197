"""How the domain says no: a code for machines, a sentence in Chinese and English for people.

No message ever carries a submitted value: it may be a child's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


# Without slots: what has none is written as JSON in a third of the time.
@dataclass(frozen=True, kw_only=True)
class Text:
    """One text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something is refused. `code` is stable for ever; the texts may improve."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice(Text):
    """What to do about a reason, and the refusals that give it: the status of an answer follows from these.

    It stands beside the reasons of one type or one kind of stream, so that its folder says all there is to
    say of it. What to do about any other is said where it is answered, in `api/remedies.toml`.
    """

    reason: Reason
    refusals: tuple[type[Refused], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One reason and the place it concerns, as an RFC 6901 JSON pointer ("" is the whole).

    `allowed` are the words that could have been said there, `nearest` is the known name most like the one
    that is not known; both are ours, never what was submitted.
    """

    reason: Reason
    pointer: str = ""
    allowed: tuple[str, ...] = ()
    nearest: str | None = None


def not_one_of(reason: Reason, pointer: str, *, said: str, known: Iterable[str]) -> Fault:
    """Return the fault of a word that is none of those known, with these and the one that is most like it."""
    words = sorted(known)
    return Fault(
        reason=reason,
        pointer=pointer,
        allowed=tuple(words),
        nearest=next(iter(get_close_matches(said[:64], words, n=1)), None),
    )


def escaped(name: object) -> str:
    """Write a key as one step of a JSON pointer."""
    return str(name)[:64].replace("~", "~0").replace("/", "~1")


class Refused(Exception):
    """Nothing was written, and `faults` say why. Subclasses say what kind of no it is."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(f"{f.reason.code} at {f.pointer or '/'}" for f in faults))
        self.faults = faults

    @property
    def reason(self) -> Reason:
        """The first reason, which names the refusal as a whole."""
        return self.faults[0].reason


class Invalid(Refused):
    """What was said cannot be so, whatever else is known: it must be mended by its sender."""


class AtOdds(Refused):
    """Well formed, but at odds with what is known so far: it may become true, so it is kept aside."""


class Unknown(Refused):
    """It speaks of something that is not known here, or that the asker may not know of."""


class Conflict(Refused):
    """It contradicts something that is already recorded for good."""


class Stale(Refused):
    """A decision was based on a version that is not the present one."""


class VersionRequired(Refused):
    """A decision did not name the version that it was based on."""


def invalid(reason: Reason, pointer: str = "") -> Invalid:
    """Make an `Invalid` with one fault."""
    return Invalid(Fault(reason=reason, pointer=pointer))


def at_odds(reason: Reason, pointer: str = "") -> AtOdds:
    """Make an `AtOdds` with one fault."""
    return AtOdds(Fault(reason=reason, pointer=pointer))


def conflict(reason: Reason, pointer: str = "") -> Conflict:
    """Make a `Conflict` with one fault."""
    return Conflict(Fault(reason=reason, pointer=pointer))


def refuses(*given: Reason | Callable[..., Any]) -> Callable[[F], F]:
    """Declare the reasons that a use case may give: its own, and those of the use cases it calls.

    The codes that an operation of the API promises follow from it. Faults of fields and what access refuses
    are not named: they hold for whatever reads a body, and for whoever asks.
    """

    def declared(use_case: F) -> F:
        found = dict.fromkeys(reason for each in given for reason in reasons_of(each))
        use_case.__dict__["__refuses__"] = tuple(found)
        return use_case

    return declared


def reasons_of(given: Reason | Callable[..., Any]) -> tuple[Reason, ...]:
    """Return the reasons that a use case declares. Raises AttributeError where it declares none."""
    return (given,) if isinstance(given, Reason) else given.__refuses__  # type: ignore[attr-defined]
