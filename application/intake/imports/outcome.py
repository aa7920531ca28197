"""What an import makes of a paper, for a roster and for a care log: told line by line, and in sums."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec
from msgspec.structs import replace

from application.intake.batch_lines import ALREADY_RECORDED, BatchLine
from application.intake.imports.care_log import CareLogResult
from application.intake.imports.desk import Keep
from application.intake.imports.paper import RefusedLine
from application.intake.imports.roster_result import RosterResult
from application.intake.papers.finding import ColumnRead, SheetNotRead
from domain.refusal import Fault

Result = RosterResult | CareLogResult


class Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a look at a paper found, or what its import did; one of the three is there.

    `digest` is that of all lines: two looks that found the same have the same.
    """

    roster: RosterResult | None = None
    care_log: CareLogResult | None = None
    faults: tuple[Fault, ...] = ()
    digest: str = ""

    @property
    def result(self) -> Result | None:
        """What became of the lines; None where the file as a whole can't be read."""
        return self.roster or self.care_log

    @property
    def refused(self) -> Sequence[RefusedLine]:
        """The lines that are refused."""
        return () if self.result is None else self.result.refused

    @property
    def columns(self) -> Sequence[ColumnRead]:
        """What each heading was taken for."""
        return () if self.result is None else self.result.columns

    @property
    def sheets_not_read(self) -> Sequence[SheetNotRead]:
        """The sheets that say something and were not read."""
        return () if self.result is None else self.result.sheets_not_read

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows are no lines, by what they are."""
        return {} if self.result is None else self.result.skipped


def of(result: Result, *, digest: str = "") -> Outcome:
    """Return the outcome of an import, or of a look."""
    if isinstance(result, RosterResult):
        return Outcome(roster=result, digest=digest)
    return Outcome(care_log=result, digest=digest)


class Digest:
    """Takes in what would become of lines, and hands it on: what depends on the day alone does not count."""

    def __init__(self, then: Keep) -> None:
        self._then = then
        self._sum = sha256()

    def __call__(self, results: Sequence[BatchLine], /, *, lines: int) -> None:
        for each in results:
            said = (each.line, each.state, each.status, each.event_id, each.child_id)
            codes = [(fault.pointer, fault.reason.code, fault.reason.zh) for fault in each.faults]
            self._sum.update(repr((said, codes)).encode())
        self._then([_foreseen(each) for each in results], lines=lines)

    @property
    def hex(self) -> str:
        """The digest of what was taken in."""
        return self._sum.hexdigest()


def _foreseen(line: BatchLine) -> BatchLine:
    """Return what is kept of a line that is not recorded: it has no place in the log."""
    if line.state == ALREADY_RECORDED:
        return line
    return replace(line, position=None, version=None)


def encoded(outcome: Outcome) -> bytes:
    """Write an outcome."""
    return msgspec.json.encode(outcome)


def decoded(data: bytes) -> Outcome:
    """Read an outcome."""
    return msgspec.json.decode(data, type=Outcome)
