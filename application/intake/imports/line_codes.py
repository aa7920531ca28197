"""The codes of the lines of visit sheets: each names a child, in a sheet of one school and one week.

They follow from what they name by a secret, so that nothing need be kept of a sheet that was printed. The
first four characters are of the child, two of its carer, where the sheet is of one, and the last one checks.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from application.eventstore.keyring import Keyring
from application.intake.imports.care_log_cells import LINE_CODE
from application.intake.imports.paper import unreadable
from application.intake.imports.registers import Registers
from application.readable import readable
from domain.case_no import ALPHABET, check_character, normal_digits
from domain.child import fold
from domain.days import local_day
from domain.effects import Effect
from domain.org import county_of, school_of, within
from domain.refusal import Reason

MISTYPED = Reason(
    code="line_code_mistyped",
    zh="行码有误：末位是校验码，与前面不符；请对照纸上的登记表重新填写",
    en="The code is mistyped: its last character checks the others and doesn't fit. Type it as on the sheet.",
)
ELSEWHERE = Reason(
    code="line_code_elsewhere",
    zh="这是另一所学校登记表的行码；请导入到那所学校，或填写学籍号",
    en="This is a code of another school's sheet. Import the line there, or give the student number.",
)
OLD_SHEET = Reason(
    code="line_code_of_another_week",
    zh="行码属于另一周的登记表，日期不在那一周；请核对日期，用的是旧表的请改填学籍号",
    en="The code is of the sheet of another week than the day. Check the day; if the sheet is an old one, "
    "give the student number.",
)
UNKNOWN_CODE = Reason(
    code="line_code_unknown",
    zh="没有这个行码：既不是本校近一年登记表上的，也不是本县其他学校这一周的",
    en="There is no such code, neither on sheets of this school of the last year nor on those of other "
    "schools of the county of this week.",
)
SECRET = "visit_sheet"  # noqa: S105  the name of one
_OF_CHILD, _OF_CARER, _LENGTH = 4, 2, 7
_BITS = 5
_WEEKS_BACK, _WEEKS_AHEAD = 53, 4
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMeant:
    """Whom a code names: a child, and the carer whose sheet it is of."""

    child_id: UUID
    carer: UUID | None


def monday_of(day: date) -> date:
    """Return the first day of the week of a day."""
    return day - timedelta(days=day.weekday())


class SheetCodes:
    """Makes the codes of the sheets of one school."""

    def __init__(self, keyring: Keyring, *, school: str) -> None:
        self._keyring = keyring
        self._school = school

    def code(self, monday: date, child_id: UUID, carer: UUID | None) -> str:
        """Return the code of a line in the sheet of a week."""
        digits = self.of_child(monday, child_id) + self.of_carer(monday, child_id, carer)
        return f"{digits[:_OF_CHILD]}-{digits[_OF_CHILD:]}{check_character(digits)}"

    def of_child(self, monday: date, child_id: UUID) -> str:
        """Return what of a code is of the child."""
        return _digits(self._keyring.digest(SECRET, self._school, monday.isoformat(), child_id), _OF_CHILD)

    def of_carer(self, monday: date, child_id: UUID, carer: UUID | None) -> str:
        """Return what of a code is of the carer."""
        parts = (self._school, monday.isoformat(), child_id, carer or "")
        return _digits(self._keyring.digest(SECRET, *parts), _OF_CARER)


class CodesMeant:
    """Says whom the codes of a paper name."""

    def __init__(self, registers: Registers, *, school: str) -> None:
        self._registers = registers
        self._school = school
        self._codes = SheetCodes(registers.keyring, school=school)
        self._sheets: dict[date, Mapping[str, list[UUID]]] = {}

    def meant(self, said: str, day: date | None) -> LineMeant:
        """Return whom a code names in a line of a day. Raises `Unreadable`."""
        digits = normal_digits(said)
        whole = len(digits) == _LENGTH and set(digits) <= set(ALPHABET)
        if not whole or digits[-1] != check_character(digits[:-1]):
            raise unreadable(MISTYPED, LINE_CODE)
        today = local_day(self._registers.now())
        first = monday_of(day or today)
        found = self._in_week(digits, first, self._here) or self._in_week(digits, first, self._county)
        if found is not None:
            return found
        others = (monday_of(today) + n * _WEEK for n in range(_WEEKS_AHEAD, -_WEEKS_BACK - 1, -1))
        for monday in others:
            if monday != first and (found := self._in_week(digits, monday, self._here)) is not None:
                if day is None:
                    return found
                raise unreadable(OLD_SHEET, LINE_CODE)
        raise unreadable(ELSEWHERE if self._is_of_another(digits, first) else UNKNOWN_CODE, LINE_CODE)

    @cached_property
    def _everybody(self) -> tuple[tuple[UUID, str], ...]:
        return self._registers.record.belonging(county_of(self._school))

    @cached_property
    def _here(self) -> tuple[UUID, ...]:
        return tuple(child_id for child_id, org in self._everybody if within(org, self._school))

    @cached_property
    def _county(self) -> tuple[UUID, ...]:
        """Those who were here and have moved, among others."""
        return tuple(child_id for child_id, org in self._everybody if not within(org, self._school))

    def _in_week(self, digits: str, monday: date, children: Iterable[UUID]) -> LineMeant | None:
        of_child = digits[:_OF_CHILD]
        alike = [i for i in children if self._codes.of_child(monday, i) == of_child]
        found = [
            LineMeant(child_id=kept, carer=carer)
            for child_id in alike
            for kept in self._registers.record.kept(child_id)
            for carer in self._carers(child_id)
            if self._codes.of_carer(monday, child_id, carer) == digits[_OF_CHILD:-1]
        ]
        return found[0] if len({each.child_id for each in found}) == 1 else None

    def _carers(self, child_id: UUID) -> Iterator[UUID | None]:
        """Go through the carers whose sheets may have a child, and None for that of its class."""
        yield None
        for _, events in readable(self._registers.log, [child_id], unreadable=lambda _id, _fault: None):
            # A file that was merged has no pairings any more, and had them when its sheet was printed.
            paired = fold(child_id, events).having(Effect.STARTS_PAIRING)
            yield from dict.fromkeys(fact.details.carer for fact in paired)

    def _is_of_another(self, digits: str, monday: date) -> bool:
        schools: dict[str, SheetCodes] = {}
        for child_id, org in self._everybody:
            school = school_of(org)
            if school != self._school:
                codes = schools.setdefault(school, SheetCodes(self._registers.keyring, school=school))
                if codes.of_child(monday, child_id) == digits[:_OF_CHILD]:
                    return True
        return False


def _digits(digest: bytes, length: int) -> str:
    number = int.from_bytes(digest[:8])
    return "".join(ALPHABET[number >> _BITS * place & 31] for place in range(length))
