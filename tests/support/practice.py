"""An office that does what schools and villages do: children, streams of any kind, and reports on them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from application.access import SYSTEM, Actor
from application.intake.submission import Submission
from application.recording.outcome import NOWHERE, Recorded
from application.settings import read_settings
from application.system import System, reports_of
from domain.catalogue import stream_kinds
from domain.choices import ActivityKind
from domain.ledger.facts import fold
from projections import tables
from projections.runner import Runner
from reports.answering import Answer, answer_of
from reports.catalogue import reports
from reports.report import Asked, Visible
from tests.support.actions import CLASS, SCHOOL, Desk
from tests.support.databases import opened
from tests.support.organiser import Organiser
from tests.support.systems import StandingClock

# The morning after a spring term.
AFTER_SPRING = datetime(2026, 7, 1, 4, tzinfo=UTC)


class Office(Desk):
    """A desk at which streams of every kind are kept and reports are read."""

    def __init__(self, system: System, *, actor: Actor = SYSTEM) -> None:
        super().__init__(system, actor=actor)
        self._runner = Runner(database=system.database, log=system.log, now=system.now)

    def open(self, type_: str, day: str, *, org: str = SCHOOL, **details: Any) -> UUID:
        """Open a stream of the kind that a type opens, and give its id."""
        stream = uuid4()
        self.system.organisations.ensure(org, actor=self.actor)
        self.say(stream, type_, day, org=org, **details)
        return stream

    def say(
        self,
        stream: UUID,
        type_: str,
        day: str,
        *,
        org: str | None = None,
        event_id: UUID | None = None,
        of_kind: str | None = None,
        **details: Any,
    ) -> Recorded:
        """Record an entry on such a stream, and what it means for the files of children.

        `of_kind` names the kind of the stream where the type doesn't: a correction, a voiding.
        """
        kinds = stream_kinds().values()
        decision = next(k.by_type[type_] for k in kinds if type_ in k.by_type).decision
        submission = Submission(
            event_id=event_id or uuid4(),
            stream_id=stream,
            stream_kind=of_kind,
            type=type_,
            **_when(day),
            details=details,
            org=org,
            based_on=self._version(stream) if decision else None,
        )
        said = self.system.submissions.submit(submission, actor=self.actor, provenance=NOWHERE)
        while self.system.fan_outs.step():
            pass
        return said

    def hold(self, kind: str, *children: UUID, day: str = "2026-05-20", **more: Any) -> None:
        """Hold an activity with some children, and write it into their files."""
        organiser = Organiser(self, actor=self.actor)
        organiser.hold(*children, kind=ActivityKind.from_word(kind), day=date.fromisoformat(day), **more)
        organiser.fan_out()

    def _version(self, stream: UUID) -> int:
        return len(self.system.log.stream(stream))

    def state(self, kind: str, stream: UUID) -> Any:
        """Fold a stream of a kind."""
        return fold(stream_kinds()[kind].view, stream, self.system.log.stream(stream))

    def said_of(self, child: UUID, type_: str) -> list[Any]:
        """What the standing entries of a type say of a child."""
        return [said for _, said in self.child(child).of(type_)]

    def answer(self, name: str, *, org: str = "", actor: Actor | None = None, **values: object) -> Answer:
        """Read a report, after what it rests on has caught up."""
        self._runner.catch_up()
        asked = Asked(
            system=self.system,
            reports=reports_of(self.system),
            actor=actor or self.actor,
            org=org,
            values=values,
        )
        return answer_of(reports()[name], asked)

    def rows(self, name: str, table: str | None = None, **asked: Any) -> list[Mapping[str, Any]]:
        """The rows of a table of a report, the first one unless another is named."""
        answer = self.answer(name, **asked)
        wanted = table or answer.report.tables[0].name
        return [shown for each in answer.whole if each.name == wanted for shown in shown_rows(each)]


def _when(day: str) -> dict[str, Any]:
    if "T" in day:
        return {"occurred_at": datetime.fromisoformat(day)}
    return {"occurred_on": date.fromisoformat(day)}


def shown_rows(table: Visible) -> Sequence[Mapping[str, Any]]:
    """What somebody is shown of each row, by the names of the columns."""
    return [{column.name: column.of(row) for column in table.columns} for row in table.rows]


@contextmanager
def office(folder: Path, *, now: datetime = AFTER_SPRING) -> Iterator[Office]:
    """Open an office on an empty ledger, at a standing hour."""
    settings = read_settings({"CARELEDGER_DATA_DIR": str(folder)})
    with closing(opened(settings, ddl=tables.DDL, clock=StandingClock(now))) as system:
        system.organisations.ensure(CLASS, actor=SYSTEM)
        yield Office(system)
