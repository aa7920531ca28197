"""Lines of a batch on their way in: recorded, put aside or refused, each on its own, whatever their order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from application.access import Actor
from application.intake.quarantine import Quarantine
from application.intake.submission import Submission, Submissions, as_if_not_there
from application.organisations.registry import Organisations
from application.recording.outcome import Outcome, Provenance, Recorded
from domain.refusal import AtOdds, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line by its number, from 1: its submission, or why it is none; `event_id` where it has one."""

    number: int
    submission: Submission | Refused
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDone:
    """What became of a line; `item_id` is where it waits if it was put aside."""

    line: Line
    outcome: Outcome
    item_id: UUID | None = None


class Intake:
    """Takes lines in, a window of them at a time."""

    def __init__(
        self, *, submissions: Submissions, quarantine: Quarantine, organisations: Organisations
    ) -> None:
        self._submissions = submissions
        self._quarantine = quarantine
        self._organisations = organisations

    def take(self, lines: Sequence[Line], *, actor: Actor, provenance: Provenance) -> list[LineDone]:
        """Record what stands, put aside what is at odds with what is known."""
        read = [(line, line.submission) for line in lines if isinstance(line.submission, Submission)]
        submissions = [submission for _, submission in read]
        outcomes = self._submissions.submit_many(submissions, actor=actor, provenance=provenance)
        answers: dict[int, Outcome] = {
            line.number: as_if_not_there(outcome, submission)
            for (line, submission), outcome in zip(read, outcomes, strict=True)
        }
        placed = {s.org for line, s in read if s.org and _stands(answers[line.number])}
        for org in self._organisations.missing(placed):
            self._organisations.ensure(org, actor=actor)
        odd = {line.number: s for line, s in read if isinstance(answers[line.number], AtOdds)}
        items = self._put_aside(odd, answers, actor=actor)
        # Sent before its time and again since: it waits no longer.
        self._quarantine.accept([s for line, s in read if _stands(answers[line.number])], actor=actor)
        done = []
        for line in lines:
            outcome = line.submission if isinstance(line.submission, Refused) else answers[line.number]
            done.append(LineDone(line=line, outcome=outcome, item_id=items.get(line.number)))
        return done

    def again(self, items: dict[int, UUID], *, actor: Actor, provenance: Provenance) -> Iterator[LineDone]:
        """Try lines that wait, by number, once more, and give those that stand now."""
        waiting = self._quarantine.submissions(tuple(items.values()), actor=actor)
        lines = [
            Line(number=number, submission=waiting[item_id], event_id=waiting[item_id].event_id)
            for number, item_id in items.items()
            if item_id in waiting
        ]
        for done in self.take(lines, actor=actor, provenance=provenance):
            if _stands(done.outcome):
                yield done

    def _put_aside(
        self, odd: dict[int, Submission], answers: dict[int, Outcome], *, actor: Actor
    ) -> dict[int, UUID]:
        kept = [
            (submission, refused)
            for n, submission in odd.items()
            if isinstance(refused := answers[n], AtOdds)
        ]
        return dict(zip(odd, self._quarantine.keep_many(kept, actor=actor), strict=True))


def _stands(outcome: Outcome) -> bool:
    return isinstance(outcome, Recorded)
