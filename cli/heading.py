"""What stands above every report: the ledger, whom it counts, its two clocks; and the notes beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import typer

from application.reports.notes import of_day
from application.reports.reporting import Reports
from application.system import System
from application.upkeep.places import place_of
from cli.exits import EXITS
from cli.leaving_out import LeftOut
from cli.session import Session
from cli.terminal import minute, note, say, show_json
from domain.refusal import Reason, Text
from domain.rules.clocks import Clocks
from domain.watched import POPULATION

CLIPPED = Reason(
    code="clipped",
    zh="所问的知情时间尚未到来，按目前已知回答",
    en="That moment of knowledge is still to come: answered as known now.",
)
# Whom a report counts, by the word that stands in its head.
ENROLLED = "enrolled"
IN_CARE = "in_care"
WATCHED = POPULATION
ONE_CHILD = "one_child"
POPULATIONS: dict[str, Text] = {
    ENROLLED: Text(zh="建过档的儿童", en="every child that was enrolled"),
    IN_CARE: Text(zh="在册儿童", en="children in care"),
    WATCHED: Text(zh=f"关注的儿童（{POPULATION}）", en=f"children who are watched ({POPULATION})"),
    ONE_CHILD: Text(zh="一名儿童", en="one child"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a report says of itself. `children` is how many the whole ledger has, `ledger` where it lies,
    `now` when it was asked for."""

    ledger: str
    children: int
    population: str
    clocks: Clocks
    now: datetime

    @property
    def shown(self) -> dict[str, Any]:
        """The head as JSON."""
        return {
            "ledger": self.ledger,
            "children": self.children,
            "population": self.population,
            "as_of": self.clocks.as_of,
            "as_known_at": self.clocks.as_known_at,
        }

    @property
    def text(self) -> Text:
        """The head as one line."""
        known, counted = minute(self.clocks.as_known_at), POPULATIONS[self.population]
        return Text(
            zh=f"台账 {self.ledger}（{self.children} 名儿童）｜统计对象：{counted.zh}"
            f"｜截至 {self.clocks.as_of}，按 {known} 所知",
            en=f"Ledger {self.ledger} ({self.children} children) | of {counted.en} "
            f"| as of {self.clocks.as_of}, as known at {known}",
        )


def head_of(system: System, *, population: str, clocks: Clocks) -> Head:
    """Make the head of a report of this system."""
    row = system.database.one("SELECT count(*) AS children FROM child_status")
    return Head(
        ledger=place_of(system.settings.database_url),
        children=int(row["children"]) if row else 0,
        population=population,
        clocks=clocks,
        now=system.now(),
    )


def nobody(reports: Reports, *, org: str = "", on: date | None = None) -> tuple[Reason, ...]:
    """Say why a list is empty where nobody could have been on it."""
    why = reports.why_nobody(org=org, on=on)
    return () if why is None else (why,)


def report(
    session: Session,
    head: Head,
    answer: dict[str, Any],
    *,
    show: Callable[[], None],
    notes: Sequence[Reason] = (),
    left_out: LeftOut | None = None,
    as_json: bool,
) -> None:
    """Answer a question: the head, what was found, the notes beside it; and end as these say.

    `show` draws for people what `answer` says to programs. What was left out stands before all else, and
    ends the command with 1.
    """
    left_out = LeftOut() if left_out is None else left_out
    notes = [*notes, *_of_clocks(head)]
    if left_out:
        # Who could not be read may be the very ones that are missing.
        notes = [each for each in notes if each.code not in EXITS]
    left_out.head(as_json=as_json)
    if as_json:
        shown = [{"code": each.code, "text": getattr(each, session.language)} for each in notes]
        show_json({"head": head.shown, **answer, **left_out.findings, "notes": shown})
    else:
        say(head.text, language=session.language)
        show()
        for each in notes:
            note(
                Text(zh=f"{each.code}：{each.zh}", en=f"{each.code}: {each.en}"),
                language=session.language,
            )
    left_out.end()
    for each in notes:
        if each.code in EXITS:
            raise typer.Exit(EXITS[each.code])


def _of_clocks(head: Head) -> tuple[Reason, ...]:
    """Say that a moment of knowledge was clipped, or that the day is still to come."""
    return ((CLIPPED,) if head.clocks.clipped else ()) + of_day(head.clocks.as_of, now=head.now)
