"""Whom somebody means who types a number at the terminal."""

from uuid import UUID

from application.lookups import CASE_NO
from application.system import System
from domain.case_no import is_case_no
from domain.reasons import UNKNOWN_CHILD
from domain.refusal import Fault, Unknown


def child_meant(system: System, word: str) -> UUID:
    """Return the child of a case number, a student number or an id. Raises `Unknown`."""
    try:
        return UUID(word)
    except ValueError:
        found = system.record.find(kind=CASE_NO, word=word, scope="") if is_case_no(word) else ()
        found = found or system.record.meant((word,), scope="")[word]
    if len(found) != 1:
        raise Unknown(Fault(reason=UNKNOWN_CHILD))
    return found[0]
